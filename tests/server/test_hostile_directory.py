"""An org whose people and groups have hostile names, through every command, tool, question and file of the program."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import Implementation

from connected_org import Org
from hostile import PIECES, PLAIN, code_of, never_shows
from server import cli
from server.mcp.server import OktaActionsServer
from server.media.models import DATA
from server.program import Program
from surface import DECLINE, ERAS, Person, call, over_stdio, said
from terminal import Terminal

NAMES = [name for name in (*PIECES, *PLAIN) if not any("\ud800" <= c <= "\udfff" for c in name)]
"""What Okta can hold: half a character is none of JSON's text."""
WORST = ("\n> ", "漢" * 150)
SPREAD = list(dict.fromkeys((*WORST, *NAMES[::6])))

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def people(org: Org) -> dict[str, str]:
    """A person and a group for each name; the person's id by the name."""
    made = {}
    for at, name in enumerate(SPREAD):
        login = f"h{at}@hostile.example"
        profile: dict[str, Any] = {"firstName": f"J{name}"[:50], "title": name[:100], "department": f"D{name}"[:100]}
        made[name] = org.create(login, password="Correct-Horse-1", **profile)["id"]
        org.create_group(f"Hostile {at} {name}"[:200], name[:200])
    return made


@pytest.fixture
def run(connected: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in this process: its exit code and what it wrote, of which nothing hides or draws."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["okta-actions", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        for text in (out, err):
            # Line breaks and tabs between cells are the program's own: those of a name are escaped.
            wrong = [c for c in text if never_shows(c) and c not in "\n\t"]
            assert not wrong, (arguments, wrong[:5], text[:500])
        assert "A fault in okta-actions" not in err, err
        code = ended.value.code
        return (code if isinstance(code, int) else 0), out, err

    return run


def test_every_listing_of_the_command_line(people: dict[str, str], run: Run, org: Org, tmp_path: Path) -> None:
    code, out, _ = run("call", "search_users", "--words", "@hostile.example", "--limit", "100")
    assert code == 0
    assert sum("hostile.example" in line for line in out.split("\n")) == len(SPREAD)
    listed = json.loads(run("call", "search_users", "--words", "@hostile.example", "--limit", "100", "--json")[1])
    assert {one["title"] for one in listed["users"]} == {name[:100] for name in SPREAD}, "programs get exact values"
    for name, id in people.items():
        code, out, _ = run("call", "lookup_user", "--user-id", id)
        assert code == 0
        shown = "".join(out.split())
        assert all("".join(code_of(c).split()) in shown for c in name[:100] if never_shows(c)), (name, out)
        assert json.loads(run("call", "lookup_user", "--user-id", id, "--json")[1])["title"] == name[:100]
    assert run("call", "search_groups", "--words", "Hostile")[0] == 0
    groups = json.loads(run("call", "search_groups", "--words", "Hostile", "--limit", "100", "--json")[1])["groups"]
    assert len(groups) == len(SPREAD)
    for group in groups[::3]:
        assert run("call", "lookup_group", "--group-id", group["id"])[0] == 0
        assert run("call", "list_group_members", "--group-id", group["id"])[0] == 0
    for id in list(people.values())[::3]:
        assert run("call", "suspend_user", "--user-id", id)[0] == 0
        assert run("call", "list_user_groups", "--user-id", id)[0] == 0
        assert run("call", "deactivate_user", "--user-id", id)[0] == 1  # nobody is there to be asked
    for command in ("status", "connections", "actions", "policy", "approve"):
        assert run(command)[0] == 0
    code, out, _ = run("journal", "list", "--limit", "100")
    assert code == 0
    changes = json.loads(run("journal", "list", "--json")[1])
    assert changes
    for change in changes:
        assert json.loads(run("journal", "show", change["id"], "--json")[1])
    file = tmp_path / "journal.jsonl"
    assert run("journal", "export", str(file))[0] == 0
    written = file.read_text("utf-8")
    assert not [c for c in written if never_shows(c) and c != "\n"]
    assert all(json.loads(line) for line in written.split("\n")[:-1])
    assert run("journal", "verify", "--file", str(file))[0] == 0
    assert run("journal", "verify")[0] == 0


def test_whatever_is_typed_is_refused_in_lines_of_the_programs_own(run: Run) -> None:
    for name in NAMES[::2]:
        if "\x00" in name:
            continue  # no argument of a process has one
        code, _, err = run("call", "lookup_user", "--user-id", name)
        assert code in (1, 2)
        for line in err.split("\n"):
            assert not line.startswith(("> ", "Do it?", "Nothing was changed", "│ ", "Connected to")), err
    for name in NAMES[::8]:
        if "\x00" not in name:
            assert run(name)[0] in (1, 2)
            assert run("journal", "show", name)[0] in (1, 2)
            assert run("approve", name)[0] in (1, 2)
            assert run("use", name)[0] in (1, 2, 4)


def test_a_policy_is_listed_as_it_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = ["Team [red]*", "[/b]", "[conceal]x", "[link=https://evil.example]y", ":warning:"]
    monkeypatch.setenv("OKTA_ACTIONS_PROTECTED_GROUPS", ",".join(entries))
    code, out, _ = run("policy")
    assert code == 0
    assert all("".join(entry.split()) in "".join(out.split()) for entry in entries)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def shows(text: str) -> bool:
    return not any(never_shows(c) and c != "\n" for c in text)


@pytest.mark.parametrize("era", ERAS)
async def test_every_tool_and_question(people: dict[str, str], program: Program, era: str) -> None:
    server = OktaActionsServer(program.door, program.connections, "tests")
    person = Person(DECLINE)
    info = Implementation(name="evil\x1b[2J\u202e\n> [x](http://e.example)", version="1\u200b")
    async with Client(server, mode=era, elicitation_callback=person, client_info=info) as client:
        found = await client.call_tool("search_users", {"words": "@hostile.example", "limit": 100})
        assert DATA in said(found)
        results = [found, await client.call_tool("search_groups", {"words": "Hostile"})]
        for id in list(people.values())[::2]:
            results.append(await client.call_tool("lookup_user", {"user_id": id}))
            results.append(await client.call_tool("deactivate_user", {"user_id": id}))
        results.append(await client.call_tool("suspend_user", {"user_id": next(iter(people.values()))}))
        results.append(await client.call_tool("list_changes", {}))
        for name in NAMES[::4]:
            results.append(await client.call_tool("lookup_group", {"group_id": name}))
        for result in results:
            assert shows(said(result)), said(result)
            assert all("\n" not in text and shows(text) for text in texts(result.structured_content))
            assert result.is_error or (result.structured_content or {})["note"] == DATA
        for id in list(people.values())[:5]:
            read = await client.read_resource(f"okta://users/{id}")
            assert all(shows(getattr(part, "text", "")) for part in read.contents)
    assert len(person.read) == len(list(people.values())[::2])
    for question in person.read:
        assert shows(question)
        assert "](" not in question.replace("\\](", "")
        assert not [line for line in question.split("\n") if line.startswith(("> ", "Do it?", "#", "|", "`"))]


async def test_a_name_that_a_model_reads_is_taken_back(people: dict[str, str], program: Program, org: Org) -> None:
    server = OktaActionsServer(program.door, program.connections, "tests")
    async with Client(server) as client:
        groups = (await call(client, "search_groups", words="Hostile"))["groups"]
        for group in groups:
            if len(group["name"]) <= 100:
                again = await client.call_tool("lookup_group", {"group_id": group["name"]})
                assert not again.is_error, said(again)
                assert (again.structured_content or {})["id"] == group["id"]


async def test_over_a_pipe(people: dict[str, str], connected: None) -> None:
    person = Person(DECLINE)
    async with over_stdio("legacy", person) as client:
        for id in list(people.values())[:6]:
            result = await client.call_tool("lookup_user", {"user_id": id})
            assert shows(said(result))
            await client.call_tool("deactivate_user", {"user_id": id})
    assert len(person.read) == 6
    assert all(map(shows, person.read))


def test_at_a_terminal(people: dict[str, str], connected: None) -> None:
    for name in WORST:
        id = people[name]
        with Terminal("call", "lookup_user", "--user-id", id) as terminal:
            assert terminal.end() == 0
        assert all(shows(line) for line in terminal.screen.replace("\r\n", "\n").split("\n"))
        with Terminal("call", "deactivate_user", "--user-id", id) as terminal:
            terminal.until("[y/N]")
            terminal.type("n\n")
            assert terminal.end() == 3
        screen = terminal.screen.replace("\r\n", "\n")
        assert all(map(shows, screen.split("\n")))
        assert not any(line.startswith("> ") for line in screen.split("\n"))
