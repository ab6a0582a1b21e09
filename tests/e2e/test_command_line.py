"""The command line as a person, or a script, meets it."""

import json
import re
import subprocess
import threading
from pathlib import Path

import httpx2
import pytest

from browser import Browser
from connected_org import Org
from server.door.actions import ACTIONS
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from surface import COMMAND, environment, free_port
from terminal import Terminal
from tools.catalogue import needed_scopes
from tools.contract.action import Action
from tools.contract.calls import call_schema
from tools.okta.scopes import ROLES
from worlds import CALLED, LISTED

JANE = "jane.doe@example.com"


def run(*arguments: str, input: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input=input, capture_output=True, text=True, timeout=60
    )


def call(*arguments: str) -> dict[str, object]:
    done = run("call", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


# Running actions


def test_every_action_but_the_asking_one_runs_from_a_script(connected: None, org: Org) -> None:
    group = org.create_group("Scripted")
    new = ["--first-name", "Cli", "--last-name", "Ent", "--login", "cli@example.com", "--email", "cli@example.com"]
    made = call("create_user", *new, "--no-activate", "--attributes", "nickName=Cl", "--group-ids", "Scripted")
    assert made["status"] == "STAGED"
    assert made["attributes"] == {"nickName": "Cl"}
    assert "Scripted" in org.groups_of("cli@example.com")
    assert call("activate_user", "--user-id", "cli@example.com", "--no-send-email")["changed"] is True
    updated = call("update_user_profile", "--user-id", "cli@example.com", "--title", "T", "--clear", "nickName")
    assert updated["changed"] is True
    assert "nickName" not in org.user("cli@example.com")["profile"]
    assert call("remove_user_from_group", "--user-id", "cli@example.com", "--group-id", group)["changed"] is True
    assert call("add_user_to_group", "--user-id", "cli@example.com", "--group-id", group)["changed"] is True
    assert call("lookup_user", "--user-id", "cli@example.com")["title"] == "T"
    assert call("lookup_group", "--group-id", "Scripted")["member_count"] == 1


def test_an_answer_is_readable_without_json_too(connected: None) -> None:
    shown = run("call", "lookup_user", "--user-id", JANE)
    assert shown.returncode == 0
    assert shown.stderr == ""
    assert any(line.split() == ["login", JANE] for line in shown.stdout.splitlines())


@pytest.mark.parametrize(
    ("typed", "code", "status"), [("y\n", 0, "DEPROVISIONED"), ("n\n", 3, "ACTIVE"), ("\n", 3, "ACTIVE")]
)
def test_a_person_at_the_terminal_is_asked(connected: None, org: Org, typed: str, code: int, status: str) -> None:
    with Terminal("call", "deactivate_user", "--user-id", JANE) as terminal:
        question = terminal.until("[y/N]")
        assert "Deactivate “jane.doe@example.com”. They are signed out" in question
        assert "name “Jane Doe”, status ACTIVE" in question
        assert org.user(JANE)["status"] == "ACTIVE"
        terminal.type(typed)
        assert terminal.end() == code
    assert org.user(JANE)["status"] == status


def test_ctrl_c_at_the_question_does_nothing(connected: None, org: Org) -> None:
    with Terminal("call", "deactivate_user", "--user-id", JANE) as terminal:
        terminal.until("[y/N]")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "Traceback" not in terminal.screen
    assert org.user(JANE)["status"] == "ACTIVE"


@pytest.mark.parametrize("input", ["", "y\n", "yes\n" * 9])
def test_no_pipe_can_say_yes(connected: None, org: Org, input: str) -> None:
    refused = run("call", "deactivate_user", "--user-id", JANE, input=input)
    assert refused.returncode == 1
    assert "no terminal to ask at" in refused.stderr
    assert org.user(JANE)["status"] == "ACTIVE"


# Errors


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lookup_user", "--user-id", "nobody@example.com"], 1, "Nobody has the login"),
        (["lookup_user", "--user-id", ""], 2, "user_id is empty"),
        (["search_users", "--limit", "0"], 2, "limit"),
        (["update_user_profile", "--user-id", JANE], 2, "No attribute"),
        (["lookup_user"], 2, "--user-id"),
        (["lookup_user", "--user", JANE], 2, "--user"),
        (["lookup_users"], 2, "lookup_users"),
        (["update_user_profile", "--user-id", JANE, "--attributes", "nickName"], 2, "NAME=TEXT"),
        (["update_user_profile", "--user-id", JANE, "--attributes", "nickName:={"], 2, "not JSON"),
    ],
)
def test_errors_go_to_stderr_with_their_exit_code(connected: None, arguments: list[str], code: int, said: str) -> None:
    failed = run("call", *arguments)
    assert (failed.returncode, failed.stdout) == (code, "")
    assert said in failed.stderr
    assert "Traceback" not in failed.stderr
    if code == 1:
        assert len(failed.stderr.splitlines()) <= 2


def test_nothing_connected_has_an_exit_code_of_its_own() -> None:
    for arguments in (["call", "lookup_user", "--user-id", JANE], ["disconnect"]):
        failed = run(*arguments)
        assert failed.returncode == 4
        assert "okta-actions connect" in failed.stderr
    shown = run("status")
    assert shown.returncode == 0
    assert "okta-actions connect" in shown.stderr
    assert json.loads(run("status", "--json").stdout)["connected"] is False


def test_a_setting_that_cannot_be_is_named_and_not_repeated() -> None:
    failed = run("status", OKTA_ACTIONS_PORT="hunter2")
    assert failed.returncode == 1
    assert "OKTA_ACTIONS_PORT" in failed.stderr
    assert "hunter2" not in failed.stderr


def test_tracebacks_only_with_debug() -> None:
    assert "Traceback" not in run("disconnect").stderr
    assert "Traceback" in run("--debug", "disconnect").stderr


@pytest.mark.parametrize("url", ["http://dev-1.okta.com", "https://dev-1-admin.okta.com", "https://dev-1.okta.com/x"])
def test_an_org_url_that_is_none_is_refused_with_the_right_one(url: str) -> None:
    refused = run("connect", "--org-url", url, "--client-id", "x", OKTA_ACTIONS_CLIENT_SECRET="s")
    assert refused.returncode == 1
    assert "Use https://dev-1.okta.com" in refused.stderr


# The connection


def test_connect_status_disconnect(sandbox: RunningSandbox, redirect_uri: str) -> None:
    demo = sandbox.demo
    arguments = ["connect", "--org-url", sandbox.url, "--client-id", demo.client_id]
    process = subprocess.Popen(
        [COMMAND, *arguments],
        env=environment() | {"OKTA_ACTIONS_CLIENT_SECRET": demo.client_secret},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = next(line for line in process.stderr if line.startswith("http")).strip()
    Browser.signed_in(sandbox).open(url)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert f"Connected to {sandbox.url} as " in err
    assert demo.admin_login in err
    for word in ("okta.users.manage", "okta.groups.manage", "deactivate_user"):
        assert word in out
    assert demo.client_secret not in out + err

    shown = run("status")
    assert demo.admin_login in shown.stdout
    assert "okta.groups.manage" in shown.stdout
    told = json.loads(run("status", "--json").stdout)
    assert (told["connected"], told["connection"]["org_url"]) == (True, sandbox.url)

    assert call("lookup_user", "--user-id", JANE)["login"] == JANE
    left = run("disconnect", "--yes")
    assert left.returncode == 0
    assert "revoked and forgotten" in left.stderr
    assert run("call", "lookup_user", "--user-id", JANE).returncode == 4


def test_the_secret_is_asked_for_and_not_shown(sandbox: RunningSandbox, redirect_uri: str) -> None:
    demo = sandbox.demo
    with Terminal("connect", "--org-url", sandbox.url, "--client-id", demo.client_id) as terminal:
        terminal.until("Client secret:")
        terminal.type(demo.client_secret + "\n")
        terminal.until("state=")
        terminal.until("\n", seconds=5)
        url = next(line for line in terminal.screen.splitlines() if line.startswith("http"))
        threading.Thread(target=Browser.signed_in(sandbox).open, args=(url.strip(),)).start()
        assert terminal.end() == 0
        assert "Connected to" in terminal.screen
        assert demo.client_secret not in terminal.screen


def test_a_wrong_secret_is_refused_and_nothing_kept(sandbox: RunningSandbox, redirect_uri: str) -> None:
    with Terminal("connect", "--org-url", sandbox.url, "--client-id", sandbox.demo.client_id) as terminal:
        terminal.until("Client secret:")
        terminal.type("wrong\n")
        url = next(line for line in terminal.until("state=").splitlines() if line.startswith("http"))
        threading.Thread(target=Browser.signed_in(sandbox).open, args=(url.strip(),)).start()
        assert terminal.end() == 1
        assert "invalid_client" in terminal.screen
    assert json.loads(run("status", "--json").stdout)["connected"] is False


def test_another_package_of_the_same_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").touch()
    failed = run("status", PYTHONPATH=str(tmp_path))
    assert failed.returncode == 1
    assert f"in the way: {tmp_path / 'tools'}" in failed.stderr
    assert "Traceback" not in failed.stderr
    (tmp_path / "tools").rename(tmp_path / "prompts")
    warned = run("status", PYTHONPATH=str(tmp_path))
    assert f"in the way: {tmp_path / 'prompts'}" in warned.stderr


def test_a_service_app_from_its_key_to_its_table(sandbox: RunningSandbox, redirect_uri: str, tmp_path: Path) -> None:
    file = tmp_path / "key.jwk"
    made = run("keygen", "--file", str(file))
    assert made.returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    jwk = json.loads(made.stdout)
    assert "d" not in jwk
    assert run("keygen", "--file", str(file)).returncode == 1
    id, _ = register_client(
        sandbox.org,
        "Service",
        grant_types=["client_credentials"],
        scopes=(*needed_scopes(), ROLES),
        jwks={"keys": [jwk]},
        dpop=True,
    )
    app = ["--org-url", sandbox.url, "--client-id", id, "--private-key-file", str(file)]
    reading = run("connect", "--name", "reader", "--read-only", *app)
    assert reading.returncode == 0, reading.stderr
    assert "private key, tokens bound to a key (DPoP)" in reading.stderr
    assert "okta.users.manage" not in reading.stdout.split("actions on")[0]
    refused = run("call", "activate_user", "--connection", "reader", "--user-id", JANE)
    assert "lacks the scope okta.users.manage" in refused.stderr
    listed = run("actions", "--connection", "reader")
    assert "lacks the scope okta.users.manage" in " ".join(listed.stdout.split())
    assert listed.stderr.count("Okta API Scopes") == 1
    added = run("connect", "--name", "reader", "--add-scopes")
    assert added.returncode == 0, added.stderr
    assert "okta.users.manage" in added.stdout
    assert run("connect", "--name", "second", *app).returncode == 0

    assert run("use", "second").returncode == 0
    assert run("use", "nobody").returncode == 4
    rows = {row["name"]: row for row in json.loads(run("connections", "--json").stdout)}
    assert set(rows) == {"reader", "second"}
    assert rows["second"]["default"] is True
    assert rows["reader"]["actions_on"] == list(ACTIONS)
    assert "second *" in run("connections").stdout
    assert "second" in run("status").stdout
    assert "reader" in run("status", "--connection", "reader").stdout
    assert call("lookup_user", "--user-id", JANE)["login"] == JANE

    with Terminal("vault", "rotate") as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert call("lookup_user", "--user-id", JANE)["login"] == JANE
    packed = tmp_path / "packed"
    passphrase = {"OKTA_ACTIONS_PASSPHRASE": "correct horse battery"}
    assert run("export", str(packed), **passphrase).returncode == 0
    left = run("disconnect", "--all", "--yes")
    assert left.returncode == 0, left.stderr
    assert json.loads(run("connections", "--json").stdout) == []
    taken = run("import", str(packed), **passphrase)
    assert "Imported: reader, second" in taken.stderr
    assert run("import", str(packed), OKTA_ACTIONS_PASSPHRASE="something else").returncode == 1


# The catalogue and the org alone


def test_the_catalogue_is_a_table(connected: None) -> None:
    shown = run("actions")
    lines = shown.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == list(ACTIONS)
    rows = json.loads(run("actions", "--json").stdout)
    assert [row["action"] for row in rows] == list(ACTIONS)
    assert [row["action"] for row in rows if row["direct"]] == LISTED


def test_an_action_is_found_by_what_it_does(connected: None) -> None:
    shown = run("find", "who", "is", "in", "a", "group")
    head, first, *_ = shown.stdout.splitlines()
    assert head.split("\t") == ["action", "effect", "offered", "what it does"]
    assert first.split("\t")[:3] == ["list_group_members", "read", "yes"]
    assert "okta-actions call list_group_members --help" in shown.stderr
    found = json.loads(run("find", "who is in a group", "--limit", "1", "--json").stdout)
    assert [row["name"] for row in found["actions"]] == ["list_group_members"]
    assert found["actions"][0]["input_schema"]["properties"]["group_id"]
    withheld = run("find", "suspend_user", "--limit", "1", OKTA_ACTIONS_READ_ONLY="true").stdout
    assert "read_only" in withheld


def test_what_is_done_elsewhere_is_said_and_what_is_nothing_too() -> None:
    shown = run("find", "block", "an", "IP", "address")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "Security, Networks" in shown.stderr
    assert "No action does that" in run("find", "the weather").stderr


def test_nobody_calls_an_action_by_running_it_by_name() -> None:
    for name in ("run_read", "run_action"):
        assert run("call", name, "--name", "lookup_user").returncode == 2
        assert name not in run("call", "--help").stdout


@pytest.mark.parametrize("command", [[], ["serve"], ["connect"], ["status"], ["disconnect"], ["actions"], ["call"]])
def test_help_is_there_for_each_command(command: list[str]) -> None:
    shown = run(*command, "--help")
    assert shown.returncode == 0
    assert len(shown.stdout) > 200


@pytest.mark.parametrize("action", CALLED.values(), ids=CALLED)
def test_help_of_an_action_is_its_model(action: Action) -> None:
    shown = run("call", action.name, "--help").stdout
    for name in call_schema(action)["properties"]:
        assert re.search(rf"--{name.replace('_', '-')}\b", shown)


def test_the_org_alone_with_a_token_and_people_of_ones_own(tmp_path: Path) -> None:
    port, file = str(free_port()), tmp_path / "org.db"
    command = [COMMAND, "sandbox", "--port", port, "--data", str(file), "--users", "200", "--api-token", "00mine"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Stop with"):
                break
        headers = {"authorization": "SSWS 00mine"}
        url = f"http://127.0.0.1:{port}/api/v1/users"
        everybody = {"search": "id pr", "limit": "200"}  # the plain list leaves out who is deactivated
        assert len(httpx2.get(url, params=everybody, headers=headers).json()) == 200
        assert httpx2.get(url, headers={"authorization": "SSWS 00other"}).status_code == 401
        process.terminate()
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()
    assert file.stat().st_mode & 0o077 == 0


def test_a_number_that_is_typed_is_a_number(connected: None) -> None:
    shown = run("call", "search_users", "--limit", "2", "--json")
    assert len(json.loads(shown.stdout)["users"]) == 2
    assert "Note" not in shown.stderr
    assert run("call", "search_users", "--limit", "two").returncode == 2
