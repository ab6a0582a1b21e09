"""`okta-actions export`: writes connections to a file, to move them elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.completing import connection_names
from server.cli.passphrases import passphrase
from server.cli.running import desk
from server.desk import connections
from server.desk.files import write_new
from server.media.terminal import note


def command(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    name: Annotated[
        str | None,
        typer.Option(help="One connection. [default: all of them]", metavar="NAME", autocompletion=connection_names),
    ] = None,
) -> None:
    """Write connections to a file that only its passphrase opens.

    The passphrase is asked for, or taken from OKTA_ACTIONS_PASSPHRASE.
    """
    chosen = desk(lambda program: connections.exported(program, name))
    secret = passphrase(twice=True)
    write_new(file, [desk(lambda program: connections.export(program, name, secret))])
    note(f"Exported to {file}: {', '.join(one.named for one in chosen)}.")
    note("Use a connection on one machine only: a refresh on one ends the other's.")
