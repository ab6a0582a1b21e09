"""Runs one action from the command line and shows its result; for a list all pages, on request."""

from typing import Any

import anyio

from server.cli.confirming import carry_out
from server.cli.options import Format
from server.cli.output import Shape, show_one, show_rows
from server.cli.revealing import at_this_terminal
from server.cli.showing import show, show_answer
from server.desk.forms import Form
from server.door.door import Call, Refusal, Result
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import Settings, load
from tools.okta.errors import ActionError, InvalidInput

MOST_PAGES = 10_000
"""Page limit for a list that never ends."""


def call(
    form: Form,
    arguments: dict[str, Any],
    shape: Shape,
    connection: str | None,
    reason: str | None,
    *,
    every: bool,
    reveal: bool = False,
) -> None:
    """Run the action to completion.

    Raises:
        ActionError: it was refused, or failed. typer.Exit: a person said no.
    """
    settings = load(connection=connection)
    if every:
        if "cursor" in arguments:
            raise InvalidInput("--all begins at the first page, and --cursor at another one.", code="contradiction")
        arguments = {"limit": _most(form), **arguments}
        content, notes = anyio.run(_all_pages, settings, form.action, arguments)
        for text in notes:
            note(f"Note: {text}")
        _show_list(content, shape, form, arguments)
        return
    to = at_this_terminal(form.reveals, shape) if reveal else None
    call = Call(at_the_command_line(), form.action, arguments, reason=reason, whole=True, reveal=to)
    result = carry_out(settings, call)
    if form.paged or form.effect == "read":
        for text in result.notes:
            note(f"Note: {text}")
        _show_list(result.content, shape, form, arguments)
    else:
        show_answer(result, shape)


def _most(form: Form) -> int:
    return next((int(one.maximum) for one in form.arguments if one.name == "limit" and one.maximum), 100)


def _show_list(content: dict[str, Any], shape: Shape, form: Form, arguments: dict[str, Any]) -> None:
    """The answer of a read. As rows it is its list, if it has one."""
    if shape.for_people:
        show(content)
        return
    rows = next((value for value in content.values() if _is_rows(value)), None) if form.paged else None
    if rows is None:
        show_one(content, shape, lambda: show(content))
        return
    if shape.format is Format.JSON and not shape.fields:
        show_one(content, shape, lambda: None)
        return
    show_rows(rows, _in_order(shape, arguments))
    if content.get("next_cursor"):
        note("There are more: --all has all of them.")


def _in_order(shape: Shape, arguments: dict[str, Any]) -> Shape:
    """The columns are the fields that an action was asked for."""
    return shape if shape.fields or "fields" not in arguments else Shape(shape.format)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


async def _all_pages(
    settings: Settings, name: str, arguments: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The first page, with the rows of all others added.

    Raises:
        ActionError: a page was refused, or failed.
    """
    whole: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    async with Program(settings) as program:
        for _ in range(MOST_PAGES):
            outcome = await program.door.call(Call(at_the_command_line(), name, arguments, whole=True))
            if isinstance(outcome, Refusal):
                raise outcome.error
            assert isinstance(outcome, Result)
            page = outcome.content
            if whole is None:
                whole, notes = page, outcome.notes
            else:
                for key, value in page.items():
                    if _is_rows(value):
                        whole[key] = [*whole.get(key, []), *value]
            cursor = page.get("next_cursor")
            whole.pop("next_cursor", None)
            if cursor is None:
                return whole, notes
            arguments = {**arguments, "cursor": cursor}
    raise ActionError(f"{name} has more than {MOST_PAGES} pages.", code="too_large")
