"""The entrance: accepts connections, and closes those that send no complete request in time.

uvicorn waits for a request's header for ever, and asyncio's own servers accept until no descriptor is left and then
log each further try. Anybody who reaches the port could stop the server with a few hundred silent connections.
"""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_WAITING = 64
"""Limit on connections without a complete header; the oldest is closed to admit the next."""
MOST_BODIES = 16
MOST_IDLE = 64
HEADER_SECONDS = 10.0
"""Timeout for a complete header, including the connection's TLS handshake."""
BODY_SECONDS = 30.0
"""Timeout for a request's body, which is one small MCP message."""
IDLE_SECONDS = 60.0
"""Timeout for a connection that is silent between two requests; uvicorn closes it earlier."""

_OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_RETRY_SECONDS = 0.1

logger = logging.getLogger(__name__)


class WaitingQueue:
    """Connections that have yet to send something: limited in time and in number."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._timers: dict[OpenConnection, asyncio.TimerHandle] = {}

    def enter(self, connection: "OpenConnection") -> None:
        """Start its timeout, if that is not running already."""
        if connection in self._timers:
            return
        if len(self._timers) >= self._most:
            self.drop_oldest()
        later = asyncio.get_running_loop().call_later
        self._timers[connection] = later(self._seconds, self._drop, connection)

    def leave(self, connection: "OpenConnection") -> None:
        if timer := self._timers.pop(connection, None):
            timer.cancel()

    def drop_oldest(self) -> None:
        if self._timers:
            self._drop(next(iter(self._timers)))

    def _drop(self, connection: "OpenConnection") -> None:
        self.leave(connection)
        connection.drop()


@dataclass(frozen=True)
class Rooms:
    """Where connections wait: for a whole header, for a whole body, and between two requests."""

    headers: WaitingQueue = field(default_factory=lambda: WaitingQueue(HEADER_SECONDS, MOST_WAITING))
    bodies: WaitingQueue = field(default_factory=lambda: WaitingQueue(BODY_SECONDS, MOST_BODIES))
    idle: WaitingQueue = field(default_factory=lambda: WaitingQueue(IDLE_SECONDS, MOST_IDLE))

    def put(self, connection: "OpenConnection", here: WaitingQueue | None) -> None:
        """Let a connection wait here and nowhere else."""
        for room in (self.headers, self.bodies, self.idle):
            if room is not here:
                room.leave(connection)
        if here is not None:
            here.enter(connection)


class OpenConnection(H11Protocol):
    """One client's connection, which reports when it has received a whole header and a whole body."""

    def __init__(self, rooms: Rooms, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._rooms = rooms
        self.admission: asyncio.Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        state = self.conn.their_state
        rooms = {h11.IDLE: self._rooms.headers, h11.SEND_BODY: self._rooms.bodies}
        self._rooms.put(self, rooms.get(state))

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            began = self.conn.trailing_data[0]
            self._rooms.put(self, self._rooms.headers if began else self._rooms.idle)

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()
        super().connection_lost(exc)

    def drop(self) -> None:
        """Close it now and discard unsent data."""
        if self.transport is not None:
            self.transport.abort()
        elif self.admission is not None:
            self.admission.cancel()

    def leave(self) -> None:
        """Stop waiting."""
        self._rooms.put(self, None)


class Entrance:
    """Accepts connections from the listeners: one per turn of the event loop, so that calls are not held up."""

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        headers: WaitingQueue,
        make: Callable[[], OpenConnection],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listeners = listeners
        self._headers = headers
        self._make = make
        self._tls = tls
        self._tasks = {asyncio.create_task(self._accept(listener)) for listener in listeners}

    def close(self) -> None:
        """Stop accepting."""
        for task in self._tasks:
            task.cancel()

    async def wait_closed(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        while True:
            try:
                accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    logger.warning("No connection can be accepted (%s); the oldest waiting one is closed.", error)
                    self._headers.drop_oldest()
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            connection = self._make()
            self._headers.enter(connection)
            connection.admission = asyncio.create_task(self._admit(accepted, connection))
            self._tasks.add(connection.admission)
            connection.admission.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0)

    async def _admit(self, accepted: socket.socket, connection: OpenConnection) -> None:
        timeout = HEADER_SECONDS if self._tls else None
        try:
            # A peer that is gone or speaks no TLS is not worth reporting.
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: connection, accepted, ssl=self._tls, ssl_handshake_timeout=timeout
                )
        finally:
            if connection.transport is None:
                connection.leave()
