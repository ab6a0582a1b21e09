"""Tells from a client's messages that it begins to work, so that its first call need not wait for what can be ready."""

from collections.abc import Sequence
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

from server.connections.warmth import Warmth

FIRST = frozenset({"initialize", "server/discover", "tools/list"})
"""What clients begin with, in any revision of the protocol."""


class Greeting:
    """A middleware of the server."""

    def __init__(self, warmth: Warmth, names: Sequence[str]) -> None:
        """`names`: the connections that calls may choose from; none is the default one alone."""
        self._warmth = warmth
        self._names = names

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        with self._warmth.message(self._names, first=ctx.method in FIRST):
            return await call_next(ctx)
