"""Deleting people for good."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tools.contract.action import writes
from tools.contract.definition import Effect
from tools.contract.outcomes import Observed, Outcome
from tools.contract.preview import Preview
from tools.contract.targets import Pending
from tools.objects.groups import Group, groups_of
from tools.objects.roles import roles_of
from tools.objects.side_effects import Leaves
from tools.objects.statuses import cannot
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, HalfDone, NotFound
from tools.okta.expressions import quoted
from tools.okta.refusals import unless_refused
from tools.text.counts import counted
from tools.text.likeness import typeable


class DeletedUser(Outcome):
    user_id: str | None = None
    login: str | None = None


class Account(Observed):
    """What goes with a person. `roles` and `applications` are None where this connection may not read them.

    `applications` are those that no group gave them, by id.
    """

    user: User
    groups: tuple[Group, ...]
    roles: tuple[str, ...] | None
    applications: Mapping[str, str] | None


async def account(request: OnePerson, okta: OktaClient, pending: Pending) -> Account:
    id = request.user_id
    user, groups, roles, applications = await asyncio.gather(
        pending.the(User),
        groups_of(okta, id),
        unless_refused(_roles(okta, id), NotFound),
        unless_refused(_applications(okta, id), NotFound),
    )
    return Account(user=user, groups=groups, roles=roles, applications=applications)


async def _roles(okta: OktaClient, user: str) -> tuple[str, ...]:
    return tuple(sorted(role.name for role in await roles_of(okta, user)))


async def _applications(okta: OktaClient, user: str) -> Mapping[str, str]:
    pages = okta.pages("apps", filter=f"user.id eq {quoted(user)}", expand=f"user/{user}", limit=200)
    return {
        str(one["id"]): str(one.get("label") or "")
        async for page in pages
        for one in page
        if one.get("_embedded", {}).get("user", {}).get("scope") != "GROUP"
    }


def unless_deactivated(request: OnePerson, before: Account) -> None:
    if before.user.status != "DEPROVISIONED":
        raise cannot(
            before.user,
            "Only people who are deactivated can be deleted.",
            code="not_deactivated",
            next_step="Deactivate them first with deactivate_user.",
        )


def what_deleting_does(request: OnePerson, before: Account) -> Preview:
    user = before.user
    groups = [group for group in before.groups if group.type != "BUILT_IN"]
    counts = (
        _count(groups, "group"),
        _count(before.roles, "administrator role"),
        _count(before.applications, "directly assigned application"),
    )
    return Preview(
        f"Delete {user.label}, {user.status}, for good.",
        headline=f"Delete {user.address} for good.",
        consequence="Okta keeps nothing of the account, and nobody can bring it back; the login becomes free.",
        details=(f"Person: {user.described}.", f"With it go {counts[0]}, {counts[1]} and {counts[2]}."),
        must_type=typeable(user.login, user.id, address=True),
        side_effects=tuple(map(Leaves, before.groups)),
        before={
            "exists": True,
            "id": user.id,
            "status": user.status,
            "profile": user.profile,
            "groups": {group.id: group.name for group in groups},
            "roles": list(before.roles) if before.roles is not None else None,
            "applications": dict(before.applications) if before.applications is not None else None,
        },
        after={"exists": False},
    )


def _count(found: Any, one: str) -> str:
    if found is None:
        return f"{one}s that this connection may not read"
    return counted(len(found), one)


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=account,
    preview=what_deleting_does,
    refuse=unless_deactivated,
    undo="Okta keeps nothing of a deleted person; the journal has their profile, groups, roles and applications.",
    words="erase a person for good, GDPR erasure, purge, remove an account permanently",
)
async def delete_user(request: OnePerson, okta: OktaClient, before: Account) -> DeletedUser:
    """Delete a deactivated person for good. Nobody can bring them back. To only lock them out, use deactivate_user."""
    user = before.user
    # The same request deactivates whoever is not deactivated: repeated, it would delete somebody who was activated
    # in between.
    await okta.delete("users", user.id, once=True)
    if await _is_still_there(okta, user):
        raise HalfDone(
            f"{user.label} was activated by somebody else in between, so Okta deactivated them and deleted nothing.",
            next_step="Ask who needs the account. To delete it all the same, call delete_user again.",
        )
    return DeletedUser.done(
        user_id=user.id,
        login=user.login,
        message=f"Deleted {user.label} (id {user.id}) for good. The journal keeps what they had.",
    )


async def _is_still_there(okta: OktaClient, user: User) -> bool:
    """Whether Okta only deactivated somebody: they are there, with another status than was observed, or a later one."""
    try:
        now = User.model_validate(await okta.get("users", user.id))
    except NotFound:
        return False
    except ActionError:
        return False  # it was accepted: that nobody can be looked at now makes it no failure
    return (now.status, now.status_changed) != (user.status, user.status_changed)
