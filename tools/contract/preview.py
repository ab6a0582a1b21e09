"""What running an action would do to what was observed: for the person asked, for a dry run, for the record."""

from dataclasses import dataclass
from typing import TypeVar

from tools.contract.facts import Facts


@dataclass(frozen=True)
class SideEffect:
    """What a write does beyond the facts that it is about, for the guard to look ahead at. Objects bring the kinds."""


S = TypeVar("S", bound=SideEffect)


@dataclass(frozen=True)
class Preview:
    """What is, and what would be. It is made of any state: where both are the same, there is nothing to do.

    `text` is the record's line. `before` are the facts that the action is about, as they are, and `after` as they will
    be; who reconciles or undoes a change compares them.
    """

    text: str
    before: Facts
    after: Facts

    headline: str = ""
    """What is done, and to whom: the first sentence of a question, `text` by default."""
    consequence: str = ""
    """What comes of it, in the same breath."""
    details: tuple[str, ...] = ()
    """What else a person should know, a line each: the weightiest first."""
    remaining: str = ""
    """How many more details there are."""
    side_effects: tuple[SideEffect, ...] = ()
    escalates: str = ""
    """Why a person should confirm it even though it destroys nothing."""
    conceals: bool = False
    """Whether nobody may learn if it is so already: then it is done in any case."""

    def all(self, kind: type[S]) -> tuple[S, ...]:
        """Its side effects of this kind."""
        return tuple(one for one in self.side_effects if isinstance(one, kind))
