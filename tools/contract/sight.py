"""What the rules let a call see of people, for whatever picks people or makes sentences about them.

The door sets it around each call. Where nothing is set, such as in a look at what became of a change, all is seen.
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
    """`people` tells which of these people, as Okta's lists show them, may be seen, by id. None: everybody may.

    `hides` tells whether the values of an attribute are shown to nobody. What the call itself sends is no secret to
    whoever made it, but for a call that is made of what was recorded: `hides_sent`.
    """

    people: Callable[[Sequence[Mapping[str, Any]]], Awaitable[Ids]] | None = None
    hides: Callable[[str], bool] = _nothing
    hides_sent: bool = False


EVERYTHING = Sight()
_now: ContextVar[Sight] = ContextVar("sight", default=EVERYTHING)


def sight() -> Sight:
    """That of the call which is under way."""
    return _now.get()


async def may_be_seen(id: str, profile: Mapping[str, Any]) -> bool:
    """Whether a person of this id and profile may be."""
    people = sight().people
    return people is None or id in await people([{"id": id, "profile": profile}])


@contextmanager
def seeing(what: Sight) -> Iterator[None]:
    before = _now.set(what)
    try:
        yield
    finally:
        _now.reset(before)
