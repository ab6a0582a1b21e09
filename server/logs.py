"""The log: on stderr, away from the protocols, with secrets redacted, and protected from floods by strangers."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.text.characters import escaped
from tools.text.redaction import redacted

OF_STRANGERS = ("uvicorn", "mcp", "asyncio", "h11", "server.http")
"""Loggers whose lines anybody who reaches a port can cause, as often as they like."""
MOST_LINES = 10
"""Limit on lines of one kind from these loggers in `SECONDS`."""
SECONDS = 60.0
LONGEST = 4000


def _is_of_strangers(record: logging.LogRecord) -> bool:
    return any(record.name == name or record.name.startswith(f"{name}.") for name in OF_STRANGERS)


class _Sparing(logging.Filter):
    """Passes the first lines of each kind, and later the next one, with the number left out.

    A kind is a line of code: the message may hold text that a stranger sent, and differ each time.
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
                record.msg, record.args = f"{record.getMessage()} ({said - MOST_LINES} more were omitted)", ()
            began, said = now, 0
        self._kinds[kind] = (began, said + 1)
        return said < MOST_LINES


class _Redacting(logging.Formatter):
    """The last step for every record: makes it one line, tracebacks included, with every character visible."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return redacted(text[:LONGEST] if _is_of_strangers(record) else text)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join(map(escaped, super().formatException(ei).split("\n")))

    def formatStack(self, stack_info: str) -> str:
        return "\n".join(map(escaped, stack_info.split("\n")))


def set_up(debug: bool = False) -> None:
    """Send every logger's lines to stderr; with `debug`, more of them."""
    handler = logging.StreamHandler(sys.stderr)
    if sys.stderr is None:
        # It was closed before we began. Nothing of ours may end up on stdout instead; the log knows that it has none.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process runs
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Sparing())
    # Set this before any library sets up its own logging; libraries then leave it alone.
    logging.basicConfig(level=logging.INFO if debug else logging.WARNING, handlers=[handler])


def must_log(logger: logging.Logger, message: str) -> None:
    """Log a line that must be kept: unlike in `logging`, a write error is not ignored.

    Raises:
        OSError: no handler wrote it.
    """
    record = logger.makeRecord(logger.name, logging.WARNING, __file__, 0, message, (), None)
    handlers = [handler for handler in _handlers(logger) if handler.level <= logging.WARNING]
    for handler in handlers:
        handler.acquire()
        try:
            handler.handleError = _fail  # type: ignore[assignment]
            handler.handle(record)
            handler.flush()
        except (OSError, ValueError, AttributeError) as error:
            raise OSError(f"the log cannot be written ({error})") from error
        finally:
            vars(handler).pop("handleError", None)
            handler.release()
    if not handlers:
        raise OSError("there is no log")


def _fail(_: logging.LogRecord) -> None:
    raise


def _handlers(logger: logging.Logger) -> Iterator[logging.Handler]:
    """The handlers for a logger's lines."""
    at: logging.Logger | None = logger
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None
    if not logger.hasHandlers() and logging.lastResort is not None:
        yield logging.lastResort
