"""How commands end where their surroundings fail them: files, ports, pipes, encodings, and a person who leaves."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from connected_org import Org
from surface import COMMAND, environment
from terminal import Terminal

JANE = "jane.doe@example.com"


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**environment(), **variables},
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["keygen", "--file", "/nonexistent/x"], 1, "/nonexistent/x cannot be written"),
        (["keygen", "--file", "/proc/x"], 1, "/proc/x cannot be written"),
        (["import", "/nonexistent/x"], 1, "/nonexistent/x cannot be read"),
        (["eval", "--scenarios", "/nonexistent"], 1, "/nonexistent cannot be read as a folder"),
        (["eval", "--scenarios", "/etc/hostname"], 1, "/etc/hostname cannot be read as a folder"),
        (["sandbox", "--data", "/proc/x/org.db", "--port", "0"], 1, "/proc/x cannot be used"),
        (["sandbox", "--port", "99999"], 2, "--port"),
        (["sandbox", "--port", "-1"], 2, "--port"),
        (["serve", "--http", "--port", "99999"], 2, "--port"),
        (["serve", "--http", "--port", "0"], 2, "--port"),
    ],
)
def test_what_the_system_refuses_is_no_fault_of_ours(arguments: list[str], code: int, said: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "fault" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("actions", "--json"),
        ("actions",),
        ("call", "search_users", "--limit", "60", "--json"),
        ("call", "search_users", "--limit", "60"),
        ("journal", "list", "--json"),
        ("policy",),
        ("connections",),
        ("status", "--json"),
    ],
)
def test_a_reader_who_leaves_ends_a_command_quietly(connected: None, org: Org, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, env=environment(), text=True
    )
    os.close(writing)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 141
    assert not [line for line in errors.splitlines() if not line.startswith("Note: ")]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize(
    "arguments", [("call", "lookup_user", "--user-id", JANE), ("journal", "list"), ("undo", "“7”")]
)
def test_what_an_encoding_does_not_have_is_escaped(
    connected: None, org: Org, encoding: str, arguments: tuple[str, ...]
) -> None:
    run("call", "update_user_profile", "--user-id", JANE, "--display-name", "佐藤 Łukasz")
    shown = run(*arguments, PYTHONIOENCODING=encoding)
    assert "Traceback" not in shown.stderr + shown.stdout
    assert "fault" not in shown.stderr
    if "undo" not in arguments:
        assert ("佐藤" if encoding == "utf-8" else "\\u4f50\\u85e4") in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("lookup_user", "--user-id", "nobody@example.com"), "not_found", 1),
        (("deactivate_user", "--user-id", JANE), "confirmation_required", 1),
        (("search_users", "--status", "nope"), "invalid_input", 2),
        (("undo_change", "--change-id", "77"), "not_found", 1),
        (("lookup_user", "--user-id", JANE, "--connection", "none"), "not_connected", 4),
    ],
)
def test_what_fails_says_so_in_json_too(
    connected: None, org: Org, arguments: tuple[str, ...], code: str, exit_code: int
) -> None:
    failed = run("call", *arguments, "--json")
    assert failed.returncode == exit_code
    told = json.loads(failed.stdout)
    assert told["success"] is False
    assert told["error"]["code"] == code
    assert told["error"]["summary"] in failed.stderr.replace("\n", " ")


def test_status_and_policy_hold_in_json_what_their_help_promises(connected: None) -> None:
    status = json.loads(run("status", "--json", OKTA_ACTIONS_DENY_ACTIONS="create_user").stdout)
    assert "create_user" in status["connection"]["actions_off"]
    assert "lookup_user" in status["connection"]["actions_on"]
    policy = json.loads(run("policy", "--json", OKTA_ACTIONS_ASK_FROM="3").stdout)
    assert policy["ask_from"] == 3
    assert policy["sources"]["ask_from"] == "variable"
    assert policy["sources"]["read_only"] == "default"


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [
        (("connect", "--name", "other", "--org-url", "https://x.okta.com", "--client-id", "0oa1"), "Client secret"),
        (("connect", "--name", "other", "--org-url", "https://x.okta.com", "--api-token"), "API token"),
        (("export", "FILE"), "Passphrase"),
    ],
)
def test_ctrl_c_ends_a_hidden_prompt_at_once(
    connected: None, org: Org, tmp_path: Path, arguments: tuple[str, ...], prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_API_TOKEN", "true")
    file = tmp_path / "packed"
    with Terminal(*(str(file) if one == "FILE" else one for one in arguments)) as terminal:
        terminal.until(prompt)
        terminal.type("half a secret")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "Traceback" not in terminal.screen
        assert "half a secret" not in terminal.screen
    assert not file.exists()


def test_the_server_over_stdio_says_what_it_is_to_whoever_starts_it_by_hand(connected: None, org: Org) -> None:
    with Terminal("serve") as terminal:
        terminal.until("Stop with Ctrl-C.")
        assert "okta-actions chat" in terminal.screen
        terminal.type("\x03")
        assert terminal.end() in (0, 130)
        assert "Traceback" not in terminal.screen
