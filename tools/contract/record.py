"""The part of the record of changes that actions use: what a change was, and how it is undone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import getdoc
from typing import Any

from tools.contract.facts import Facts


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
