"""Every write on the command line, by a person at a pseudo-terminal, or with nobody there."""

import json
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from mcp import Client

from connected_org import Org
from ledger import NEW, journaled
from server.mcp.server import OktaActionsServer
from server.program import Program
from server.settings import load
from surface import COMMAND, environment, refused, said
from terminal import Terminal
from worlds import Arguments, Ready, ready, write_names

every_write = pytest.mark.parametrize("name", write_names())


def options(arguments: Arguments) -> Iterator[str]:
    for name, value in arguments.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            yield option if value else f"--no-{option[2:]}"
        elif isinstance(value, dict):
            yield from (f"{option}={key}={one}" for key, one in value.items())
        else:
            yield from (f"{option}={one}" for one in (value if isinstance(value, list) else [value]))


def prepared(name: str, org: Org) -> tuple[Ready, list[str]]:
    """A write, and its command line."""
    write = anyio.run(ready, name, org)
    return write, ["call", name, *options(write.arguments)]


def entries() -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        async with Program(load()) as program:
            return await journaled(program)

    return anyio.run(read)


@pytest.fixture(autouse=True)
def _every_write_asks(connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CONFIRM", "destructive,escalation,write")


@every_write
def test_a_yes_at_the_terminal_does_it(org: Org, name: str) -> None:
    write, command = prepared(name, org)
    log, journal = org.events(), entries()
    with Terminal(*command) as terminal:
        assert write.text in terminal.asked()
        assert org.events() == log
        terminal.agree()
        assert terminal.end() == 0
    assert org.events()[len(log) :].count(write.world.event) == 1
    intent, outcome = entries()[len(journal) :]
    assert (intent["kind"], outcome["kind"]) == ("intent", "done")
    assert intent["body"]["by"]["surface"] == "command line"
    assert intent["body"]["confirmation"]["how"] == "terminal"


@every_write
def test_a_no_and_a_ctrl_c_at_the_terminal_do_nothing(org: Org, name: str) -> None:
    _, command = prepared(name, org)
    log, journal = org.events(), entries()
    for typed, code in (("\n", 3), ("\x03", 130)):
        with Terminal(*command) as terminal:
            terminal.asked()
            terminal.type(typed)
            assert terminal.end() == code
            assert "Traceback" not in terminal.screen
    assert org.events() == log
    written = [(entry["kind"], entry["body"]["by"]["surface"]) for entry in entries()[len(journal) :]]
    assert written == [("declined", "command line"), ("cancelled", "command line")]


@every_write
def test_without_a_terminal_it_is_not_done_and_a_dry_run_only_tells(org: Org, name: str) -> None:
    write, command = prepared(name, org)
    log, journal = org.events(), entries()
    failed = run(*command, input="y\n")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "no terminal to ask at" in failed.stderr
    assert write.text in failed.stderr
    told = run(*command, "--dry-run", "--json")
    assert told.returncode == 0
    answer = json.loads(told.stdout)
    assert (answer["changed"], answer["dry_run"]) == (False, True)
    assert write.text in answer["would"]
    assert answer["asks"] is True
    assert org.events() == log
    # That it was asked, and that nobody could be shown it, is written down once.
    assert [entry["kind"] for entry in entries()[len(journal) :]] == ["not_shown"]


def run(*arguments: str, input: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment(), input=input, capture_output=True, text=True, timeout=60
    )


def test_a_command_that_a_refusal_names_does_what_was_refused(org: Org) -> None:
    """What a client that cannot ask is told to let a person run is the same call."""
    wanted = {**NEW, "group_ids": ["Legal", "VPN Users"], "send_email": False, "title": "It's “the” $HOME"}
    wanted["attributes"] = {"nickName": "N=1; ls", "cost_center": "7"}

    async def refusal() -> str:
        async with Program(load()) as program:
            server = OktaActionsServer(program.door, program.connections, "memory")
            async with Client(server) as client:
                return said(await refused(client, "create_user", **wanted))

    command = anyio.run(refusal).rpartition("let a person run: okta-actions ")[2]
    with Terminal(*shlex.split(command)) as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    made = org.user(NEW["login"])
    assert made["status"] == "PROVISIONED"
    assert (made["profile"]["title"], made["profile"]["nickName"]) == (wanted["title"], "N=1; ls")
    assert made["profile"]["costCenter"] == "7"
    assert {"Legal", "VPN Users"} <= org.groups_of(NEW["login"])
