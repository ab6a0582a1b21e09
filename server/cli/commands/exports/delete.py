"""`okta-actions exports delete`."""

from typing import Annotated

import typer

from server.cli.running import desk
from server.desk import exports
from server.media.terminal import note


def command(
    id: Annotated[str | None, typer.Argument(help="The export's id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every export that is kept here.")] = False,
) -> None:
    """Delete an export before its day is over."""
    if (id is None) is not everything:
        raise typer.BadParameter("Name one export, or give --all.", param_hint="ID")
    if id is None:
        note(f"{desk(exports.delete_all)} exports were deleted.")
        return
    desk(lambda program: exports.delete(program, id))
    note(f"The export {id} was deleted.")
