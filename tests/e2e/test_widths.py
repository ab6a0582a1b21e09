"""Lists in terminals of 40, 80 and 120 columns, and without one: a row a line, and nothing that identifies is cut."""

import csv
import io
import json
import re
import socket
import subprocess
from typing import Any

import pytest
import typer

from connected_org import Org
from server.cli.application import app
from server.cli.tree import COMMANDS as COMMANDS_LISTED
from server.cli.tree import every
from server.door.actions import ACTIONS
from server.media.measure import cells
from server.sandbox.running import RunningSandbox
from surface import COMMAND, environment
from terminal import Terminal

JANE = "jane.doe@example.com"
LONG = "maximiliane.von-und-zu-hohenstein-wittelsbach@example.com"
NAMES = [f"A group with quite a long name, the {place}th of a series that nobody remembers" for place in range(4)]
COMMANDS: list[tuple[str, ...]] = [
    ("status",),
    ("connections",),
    ("actions",),
    ("policy",),
    ("doctor",),
    ("approve",),
    ("journal", "list"),
    ("journal", "show", "1"),
    ("journal", "verify"),
    ("journal", "reconcile"),
    ("call", "lookup_user", LONG),
    ("call", "search_users", "--words", "example.com"),
    ("call", "search_groups"),
    ("call", "search_groups", "--words", "nobodyhasthisname"),
    ("call", "list_changes"),
    ("call", "search_users", "--fields", "login,email,title"),
    ("--help",),
    ("call", "--help"),
    ("call", "create_user", "--help"),
    ("connect", "--help"),
]
IDENTIFIES = re.compile(r"\b00[a-z]\w{17}\b|[\w.+-]+@[\w.-]+\w|https?://[^\s,)>\"“”;]+|okta\.\w+\.(?:read|manage)")


@pytest.fixture
def lived_in(connected: None, org: Org) -> set[str]:
    """People, groups and changes with long names; every id, login, URL and action that can be shown."""
    more: dict[str, Any] = {
        "firstName": "Maximiliane Alexandra",
        "lastName": "von und zu Hohenstein",
        "title": "T" * 90,
    }
    org.create(LONG, **more)
    for name in NAMES:
        org.create_group(name, f"{name}. " * 3)
    for arguments in (
        ("suspend_user", "--user-id", LONG),
        ("add_user_to_group", "--user-id", LONG, "--group-id", NAMES[0]),
        ("suspend_user", "--user-id", "okta-actions@example.com"),
    ):
        run("call", *arguments)
    known = set(ACTIONS)
    lists: tuple[tuple[str, ...], ...] = (
        ("call", "search_users", "--all", "--json"),
        ("call", "search_groups", "--all", "--json"),
        ("call", "list_changes", "--json"),
        ("connections", "--json"),
        ("journal", "list", "--json"),
    )
    for words in lists:
        known |= set(IDENTIFIES.findall(run(*words).stdout))
    return known


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments],
        env={**environment(), **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=60,
    )


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_every_list_fits_and_cuts_nothing_that_identifies(lived_in: set[str], columns: int) -> None:
    longest = max(map(cells, lived_in))
    for arguments in COMMANDS:
        with Terminal(*arguments, columns=columns) as terminal:
            assert terminal.end() == 0, terminal.screen
        lines = terminal.screen.replace("\r", "").split("\n")
        for line in lines:
            # What cannot be broken, such as a URL, may be wider than the terminal, alone on its line.
            alone = len(line.split()) <= 1 or "okta-actions " in line or "Head: " in line or " --" in line
            assert cells(line) <= columns or (alone and cells(line) <= max(longest + 12, 90)), (arguments, line)
        for found in IDENTIFIES.findall(terminal.screen.replace("\r", "")):
            assert any(found.rstrip(".") == one for one in lived_in) or not cut(found, lived_in), (arguments, found)


def cut(found: str, known: set[str]) -> bool:
    """Whether it is the beginning of something longer."""
    return any(one.startswith(found) and one != found for one in known)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "arguments",
    [("journal", "list"), ("call", "search_users"), ("call", "search_groups"), ("actions",), ("connections",)],
)
def test_a_row_is_a_line(lived_in: set[str], arguments: tuple[str, ...], columns: int) -> None:
    rows = json.loads(run(*arguments, "--json").stdout)
    rows = next((one for one in rows.values() if isinstance(one, list)), []) if isinstance(rows, dict) else rows
    keys = [row.get("id") or row.get("action") or row.get("name") for row in rows]
    with Terminal(*arguments, columns=columns, TERM="xterm") as terminal:
        assert terminal.end() == 0
    plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", terminal.screen.replace("\r", ""))
    begun = [line.split()[0] for line in plain.split("\n") if line.strip()]
    assert [one for one in begun if one in keys] == keys


def test_without_a_terminal_there_are_tabs_and_nothing_else(lived_in: set[str]) -> None:
    for arguments in (("journal", "list"), ("actions",), ("connections",), ("policy",)):
        head, *rows = run(*arguments).stdout.rstrip("\n").split("\n")
        assert rows
        assert {row.count("\t") for row in rows} == {head.count("\t")}
        assert "  " not in head
    assert run("actions").stdout.split("\n")[0].split("\t")[0] == "action"


def test_colours_are_for_terminals_and_for_whom_wants_them(lived_in: set[str]) -> None:
    def shown(**more: str) -> str:
        with Terminal("journal", "list", columns=140, **more) as terminal:
            terminal.end()
        return terminal.screen

    assert "\x1b[" in shown(TERM="xterm")
    assert "\x1b[" not in shown(TERM="xterm", NO_COLOR="1")
    assert "\x1b[" not in shown(TERM="dumb")
    assert "\x1b[" not in run("journal", "list", TERM="xterm").stdout


# Formats


def test_lists_come_as_csv_and_json_lines_with_the_fields_that_are_wanted(lived_in: set[str]) -> None:
    told = run("call", "search_users", "--all", "--fields", "login,status", "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert LONG in {row["login"] for row in rows}
    lines = run("call", "search_users", "--all", "--output", "jsonl").stdout.splitlines()
    assert len(lines) == len(rows) > 20
    assert {json.loads(line)["login"] for line in lines} == {row["login"] for row in rows}
    assert len(json.loads(run("call", "search_users", "--all", "--json", "--limit", "7").stdout)["users"]) == len(rows)
    named = json.loads(run("connections", "--json", "--fields", "name,identity.login").stdout)
    assert named == [{"name": "default", "identity.login": "okta-actions@example.com"}]
    missing = run("connections", "--fields", "nmae")
    assert (missing.returncode, "Did you mean name?" in missing.stderr) == (2, True)
    assert run("connections", "--json", "--output", "csv").returncode == 2


def test_a_cell_of_csv_is_no_formula(connected: None, org: Org) -> None:
    for place, title in enumerate(("=1+1", "+1", "-1", "@SUM(1)", '=cmd|"/c calc"!A0', " =1", "＝1", "\t=1")):
        org.create(f"f{place}@formula.example", title=title)
    told = run("call", "search_users", "--words", "@formula.example", "--fields", "login,title", "--output", "csv")
    titles = [row["title"] for row in csv.DictReader(io.StringIO(told.stdout))]
    assert len(titles) == 8
    assert all(title.startswith("'") for title in titles), titles


# Finding one's way


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("statsu",), 2, "Did you mean status?"),
        (("lookup-user",), 2, "Did you mean call lookup_user?"),
        (("journal", "lst"), 2, "Did you mean list?"),
        (("call", "lookup_usr", JANE), 2, "Did you mean lookup_user?"),
        (("call", "lookup_user", "--user", JANE), 2, "--user-id"),
        (("call", "lookup_user", JANE, "--user-id", JANE), 2, "twice"),
        (("call", "lookup_user"), 2, "--user-id"),
        (("call", "lookup_user", JANE, "--connection", "prod"), 4, "Use one of: default"),
    ],
)
def test_what_is_misspelt_is_guessed(
    connected: None, org: Org, arguments: tuple[str, ...], code: int, said: str
) -> None:
    failed = run(*arguments)
    assert failed.returncode == code
    assert said in failed.stderr


@pytest.mark.parametrize(
    "arguments", [("-h",), ("help",), ("journal", "-h"), ("help", "journal", "list"), ("call", "lookup_user", "-h")]
)
def test_help_is_where_people_look_for_it(arguments: tuple[str, ...]) -> None:
    shown = run(*arguments)
    assert shown.returncode == 0, shown.stderr
    assert "Usage: okta-actions" in shown.stdout
    assert "<str>" not in shown.stdout


def test_the_version_has_a_command_too() -> None:
    assert run("version").stdout == run("--version").stdout


def test_the_list_of_commands_says_what_each_says_itself() -> None:
    root: Any = typer.main.get_command(app)
    for path, found in every(root):
        if path[0] == "call":
            continue
        group: dict[str, Any] = COMMANDS_LISTED
        for word in path[:-1]:
            group = group[word].group
        assert found.help.partition("\n")[0] == group[path[-1]].summary, path


def test_the_manual_page_has_every_command_and_setting() -> None:
    page = run("man").stdout
    assert page.startswith('.TH "OKTA-ACTIONS"')
    for name in COMMANDS_LISTED:
        assert f".SS \\fB{name}" in page
    assert "OKTA_ACTIONS_READ_ONLY" in page


def test_what_takes_long_is_said_at_a_terminal(
    connected: None, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OKTA_ACTIONS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with Terminal("call", "lookup_user", JANE, TERM="xterm") as terminal:
            terminal.until("Asking Okta … 2 s")
            terminal.type("\x03")
            assert terminal.end() == 130
            assert "Traceback" not in terminal.screen
