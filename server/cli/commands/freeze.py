"""`okta-actions freeze`: stops every process of the store."""

from typing import Annotated

import typer

from server.cli.running import desk
from server.desk import freezing
from server.media.terminal import note
from server.policy.caller import at_the_command_line


def command(
    reads: Annotated[bool, typer.Option("--reads", help="Stop reads, too.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why, such as a ticket's number; every refusal says it.")] = None,
) -> None:
    """Stop all writes, in every process that uses this store.

    Running servers stop within two seconds. Changes that wait for approval and undos are refused, too. The journal
    records who froze the server, when and why.
    """
    frozen = desk(lambda program: freezing.freeze(program, at_the_command_line(), reason, reads=reads))
    note(f"Frozen: {frozen}", "To lift it, run: okta-actions unfreeze")
