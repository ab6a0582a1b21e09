"""What running an action would do to the observed state: for the person asked, for a dry run, for the record."""

from dataclasses import dataclass
from typing import TypeVar

from tools.contract.facts import Facts


@dataclass(frozen=True)
class SideEffect:
    """What a write does beyond its own facts, for the guard to check in advance. Subclasses are kinds."""


S = TypeVar("S", bound=SideEffect)


@dataclass(frozen=True)
class Preview:
    """The present state and the state after the action. If both are the same, there is nothing to do.

    `text` is the record's line. `before` holds the facts that the action is about as they are now, `after` as they will
    be. Reconciling and undoing compare them.
    """

    text: str
    before: Facts
    after: Facts

    headline: str = ""
    """What is done and to whom: the first sentence of a question. The default is `text`."""
    consequence: str = ""
    """The consequence, shown right after the headline."""
    details: tuple[str, ...] = ()
    """What else a person should know, one line each, the most important first."""
    remaining: str = ""
    """How many more details there are."""
    must_type: str = ""
    """What a person must type to confirm it, such as a login, where a mistake cannot be taken back; see `typeable`."""
    side_effects: tuple[SideEffect, ...] = ()
    escalates: str = ""
    """Why a person should confirm it even though it destroys nothing."""
    conceals: bool = False
    """Whether it must stay hidden that the wanted state is there already. If so, the action runs in any case."""

    def all(self, kind: type[S]) -> tuple[S, ...]:
        """Its side effects of this kind."""
        return tuple(one for one in self.side_effects if isinstance(one, kind))
