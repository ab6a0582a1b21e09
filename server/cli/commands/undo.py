"""`okta-actions undo`: takes a change back."""

from typing import Annotated

import anyio
import typer

from server.cli.confirming import at_a_terminal, carry_out, shown_first
from server.cli.options import AsJson, ConnectionName
from server.cli.output import Shape
from server.cli.report import Exit
from server.cli.showing import show_answer
from server.door.door import Call, Refusal, Result
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import Settings, load
from tools.okta.errors import InvalidInput, NotFound


def command(
    change: Annotated[
        str | None, typer.Argument(help="Id of a change. [default, at a terminal: the newest that can be undone]")
    ] = None,
    connection: ConnectionName = None,
    reason: Annotated[str | None, typer.Option(help="Why it is undone; recorded with it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
    as_json: AsJson = False,
) -> None:
    """Undo a change that was made through okta-actions.

    At a terminal it says what it will do and asks. Without one the change must be named, and it is refused where the
    rules want a person's yes. It is refused too, with the reason, where a change cannot be reversed, or where somebody
    changed the same since.
    """
    settings = load(connection=connection)
    if change is None:
        if not at_a_terminal():
            raise InvalidInput("Say which change to undo.", next_step="okta-actions journal list shows them.")
        change = anyio.run(_newest, settings)
    # An id is easily mistyped, so a person who can be asked is shown first which change it is.
    ask = at_a_terminal() and not dry_run
    undo = Call(at_the_command_line(), "undo_change", {"change_id": change}, reason=reason)
    if not shown_first(settings, undo, ask=ask):
        raise typer.Exit(Exit.DECLINED)
    if not dry_run:
        show_answer(carry_out(settings, undo), Shape.of(as_json))


async def _newest(settings: Settings) -> str:
    """The newest change that can be undone."""
    async with Program(settings) as program:
        cursor: str | None = None
        while True:
            call = Call(at_the_command_line(), "list_changes", {"limit": 100, "cursor": cursor}, whole=True)
            page = await program.door.call(call)
            if isinstance(page, Refusal):
                raise page.error
            assert isinstance(page, Result)
            for one in page.content["changes"]:
                # Nobody means an undo by the last thing that was done.
                if one["undoable"] and "undoes" not in one:
                    return str(one["id"])
            cursor = page.content.get("next_cursor")
            if cursor is None:
                raise NotFound("There is no change that can be undone.", next_step="See: okta-actions journal list")
