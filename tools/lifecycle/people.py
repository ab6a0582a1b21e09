"""People as letting them in and out looks at them: with the groups that they are in."""

import asyncio

from tools.contract.facts import Facts
from tools.contract.outcomes import Observed
from tools.contract.targets import Pending
from tools.objects.groups import Group, groups_of
from tools.objects.statuses import ACTIVATED
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.text.counts import counted

ACTIVATED_ALREADY = ("ACTIVE", "PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY")
"""Activated and neither suspended nor locked: the end state of activating, and of lifting a suspension."""


def let_in(user: User, *, out: tuple[str, ...]) -> Facts:
    """The facts once somebody is let in who has one of the statuses `out`. Any other status must be the end state."""
    # Whoever is let in may lock themselves out at once; who is locked out already is not let in.
    return {"status": ACTIVATED if user.status in out else ACTIVATED_ALREADY}


class PersonAndGroups(Observed):
    user: User
    groups: tuple[Group, ...]

    def seal(self) -> str:
        return self.user.seal() + " ".join(sorted(group.id for group in self.groups))

    @property
    def described(self) -> str:
        """Who it is, and in how many groups."""
        # Everyone is in Everyone: it says nothing about a person.
        count = sum(group.type != "BUILT_IN" for group in self.groups)
        everyone = len(self.groups) - count
        if not count:
            return f"{self.user.described}, in {'Everyone only' if everyone else 'no group'}"
        return f"{self.user.described}, in {counted(count, 'group')}{' besides Everyone' * bool(everyone)}"


async def person_and_groups(request: OnePerson, okta: OktaClient, pending: Pending) -> PersonAndGroups:
    user, groups = await asyncio.gather(pending.the(User), groups_of(okta, request.user_id))
    return PersonAndGroups(user=user, groups=groups)
