"""Calls through the door, as a test makes them: said yes to, or refused; and what the journal has of them."""

import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio

from server.door.door import Call, Question, Refusal, Result
from server.journal.chain import Head, Row, rows
from server.journal.history import Recorded, read
from server.journal.retention import erase, traces
from server.journal.verifying import Verdict, verify
from server.policy.caller import Caller, Principal
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import Settings
from tools.okta.errors import ActionError

CALLER = Caller(Principal("tests", "tester"), "tests")
JANE = "jane.doe@example.com"


NEW = {"first_name": "New", "last_name": "Comer", "login": "new.comer@example.com", "email": "new.comer@example.com"}

# An action may have an argument of any name: what else a helper takes stands before the slash.


async def attempt(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> Any:
    """What comes of a call: a Result, a Refusal or a Question."""
    return await program.door.call(Call(caller, name, arguments))


async def run(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> dict[str, Any]:
    """The answer of an action that is expected to succeed without a question."""
    outcome = await attempt(program, name, caller, **arguments)
    assert isinstance(outcome, Result), outcome
    return outcome.content


async def confirmed(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> Result | Refusal:
    """What comes of a call in the end, with a yes to whatever it asks."""
    outcome = await attempt(program, name, caller, **arguments)
    while isinstance(outcome, Question):
        outcome = await program.door.call(Call(caller, name, arguments, outcome.accepted()))
    assert isinstance(outcome, Result | Refusal)
    return outcome


async def do(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> dict[str, Any]:
    """The answer of an action, with a yes to whatever it asks."""
    outcome = await confirmed(program, name, caller, **arguments)
    assert isinstance(outcome, Result), outcome
    return outcome.content


async def refuse(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> ActionError:
    """The error of an action that is expected to be refused, or to fail after a yes."""
    outcome = await confirmed(program, name, caller, **arguments)
    assert isinstance(outcome, Refusal), outcome
    return outcome.error


async def forbidden(program: Program, name: str, /, **arguments: Any) -> PolicyRefusal:
    """The refusal of a call that a rule forbids."""
    error = await refuse(program, name, **arguments)
    assert isinstance(error, PolicyRefusal), error
    return error


async def ask(program: Program, name: str, caller: Caller = CALLER, /, **arguments: Any) -> Question:
    """The question of an action that is expected to ask."""
    outcome = await attempt(program, name, caller, **arguments)
    assert isinstance(outcome, Question), outcome
    return outcome


async def pages(program: Program, name: str, /, **arguments: Any) -> AsyncIterator[dict[str, Any]]:
    """The pages of a list, by following its cursor."""
    page = await run(program, name, **arguments)
    yield page
    while cursor := page.get("next_cursor"):
        page = await run(program, name, **{**arguments, "cursor": cursor})
        yield page


async def entries(program: Program) -> list[Row]:
    """The whole journal."""
    return await program.recorder.read(lambda database, _: list(rows(database)))


async def journaled(program: Program) -> list[dict[str, Any]]:
    """The journal's entries, oldest first, with what is in them read."""
    return [{**row._asdict(), "body": body(row), "details": details(row)} for row in await entries(program)]


async def begun(program: Program) -> None:
    """Wait until a write is written down."""
    while not await entries(program):  # noqa: ASYNC110 - it may be another process that writes
        await anyio.sleep(0.01)


async def recorded(program: Program, change: int | str) -> Recorded:
    found = await program.recorder.read(lambda database, chain: read(database, chain, int(change)))
    assert found is not None
    return found


async def outcome_of(program: Program, change: int | str) -> str:
    return (await recorded(program, change)).outcome


async def verdict(program: Program, kept: Head | None = None) -> Verdict:
    return await program.recorder.read(lambda database, chain: verify(database, chain, kept))


async def erased(program: Program, person: str) -> list[int]:
    """Erase what tells of a person; the entries that did."""
    found = await program.recorder.read(lambda database, chain: traces(database, chain, person))
    return await program.recorder.run(lambda database, chain: erase(database, chain, found, CALLER))


def body(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.body)
    return found


def details(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.details or "{}")
    return found


def stored(settings: Settings) -> bytes:
    """What is in the store's files, read by another process: in this one only SQLite may open them."""
    files = [str(path) for path in settings.data_dir.iterdir() if path.name.startswith("store.db")]
    return subprocess.run(["cat", *files], capture_output=True, check=True).stdout


def tamper(store: Path, statement: str, *values: Any) -> None:
    """Change the store behind the program's back."""
    with sqlite3.connect(store, timeout=20) as opened:
        opened.execute(statement, values)
    opened.close()
