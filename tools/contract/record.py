"""The part of the record of changes that actions use: how a change is undone, and where past changes are found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from inspect import getdoc
from typing import Any, Protocol

from pydantic import Field, PrivateAttr

from tools.contract.facts import Facts
from tools.contract.outcomes import Output


@dataclass(frozen=True)
class Undo:
    """The call that reverses a change, and what it does not restore."""

    action: str
    arguments: dict[str, Any]
    loses: str = ""


@dataclass(frozen=True)
class Change:
    """A recorded change: its arguments with ids only, and the facts before and after it."""

    id: str
    action: str
    arguments: dict[str, Any]
    before: Facts
    after: Facts
    text: str = ""
    connection: str = ""
    wanted: Facts = field(default_factory=dict)
    reversal: Undo | str = "It is not known how to undo it."
    """How to undo it now, or why that cannot be done."""


@dataclass(frozen=True)
class Back:
    """The arguments of the call that reverses a change, and what it does not restore."""

    arguments: dict[str, Any]
    loses: str = ""


def _with_the_same_arguments(change: Change) -> Back:
    # A docstring would become part of the table of actions, and there is nothing to add there.
    return Back(dict(change.arguments))


@dataclass(frozen=True)
class UndoneBy:
    """The action that reverses another action's changes. `how` returns its arguments, or the reason why it cannot.

    By default it takes the arguments of the change itself.

    The action is named here rather than by `how`, so that the catalogue can refuse the name of an action that does not
    exist.
    """

    action: str
    how: Callable[[Change], Back | str] = _with_the_same_arguments

    def __call__(self, change: Change) -> Undo | str:
        back = self.how(change)
        return back if isinstance(back, str) else Undo(self.action, back.arguments, back.loses)

    def __str__(self) -> str:
        """How it is undone, in words: the action's name, followed by the docstring of `how`."""
        return " ".join((self.action, *(getdoc(self.how) or "").split())).replace(" ;", ";")


class RecordedChange(Output):
    id: str
    time: str
    action: str
    summary: str = Field(description="What was requested; see outcome.")
    outcome: str = Field(description="done, failed, partly, running, unknown, not_done, or unknowable.")
    by: str
    undoable: bool
    why_not: str | None = None
    undone_by: str | None = None
    undoes: str | None = None
    reason: str | None = None
    _targets: tuple[str, ...] = PrivateAttr(())
    _made_unknown: bool = PrivateAttr(False)

    @property
    def made_unknown(self) -> bool:
        """Whether it was meant to create a person whose id is not known."""
        return self._made_unknown

    @property
    def targets(self) -> tuple[str, ...]:
        """The ids of its targets and of what it created."""
        return self._targets


class ChangeList(Output):
    changes: list[RecordedChange]
    next_cursor: str | None = None
    record_since: str | None = Field(None, description="When the record begins; absent if empty.")
    note: str | None = None


class Changes(Protocol):
    """The record of the call's connection, as actions may read it."""

    async def find(self, id: str) -> Change:
        """The change of this id.

        Raises:
            NotFound: there is none.
        """

    async def recent(
        self,
        *,
        targets: tuple[str, ...],
        change_id: str | None,
        action: str | None,
        since: datetime | None,
        limit: int,
        cursor: str | None,
    ) -> ChangeList:
        """A page of the changes made to all of these people and groups, newest first.

        Raises:
            InvalidInput: the cursor is none.
        """
