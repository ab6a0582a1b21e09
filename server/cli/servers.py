"""Which MCP server a model gets: this program's own, or another one."""

from typing import Annotated

import typer

from server.agent.opening import ChosenServer

McpUrl = Annotated[
    str | None, typer.Option("--url", help="An MCP server to use instead of this program's own.", metavar="URL")
]
McpCommand = Annotated[
    str | None, typer.Option("--command", help="A command that starts such a server over stdio.", metavar="COMMAND")
]


def server_of(url: str | None, command: str | None, connection: str | None) -> ChosenServer:
    """Raises BadParameter if the options contradict one another."""
    if sum(option is not None for option in (url, command, connection)) > 1:
        raise typer.BadParameter("Only one of --url, --command and --connection can be used.")
    return ChosenServer(url, command)
