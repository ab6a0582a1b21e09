"""What the rules let a call see of people, for code that picks people or writes sentences about them.

It is set around each call. If it is not set, as when a change is reconciled, everything may be seen.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Ids = frozenset[str]


def _nothing(attribute: str) -> bool:
    return False


@dataclass(frozen=True)
class Sight:
    """`people` tells which of these people, as Okta's lists show them, may be seen, by id. None means everybody.

    `hides` tells whether the values of an attribute are hidden from everybody, and `hides_any` whether those of any
    are. The values that a call sends are no secret to its caller, unless the call was built from the record:
    `hides_sent`.
    """

    people: Callable[[Sequence[Mapping[str, Any]]], Awaitable[Ids]] | None = None
    hides: Callable[[str], bool] = _nothing
    hides_any: bool = False
    hides_sent: bool = False


EVERYTHING = Sight()
_now: ContextVar[Sight] = ContextVar("sight", default=EVERYTHING)


def sight() -> Sight:
    """The sight of the current call."""
    return _now.get()


async def may_be_seen(id: str, profile: Mapping[str, Any]) -> bool:
    """Whether a person with this id and profile may be seen."""
    people = sight().people
    return people is None or id in await people([{"id": id, "profile": profile}])


@contextmanager
def seeing(what: Sight) -> Iterator[None]:
    before = _now.set(what)
    try:
        yield
    finally:
        _now.reset(before)
