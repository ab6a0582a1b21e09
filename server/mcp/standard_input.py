"""Holds back the end of standard input: the SDK drops every call under way as soon as it sees the end."""

import os
import threading
import time
from contextlib import suppress
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

GRACE = 3.0
"""Time limit in seconds for calls that are still running when the input ends."""
WRITING = 0.05
"""Seconds allowed for writing the last answer; a generous limit."""


class HeldInput:
    """Stands between standard input and the SDK. As a middleware of the server it sees which requests are done."""

    def __init__(self) -> None:
        self._asked = 0
        self._done = 0
        self._progress = threading.Condition()
        self._sink: int | None = None

    def install(self) -> None:
        """Replace standard input by a pipe and start a thread that fills it."""
        source = os.dup(0)
        pipe, sink = os.pipe()
        os.dup2(pipe, 0)
        os.close(pipe)
        self._sink = sink
        # A daemon, because it may be reading an input that nobody will ever close.
        threading.Thread(target=self._copy, args=(source, sink), name="stdin", daemon=True).start()

    def end(self) -> None:
        """Let the SDK see the end now, before the process ends: its reading thread cannot be cancelled."""
        sink, self._sink = self._sink, None
        if sink is not None:
            with suppress(OSError):  # the copying thread ended and closed it
                os.close(sink)

    def _copy(self, source: int, sink: int) -> None:
        try:
            with open(sink, "wb", buffering=0) as pipe:
                with open(source, "rb") as lines:
                    for line in lines:
                        # A rough check will do: a misread request only means that we do not wait for it.
                        self._asked += b'"method"' in line and b'"id"' in line
                        pipe.write(line)
                with self._progress:
                    self._progress.wait_for(lambda: self._done >= self._asked, GRACE)
                time.sleep(WRITING)
        except OSError:
            return  # the server has stopped reading

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        try:
            return await call_next(ctx)
        finally:
            if ctx.request_id is not None:
                with self._progress:
                    self._done += 1
                    self._progress.notify()
