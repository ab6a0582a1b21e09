"""Settings fail closed: what would silently switch a rule off, or lead elsewhere, is refused by name."""

import os
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from connected_org import Org
from server.environment import without_secrets
from server.machine.ownership import ANYTHING_BY_OTHERS, check_private
from server.policy.rules import _WEAKER, NEUTRAL, TOGETHER, Rules
from server.program import Program
from server.settings import Settings, load
from surface import COMMAND, environment
from tools.okta.errors import ActionError, InvalidInput

PLACEHOLDERS = [
    "${X}",
    "$X",
    "%X%",
    "<x>",
    "${env:X}",
    "${X:-}",
    "${{ secrets.X }}",
    "{{X}}",
    " ${X} ",
    '"${X}"',
    "${X",
]
PLACES = [
    name for name, field in Settings.model_fields.items() if Path in (field.annotation, *get_args(field.annotation))
]
OF_GROUPS = {"protected_groups", "protected_applications", "managed_groups"}
PEOPLE_OR_NAMES = [
    name
    for name, field in Rules.model_fields.items()
    if name not in OF_GROUPS and isinstance(field.get_default(), tuple)
]
SECRETS = [name for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)]
SETTINGS = sorted(Settings.model_fields)
NOBODY = 54321
"""An id that no user of this machine has."""


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input="", capture_output=True, text=True, timeout=60
    )


def set_to(monkeypatch: pytest.MonkeyPatch, setting: str, value: str) -> str:
    name = f"OKTA_ACTIONS_{setting.upper()}"
    monkeypatch.setenv(name, value)
    return name


def hold_in_the_policy(monkeypatch: pytest.MonkeyPatch, folder: Path, line: str) -> None:
    """Let a policy file of this one line hold."""
    file = folder / "policy.toml"
    file.write_text(f"{line}\n")
    file.chmod(0o600)
    monkeypatch.setenv("OKTA_ACTIONS_POLICY_FILE", str(file))


# Placeholders


@pytest.mark.parametrize("value", [value for value in PLACEHOLDERS if value != "${X"])
@pytest.mark.parametrize("setting", [*SETTINGS, "passphrase"])
def test_a_placeholder_is_no_setting(setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = set_to(monkeypatch, setting, value)
    with pytest.raises(InvalidInput, match=name):
        load()


@pytest.mark.parametrize("rule", ["protected_users", "protected_groups", "managed_groups", "deny_actions"])
@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_nor_is_one_among_others(rule: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = set_to(monkeypatch, rule, f"ceo@example.com,{value}")
    with pytest.raises(InvalidInput, match=name):
        load()
    monkeypatch.delenv(name)
    hold_in_the_policy(monkeypatch, tmp_path, f"{rule} = ['ceo@example.com', '{value}']")
    with pytest.raises(InvalidInput, match=rule):
        load()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data_dir", "${XDG_DATA_HOME}/okta"),
        ("data_dir", "$HOME/okta"),
        ("data_dir", "/home/$USER/okta"),
        ("data_dir", "%APPDATA%\\okta"),
        ("policy_file", "/etc/<where>/policy.toml"),
        ("ca_bundle", "%USERPROFILE%\\ca.pem"),
        ("org_url", "https://${ORG}.okta.com"),
        ("org_url", "https://<your-org>.okta.com"),
        ("org_url", "https://{yourOktaDomain}"),
        ("tls_cert", "$HOME/cert.pem"),
        ("client_id", "<client-id>"),
        ("redirect_uri", "http://localhost:${PORT}/x"),
        ("vault_key_command", "${COMMAND}"),
        ("proxy", "http://${PROXY}:3128"),
        ("model", "${MODEL}-mini"),
    ],
)
def test_a_placeholder_within_an_address_is_refused(setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = set_to(monkeypatch, setting, value)
    with pytest.raises(InvalidInput, match=f"{name} contains an unexpanded placeholder"):
        load()


@pytest.mark.parametrize("rule", PEOPLE_OR_NAMES)
@pytest.mark.parametrize("value", ["$CEO@example.com", "%CEO%@x.com", "*@<domain>", "{who}@x.com", "#{CEO}", "`who`"])
def test_a_placeholder_within_a_login_or_a_name_is_refused(
    rule: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = set_to(monkeypatch, rule, value)
    with pytest.raises(InvalidInput, match=f"{name} contains an unexpanded placeholder"):
        load()
    monkeypatch.delenv(name)
    hold_in_the_policy(monkeypatch, tmp_path, f"{rule} = ['{value}']")
    with pytest.raises(InvalidInput, match=f"{rule} in the policy .* contains an unexpanded placeholder"):
        load()


@pytest.mark.parametrize("setting", SECRETS)
@pytest.mark.parametrize("value", ["$secret", "{secret}", "${A}${B}", "Bearer ${TOKEN}", "'${X}'", "$(pass okta)"])
def test_a_placeholder_within_a_secret_is_refused(setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = set_to(monkeypatch, setting, value)
    with pytest.raises(InvalidInput, match=f"{name} contains an unexpanded placeholder") as refused:
        load()
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OPENAI_API_KEY", "${KEY}"), ("OPENAI_API_KEY", "<your-key>"), ("OPENAI_BASE_URL", "http://${HOST}:8000/v1")],
)
def test_nor_is_one_the_models_key_or_url(name: str, value: str) -> None:
    failed = run(
        "ask", "Who is Jane?", **{"OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": "http://127.0.0.1:9", name: value}
    )
    assert failed.returncode == 1
    assert f"{name} contains an unexpanded placeholder" in failed.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("protected_groups", "Sales <EMEA>,100% us,A$AP Fans"),
        ("vault_key_command", "sh -c 'cat $HOME/key'"),
        ("client_secret", "a$b%c%<d>"),
        ("proxy", "http://u%C3%A9r:p%C3%A4@proxy.example.com:3128"),
        ("private_key", '{"kty": "EC", "keys": {"a": "$b"}}'),
    ],
)
def test_what_only_looks_a_little_like_one_is_taken(setting: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, setting, value)
    assert getattr(load(), setting)


@pytest.mark.parametrize(
    "arguments",
    [
        ["connect", "--org-url", "https://<your-org>.okta.com", "--client-id", "x"],
        ["connect", "--org-url", "https://x.okta.com", "--client-id", "${CLIENT_ID}"],
        ["connect", "--name", "$NAME", "--org-url", "https://x.okta.com"],
        ["serve", "--connection", "${CONNECTION}"],
        ["status", "--connection", "<name>"],
        ["serve", "--http", "--host", "$HOST"],
        ["doctor", "--org-url", "https://${ORG}.okta.com", "--client-id", "x"],
    ],
)
def test_nor_is_one_an_option(arguments: list[str]) -> None:
    failed = run(*arguments)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "placeholder" in failed.stderr or "cannot be named" in failed.stderr


def test_a_secret_that_is_a_placeholder_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CLIENT_SECRET", "<hidden>")
    with pytest.raises(InvalidInput) as refused:
        load()
    assert "hidden" not in str(refused.value)


# Lists


@pytest.mark.parametrize("rule", [name for name in Rules.model_fields if isinstance(getattr(Rules(), name), tuple)])
@pytest.mark.parametrize(
    "value", [" ", ",", " , ,", "None", "NULL", "null", "undefined", '["a","b"]', "'a','b'", '"a"']
)
def test_a_list_that_would_match_nothing_is_refused(rule: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = set_to(monkeypatch, rule, value)
    with pytest.raises(InvalidInput, match=name):
        load()


@pytest.mark.parametrize("rule", [name for name in Rules.model_fields if isinstance(getattr(Rules(), name), tuple)])
@pytest.mark.parametrize("value", ['[""]', '["a", " "]', '""', '"  "', '["\\t"]'])
def test_an_empty_entry_of_the_policy_is_refused(
    rule: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f"{rule} = {value}\n")
    file.chmod(0o600)
    monkeypatch.setenv("OKTA_ACTIONS_POLICY_FILE", str(file))
    with pytest.raises(InvalidInput, match=rule):
        load()


# Paths


@pytest.mark.parametrize("setting", PLACES)
@pytest.mark.parametrize("value", ["x", "./x", "../x/y", "x/~", "C:\\okta", "okta\\data", "~nobody-there/x"])
def test_a_path_that_depends_on_where_one_is_is_refused(
    setting: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = set_to(monkeypatch, setting, value)
    with pytest.raises(InvalidInput, match=name):
        load()


def test_the_home_folder_is_put_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", "~/okta")
    monkeypatch.setenv("OKTA_ACTIONS_CA_BUNDLE", "~/ca.pem")
    assert load().data_dir == tmp_path / "okta"
    assert load().ca_bundle == tmp_path / "ca.pem"


def test_nothing_is_written_where_a_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    for value in ("x/y", "~nobody-there/x", "${XDG_DATA_HOME}/okta"):
        environ = environment() | {"OKTA_ACTIONS_DATA_DIR": value}
        failed = subprocess.run(
            [COMMAND, "status"], env=environ, cwd=tmp_path / "here", capture_output=True, timeout=60
        )
        assert failed.returncode == 1
    assert list((tmp_path / "here").iterdir()) == []


# Owners


def foreign(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this path be somebody else's: by changing its owner, or, where we may not, by being somebody else."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)


def made(folder: Path, mode: int = 0o600) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "policy.toml"
    file.write_text("read_only = true\n")
    file.chmod(mode)
    return file


def test_a_policy_of_somebody_else_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "data")
    assert load().read_only
    foreign(file, monkeypatch)
    with pytest.raises(InvalidInput, match=r"belongs to|could be replaced"):
        load()


@pytest.mark.parametrize("mode", [0o777, 0o702])
def test_a_policy_in_a_folder_that_others_write_is_none(tmp_path: Path, mode: int) -> None:
    made(tmp_path / "data")
    (tmp_path / "data").chmod(mode)
    with pytest.raises(InvalidInput, match="could be replaced by somebody else"):
        load()
    (tmp_path / "data").chmod(0o700)
    assert load().read_only


def test_a_link_is_checked_where_it_is_and_where_it_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "kept")
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "policy.toml").symlink_to(file)
    assert load().read_only
    (tmp_path / "kept").chmod(0o777)
    with pytest.raises(InvalidInput, match="could be replaced"):
        load()


def test_a_folder_like_tmp_is_no_danger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "shared" / "data")
    (tmp_path / "shared").chmod(0o1777)
    check_private(tmp_path / "shared" / "data" / "policy.toml", "The policy", code="x")


@pytest.mark.parametrize("what", ["vault.key", "."])
async def test_a_vault_key_or_data_folder_of_somebody_else_is_not_used(
    connected: None, settings: Settings, org: Org, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    foreign(settings.data_dir / what, monkeypatch)
    async with Program(settings) as program:
        with pytest.raises(ActionError, match=r"belongs to|could be replaced"):
            await program.store.run(lambda database: database.vault.get("default", "tokens"))


def test_what_only_its_user_may_read_is_refused_where_others_may(tmp_path: Path) -> None:
    file = made(tmp_path / "data", 0o644)
    check_private(file, "The policy", code="x")
    with pytest.raises(InvalidInput, match="can read the key"):
        check_private(file, "The key", ANYTHING_BY_OTHERS, code="x")


# What children inherit


def test_every_secret_setting_is_kept_from_children(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert len(secret) >= 6
    for name in [*secret, "passphrase"]:
        monkeypatch.setenv(f"OKTA_ACTIONS_{name.upper()}", "hidden")
    monkeypatch.setenv("OPENAI_API_KEY", "hidden")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "hidden")
    monkeypatch.setenv("VAULT_TOKEN", "a password manager's own")
    inherited = without_secrets()
    assert "hidden" not in inherited.values()
    assert "VAULT_TOKEN" in inherited
    assert "PATH" in inherited


# Variables and the policy file


def test_each_rule_has_a_way_of_being_weaker() -> None:
    assert {*_WEAKER, *TOGETHER, *NEUTRAL} == set(Rules.model_fields)


WEAKER: list[tuple[str, str, str]] = [
    ("read_only = true", "READ_ONLY", "false"),
    ("dry_run = true", "DRY_RUN", "0"),
    ("allow_administrators = false", "ALLOW_ADMINISTRATORS", "true"),
    ("change_requests = false", "CHANGE_REQUESTS", "true"),
    ('protected_users = ["a@x", "b@x"]', "PROTECTED_USERS", "a@x"),
    ('protected_users = ["a@x"]', "PROTECTED_USERS", "none"),
    ('protected_groups = ["A"]', "PROTECTED_GROUPS", "B"),
    ('managed_groups = ["A"]', "MANAGED_GROUPS", "A,B"),
    ('managed_groups = ["A"]', "MANAGED_GROUPS", "none"),
    ('deny_actions = ["create_user"]', "DENY_ACTIONS", "none"),
    ('allow_toolsets = ["users"]', "ALLOW_TOOLSETS", "none"),
    ('allow_actions = ["create_user"]', "ALLOW_ACTIONS", "create_user,suspend_user"),
    ('confirm = ["write"]', "CONFIRM", "destructive"),
    ("changes_per_hour = 5", "CHANGES_PER_HOUR", "6"),
    ("ask_from = 5", "ASK_FROM", "6"),
    ("mail_domains = []", "MAIL_DOMAINS", "a.example"),
    ('mail_domains = ["a.example"]', "MAIL_DOMAINS", "a.example,b.example"),
    ('mail_domains = ["a.example"]', "MAIL_DOMAINS", "none"),
]
STRONGER: list[tuple[str, str, str]] = [
    ("read_only = false", "READ_ONLY", "true"),
    ('protected_users = ["a@x"]', "PROTECTED_USERS", "a@x,b@x"),
    ('managed_groups = ["A", "B"]', "MANAGED_GROUPS", "A"),
    ("managed_groups = []", "MANAGED_GROUPS", "A"),
    ("changes_per_hour = 5", "CHANGES_PER_HOUR", "4"),
    ("read_only = true", "READ_ONLY", "true"),
    ("ask_from = 5", "ASK_FROM", "4"),
    ('mail_domains = ["a.example", "b.example"]', "MAIL_DOMAINS", "a.example"),
]


@pytest.mark.parametrize(
    ("line", "variable", "value", "weaker"),
    [*((*one, True) for one in WEAKER), *((*one, False) for one in STRONGER)],
)
def test_a_variable_that_makes_the_file_weaker_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, variable: str, value: str, weaker: bool
) -> None:
    made(tmp_path / "data").write_text(line + "\n")
    assert load().weakened == []
    monkeypatch.setenv(f"OKTA_ACTIONS_{variable}", value)
    assert load().weakened == ([variable.lower()] if weaker else [])


def test_it_is_said_by_the_policy_and_by_a_server_that_starts(tmp_path: Path) -> None:
    made(tmp_path / "data")
    weak = {"OKTA_ACTIONS_READ_ONLY": "false"}
    for shown in (run("policy", **weak), run("policy", "--json", **weak), run("serve", **weak)):
        assert shown.returncode == 0
        assert "OKTA_ACTIONS_READ_ONLY makes the rule read_only weaker" in shown.stderr
    lines = {line.split()[0]: line for line in run("policy", **weak).stdout.splitlines()}
    assert "variable" in lines["read_only"]
    assert "default" in lines["dry_run"]
    assert "policy file" in {line.split()[0]: line for line in run("policy").stdout.splitlines()}["read_only"]


def test_a_policy_that_is_gone_is_said(tmp_path: Path) -> None:
    assert "No policy file" in run("policy").stderr
    assert run("serve").stderr == ""
    file = made(tmp_path / "data")
    assert run("serve").stderr == ""
    file.unlink()
    for shown in (run("serve"), run("policy")):
        assert f"The policy file {file} held here before, and there is none now" in shown.stderr
    file.write_text("")
    file.chmod(0o600)
    assert run("serve").stderr == ""


def test_entries_that_stand_for_nothing_are_said(connected: None, org: Org) -> None:
    org.create_group("Real [x]")
    rules: dict[str, Any] = {
        "OKTA_ACTIONS_PROTECTED_USERS": "jane.doe@example.com,jane.doe,ceo@nowhere.example.com,*@board.example.com",
        "OKTA_ACTIONS_PROTECTED_GROUPS": "real [X],Enginering",
        "OKTA_ACTIONS_MANAGED_GROUPS": "Engineering,00gNOTTHERE",
    }
    for shown in (run("policy", **rules).stderr, run("doctor", **rules).stdout):
        for entry in ("jane.doe”", "ceo@nowhere.example.com", "Enginering", "00gNOTTHERE"):
            assert f"“{entry.rstrip('”')}”" in shown
        for entry in ("jane.doe@example.com", "real [X]", "Engineering", "*@board.example.com"):
            assert f"“{entry}”" not in shown
