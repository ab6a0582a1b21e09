"""Serving MCP over stdio and Streamable HTTP: both end cleanly, and HTTP admits only who holds the token."""

import hmac
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from server.mcp_server import OktaActionsServer
from server.standard_input import HeldInput
from tools.okta.errors import InvalidInput
from tools.okta.urls import is_loopback

PATH = "/mcp"


async def serve_stdio(server: OktaActionsServer, held: HeldInput) -> None:
    """Serve until the client closes our input, or a signal arrives. `held` is a middleware of the server."""
    held.install()
    async with anyio.create_task_group() as tasks:

        async def stop() -> None:
            await a_signal()
            tasks.cancel_scope.cancel()

        tasks.start_soon(stop)
        await server.run_stdio_async()
        tasks.cancel_scope.cancel()


async def a_signal() -> None:
    """Wait until this process is asked to end: by Ctrl-C or SIGTERM."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            return


def leave() -> None:
    """End the process now, successfully: a thread may still be blocked reading an input that nobody will close."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


class BearerToken:
    """Admits requests that carry the token (RFC 6750); any local program could otherwise administer the org."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._admits(scope):
            body = b'{"error":"invalid_token","error_description":"Send the token that okta-actions printed."}'
            headers = [(b"www-authenticate", b'Bearer realm="okta-actions"'), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def require_authentication(host: str, authenticate: bool) -> None:
    """Raise InvalidInput where other machines could come in without a token."""
    if not authenticate and not is_loopback(host):
        raise InvalidInput(
            f"Not started: {host} can be reached from other machines, and --no-auth lets anybody in.",
            next_step="Leave out --no-auth, or serve on 127.0.0.1.",
        )


async def serve_http(
    server: OktaActionsServer, host: str, port: int, token: str | None, started: Callable[[], None]
) -> None:
    """Serve until a signal arrives; `started` is called once clients can come.

    Raises:
        InvalidInput: the port is taken.
    """
    import uvicorn

    require_authentication(host, token is not None)
    app: ASGIApp = server.streamable_http_app(streamable_http_path=PATH, host=host)
    if token is not None:
        app = BearerToken(app, token)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    # uvicorn stops on these two and then raises them again, which would end the process with an error code.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    listener = _listen(host, port)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(uvicorn.Server(config).serve, sockets=[listener]))
        started()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it answers wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"Port {port} of {host} cannot be used: {error.strerror}.",
            code="port_taken",
            next_step="Stop the program that uses it, or choose another with --port.",
        ) from None
    return listener
