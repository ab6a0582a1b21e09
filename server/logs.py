"""The log: on stderr, where no protocol is, through the redacting boundary, and not for strangers to fill."""

import logging
import sys
import time

from tools.redaction import redacted

OF_STRANGERS = ("uvicorn", "mcp", "asyncio", "h11", "server.http")
"""Loggers of what anybody who reaches a port can cause, as often as they like."""
MOST_LINES = 10
"""How many lines of one kind they get in `SECONDS`."""
SECONDS = 60.0
LONGEST = 4000


def _is_of_strangers(record: logging.LogRecord) -> bool:
    return any(record.name == name or record.name.startswith(f"{name}.") for name in OF_STRANGERS)


class _Sparing(logging.Filter):
    """Lets the first lines of each kind through, and then the next after a while, with the number left out.

    A kind is a line of code: what was said may hold what a stranger sent, and differ each time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not _is_of_strangers(record):
            return True
        kind, now = (record.pathname, record.lineno), time.monotonic()
        began, said = self._kinds.get(kind, (now, 0))
        if now - began >= SECONDS:
            if said > MOST_LINES:
                record.msg, record.args = f"{record.getMessage()} ({said - MOST_LINES} more were left out)", ()
            began, said = now, 0
        self._kinds[kind] = (began, said + 1)
        return said < MOST_LINES


class _Redacting(logging.Formatter):
    """The last step of every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return redacted(text[:LONGEST] if _is_of_strangers(record) else text)


def set_up(debug: bool = False) -> None:
    """Send every logger's lines to stderr; with `debug` more of them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Sparing())
    # Set before any library sets up its own: those then leave it as it is.
    logging.basicConfig(level=logging.INFO if debug else logging.WARNING, handlers=[handler])
