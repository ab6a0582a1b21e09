"""`okta-actions disconnect`: ends connections, at Okta too."""

from typing import Annotated

import typer

from server.cli.completing import connection_names
from server.cli.confirming import at_a_terminal
from server.cli.report import Exit
from server.cli.running import desk
from server.cli.words import REPLACED
from server.desk import connections, http_token
from server.desk.connections import ConnectionShown
from server.media import terminal
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from server.program import Program
from tools.okta.errors import InvalidInput


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names of connections. [default: the default one]", autocompletion=connection_names),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every connection.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Forget the tokens even if Okta cannot be reached to revoke them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Revoke the tokens at Okta, then forget them.

    It says which connections, orgs and identities it is about and asks; without a terminal it needs --yes. A name that
    does not exist refuses all of it. If Okta cannot be reached nothing is forgotten, so that it can be tried again;
    --force forgets all the same.
    """
    ending = desk(lambda program: connections.to_end(program, names or [], everything=everything))
    if not yes:
        _ask(ending, force=force)

    async def leave(program: Program) -> None:
        if everything and (await http_token.rotate(program, at_the_command_line())).replaced:
            note(REPLACED)
        for one in ending:
            ended = await connections.disconnect(program, one, at_the_command_line(), force=force)
            done = "revoked and forgotten" if ended.revoked else "forgotten, and not revoked at Okta"
            note(f"Disconnected {one.named}: the tokens are {done}.")

    desk(leave)


def _ask(ending: list[ConnectionShown], *, force: bool) -> None:
    if not at_a_terminal():
        raise InvalidInput(
            f"Not disconnected: {'; '.join(one.named for one in ending)}. There is no terminal to ask at.",
            code="confirmation_required",
            next_step="Run it in a terminal, or add --yes.",
        )
    what = "forgotten, whether Okta revokes them or not" if force else "revoked at Okta and forgotten"
    note("To be disconnected:")
    for connection in ending:
        note(f"  {connection.named}")
    if not terminal.confirmed(f"Their tokens are {what}. Go on?"):
        note("Nothing was disconnected.")
        raise typer.Exit(Exit.DECLINED)
