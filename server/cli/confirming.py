"""Runs one action from a terminal to completion and asks the person there for confirmation."""

import os
import sys
from dataclasses import replace

import anyio
import typer

from server.cli.report import Exit
from server.door.door import Answer, Call, Question, Refusal, Result
from server.media import terminal
from server.media.terminal import note
from server.policy.caller import operating_system_user
from server.program import Program
from server.settings import Settings
from tools.okta.errors import ActionError, InvalidInput


def at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _terminal() -> str:
    """The terminal at which the answer is typed."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except (OSError, AttributeError, ValueError):
        return "a terminal"


def confirm(text: str) -> None:
    """Ask the person at the terminal; piped input is never an answer.

    Raises:
        InvalidInput: there is no terminal to ask at. typer.Exit: the person said no. typer.Abort: they pressed
            Ctrl-C.
    """
    if not at_a_terminal():
        raise InvalidInput(
            "Not done: a person must confirm this, and there is no terminal to ask at.",
            code="confirmation_required",
            next_step="Run it in a terminal.",
        )
    if not terminal.confirmed(text):
        note("Not done.")
        raise typer.Exit(Exit.DECLINED)


def carry_out(settings: Settings, call: Call, how: str = "terminal") -> Result:
    """Run an action and ask the person at the terminal as often as needed.

    Raises:
        ActionError: it was refused, or failed. typer.Abort: the person pressed Ctrl-C at the question.
    """
    # The person is asked between two runs of the loop, not inside one, where Ctrl-C would not reach the question.
    while isinstance(outcome := anyio.run(_called, settings, call), Question):
        if not at_a_terminal():
            raise nobody_to_ask(outcome, anyio.run(_kept, settings, outcome, call))
        by = f"{operating_system_user()} at {_terminal()}"
        try:
            answer = _answer(outcome, by, how)
        except typer.Abort:
            anyio.run(_called, settings, replace(call, answer=Answer(outcome.ticket, "cancelled", by, how)))
            raise
        call = replace(call, answer=answer)
    if isinstance(outcome, Refusal):
        raise outcome.error
    return outcome


def _answer(question: Question, by: str, how: str) -> Answer:
    """What the person at the terminal answers: yes or no, or what the question has them type."""
    parts = question.parts
    if not parts.prompt:
        yes = terminal.confirmed("Do it?", facts=parts.lines)
        return Answer(question.ticket, "accepted" if yes else "declined", by, how)
    typed = terminal.answered(parts.prompt, facts=parts.lines)
    return Answer(question.ticket, "accepted" if typed else "declined", by, how, typed=typed)


def shown_first(settings: Settings, call: Call, *, ask: bool) -> bool:
    """Show what an action would do. With `ask`, also ask whether to do it, unless the action asks by itself.

    Returns whether the person wants it.
    """
    told = carry_out(settings, replace(call, arguments={**call.arguments, "dry_run": True})).content
    if "would" not in told or (told["asks"] and ask):
        return True  # there is nothing to do, or the question shows it
    note(told["would"] + (" A person must confirm it." if told["asks"] else ""))
    return not ask or terminal.confirmed("Do it?")


async def _called(settings: Settings, call: Call) -> Result | Refusal | Question:
    async with Program(settings) as program:
        return await program.door.call(call)


async def _kept(settings: Settings, question: Question, call: Call) -> str | None:
    async with Program(settings) as program:
        return await program.door.keep_request(question, call)


def nobody_to_ask(question: Question, request: str | None) -> ActionError:
    """The refusal if there is no terminal; `request` is the call's id if it waits for approval."""
    if request is not None:
        return ActionError(
            f"Not done yet: a person must approve this. {question.line}",
            code="approval_required",
            next_step=f"Within five minutes, a person runs in a terminal: okta-actions approve {request}",
        )
    return ActionError(
        f"Not done: a person must confirm this, and there is no terminal to ask at. {question.line}",
        code="confirmation_required",
        next_step="Run it in a terminal.",
    )
