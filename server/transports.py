"""Serving MCP over stdio and Streamable HTTP: both end cleanly, and HTTP admits only who holds the token."""

import hmac
import os
import signal
import sys

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from server.mcp_server import OktaActionsServer
from tools.okta.errors import InvalidInput
from tools.okta.urls import is_loopback

PATH = "/mcp"


async def serve_stdio(server: OktaActionsServer) -> None:
    """Serve until the client closes our input, or a signal arrives."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, tasks.cancel_scope)
        await server.run_stdio_async()
        tasks.cancel_scope.cancel()


async def _stop_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
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


async def serve_http(server: OktaActionsServer, host: str, port: int, token: str | None) -> None:
    """Serve until a signal arrives. Without a token only loopback is served.

    Raises:
        InvalidInput: the address can be reached from other machines and there is no token.
    """
    import uvicorn

    if token is None and not is_loopback(host):
        raise InvalidInput(
            f"Not started: {host} can be reached from other machines, and --no-auth lets anybody in.",
            next_step="Leave out --no-auth, or serve on 127.0.0.1.",
        )
    app: ASGIApp = server.streamable_http_app(streamable_http_path=PATH, host=host)
    if token is not None:
        app = BearerToken(app, token)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    # uvicorn stops on these two and then raises them again, which would end the process with an error code.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    await uvicorn.Server(config).serve()
