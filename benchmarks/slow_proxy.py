"""An org that is far away: a proxy before one on this machine, which delays every request and writes down when it came.

Round trips are counted from that record, and not from how long a call took: they are the longest chain of requests of
which each was sent after the one before it had been answered. What the machine does meanwhile does not count.
"""

import asyncio
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

DELAY = 0.05
"""Seconds that a request takes. More than what the machine needs between two requests that do not wait for each other,
or they are taken for a chain; Okta's own 150 ms would make no other counts, and take three times as long."""
HANDSHAKES = 2
"""Round trips before the first request on a new connection: TCP and TLS 1.3."""


@dataclass(frozen=True)
class Request:
    """A request as the proxy saw it. Times are in seconds of `time.perf_counter`."""

    method: str
    path: str
    """With its query, still encoded."""
    came: float
    ended: float
    handshakes: int
    """Round trips for which it waited before it could be sent, because its connection was new."""


@dataclass(frozen=True)
class Placed:
    """A request, and the round trips until it was answered: without handshakes, and with them."""

    request: Request
    depth: int
    depth_connecting: int


@dataclass(frozen=True)
class Chain:
    """The requests of one call, in the order in which they came."""

    placed: tuple[Placed, ...]

    @property
    def requests(self) -> int:
        return len(self.placed)

    @property
    def round_trips(self) -> int:
        """Requests one after the other."""
        return max((one.depth for one in self.placed), default=0)

    @property
    def connecting(self) -> int:
        """Round trips that new connections add."""
        return max((one.depth_connecting for one in self.placed), default=0) - self.round_trips


def chain(requests: Iterable[Request]) -> Chain:
    """Of each request, how many were answered one after the other until it was."""
    placed: list[Placed] = []
    for request in sorted(requests, key=lambda one: one.came):
        before = [one for one in placed if one.request.ended <= request.came]
        depth = 1 + max((one.depth for one in before), default=0)
        connecting = 1 + request.handshakes + max((one.depth_connecting for one in before), default=0)
        placed.append(Placed(request, depth, connecting))
    return Chain(tuple(placed))


class SlowProxy:
    """Listens on a loopback port in a thread of its own, and hands on to the org at `url`. The org sees the proxy's
    address as its own, since it takes that from the Host header."""

    def __init__(self, url: str, delay: float = DELAY) -> None:
        parts = urlsplit(url)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self.delay = delay
        self._record: list[Request] = []
        self._under_way = 0
        self._last = 0.0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="slow proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = listening.result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def quiet(self) -> None:
        """Wait until nothing has been under way for the time of a round trip."""
        while self._under_way or time.perf_counter() - self._last < self.delay:  # noqa: ASYNC110 - of another thread
            await asyncio.sleep(self.delay / 5)

    def between(self, began: float, ended: float) -> Sequence[Request]:
        """The requests that were under way in this time and answered by its end."""
        return [one for one in self._record if one.ended > began and one.ended <= ended]

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, with one request after the other."""
        usable = time.perf_counter() + HANDSHAKES * self.delay
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                came = time.perf_counter()
                self._under_way += 1
                try:
                    body = await reader.readexactly(_length(head))
                    waits = max(0.0, usable - came)
                    await asyncio.sleep(waits + self.delay)
                    answer = await self._handed_on(head, body)
                    method, path, _ = head.split(b" ", 2)
                    self._last = time.perf_counter()  # before the client can know, so that its next one comes later
                    self._record.append(
                        Request(method.decode(), path.decode(), came, self._last, round(waits / self.delay))
                    )
                finally:
                    self._under_way -= 1
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has closed the connection
        finally:
            writer.close()

    async def _handed_on(self, head: bytes, body: bytes) -> bytes:
        """The org's whole answer. Each request has a connection of its own there, so that none is closed for idling."""
        reader, writer = await asyncio.open_connection(*self._upstream)
        writer.write(_without_connection(head, b"connection: close") + body)
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return _without_connection(head + b"\r\n\r\n") + body


def _length(head: bytes) -> int:
    """The size in bytes of the body of a request. The client sends none in chunks."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _without_connection(head: bytes, *instead: bytes) -> bytes:
    """A head without what it says of the connection, or with this `instead`."""
    first, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in headers if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    return b"\r\n".join((first, *kept, *instead)) + b"\r\n\r\n"
