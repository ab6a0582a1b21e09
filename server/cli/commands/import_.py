"""`okta-actions import`: takes in connections from elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.passphrases import passphrase
from server.cli.running import desk
from server.desk import connections
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from tools.okta.errors import InvalidInput


def command(
    file: Annotated[Path, typer.Argument(help="A file that export wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace connections of the same names.")] = False,
) -> None:
    """Take connections in from a file that export wrote.

    The passphrase is asked for, or taken from OKTA_ACTIONS_PASSPHRASE.
    """
    try:
        sealed = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.") from None
    secret = passphrase()
    who = at_the_command_line()
    made = desk(lambda program: connections.take_in(program, sealed, secret, who, replace=replace))
    note(f"Imported: {', '.join(connection.name for connection in made)}.")
    for connection in made:
        note(f"  {connection.named}")
