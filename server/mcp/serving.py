"""The MCP server of a process that clients come back to: any process of the same store can open what it seals."""

from collections.abc import Sequence
from typing import Any

from mcp.server.context import ServerMiddleware

from server.mcp.greeting import Greeting
from server.mcp.request_state import SharedState
from server.mcp.server import OktaActionsServer
from server.program import Program


def server_of(
    program: Program,
    surface: str,
    allowed: list[str],
    *,
    middleware: Sequence[ServerMiddleware[Any]] = (),
    **more: Any,
) -> OktaActionsServer:
    """The server in front of a program's door; `allowed` are the connections it may use; for `more` see its class."""
    return OktaActionsServer(
        program.door,
        program.connections,
        surface,
        SharedState(program.store),
        middleware=[*middleware, Greeting(program.warmth, allowed)],
        allowed=allowed,
        **more,
    )
