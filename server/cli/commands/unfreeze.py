"""`okta-actions unfreeze`: lets every process of the store go on."""

from typing import Annotated

import typer

from server.cli.running import desk
from server.desk import freezing
from server.media.terminal import note
from server.policy.caller import at_the_command_line


def command(
    reason: Annotated[str | None, typer.Option(help="Why; recorded in the journal.")] = None,
) -> None:
    """Let every process go on that freeze stopped."""
    lifted = desk(lambda program: freezing.unfreeze(program, at_the_command_line(), reason))
    note("Nothing was frozen." if lifted is None else f"Lifted. Until now: {lifted}")
