"""The log: on stderr, where no protocol is, and through the redacting boundary."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.redaction import redacted


class _Redacting(logging.Formatter):
    """The last step of every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def set_up(debug: bool = False) -> None:
    """Send every logger's lines to stderr; with `debug` more of them."""
    handler = logging.StreamHandler(sys.stderr)
    if sys.stderr is None:
        # It was closed before we began. Nothing of ours may end up on stdout instead; the log knows that it has none.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process runs
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    # Set before any library sets up its own: those then leave it as it is.
    logging.basicConfig(level=logging.INFO if debug else logging.WARNING, handlers=[handler])


def must_log(logger: logging.Logger, message: str) -> None:
    """Log a line that must be kept somewhere: an error in writing it is not passed over, as `logging` does.

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
    """Those that a logger's lines go to."""
    at: logging.Logger | None = logger
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None
    if not logger.hasHandlers() and logging.lastResort is not None:
        yield logging.lastResort
