"""Side effects of writes beyond their own facts: memberships, values that group rules look at, mail, challenges."""

from dataclasses import dataclass

from tools.contract.facts import Facts
from tools.contract.preview import SideEffect
from tools.objects.applications import Application
from tools.objects.groups import Group


@dataclass(frozen=True)
class Joins(SideEffect):
    """Somebody joins a group.

    `applications` are some that it gives; `whole`: it gives no others.
    """

    group: Group
    applications: tuple[Application, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Leaves(SideEffect):
    """Somebody leaves a group, or loses what it gives together with their account."""

    group: Group


@dataclass(frozen=True)
class Regains(SideEffect):
    """Somebody gets back what a group gives."""

    group: Group


@dataclass(frozen=True)
class Profiles(SideEffect):
    """A person's attributes before and after, for group rules. `before` is None if no rule looked at them."""

    before: Facts | None
    after: Facts
    id: str | None = None
    """The person's id, if they have one yet."""


@dataclass(frozen=True)
class Claims(SideEffect):
    """Somebody gets a login or an address."""

    address: str


@dataclass(frozen=True)
class Challenges(SideEffect):
    """Somebody is sent a challenge that they must answer, such as a push."""

    id: str
    """The person's id."""


@dataclass(frozen=True)
class Mails(SideEffect):
    """An activation link is mailed to an address."""

    address: str


@dataclass(frozen=True)
class Names(SideEffect):
    """A group gets a name, or loses the one that it has: `before` is None of a new group, `after` of a deleted one."""

    before: Group | None
    after: str | None
