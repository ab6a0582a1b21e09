"""Calling actions as a surface does, through the door."""

from collections.abc import AsyncIterator
from typing import Any

from server.door.door import Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program

CALLER = Caller(Principal("tests", "tester"), "tests")


async def run(program: Program, name: str, **arguments: Any) -> dict[str, Any]:
    """The answer of an action that is expected to succeed."""
    outcome = await program.door.call(CALLER, name, arguments)
    assert isinstance(outcome, Result), outcome
    return outcome.content


async def refuse(program: Program, name: str, **arguments: Any) -> Any:
    """The error of an action that is expected to be refused."""
    outcome = await program.door.call(CALLER, name, arguments)
    assert isinstance(outcome, Refusal), outcome
    return outcome.error


async def pages(program: Program, name: str, **arguments: Any) -> AsyncIterator[dict[str, Any]]:
    """The pages of a list, by following its cursor."""
    page = await run(program, name, **arguments)
    yield page
    while cursor := page.get("next_cursor"):
        page = await run(program, name, **arguments, cursor=cursor)
        yield page
