"""What the record has of a caller's own earlier call, for an action that goes on where that one ended.

It is set around each call. If it is not set, as when a change is reconciled, nothing is recalled.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tools.contract.facts import Facts


@dataclass(frozen=True)
class Recalled:
    """A call that ended: how long ago, in seconds, and the facts that Okta told."""

    age: float
    facts: Facts


Recall = Callable[[str, str], Awaitable[Recalled | None]]

_now: ContextVar[Recall | None] = ContextVar("recall", default=None)


async def last_call(action: str, target: str) -> Recalled | None:
    """The last call of an action about a target, by this caller and through this connection, if it was done."""
    recall = _now.get()
    return None if recall is None else await recall(action, target)


@contextmanager
def recalling(recall: Recall) -> Iterator[None]:
    before = _now.set(recall)
    try:
        yield
    finally:
        _now.reset(before)
