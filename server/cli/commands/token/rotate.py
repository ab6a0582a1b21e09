"""`okta-actions token rotate`."""

from server.cli.running import desk
from server.cli.words import REPLACED
from server.desk import http_token
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load


def command() -> None:
    """Replace the token.

    A server that runs takes the new one at once and refuses the old one. Every client needs the new one in its
    configuration.
    """
    http_token.check_shared(load())

    async def replace(program: Program) -> None:
        if not (await http_token.rotate(program, at_the_command_line())).replaced:
            await http_token.show(program)

    desk(replace)
    note(REPLACED)
