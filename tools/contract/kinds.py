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
        """How it is named to people, in one visible line."""
        return self.id


T = TypeVar("T")
Object = TypeVar("Object", bound=OktaObject)


@dataclass(frozen=True)
class Sources:
    """Where what is named is found: in the org, and in the record of changes where there is one."""

    okta: OktaClient
    record: Changes | None = None


@dataclass(frozen=True)
class Finder(Generic[T]):
    """What fields may name, and how one is found by the text that names it.

    `find` raises NotFound or Ambiguous where the text does not name exactly one.
    """

    type: type[T]
    find: Callable[[str, Sources], Awaitable[T]]

    def __post_init__(self) -> None:
        """Raises: TypeError: it finds objects of the org, of which it does not say what protects them."""
        if issubclass(self.type, OktaObject) and not isinstance(self, Kind):
            raise TypeError(f"{self.type.__name__} is an object of the org: make a Kind, which says what protects it.")


@dataclass(frozen=True)
class Identity:
    """As whom a connection acts in its org. What does not apply or is not known is empty."""

    user_id: str = ""
    login: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Standing:
    """What an object may do or gives, as far as Okta tells: a sentence each, or empty.

    `administers` is why it counts as an administrator, or as giving administration. What cannot be read counts.
    """

    administers: str = ""
    gives: str = ""
    """What else it gives, that a person should know of."""


@dataclass(frozen=True)
class Protection(Generic[Object]):
    """What keeps a write away from an object, for the guard to apply.

    `own` says why the object is what the connection itself acts as, or is empty. `names` are the texts by which the
    rules name it. `standing` reads of several objects what they may do; those of which there is nothing to tell may be
    left out. It raises an ActionError only where Okta cannot be asked at all now.
    """

    own: Callable[[Object, Identity], str]
    names: Callable[[Object], tuple[str, ...]]
    standing: Callable[[OktaClient, tuple[Object, ...]], Awaitable[Mapping[str, Standing]]]
    protected: str | None
    """The rule that lists those which nothing is done to, if there is one."""
    managed: str | None
    """The rule that lists the only ones that may be changed, if there is one."""
    grants: bool
    """Whether others get something through it. What does not is looked at only for administrators."""
    scope: str | None = None
    """The scope without which `standing` cannot tell administrators apart."""
    found: bool = False
    """Whether the rule `managed` holds for reads too. Then it is applied as soon as one is found, and nowhere else."""


@dataclass(frozen=True)
class Kind(Finder[Object]):
    """A kind of object in the org: `name` as the journal has it, and the action that looks one up.

    Who may not run that action may not learn whether an object exists either.
    """

    name: str
    lookup: str
    protection: Protection[Object]


def ambiguous(kind: str, text: str, candidates: list[str]) -> Ambiguous:
    """The error of a text that names several; `kind` in the plural."""
    return Ambiguous(
        f"{len(candidates)} {kind} match “{readable(text)}”: {'; '.join(candidates)}.",
        next_step="Nothing was changed. Ask which one is meant and send that id.",
    )
