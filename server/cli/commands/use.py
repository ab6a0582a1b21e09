"""`okta-actions use`: chooses the default connection."""

from typing import Annotated

import typer

from server.cli.completing import connection_names
from server.cli.running import desk
from server.desk import connections
from server.media.terminal import note


def command(
    name: Annotated[str, typer.Argument(help="Name of a connection.", autocompletion=connection_names)],
) -> None:
    """Make a connection the default.

    Servers and chats that run keep the connection that they started with.
    """
    chosen = desk(lambda program: connections.use(program, name))
    note(f"{chosen.connection.named} is now the default connection.")
    note("Servers and chats that run keep the connection that they started with until they are restarted.")
    if chosen.overruled_by:
        note(f"Here OKTA_ACTIONS_CONNECTION={chosen.overruled_by} goes before the default.")
