"""Finds what people ask for: the actions that do it, or where it is done if none here does."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tools.contract.listing import ListedAction
from tools.elsewhere import NOT_HERE, Elsewhere

if TYPE_CHECKING:
    from tools.finding.index import Findable, WordIndex

SURE = 0.6
"""How much of a query must be about what is done elsewhere, for it to be told: nobody looks for it by chance."""
BESIDE = 0.85
"""Of the best one's score, what one of the other kind must have to be told beside it."""


@dataclass(frozen=True)
class Findings:
    """`actions` and what is done `elsewhere`, each best first; both empty if nothing fits.

    Where the query is about something done elsewhere, actions that only come near it are left out.
    """

    actions: tuple[ListedAction, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()


class Finder:
    """Finds among these actions, and among what is done elsewhere."""

    def __init__(self, actions: Iterable[ListedAction]) -> None:
        self._actions = tuple(actions)

    def find(self, query: str, limit: int = 10) -> Findings:
        """What is asked for, in English, German, French, Spanish or Japanese: at most `limit` actions."""
        found = self.index.find(query, limit + len(NOT_HERE))
        if not found:
            return Findings()
        least = BESIDE * found[0].score
        close = [one.of for one in found if one.score >= least]
        actions = close if isinstance(found[0].of, Elsewhere) else [one.of for one in found]
        return Findings(
            tuple(one for one in actions if not isinstance(one, Elsewhere))[:limit],
            tuple(one for one in close if isinstance(one, Elsewhere))[:3],
        )

    def meant(self, name: str) -> Elsewhere | None:
        """What somebody wants who calls an action of this name, if none does it and it is known where it is done."""
        found = self.index.find(name[:100], 1)
        return found[0].of if found and isinstance(found[0].of, Elsewhere) else None

    @cached_property
    def index(self) -> "WordIndex[ListedAction | Elsewhere]":
        """The index of all of them, made when something is first looked for."""
        from tools.finding.index import Findable, WordIndex  # with its lexicon, which takes long to read

        entries = [entry_of(action) for action in self._actions]
        entries += [Findable(one, one.names, one.words, one.what, least_fit=SURE) for one in NOT_HERE]
        return WordIndex(entries)


def entry_of(action: ListedAction) -> "Findable[ListedAction | Elsewhere]":
    from tools.finding.index import Findable

    arguments = " ".join(
        f"{name} {field.get('description', '')}"
        for name, field in action.input_schema.get("properties", {}).items()
        if name != "cursor"
    )
    return Findable(action, (action.name,), action.words, action.description, arguments)
