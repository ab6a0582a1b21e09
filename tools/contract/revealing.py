"""The person who may see the one secret that an action reveals: at a terminal, and nowhere else.

It is set around a call whose surface has such a person. The secret goes from the client's edge to them: it is in no
answer, and nothing that is recorded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Receiver = Callable[[str], None]

_now: ContextVar[Receiver | None] = ContextVar("receiver", default=None)


def receiver() -> Receiver | None:
    """Who takes the secret of the current call, if anybody does."""
    return _now.get()


@contextmanager
def revealing(to: Receiver | None) -> Iterator[None]:
    before = _now.set(to)
    try:
        yield
    finally:
        _now.reset(before)
