"""What writes give and take away: a group to a person, or an application to a person or a group.

All of them read whether it is held, say nothing is to be done where it is as wanted, and name both in what they answer.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Observed, Outcome
from tools.contract.preview import Preview
from tools.objects.applications import Application
from tools.objects.groups import Group
from tools.objects.users import User

Who = TypeVar("Who", bound=User | Group)
What = TypeVar("What", bound=Group | Application)
Done = TypeVar("Done", bound=Outcome)


class Holding(Observed, Generic[Who, What]):
    """Whether a person or group has a group or application.

    `fact` is what the fact is called, in the record and in outcomes; `has` and `has_not` are the verbs for it.
    """

    who: Who
    what: What
    held: bool

    fact: ClassVar[str] = "assigned"
    has: ClassVar[str] = "has"
    has_not: ClassVar[str] = "does not have"

    def seal(self) -> str:
        return self.who.seal() + self.what.seal() + str(self.held)

    def facts(self) -> dict[str, Any]:
        return {self.fact: self.held}

    @property
    def how(self) -> str:
        """How it is held, as the rest of a sentence."""
        return ""

    def preview(self, form: str, *, held: bool, **more: Any) -> Preview:
        """What giving or taking does. `form` is a sentence about {who} and {what}."""
        people = (f"Person: {self.who.described}.",) if isinstance(self.who, User) else ()
        told: dict[str, Any] = {
            "headline": form.format(who=_asked(self.who), what=_asked(self.what)),
            "before": self.facts(),
            "after": {self.fact: held},
            "details": people,
            **more,
        }
        return Preview(form.format(who=_recorded(self.who), what=_recorded(self.what)), **told)

    def done(self, outcome: type[Done], form: str, *, held: bool, more: str = "") -> Done:
        """The outcome of having given or taken it. `form` is a sentence about {who} and {what}; `more` follows it."""
        told = form.format(who=self.who.label, what=self.what.label) + more
        return outcome.done(**self._named(), **{self.fact: held}, message=told)

    def as_it_was(self, outcome: type[Done]) -> Done:
        told = f"Nothing to do: {self.who.label} {self.has if self.held else self.has_not} {self.what.label}{self.how}."
        return outcome.unchanged(**self._named(), **{self.fact: self.held}, message=told)

    def _named(self) -> dict[str, str]:
        """The fields of outcomes that name both."""
        return {**_fields(self.who), **_fields(self.what)}


def nothing_to_do(outcome: type[Done]) -> Callable[[ActionInput, Holding[Any, Any]], Done]:
    """What a write answers that finds everything as wanted."""

    def as_it_was(request: ActionInput, before: Holding[Any, Any]) -> Done:
        return before.as_it_was(outcome)

    return as_it_was


def _asked(one: User | Group | Application) -> str:
    """How a question names it."""
    match one:
        case User():
            return one.address
        case Group():
            return f"the group {one.label}"
        case _:
            return f"the application {one.label}"


def _recorded(one: User | Group | Application) -> str:
    # Sentences go on behind whom they are about.
    return f"{one.label}, {one.status}," if isinstance(one, User) else one.label


def _fields(one: User | Group | Application) -> dict[str, str]:
    match one:
        case User():
            return {"user_id": one.id, "login": one.login}
        case Group():
            return {"group_id": one.id, "group": one.name}
        case _:
            return {"application_id": one.id, "application": one.name}
