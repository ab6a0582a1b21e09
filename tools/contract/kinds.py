"""The kinds of things that calls name: what finds one, and what protects it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tools.contract.outcomes import Observed
from tools.okta.client import OktaClient
from tools.okta.errors import Ambiguous
from tools.text.lines import readable


class OktaObject(Observed):
    """An object of the org."""

    id: str

    @property
    def label(self) -> str:
        """Its name as shown to people, in one visible line."""
        return self.id


Object = TypeVar("Object", bound=OktaObject)


@dataclass(frozen=True)
class Identity:
    """The identity under which a connection acts in its org. Fields that do not apply or are not known are empty."""

    user_id: str = ""
    login: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Standing:
    """What an object may do and what it gives, as far as Okta tells: one sentence each, or empty.

    `administers` is why it counts as an administrator or as granting administration. An object that cannot be read
    counts.
    """

    administers: str = ""
    gives: str = ""
    """What else it gives that a person should know about."""


@dataclass(frozen=True)
class Protection(Generic[Object]):
    """What keeps a write away from an object, for the guard to apply.

    `own` says why the object is the identity that the connection itself acts as, or is empty. `names` are the texts by
    which the rules name it. `asked` reads by their ids what Okta tells of several objects, and `standing` makes of
    that, or of nothing, what one of them may do. `asked` raises an ActionError only if Okta cannot be asked at all now.
    """

    own: Callable[[Object, Identity], str]
    names: Callable[[Object], tuple[str, ...]]
    asked: Callable[[OktaClient, tuple[str, ...]], Awaitable[Mapping[str, Any]]]
    standing: Callable[[Object, Any], Standing]
    protected: str | None
    """The rule that lists the objects that must not be changed, if there is one."""
    managed: str | None
    """The rule that lists the only objects that may be changed, if there is one."""
    grants: bool
    """Whether it grants something to others. Kinds that do not are checked only for administrators."""
    scope: str | None = None
    """The scope without which `standing` cannot tell administrators apart."""
    found: bool = False
    """Whether the rule `managed` applies to reads too. If so, it is checked only when an object is found."""
    leads_to: Callable[[Object], tuple[tuple[str, ...], ...]] | None = None
    """The names of each further object that a change of this one changes too, if the rules list those."""


@dataclass(frozen=True)
class Kind(Generic[Object]):
    """A kind of object in the org, which fields may name: how one is found by a text, and what protects it.

    `find` raises NotFound or Ambiguous if the text does not name exactly one. `id` is the form of its ids, `name` the
    kind's name in the journal, and `lookup` the action that looks one up: a caller that may not run that action may
    not learn whether an object exists either.
    """

    type: type[Object]
    find: Callable[[OktaClient, str], Awaitable[Object]]
    id: re.Pattern[str]
    name: str
    lookup: str
    protection: Protection[Object]

    def is_id(self, text: str) -> bool:
        return self.id.fullmatch(text) is not None


def ambiguous(kind: str, text: str, candidates: list[str]) -> Ambiguous:
    """The error for a text that names several objects. `kind` is in the plural."""
    return Ambiguous(
        f"{len(candidates)} {kind} match “{readable(text)}”: {'; '.join(candidates)}.",
        next_step="Nothing was changed. Ask which one is meant and send that id.",
    )
