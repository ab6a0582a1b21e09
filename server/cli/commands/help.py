"""`okta-actions help`: the same as --help, for people who know it from git."""

from typing import Annotated, Any

import typer

from server.media.terminal import say


def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="A command, such as journal list.")
    ] = None,
) -> None:
    """Show the help of a command.

    Without a command, the list of commands.
    """
    here: Any = ctx.find_root()
    for word in words or ():
        group = here.command
        if not hasattr(group, "resolve_command"):
            break
        _, found, _ = group.resolve_command(here, [word])
        here = type(here)(found, info_name=word, parent=here)
    say(*here.command.get_help(here).split("\n"), whole=True)
