"""The log: on stderr, where no protocol is, and through the redacting boundary."""

import logging
import sys

from tools.redaction import redacted


class _Redacting(logging.Formatter):
    """The last step of every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def set_up(debug: bool = False) -> None:
    """Send every logger's lines to stderr; with `debug` more of them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    # Set before any library sets up its own: those then leave it as it is.
    logging.basicConfig(level=logging.INFO if debug else logging.WARNING, handlers=[handler])
