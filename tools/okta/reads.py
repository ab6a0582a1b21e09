"""The reads of one pass of a call: each is sent once, and what was sent early is only waited for.

Nothing outlives the pass, and the first write ends it: whatever is read after that is read anew.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tools.okta.answers import OktaAnswer

Send = Callable[[], Coroutine[Any, Any, OktaAnswer]]

_UNDER_WAY: set["asyncio.Task[OktaAnswer]"] = set()
"""Keeps reads that nobody waits for until they end by themselves: to cancel one would close its connection."""


@dataclass
class Reads:
    """The reads of a pass, by URL."""

    began: float = field(default_factory=time.monotonic)
    """The earliest moment (`time.monotonic()`) at which any of them may have been sent."""
    urls: dict[str, None] = field(default_factory=dict)
    """What the pass asked, in order: neither what was only sent early, nor what was read `apart`."""
    _tasks: "dict[str, asyncio.Task[OktaAnswer]]" = field(default_factory=dict)
    _over: bool = False

    async def answer(self, url: str, send: Send) -> OktaAnswer:
        """The answer to a read, which is sent unless it was already."""
        if self._over:
            return await send()
        if not _APART.get():
            self.urls[url] = None
        return await asyncio.shield(self.begin(url, send))

    def begin(self, url: str, send: Send) -> "asyncio.Task[OktaAnswer]":
        """Send a read, unless it was already, without waiting for its answer."""
        task = self._tasks.get(url)
        if task is None:
            task = self._tasks[url] = asyncio.ensure_future(send())
            _UNDER_WAY.add(task)
            task.add_done_callback(_ended)
        return task

    def end(self) -> None:
        self._over = True
        self._tasks.clear()


def _ended(task: "asyncio.Task[OktaAnswer]") -> None:
    _UNDER_WAY.discard(task)
    if not task.cancelled():
        task.exception()  # whoever waits for it is told; if nobody does, asyncio need not complain


_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)
_APART: ContextVar[bool] = ContextVar("apart", default=False)


@contextmanager
def one_pass() -> Iterator[Reads]:
    """Send each read only once meanwhile, until something is written."""
    reads = Reads()
    before = _READS.set(reads)
    try:
        yield reads
    finally:
        _READS.reset(before)
        reads.end()


@contextmanager
def apart() -> Iterator[None]:
    """Read meanwhile what is not for this pass alone: it does not count as asked by the pass."""
    before = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(before)


def this_pass() -> Reads | None:
    return _READS.get()


def earliest() -> float:
    """The earliest moment (`time.monotonic()`) at which what is read from now on may have been asked for."""
    reads = this_pass()
    return time.monotonic() if reads is None else reads.began
