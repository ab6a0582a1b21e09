"""The rules: from a file and from variables, and what is refused as no rule before anything starts."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.policy.file import read_policy
from server.policy.rules import Rules
from server.program import Program
from server.settings import Settings, load
from surface import COMMAND, environment
from tools.okta.errors import InvalidInput

EXAMPLE = Path(__file__).parents[2] / "docs" / "policy.example.toml"


@pytest.fixture(autouse=True)
def _as_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is switched on that is off by default."""
    monkeypatch.delenv("OKTA_ACTIONS_ENABLE_TOOLSETS")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Where the rules are looked for if nobody says where."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "policy.toml"


def written(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input="", capture_output=True, text=True, timeout=60
    )


def rules(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Rules.model_fields}


DEFAULTS = Rules().model_dump()


def test_without_a_file_the_defaults_hold() -> None:
    assert rules(load()) == DEFAULTS


def test_a_file_in_the_data_folder_holds(policy: Path) -> None:
    written(policy, 'read_only = true\nprotected_users = ["*@board.example.com"]\nchanges_per_hour = 9\n')
    changed = {"read_only": True, "protected_users": ("*@board.example.com",), "changes_per_hour": 9}
    assert rules(load()) == DEFAULTS | changed


def test_a_file_elsewhere_holds_in_its_place(policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(policy, "read_only = true\n")
    monkeypatch.setenv("OKTA_ACTIONS_POLICY_FILE", str(written(tmp_path / "other.toml", "dry_run = true\n")))
    assert rules(load()) == DEFAULTS | {"dry_run": True}


def test_a_file_that_is_named_and_missing_is_not_overlooked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_POLICY_FILE", str(tmp_path / "nowhere.toml"))
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        load()


def test_a_rules_variable_goes_before_the_file(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(policy, 'read_only = true\nconfirm = ["write"]\ndeny_actions = ["create_user"]\nchanges_per_minute = 3\n')
    monkeypatch.setenv("OKTA_ACTIONS_READ_ONLY", "false")
    monkeypatch.setenv("OKTA_ACTIONS_CONFIRM", "none")
    monkeypatch.setenv("OKTA_ACTIONS_DENY_ACTIONS", "none")
    changed = {"confirm": (), "changes_per_minute": 3}
    assert rules(load()) == DEFAULTS | changed


def test_an_empty_variable_switches_no_rule_off(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(policy, 'confirm = ["write"]\nread_only = true\n')
    for name in ("CONFIRM", "READ_ONLY", "PROTECTED_USERS"):
        monkeypatch.setenv(f"OKTA_ACTIONS_{name}", "")
    assert rules(load()) == DEFAULTS | {"confirm": ("write",), "read_only": True}


def test_a_link_that_leads_nowhere_is_no_lack_of_a_policy(policy: Path) -> None:
    policy.parent.mkdir(exist_ok=True)
    policy.symlink_to(policy.parent / "gone.toml")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load()


def test_a_variable_that_is_no_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_READONLY", "true")
    with pytest.raises(InvalidInput) as refused:
        load()
    assert "There is no setting OKTA_ACTIONS_READONLY" in str(refused.value)
    assert "Did you mean OKTA_ACTIONS_READ_ONLY?" in str(refused.value)


def test_a_variable_holds_a_list_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_PROTECTED_GROUPS", " Board,Night Desk ,, 00g* ")
    monkeypatch.setenv("OKTA_ACTIONS_CONFIRM", "write,escalation")
    assert load().protected_groups == ("Board", "Night Desk", "00g*")
    assert load().confirm == ("write", "escalation")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("read_only = yes\n", "is not TOML"),
        ("[rules\n", "is not TOML"),
        ("protected = []\n", "protected is not a rule; the rules are read_only"),
        ("[users]\nread_only = true\n", "users is not a rule"),
        ('read_only = "perhaps"\n', "read_only: input should be a valid boolean"),
        ("changes_per_minute = -1\n", "changes_per_minute: input should be greater"),
        ("protected_users = 7\n", "protected_users: input should be a valid"),
        ('confirm = ["everything"]\n', "confirm.0: input should be"),
    ],
)
def test_what_is_no_policy_is_refused_and_says_what_is_wrong(policy: Path, text: str, said: str) -> None:
    written(policy, text)
    with pytest.raises(InvalidInput) as refused:
        load()
    assert str(policy) in str(refused.value)
    assert said in str(refused.value)
    assert len(str(refused.value).splitlines()) <= 2


def test_bytes_that_are_no_text_are_no_policy(policy: Path) -> None:
    policy.write_bytes(b"read_only = \xff\n")
    policy.chmod(0o600)
    with pytest.raises(InvalidInput, match="is not TOML"):
        load()


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_policy_that_others_can_write_is_none(policy: Path, mode: int) -> None:
    written(policy, "read_only = true\n", mode)
    with pytest.raises(InvalidInput, match=r"Others on this machine can write.*\nNext: Run: chmod go-w"):
        load()


def test_a_policy_that_others_can_read_is_one(policy: Path) -> None:
    written(policy, "read_only = true\n", 0o644)
    assert load().read_only is True


@pytest.mark.parametrize(
    ("variable", "value"), [("READ_ONLY", "perhaps"), ("CHANGES_PER_HOUR", "many"), ("CONFIRM", "x")]
)
def test_a_variable_that_cannot_be_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"OKTA_ACTIONS_{variable}", value)
    with pytest.raises(InvalidInput, match=f"OKTA_ACTIONS_{variable}"):
        load()


UNKNOWN = [
    ("allow_actions", "create_usr", "create_user"),
    ("deny_actions", "everything", "create_user"),
    ("direct_actions", "groups", "create_user"),
    ("allow_toolsets", "user", "users"),
    ("deny_toolsets", "create_user", "users"),
]


@pytest.mark.parametrize(("rule", "name", "there_is"), UNKNOWN)
def test_names_that_do_not_exist_fail_the_start(
    rule: str, name: str, there_is: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"OKTA_ACTIONS_{rule.upper()}", f"{there_is},{name}")
    with pytest.raises(InvalidInput) as refused:
        Program(load())
    assert str(refused.value).startswith(f"The rule {rule} names what does not exist: {name}.\nNext: There are: ")
    assert there_is in str(refused.value)


@pytest.mark.parametrize("command", [["serve"], ["serve", "--http"], ["policy"], ["actions"], ["status"]])
def test_no_command_starts_with_rules_that_do_not_exist(command: list[str]) -> None:
    failed = run(*command, OKTA_ACTIONS_DENY_ACTIONS="deactivate_usr")
    assert (failed.returncode, failed.stdout) == (1, "")
    refused, next_step = failed.stderr.splitlines()
    assert refused == "The rule deny_actions names what does not exist: deactivate_usr."
    assert "deactivate_user" in next_step


def test_no_server_starts_with_a_policy_that_is_none(policy: Path) -> None:
    written(policy, "read_onl = true\n")
    failed = run("serve")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert len(failed.stderr.splitlines()) == 1
    assert "read_onl is not a rule" in failed.stderr


def test_the_rules_in_force_are_shown(policy: Path) -> None:
    written(policy, 'protected_users = ["ceo@example.com", "*@board.example.com"]\n')
    shown = run("policy", OKTA_ACTIONS_DRY_RUN="true")
    assert shown.returncode == 0
    head, *rows = shown.stdout.splitlines()
    assert head.split("\t") == ["rule", "value", "source", "meaning"]
    lines = {line.split()[0]: line for line in rows}
    assert list(lines) == list(Rules.model_fields)
    assert "ceo@example.com, *@board.example.com" in lines["protected_users"]
    assert lines["dry_run"].split()[1] == "true"
    assert str(policy) in shown.stderr
    told = json.loads(run("policy", "--json").stdout)
    sources = told.pop("sources")
    assert list(sources) == list(Rules.model_fields)
    assert (sources["protected_users"], sources["dry_run"]) == ("policy file", "default")
    assert (told["policy_file"], told["has_policy_file"], told["remarks"]) == (str(policy), True, [])
    told = {name: told[name] for name in Rules.model_fields}
    assert told == json.loads(json.dumps(DEFAULTS)) | {"protected_users": ["ceo@example.com", "*@board.example.com"]}


# Floors


def test_a_floor_holds_where_nothing_else_is_said(policy: Path) -> None:
    written(policy, '[floor]\nread_only = true\nprotected_users = ["ceo@example.com"]\n')
    assert rules(load()) == DEFAULTS | {"read_only": True, "protected_users": ("ceo@example.com",)}
    assert (load().source("read_only"), load().source("dry_run")) == ("floor", "default")


@pytest.mark.parametrize(
    ("line", "rule", "holds"),
    [
        ('confirm = ["destructive"]', "confirm", {"destructive", "escalation"}),
        ('confirm = ["write"]', "confirm", {"destructive", "escalation", "write"}),
        ('hidden_in_lists = ["city"]', "hidden_in_lists", {"city", *DEFAULTS["hidden_in_lists"]}),
        ("ask_from = 50", "ask_from", 10),
        ("ask_from = 5", "ask_from", 5),
        ("changes_per_hour = 6000", "changes_per_hour", 600),
        ("allow_administrators = true", "allow_administrators", False),
        ('allow_toolsets = ["users"]', "allow_toolsets", {"users"}),
        ('direct_actions = ["list_changes"]', "direct_actions", {"list_changes"}),
    ],
)
def test_a_floor_makes_no_default_weaker(policy: Path, line: str, rule: str, holds: Any) -> None:
    written(policy, f"[floor]\n{line}\n")
    found = getattr(load(), rule)
    assert (set(found) if isinstance(found, tuple) else found) == holds


LOWERED: list[tuple[str, str, str]] = [
    ("read_only = true", "read_only", "false"),
    ('protected_users = ["ceo@x.y"]', "protected_users", "none"),
    ('protected_users = ["ceo@x.y", "cfo@x.y"]', "protected_users", "ceo@x.y"),
    ('confirm = ["write"]', "confirm", "destructive"),
    ("changes_per_hour = 5", "changes_per_hour", "6"),
    ('managed_groups = ["A"]', "managed_groups", "A,B"),
    ('allow_toolsets = ["users"]', "allow_toolsets", "none"),
    ('allow_toolsets = ["users"]', "allow_actions", "suspend_user"),
    ('require_reason = { destructive = "INC" }', "require_reason", "destructive=."),
]


@pytest.mark.parametrize(("line", "rule", "value"), LOWERED)
def test_neither_variables_nor_options_nor_the_file_lower_a_floor(
    policy: Path, monkeypatch: pytest.MonkeyPatch, line: str, rule: str, value: str
) -> None:
    written(policy, f"[floor]\n{line}\n")
    lowers = f"makes the rule {rule} weaker than the floor in {policy} allows"
    with pytest.raises(InvalidInput) as refused:
        load(**{rule: value})
    assert str(refused.value).startswith(f"--{rule.replace('_', '-')} {lowers}.\nNext: ")
    monkeypatch.setenv(f"OKTA_ACTIONS_{rule.upper()}", value)
    with pytest.raises(InvalidInput) as refused:
        load()
    assert str(refused.value).startswith(f"OKTA_ACTIONS_{rule.upper()} {lowers}.\nNext: ")
    monkeypatch.undo()
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", str(policy.parent))
    top = {"read_only": "false", "changes_per_hour": "6", "require_reason": '{ destructive = "." }'}
    told = top.get(rule, json.dumps([] if value == "none" else value.split(",")))
    written(policy, f"{rule} = {told}\n[floor]\n{line}\n")
    with pytest.raises(InvalidInput, match=f"{rule} in the policy file {policy} {lowers}"):
        load()


@pytest.mark.parametrize(
    ("line", "rule", "value", "holds"),
    [
        ("read_only = false", "read_only", "true", True),
        ('protected_users = ["ceo@x.y"]', "protected_users", "ceo@x.y,cfo@x.y", ("ceo@x.y", "cfo@x.y")),
        ("changes_per_hour = 5", "changes_per_hour", "4", 4),
        ('managed_groups = ["A", "B"]', "managed_groups", "A", ("A",)),
        ('allow_toolsets = ["users", "groups"]', "allow_toolsets", "groups", ("groups",)),
        ('require_reason = { destructive = "I" }', "require_reason", "destructive=I;write=.", None),
    ],
)
def test_what_is_stricter_than_a_floor_holds(
    policy: Path, monkeypatch: pytest.MonkeyPatch, line: str, rule: str, value: str, holds: Any
) -> None:
    written(policy, f"[floor]\n{line}\n")
    monkeypatch.setenv(f"OKTA_ACTIONS_{rule.upper()}", value)
    assert getattr(load(), rule) == (holds or {"destructive": "I", "write": "."})
    assert load().source(rule) == "variable"


def test_a_floor_in_the_data_folder_holds_where_another_file_is_named(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(policy, "dry_run = true\n[floor]\nread_only = true\n")
    other = written(tmp_path / "other.toml", "changes_per_hour = 3\n")
    monkeypatch.setenv("OKTA_ACTIONS_POLICY_FILE", str(other))
    assert rules(load()) == DEFAULTS | {"changes_per_hour": 3, "read_only": True}
    written(other, "read_only = false\n")
    with pytest.raises(InvalidInput, match=f"read_only in the policy file {other} makes .* floor in {policy}"):
        load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("floor = true\n", "floor is a table of rules"),
        ("[floor]\nread_onl = true\n", "floor.read_onl is not a rule"),
        ("[floor]\nchanges_per_minute = -1\n", "floor.changes_per_minute: input should be greater"),
        ("[floor]\nprotected_users = ['$CEO']\n", "floor.protected_users in the policy"),
    ],
)
def test_a_floor_that_is_none_is_refused(policy: Path, text: str, said: str) -> None:
    written(policy, text)
    with pytest.raises(InvalidInput) as refused:
        load()
    assert str(policy) in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("command", [["serve"], ["serve", "--http"], ["policy"], ["status"]])
def test_no_command_starts_below_a_floor(policy: Path, command: list[str]) -> None:
    written(policy, "[floor]\nread_only = true\n")
    failed = run(*command, OKTA_ACTIONS_READ_ONLY="false")
    assert (failed.returncode, failed.stdout) == (1, "")
    refused, next_step = failed.stderr.splitlines()
    assert refused == f"OKTA_ACTIONS_READ_ONLY makes the rule read_only weaker than the floor in {policy} allows."
    assert "[floor]" in next_step


def test_each_value_tells_where_it_comes_from(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(policy, "read_only = true\n[floor]\nread_only = true\nchanges_per_hour = 7\n")
    monkeypatch.setenv("OKTA_ACTIONS_PORT", "8400")
    settings = load(host="127.0.0.2", dry_run=True)
    wanted = {
        "host": "option",
        "dry_run": "option",
        "port": "variable",
        "data_dir": "variable",
        "read_only": "policy file",
        "changes_per_hour": "floor",
        "sandbox_port": "default",
        "confirm": "default",
    }
    assert {name: settings.source(name) for name in wanted} == wanted
    shown = {line.split()[0]: line.split() for line in run("policy").stdout.splitlines()}
    assert (shown["read_only"][2:4], shown["changes_per_hour"][2]) == (["policy", "file"], "floor")
    assert json.loads(run("policy", "--json").stdout)["sources"]["changes_per_hour"] == "floor"


def test_an_option_that_cannot_be_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match="--port is not usable: input should be less than or equal to 65535"):
        load(port=99999)


def test_a_rule_that_replaces_a_table_of_the_file_adds_nothing_to_it(policy: Path) -> None:
    written(policy, 'require_reason = { destructive = "INC" }\n')
    assert load(require_reason={"write": "."}).require_reason == {"write": "."}


# The annotated example


def test_the_example_is_a_policy_that_names_every_rule_with_its_default(tmp_path: Path) -> None:
    copied = read_policy(written(tmp_path / "copied.toml", EXAMPLE.read_text("utf-8"), 0o644))
    assert copied.rules == Rules()
    assert copied.rules.model_fields_set == set(Rules.model_fields)


def test_each_rule_of_the_example_is_explained_in_a_line_or_three() -> None:
    explained = re.findall(r"(?<=\n\n)((?:#.*\n)+)((?:\w+ = .*\n)+)", EXAMPLE.read_text("utf-8"))
    assert [rule for _, names in explained for rule in tomllib.loads(names)] == list(Rules.model_fields)
    assert all(len(comment.splitlines()) <= 3 for comment, _ in explained)
