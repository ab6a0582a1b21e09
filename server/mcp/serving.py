"""The MCP server of a process that clients come back to: any process of the same store can open what it seals."""

from typing import Any

from server.mcp.request_state import SharedState
from server.mcp.server import OktaActionsServer
from server.program import Program


def server_of(program: Program, surface: str, allowed: list[str], **more: Any) -> OktaActionsServer:
    """The server in front of a program's door; `allowed` are the connections it may use; for `more` see its class."""
    return OktaActionsServer(
        program.door, program.connections, surface, SharedState(program.store), allowed=allowed, **more
    )
