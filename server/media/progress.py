"""A progress line at the terminal: it counts the seconds, and disappears when something else is printed."""

import threading
import time
from typing import Self, TextIO

AFTER = 2.0
"""Seconds before the line appears."""
EVERY = 1.0
"""Seconds between two updates."""


class Waiting:
    """Use as a context manager. A terminal that cannot erase a line gets one line without a count."""

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
        """Erase the line and restart the count."""
        with self._lock:
            self._since = time.monotonic()
            if self._shown:
                self._write("\r\x1b[2K")
                self._shown = False

    def pause(self) -> None:
        """Print nothing while a person is being asked."""
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
