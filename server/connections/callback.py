"""The redirect address of a sign-in: one fixed loopback address (RFC 8252, section 7.3).

Okta matches redirect URIs exactly, so no other port can be used: a second sign-in waits for the first.
"""

import asyncio
import errno
import hmac
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from server.machine import loopback
from tools.okta.errors import ActionError, InvalidInput
from tools.okta.urls import is_loopback

RETRY_SECONDS = 0.3
NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


class SignInTimeout(ActionError):
    """Nobody came back from the browser, or another sign-in did not end."""

    code = "sign_in_timeout"


class Callback:
    """Listens for one sign-in's return. Use as an async context manager, then await `returned`."""

    def __init__(self, redirect_uri: str, timeout: float, waiting: Callable[[str], None]) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or not parts.hostname or not is_loopback(parts.hostname) or not parts.port:
            raise InvalidInput(
                "The redirect URI must be a loopback address with a port.",
                code="invalid_redirect_uri",
                next_step="Use http://localhost:8765/authorization-code/callback, and list exactly that in the app.",
            )
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._timeout = timeout
        self._ends = time.monotonic() + timeout
        self._waiting = waiting
        self._servers: list[ThreadingHTTPServer] = []
        self._state = ""
        self._returned: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> "Callback":
        told = False
        while True:
            try:
                self._servers = list(self._listen())
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise ActionError(
                        f"Port {self._port} cannot be opened to receive the sign-in: {error.strerror or error}.",
                        code="callback_port",
                        next_step="Use another port, in OKTA_ACTIONS_REDIRECT_URI and in the app.",
                    ) from None
                if time.monotonic() >= self._ends:
                    raise SignInTimeout(
                        f"Port {self._port} stayed in use, so it could not receive the sign-in.",
                        next_step="Finish the other sign-in, or stop the program that uses the port.",
                    ) from None
                if not told:
                    self._waiting(f"Another sign-in uses port {self._port}; waiting for it to end.")
                    told = True
                await asyncio.sleep(RETRY_SECONDS)
            else:
                break
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), name="callback", daemon=True).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            await asyncio.to_thread(server.shutdown)
            server.server_close()

    async def returned(self, state: str) -> dict[str, str]:
        """The parameters that come back with this state. Requests without it are refused.

        Raises:
            SignInTimeout: none came in time.
        """
        self._state = state
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + max(0.0, self._ends - time.monotonic())):
                return await self._returned
        except TimeoutError:
            raise SignInTimeout(
                f"Nobody signed in within {self._timeout:.0f} s; nothing was changed.", next_step="Connect again."
            ) from None

    def _listen(self) -> Iterator[ThreadingHTTPServer]:
        """One server for each address that the browser may resolve the host to."""
        handler = _handler(self._path, self._offer, asyncio.get_running_loop())
        hosts = loopback.BOTH if self._host == "localhost" else (self._host,)
        made: list[ThreadingHTTPServer] = []
        for host in hosts:
            kind = _IPv6Server if ip_address(host).version == 6 else _Server
            try:
                made.append(kind((host, self._port), handler))
            except OSError as error:
                if made and loopback.is_missing(error):
                    continue
                # A program listening there in our place would get the authorization code.
                for server in made:
                    server.server_close()
                raise
        yield from made

    def _offer(self, given: list[tuple[str, str]]) -> bool:
        """Accept the parameters if they have the state and are the first to arrive."""
        parameters = dict(given)
        if len(parameters) != len(given) or not self._state or self._returned.done():
            return False
        if not hmac.compare_digest(parameters.get("state", "").encode(), self._state.encode()):
            return False
        self._returned.set_result(parameters)
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Elsewhere this option would let another program listen on the same port.
    allow_reuse_address = os.name == "posix"


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


def _handler(
    path: str, offer: Callable[[list[tuple[str, str]]], bool], loop: asyncio.AbstractEventLoop
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != path:
                self._answer(404, "Nothing is here", "This address only receives sign-ins.")
                return
            given = parse_qsl(parts.query, keep_blank_values=True)

            async def hand_over() -> bool:
                return offer(given)

            if not asyncio.run_coroutine_threadsafe(hand_over(), loop).result(timeout=5):
                self._answer(400, "Not this sign-in", "No sign-in is waiting for it. Connect again.")
            elif any(name == "error" for name, _ in given):
                self._answer(200, "Not signed in", "Okta refused. The terminal says why. You can close this page.")
            else:
                self._answer(
                    200,
                    "Signed in",
                    "You can close this page. The terminal shows the result.",
                )

        def _answer(self, status: int, title: str, text: str) -> None:
            head = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>"
            page = f"{head}<h1>{escape(title)}</h1><p>{escape(text)}"
            self.send_response(status)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
            self.send_header("referrer-policy", "no-referrer")
            self.send_header("cache-control", "no-store")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: the request line holds the authorization code."""

        def version_string(self) -> str:
            return "okta-actions"

    return Handler
