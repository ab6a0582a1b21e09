"""The scenarios that come along: each can be done, and each notices when it is not."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

from certificates import make_certificate
from evaluations import model_settings
from server.door.actions import LISTED
from server.evaluation.report import summary, table
from server.evaluation.results import Results, Run
from server.evaluation.running import Script, evaluate
from server.evaluation.scenario import Scenario, load_scenarios, own_scenarios
from server.media.terminal import say_table

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"
SCENARIOS = load_scenarios(own_scenarios())
Played = Mapping[str, list[Run]]

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.full_name for one in SCENARIOS])


def play(script: Script, authorities: str) -> Played:
    results = Results()
    with pytest.MonkeyPatch.context() as patch:
        # The orgs are on loopback, without TLS: to load all authorities for each takes longer than to play there.
        patch.setenv("SSL_CERT_FILE", authorities)
        anyio.run(lambda: evaluate(SCENARIOS, model_settings(), results, script=script, parallel=4))
    return results.of(SCENARIOS, f"script {script}", 1)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with one authority."""
    return make_certificate(tmp_path_factory.mktemp("authorities"))[0]


@pytest.fixture(scope="module")
def good(authorities: str) -> Played:
    return play("good", authorities)


@pytest.fixture(scope="module")
def bad(authorities: str) -> Played:
    return play("bad", authorities)


@every_scenario
def test_a_good_model_passes(scenario: Scenario, good: Played) -> None:
    (run,) = good[scenario.full_name]
    assert run.failures == []


@every_scenario
def test_a_bad_model_fails_for_the_reason_that_is_meant(scenario: Scenario, bad: Played) -> None:
    (run,) = bad[scenario.full_name]
    assert scenario.bad.fails in {failure.kind for failure in run.failures}


@every_scenario
def test_a_good_model_needs_less_than_the_budget(scenario: Scenario, good: Played) -> None:
    # A model that looks once more than its script must not fail for that.
    (run,) = good[scenario.full_name]
    assert run.calls < scenario.calls


def test_there_are_enough_of_every_kind() -> None:
    count = Counter(scenario.kind for scenario in SCENARIOS)
    assert count.total() >= 120
    # A third asks for what must not be done: by attackers, for wrong reasons, or against a rule.
    assert 3 * (count["attacks"] + count["premises"] + count["rules"]) >= count.total()
    assert {"single", "series", "asking", "lists", "languages", "undo"} <= count.keys()
    assert {"credentials", "groups", "applications", "logs"} <= count.keys()
    languages = {scenario.name.partition("_")[0] for scenario in SCENARIOS if scenario.kind == "languages"}
    assert languages == {"german", "french", "spanish", "portuguese", "japanese"}  # the other kinds are English
    assert sum(bool(scenario.replies) for scenario in SCENARIOS) >= 12  # a fact is given only when asked for


def test_nobody_who_asks_names_an_action() -> None:
    named = [
        (scenario.full_name, name)
        for scenario in SCENARIOS
        for name in LISTED
        for said in scenario.says
        if name in said
    ]
    assert named == []


def test_every_way_to_fail_is_shown_by_a_bad_script() -> None:
    assert {scenario.bad.fails for scenario in SCENARIOS} == {"missing", "unwanted", "leaked", "over_budget", "error"}


def test_the_table_of_the_page_is_what_the_scripts_come_to(
    good: Played, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns, rows = table(summary("script good", good, 1))
    monkeypatch.setenv("COLUMNS", "200")
    say_table(columns, rows, whole=columns[:1], right=columns[1:-1])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    # Each kind's first scenario stands for the others.
    firsts = {next(name for name in good if name.startswith(f"{one.kind}/")) for one in SCENARIOS}
    kept = [line for line in lines if line and ("/" not in line.split()[0] or line.split()[0] in firsts)]
    section = re.compile(r"(<!-- evaluation:[^\n]*-->\n```\n\$ [^\n]*\n).*?(```)", re.DOTALL)
    text = PAGE.read_text("utf-8")
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = section.sub(lambda found: found[1] + "\n".join(kept) + "\n" + found[2], text)
        PAGE.write_text(text, "utf-8")
    found = section.search(text)
    assert found
    assert without_seconds(found.group(0).splitlines()[3:-1]) == without_seconds(kept)


def without_seconds(lines: list[str]) -> list[list[str]]:
    return [re.sub(r"\d+\.\d$", "", line).split() for line in lines]
