"""What hangs on a group: its members, the applications that it gives, the rules that use it, and its owners."""

import asyncio
from typing import Any

from pydantic import Field

from tools.contract.outcomes import Observed
from tools.objects.group_rules import all_rules
from tools.objects.groups import Group, read_gives
from tools.okta.client import OktaClient
from tools.okta.refusals import unless_refused
from tools.text.counts import counted
from tools.text.quoting import quote

MOST_KEPT = 200
"""Entries of each list that are read, and kept in the journal: one page."""
MOST_NAMED = 8


class Beginning(Observed):
    """The beginning of a list, each entry's name by its id. `count` is None where Okta does not tell.

    `exact`: there are no more than `count`.
    """

    names: dict[str, str] = Field(default_factory=dict)
    count: int | None = None
    exact: bool = True

    def told(self, one: str) -> str:
        """How many there are: `no members`, `1 member`, `at least 200 members`."""
        if self.count is None:
            return f"an unknown number of {one}s"
        return f"{'' if self.exact else 'at least '}{counted(self.count, one)}"

    @property
    def shown(self) -> str:
        """The first names, quoted, and how many more there are."""
        named = [quote(name) for name in list(self.names.values())[:MOST_NAMED]]
        rest = (self.count or 0) - len(named)
        least = "" if self.exact else "at least "
        return ", ".join(named) + (f", and {least}{rest:,} more" if rest > 0 else "")


class Dependents(Observed):
    group: Group
    members: Beginning
    applications: Beginning
    rules: Beginning
    """Those that put people into it."""
    asking: Beginning
    """Those whose conditions name it."""
    owners: Beginning

    @property
    def counts(self) -> dict[str, int | None]:
        """The facts of a group that tell whether anybody uses it."""
        used = [self.rules.count, self.asking.count]
        return {
            "members": self.members.count,
            "applications": self.applications.count,
            "rules": None if None in used else sum(one or 0 for one in used),
            "owners": self.owners.count,
        }


UNUSED = {"members": 0, "applications": 0, "rules": 0, "owners": 0}


async def dependents(okta: OktaClient, id: str) -> Dependents:
    """The group of this id as it is now, and what hangs on it."""
    read, gives, members, applications, rules, owners = await asyncio.gather(
        # By its id: a search may show an earlier profile.
        okta.get("groups", id),
        unless_refused(read_gives(okta, (id,))),
        unless_refused(okta.page("groups", id, "users", limit=MOST_KEPT)),
        unless_refused(okta.page("groups", id, "apps", limit=MOST_KEPT)),
        all_rules(okta),
        unless_refused(okta.page("groups", id, "owners")),
    )
    group, told = Group.model_validate(read), (gives or {}).get(id)
    into = None if rules is None else {one.id: one.name for one in rules if id in one.targets}
    asking = None if rules is None else {one.id: one.name for one in rules if one.asks_for(group)}
    return Dependents(
        group=group,
        members=_counted(_listed(members), told.members if told else None),
        applications=_counted(_listed(applications, "label"), told.applications if told else None),
        rules=_of(into),
        asking=_of(asking),
        owners=_listed(owners, "displayName"),
    )


def _listed(page: tuple[list[Any], str | None] | None, name: str = "") -> Beginning:
    if page is None:
        return Beginning()
    entries, after = page
    return Beginning(
        names={str(one["id"]): str(one.get(name) or "") for one in entries}, count=len(entries), exact=after is None
    )


def _counted(listed: Beginning, count: int | None) -> Beginning:
    """With the number that Okta tells, where the list is longer than what was read of it."""
    if listed.exact and listed.count is not None:
        return listed
    return listed if count is None else listed.model_copy(update={"count": count, "exact": True})


def _of(names: dict[str, str] | None) -> Beginning:
    return Beginning() if names is None else Beginning(names=names, count=len(names))
