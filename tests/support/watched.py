"""A sandbox that remembers which requests came over the wire, as they were sent."""

from typing import Any

from server.sandbox.running import RunningSandbox


class WatchedSandbox(RunningSandbox):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.requests: list[tuple[str, str]] = []
        """Method, and path with its query, still encoded."""
        app: Any = self._server.config.app

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                query = scope["query_string"].decode()
                path = scope["raw_path"].decode()
                self.requests.append((scope["method"], f"{path}?{query}" if query else path))
            await app(scope, receive, send)

        self._server.config.app = watched

    def changes(self) -> int:
        """How many events the org's log has."""
        row = self.org.database.one("SELECT count(*) AS events FROM events")
        assert row is not None
        return int(row["events"])
