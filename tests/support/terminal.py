"""A person at a terminal: starts a program in a pseudo-terminal, reads the screen, types."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from typing import Self

from surface import COMMAND, environment

_TYPED = "” to confirm:"


class Terminal:
    def __init__(self, *arguments: str, command: str = COMMAND, columns: int = 140, **more: str | int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self._process = subprocess.Popen(
            [command, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment(), "TERM": "dumb", **{name: str(value) for name, value in more.items()}},
            start_new_session=True,
            # So that Ctrl-C is a signal, and a password is asked for where it does not show.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.screen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def until(self, *texts: str, seconds: float = 20) -> str:
        """Read on until the screen shows one of the texts."""
        ends = time.monotonic() + seconds
        while not any(text in self.screen for text in texts):
            if not self._read(ends):
                raise AssertionError(f"{texts} never came; the screen shows: {self.screen}")
        return self.screen

    def asked(self) -> str:
        """Read on until a question waits: for a yes or no, or for what must be typed."""
        return self.until("[y/N]", _TYPED)

    def agree(self) -> None:
        """Answer the question that waits with a yes, or with what it wants typed."""
        typed = self.screen.partition(_TYPED)[0].rpartition("Type “")[2] if _TYPED in self.screen else "y"
        self.type(f"{typed}\n")

    def decline(self) -> None:
        self.type("\n")

    def type(self, text: str, after: float = 0.3) -> None:
        """Type, after a moment in seconds: what is typed before a program asks in secret is thrown away."""
        time.sleep(after)
        os.write(self._master, text.encode())

    def end(self, seconds: float = 20) -> int:
        """Read to the end, and give the exit code."""
        ends = time.monotonic() + seconds
        while self._read(ends):
            pass
        return self._process.wait(timeout=max(0.1, ends - time.monotonic()))

    def _read(self, ends: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, ends - time.monotonic()))
        try:
            chunk = os.read(self._master, 65536) if ready else b""
        except OSError:  # the program has ended and closed its side
            chunk = b""
        self.screen += chunk.decode(errors="replace")
        return bool(chunk)
