"""What writes do beyond the facts that they are about: memberships, what group rules look at, addresses and mail."""

from dataclasses import dataclass

from tools.contract.facts import Facts
from tools.contract.preview import SideEffect
from tools.objects.groups import Group


@dataclass(frozen=True)
class Joins(SideEffect):
    """Somebody gets into a group."""

    group: Group


@dataclass(frozen=True)
class Leaves(SideEffect):
    """Somebody gets out of a group, or loses what it gives with their account."""

    group: Group


@dataclass(frozen=True)
class Regains(SideEffect):
    """Somebody gets back what a group gives."""

    group: Group


@dataclass(frozen=True)
class Profiles(SideEffect):
    """What group rules look at: a person's attributes before and after; before None, no rule looks at them."""

    before: Facts | None
    after: Facts
    id: str | None = None
    """The person's id, if they have one yet."""


@dataclass(frozen=True)
class Claims(SideEffect):
    """Somebody gets a login or an address."""

    address: str


@dataclass(frozen=True)
class Mails(SideEffect):
    """An activation link is mailed to an address."""

    address: str
