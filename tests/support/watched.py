"""A sandbox that remembers which requests came over the wire, as they were sent."""

from typing import Any
from urllib.parse import parse_qsl

from server.sandbox import story
from server.sandbox.running import RunningSandbox


class WatchedSandbox(RunningSandbox):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        story.forget(self.org)  # it is written when the log is first read, which no read of an action may seem to do
        self.requests: list[tuple[str, str]] = []
        """Method, and path with its query, still encoded."""
        self.ports: list[int] = []
        """The client's port of each request, which tells its connection."""
        self.forms: list[tuple[str, dict[str, str]]] = []
        """Path, and fields of each form that the authorization server was sent."""
        app: Any = self._server.config.app

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                query = scope["query_string"].decode()
                path = scope["raw_path"].decode()
                self.requests.append((scope["method"], f"{path}?{query}" if query else path))
                self.ports.append(scope["client"][1])
                if scope["method"] == "POST" and path.startswith("/oauth2/v1/"):
                    receive = await self._read(path, receive)
            await app(scope, receive, send)

        self._server.config.app = watched

    async def _read(self, path: str, receive: Any) -> Any:
        """Note a form, and give it on."""
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        sent = b"".join(message.get("body", b"") for message in messages)
        self.forms.append((path, dict(parse_qsl(sent.decode()))))

        async def again() -> Any:
            return messages.pop(0) if messages else await receive()

        return again

    def asked_for(self, path: str = "/oauth2/v1/token") -> list[str]:
        """The `scope` of each form that was sent there, and none where it had none."""
        return [form.get("scope", "") for where, form in self.forms if where == path]

    def changes(self) -> int:
        """How many events of changes the org's log has: a push that asks who somebody is changes nothing, nor does a
        new access token."""
        row = self.org.database.one(
            "SELECT count(*) AS events FROM events WHERE json_extract(event, '$.eventType') NOT IN "
            "('system.push.send_factor_verify_push', 'user.authentication.auth_via_mfa') "
            "AND json_extract(event, '$.eventType') NOT LIKE 'app.oauth2.token.grant%'"
        )
        assert row is not None
        return int(row["events"])
