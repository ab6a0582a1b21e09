"""Keeps rich away from the start: the SDK imports it to set up the log, which `server.logs` has done by then."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

RICH = "rich.console"


@contextmanager
def without_rich() -> Iterator[None]:
    """Let imports of rich fail meanwhile, unless it is imported already; the SDK then does without."""
    if RICH in sys.modules:
        yield
        return
    sys.modules[RICH] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[RICH]
