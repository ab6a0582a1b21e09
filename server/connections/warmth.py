"""Keeps at hand what calls need, in the background: their code, open connections to Okta, and a valid token.

A client's first message says that calls will follow. Connections are opened then, and a due refresh is done; later
refreshes are done ahead of the calls as well. This ends a working day after the last message of any client: a server
that everybody has forgotten lets its refresh token expire, as the org's administrators want it to.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from server.connections.manager import ConnectionManager

logger = logging.getLogger(__name__)

LULL = 0.05
"""Seconds without a message after which it begins: a client that starts sends several, and none waits for it."""
AGAIN = 240.0
"""Connections opened within so many seconds are still open."""
ATTENDED = 10 * 3600.0
"""Seconds since a client's last message in which tokens are refreshed ahead."""
SLEPT = 30.0
"""Seconds between two looks at the time, at most: timers stand still while a machine sleeps."""
SHORTEST = 0.5


class Warmth:
    """One process's. Nothing is done before the first message, nor for an org that is not connected."""

    def __init__(self, connections: ConnectionManager, load: Callable[[], None]) -> None:
        """`load` imports what the likely calls need, in a thread."""
        self._connections = connections
        self._load = load
        self._names: tuple[str | None, ...] = ()
        self._wanted = False
        self._under_way = 0
        self._met = self._opened = -math.inf
        self._begin: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None

    @contextmanager
    def message(self, names: Sequence[str], *, first: bool) -> Iterator[None]:
        """While a client's message is answered; `first` if it is one that a client begins with.

        `names`: the connections that its calls may choose from; none is the default one alone.
        """
        self._names = tuple(names) or (None,)
        self._met = time.monotonic()
        idle = self._work is None or self._work.done()
        self._wanted |= idle or (first and self._met - self._opened > AGAIN)
        self._under_way += 1
        if self._begin is not None:
            self._begin.cancel()
        try:
            yield
        finally:
            self._under_way -= 1
            if self._wanted and not self._under_way:
                self._begin = asyncio.get_running_loop().call_later(LULL, self._start)

    def _start(self) -> None:
        self._wanted, self._opened = False, time.monotonic()
        if self._work is not None:
            self._work.cancel()
        self._work = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        try:
            due, _ = await asyncio.gather(
                self._connections.warm(self._names, connect=True), asyncio.to_thread(self._load)
            )
            looks_at = time.time() + due
            while time.monotonic() - self._met < ATTENDED:
                await asyncio.sleep(max(SHORTEST, min(SLEPT, looks_at - time.time())))
                if time.time() >= looks_at:
                    looks_at = time.time() + await self._connections.warm(self._names, connect=False)
        except Exception:
            # Calls find what they need by themselves.
            logger.exception("Making ready for the next call failed unexpectedly")

    async def aclose(self) -> None:
        """Stop. A refresh that Okta may have carried out already is finished by the end of the connections."""
        if self._begin is not None:
            self._begin.cancel()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
