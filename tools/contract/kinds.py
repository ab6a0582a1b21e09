"""The kinds of things that calls name: what finds one, and what protects it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tools.contract.outcomes import Observed
from tools.contract.record import Changes
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


T = TypeVar("T")
Object = TypeVar("Object", bound=OktaObject)


@dataclass(frozen=True)
class Sources:
    """Where finders look: in the org, and in the record of changes if there is one."""

    okta: OktaClient
    record: Changes | None = None


@dataclass(frozen=True)
class Finder(Generic[T]):
    """Something that fields may name, and how it is found by the text that names it.

    `find` raises NotFound or Ambiguous where the text does not name exactly one.
    """

    type: type[T]
    find: Callable[[str, Sources], Awaitable[T]]

    def __post_init__(self) -> None:
        """Raises: TypeError: it finds objects of the org but does not say what protects them."""
        if issubclass(self.type, OktaObject) and not isinstance(self, Kind):
            raise TypeError(f"{self.type.__name__} is an object of the org: make a Kind, which says what protects it.")


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
    which the rules name it. `standing` reads what several objects may do; objects with nothing to report may be left
    out. It raises an ActionError only if Okta cannot be asked at all now.
    """

    own: Callable[[Object, Identity], str]
    names: Callable[[Object], tuple[str, ...]]
    standing: Callable[[OktaClient, tuple[Object, ...]], Awaitable[Mapping[str, Standing]]]
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


@dataclass(frozen=True)
class Kind(Finder[Object]):
    """A kind of object in the org: its `name` in the journal, and the action that looks one up.

    A caller that may not run that action may not learn whether an object exists either.
    """

    name: str
    lookup: str
    protection: Protection[Object]


def ambiguous(kind: str, text: str, candidates: list[str]) -> Ambiguous:
    """The error for a text that names several objects. `kind` is in the plural."""
    return Ambiguous(
        f"{len(candidates)} {kind} match “{readable(text)}”: {'; '.join(candidates)}.",
        next_step="Nothing was changed. Ask which one is meant and send that id.",
    )
