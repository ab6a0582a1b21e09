"""Limits the sessions of clients on revisions that have them: if there are too many, the longest unused one ends.

The SDK ends a session that was idle for long, and refuses new ones if there are too many. Clients that come and go
without closing theirs would lock out the next one until then.
"""

from collections import Counter, OrderedDict
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"mcp-session-id"


class Sessions:
    """Stands in front of the SDK's application and tracks its sessions."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._used: OrderedDict[bytes, None] = OrderedDict()
        """The ids, longest unused first."""
        self._busy: Counter[bytes] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        session = _session(scope)
        if session is None:
            await self._make_room(scope)
        elif session in self._used:
            self._used.move_to_end(session)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, session, message)
            await send(message)

        if session is not None:
            self._busy[session] += 1
        try:
            await self._app(scope, receive, watched)
        finally:
            if session is not None:
                self._busy[session] -= 1
                if not self._busy[session]:
                    del self._busy[session]

    def _note(self, scope: Scope, session: bytes | None, answer: Message) -> None:
        if session is None:
            if (made := _session(answer)) is not None and answer["status"] < 400:
                self._used[made] = None
        elif answer["status"] == 404 or (scope["method"] == "DELETE" and answer["status"] < 400):
            self._used.pop(session, None)

    async def _make_room(self, scope: Scope) -> None:
        """End unused sessions, as their clients should have, until there is room for one more."""
        for session in [one for one in self._used if one not in self._busy][: max(0, len(self._used) - self._most + 1)]:
            self._used.pop(session, None)
            await self._app({**scope, "method": "DELETE", "headers": [(HEADER, session)]}, _no_body, _nowhere)


def _session(headed: MutableMapping[str, Any]) -> bytes | None:
    found: bytes | None = next((value for name, value in headed.get("headers", ()) if name.lower() == HEADER), None)
    return found


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _nowhere(message: Message) -> None:
    """Discards an answer that nobody waits for."""
