"""`okta-actions journal export`."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.running import desk
from server.desk.retention import export
from server.media.terminal import note


def command(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Write every entry to a file as JSON Lines.

    `okta-actions journal verify --file` verifies it.
    """
    done = desk(lambda program: export(program, file))
    note(f"{done.entries} entries exported to {file}.")
