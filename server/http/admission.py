"""Admits requests that are sent to one of our names, carry the token, and come from no other site's page."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from server.http.addresses import Address
from server.media.json_text import in_json
from tools.okta.errors import ActionError
from tools.text.lines import short_name

UNKNOWN_PATHS = ("/.well-known/", "/authorize", "/token", "/register", "/revoke")
"""Where clients look for an authorization server (RFC 8414, RFC 9728, MCP 2025-03-26); there is none."""


@dataclass(frozen=True)
class Refused:
    status: int
    error: str
    description: str
    challenge: bool = False


_NO_TOKEN = Refused(
    401,
    "invalid_token",
    "Send the server's token as “Authorization: Bearer TOKEN”; “okta-actions token show” prints it on its machine.",
    challenge=True,
)
_NOTHING_THERE = Refused(
    404,
    "not_found",
    "This server has no authorization server. It takes a fixed bearer token, which “okta-actions token show” prints.",
)


class Admission:
    """Stands in front of the whole application. A refused client is told why, and its connection is closed.

    `token` returns the current token; without it, anybody who reaches the address is admitted (RFC 6750).
    """

    def __init__(self, app: ASGIApp, address: Address, token: Callable[[], Awaitable[str]] | None) -> None:
        self._app = app
        self._address = address
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refused := await self._refused(scope)) is not None:
            await _answer(refused, send)
        else:
            await self._app(scope, receive, send)

    async def _refused(self, scope: Scope) -> Refused | None:
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        if len(hosts) != 1 or not self._address.admits(hosts[0].decode("latin-1")):
            return self._misdirected(hosts)
        if len(origins) > 1 or any(not self._is_ours(origin.decode("latin-1")) for origin in origins):
            return Refused(
                403,
                "forbidden_origin",
                f"A page of {_shown(origins)} may not call this server. Call it from a program, or from a page of "
                f"{self._address.described()}; --allow-host NAME adds a name.",
            )
        if any(known in scope["path"] for known in UNKNOWN_PATHS):
            return _NOTHING_THERE
        if self._token is None:
            return None
        try:
            expected = (await self._token()).encode()
        except ActionError as error:
            return Refused(503, "unavailable", str(error).replace("\n", " "))
        given = headers.get(b"authorization", [])
        if len(given) != 1:
            return _NO_TOKEN
        scheme, _, token = given[0].partition(b" ")
        # Schemes are case-insensitive (RFC 9110, section 11.1).
        admitted = scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(b" "), expected)
        return None if admitted else _NO_TOKEN

    def _is_ours(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and self._address.admits(origin.removeprefix(f"{parts.scheme}://"))

    def _misdirected(self, hosts: list[bytes]) -> Refused:
        return Refused(
            421,
            "misdirected_request",
            f"This server is not {_shown(hosts)}. Call it by {self._address.described()}; if the other name is also "
            "its own, start it with --allow-host NAME.",
        )


def _shown(values: list[bytes]) -> str:
    """A header's value, as far as it can be shown."""
    name = short_name(b", ".join(values)[:200].decode("latin-1"))
    return f"“{name}”" if name else "without a name"


async def _answer(refused: Refused, send: Send) -> None:
    body = in_json({"error": refused.error, "error_description": refused.description}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        # A client without the token may not keep its connection.
        (b"connection", b"close"),
    ]
    if refused.challenge:
        headers.append((b"www-authenticate", b'Bearer realm="okta-actions"'))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
