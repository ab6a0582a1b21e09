"""`okta-actions journal seal`."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.confirming import confirm
from server.cli.running import desk
from server.desk import retention
from server.media.terminal import note, say
from server.policy.caller import at_the_command_line


def command(
    file: Annotated[Path, typer.Argument(help="The file that the old entries go to; it must not exist.")],
    days: Annotated[int, typer.Option(min=0, help="How many days to keep here.")] = 365,
) -> None:
    """Move old entries to a file.

    What remains can still be verified, and so can the file. Asks first.
    """
    segment = desk(lambda program: retention.sealable(program, days, file))
    if segment is None:
        note(f"No entries are older than {days} days, or they belong to changes that are not settled.")
        return
    confirm(
        f"Move entries {segment.first} to {segment.last} to {file}? They are removed from the "
        "journal, and cannot be listed or undone any more."
    )
    sealed = desk(lambda program: retention.seal(program, segment, file, at_the_command_line()))
    note(f"{sealed.entries} entries were sealed into {file}. Keep it: okta-actions journal verify looks for it there.")
    say(f"Head: {sealed.head}", whole=True)
