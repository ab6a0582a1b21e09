"""Serves MCP over Streamable HTTP until a signal arrives."""

import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from server.http.addresses import Address, listeners
from server.http.admission import Admission
from server.http.entrance import Entrance, OpenConnection, Rooms
from server.http.sessions import Sessions
from server.mcp.server import OktaActionsServer
from tools.contract.validation import MOST_BYTES

PATH = "/mcp"
SESSION_SECONDS = 30 * 60.0
"""Timeout for a silent session, in revisions that have sessions; a client opens another one by itself."""
MOST_SESSIONS = 500
"""Limit on sessions, after which the longest unused one ends for the next; each takes some 40 KB."""
OTHER_DESCRIPTORS = 64
LARGEST_BODY = 16 * MOST_BYTES
"""The largest arguments of a call, with every character escaped, and its envelope."""


class Server(uvicorn.Server):
    """uvicorn with our own entrance."""

    def __init__(
        self,
        config: uvicorn.Config,
        opened: Sequence[socket.socket],
        tls: ssl.SSLContext | None = None,
        rooms: Rooms | None = None,
    ) -> None:
        super().__init__(config)
        self._opened = opened
        self._tls = tls
        self._rooms = rooms or Rooms()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            raise RuntimeError("The application did not start.")
        self.servers = [Entrance(self._opened, self._rooms.headers, self._connection, self._tls)]  # type: ignore[list-item]
        self.started = True

    def _connection(self) -> OpenConnection:
        return OpenConnection(
            self._rooms,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )


async def serve_http(
    server: OktaActionsServer,
    address: Address,
    token: Callable[[], Awaitable[str]] | None,
    started: Callable[[], None],
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve until a signal arrives; `started` is called once clients can connect.

    Raises:
        InvalidInput: the port is taken.
    """
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=LARGEST_BODY,
        session_idle_timeout=SESSION_SECONDS,
        max_sessions=2 * MOST_SESSIONS,
        # Host and Origin are checked earlier, whatever the address.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    config = uvicorn.Config(
        Admission(Sessions(app, MOST_SESSIONS), address, token),
        http=OpenConnection,
        ws="none",
        proxy_headers=False,
        server_header=False,
        log_config=None,
        access_log=False,
        limit_concurrency=_most_connections(),
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    # uvicorn stops on these two and then raises them again, which would end the process with an error code.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    opened = listeners(address.host, address.port)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(partial(Server(config, opened, tls).serve, sockets=opened))
        started()


def _most_connections() -> int:
    """Connection limit that leaves enough descriptors for the store and the connections to Okta."""
    try:
        import resource
    except ImportError:
        return 448  # Windows
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 4096 if most == resource.RLIM_INFINITY else max(most // 2, min(4096, most - OTHER_DESCRIPTORS))
