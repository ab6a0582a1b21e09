"""What a text says: slots of notions, one for each thing that is said, and what all of them together are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise


def a_set_of(notions: str) -> frozenset[str]:
    return frozenset(notions.split())


KINDS = a_set_of(
    """
    user group application role administrator factor session grant rule owner member device policy zone token log change
    """
)
"""What lists are of."""
DOING = a_set_of(
    """
    add remove create update delete deactivate activate suspend unsuspend unlock reset assign unassign clear expire
    revoke undo
    """
)
"""Verbs of which the System Log knows who did it, and when."""
SAME_KIND = {"member": "user", "administrator": "role"}
_SURE = 0.9
_PERHAPS = 0.3


@dataclass(frozen=True)
class Slot:
    """One thing that a text says: the notions that it may mean, each with how surely.

    `distinct`: it is about a task, and no word that stands in sentences about anything.
    """

    notions: tuple[tuple[str, float], ...]
    distinct: bool = True

    @property
    def first(self) -> str:
        return self.notions[0][0]

    def without(self, notions: frozenset[str]) -> "Slot":
        """The slot, indistinct if one of these is what it says."""
        return Slot(self.notions, self.distinct and self.first not in notions)


@dataclass
class Reading:
    """`unknown` counts the words that mean nothing here and are nobody's name.

    `question`: something is asked, and nothing ordered. `wanted` is the kind of what the answer would list, if it says,
    and `listing` tells that a list is wanted beyond doubt. `named`: somebody is named. `kinds` are those of the objects
    that are spoken of.
    """

    slots: list[Slot] = field(default_factory=list)
    unknown: float = 0
    question: bool = False
    wanted: str = ""
    listing: bool = False
    named: bool = False
    kinds: frozenset[str] = frozenset()

    @property
    def surely(self) -> frozenset[str]:
        """What is said beyond doubt."""
        return frozenset(slot.first for slot in self.slots if slot.distinct and slot.notions[0][1] >= _SURE)

    @property
    def spoken_of(self) -> frozenset[str]:
        """All that may be meant."""
        meant = self.meant(_PERHAPS)
        return self.kinds | {SAME_KIND.get(notion, notion) for notion in meant}

    def meant(self, least: float) -> set[str]:
        """What is meant with at least this weight."""
        return {notion for slot in self.slots for notion, weight in slot.notions if weight >= least}

    def say(self, notion: str, weight: float = 1.0, *, distinct: bool = True) -> None:
        self.slots.append(Slot(((notion, weight),), distinct))

    def pairs(self) -> Iterator[str]:
        """Each two notions that follow each other: it tells the groups of a user from the users of a group."""
        firsts = [slot.first for slot in self.slots if slot.distinct]
        return (f"{one}>{other}" for one, other in pairwise(firsts) if one != other)
