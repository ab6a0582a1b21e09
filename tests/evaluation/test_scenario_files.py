"""Files of scenarios: read where they are right, and refused in one line where they are not."""

from pathlib import Path

import pytest

from evaluations import loaded, written
from server.evaluation.scenario import load_scenarios, own_scenarios
from tools.okta.errors import InvalidInput

RIGHT = """
- name: hello
  says: Hello.
  calls: 2
  good:
  - lookup_user: {user_id: a@example.com}
  - - lookup_user: {user_id: b@example.com}
    - list_changes:
  - Hello.
  bad: {fails: missing, plays: [No.]}
"""


def test_a_script_is_a_list_of_texts_calls_and_several_calls(tmp_path: Path) -> None:
    rounds = loaded(written(tmp_path, RIGHT)).good
    assert [(one.say, [call.name for call in one.calls]) for one in rounds] == [
        ("", ["lookup_user"]),
        ("", ["lookup_user", "list_changes"]),
        ("Hello.", []),
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("says: Hello.", "say: Hello.", r"tests.yaml, scenario 1 \(hello\): says: Field required"),
        ("calls: 2", "calls: 2\n  wantd: {}", r"wantd: Extra inputs are not permitted"),
        ("calls: 2", "calls: many", r"calls: .*integer"),
        ("calls: 2", "calls: 2\n  confirms: ['(']", r"confirms.0: .*not a regular expression"),
        ("calls: 2", "calls: 2\n  wanted: {changes: [{action: wipe_user}]}", r"no action “wipe_user”"),
        ("calls: 2", "calls: 2\n  org: {rules: {read_onley: true}}", r"org.rules.read_onley: Extra"),
        ("fails: missing", "fails: badly", r"bad.fails: Input should be 'missing', 'unwanted'"),
        ("name: hello", "name: Hello there", r"\(Hello there\): name: String should match"),
        ("- name: hello", "name: hello", r"tests.yaml is not (YAML|a list)"),
        ("says: Hello.", "says: {", r"tests.yaml is not YAML"),
    ],
)
def test_a_mistake_is_refused_in_one_line(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    assert wrong in RIGHT
    with pytest.raises(InvalidInput, match=told) as refused:
        load_scenarios(written(tmp_path, RIGHT.replace(wrong, right)))
    assert len(str(refused.value).splitlines()) == 1


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    written(tmp_path, RIGHT, "more.yaml")
    with pytest.raises(InvalidInput, match="Two scenarios are called hello"):
        load_scenarios(written(tmp_path, RIGHT))


@pytest.mark.parametrize("only", ["undo", "undo/*", "what_was_just_done", "undo/what_was_just_done"])
def test_some_are_chosen_by_name_kind_or_both(only: str) -> None:
    chosen = load_scenarios(own_scenarios(), only)
    assert {scenario.kind for scenario in chosen} == {"undo"}


def test_none_of_that_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="No scenario is called"):
        load_scenarios(own_scenarios(), "nothing_like_it")
