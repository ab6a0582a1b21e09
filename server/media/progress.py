"""A line at the terminal about what takes long: it counts the seconds, and goes when something else is said."""

import threading
import time
from typing import Self, TextIO

AFTER = 2.0
"""Seconds in which nobody needs to be told anything."""
EVERY = 1.0
"""Seconds from one line to the next."""


class Waiting:
    """Use as a context manager. A terminal that cannot take a line back gets one line, and no count."""

    def __init__(self, what: str, out: TextIO, *, dumb: bool) -> None:
        self._what = what
        self._out = out
        self._dumb = dumb
        self._lock = threading.Lock()
        self._since = time.monotonic()
        self._shown = self._told = self._paused = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._count, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.clear()

    def clear(self) -> None:
        """Take the line away; the count begins anew."""
        with self._lock:
            self._since = time.monotonic()
            if self._shown:
                self._write("\r\x1b[2K")
                self._shown = False

    def pause(self) -> None:
        """Say nothing: a person is asked, and knows what is waited for."""
        self._paused = True

    def go_on(self) -> None:
        self._paused = False
        self._since = time.monotonic()

    def _count(self) -> None:
        while not self._ended.wait(EVERY / 2):
            with self._lock:
                seconds = time.monotonic() - self._since
                if self._paused or self._ended.is_set() or seconds < AFTER:
                    continue
                if not self._dumb:
                    self._write(f"\r\x1b[2K{self._what} … {seconds:.0f} s")
                    self._shown = True
                elif not self._told:
                    self._write(f"{self._what} …\n")
                    self._told = True

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):  # nobody reads it any more
            self._ended.set()
