"""The toolset `roles`: who administers the org, and by which roles."""

import asyncio
from collections.abc import Iterable
from typing import Any

from httpx2 import URL
from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.groups import read_gives
from tools.objects.roles import APPLICATIONS, GROUPS, HeldRole, roles_of
from tools.objects.users import OnePerson, User, people_with
from tools.okta.client import OktaClient
from tools.search.cursors import Place
from tools.search.scanning import NextCursor, PagedInput

AT_ONCE = 8
"""Requests for roles that are under way together: Okta allows few in a minute."""
MOST_LIMITS = 20
LOOKED_AT = 100
"""People with roles of one request, where only some may be seen: as many as Okta sends."""
MOST_REQUESTS = 5


class RoleRow(Output):
    role: str
    through_group: str | None = None
    through_group_id: str | None = None
    resource_set: str | None = None

    @classmethod
    def of(cls, held: HeldRole, groups: dict[str, str]) -> "RoleRow":
        return cls(
            role=held.name,
            through_group=groups.get(held.through or ""),
            through_group_id=held.through,
            resource_set=held.resource_set,
        )


class AdministratorRow(Output):
    id: str
    login: str
    name: str
    status: str
    roles: list[RoleRow]


class ListAdministrators(PagedInput):
    limit: int = Field(20, ge=1, le=50, description="Maximum number of results.")


class Administrators(Output):
    administrators: list[AdministratorRow]
    next_cursor: NextCursor = None
    note: str | None = None


@reads(
    scopes={"okta.roles.read", "okta.users.read"},
    words="who is admin, administrators, admins, privileged people, people with admin rights",
)
async def list_administrators(request: ListAdministrators, okta: OktaClient) -> Administrators:
    """List everybody who has an administrator role, with the roles and the groups that give them.

    For one person, use list_user_roles.
    """
    begin, slots = request.begin(okta), asyncio.Semaphore(AT_ONCE)
    seen: dict[str, dict[str, Any]] = {}
    if sight().people is None:
        ids, end = await _holders(okta, begin, request.limit)
    else:
        seen, end = await _seen(okta, begin, request.limit)
        ids = list(seen)

    async def held(id: str) -> list[HeldRole]:
        async with slots:
            return await roles_of(okta, id)

    people, *roles = await asyncio.gather(people_with(okta, () if seen else ids), *map(held, ids))
    people |= seen
    by_person = {id: found for id, found in zip(ids, roles, strict=True) if id in people}
    groups = await _names(okta, (role for found in by_person.values() for role in found))
    return Administrators(
        administrators=[_administrator(people[id], found, groups) for id, found in by_person.items()],
        next_cursor=request.next_cursor(okta, end),
        note="Roles of service applications are not listed.",
    )


async def _holders(okta: OktaClient, at: Place, limit: int) -> tuple[list[str], Place | None]:
    """The ids of one page of those who have a role, and where the next one begins."""
    told = await okta.get("iam", "assignees", "users", after=at.after, limit=limit)
    return [str(one["id"]) for one in told.get("value") or ()], _next(told)


async def _seen(okta: OktaClient, begin: Place, limit: int) -> tuple[dict[str, dict[str, Any]], Place | None]:
    """Those of them who may be seen, by id, up to a limit, and where it goes on.

    Always as many are asked for at once: a page of one, which may be empty, would count who may not be seen.
    """
    found: dict[str, dict[str, Any]] = {}
    at = begin
    for _ in range(MOST_REQUESTS):
        ids, end = await _holders(okta, at, LOOKED_AT)
        people = await people_with(okta, ids)
        rest = [id for id in ids if id in people][at.skip :]
        room = limit - len(found)
        found |= {id: people[id] for id in rest[:room]}
        if len(rest) > room:
            return found, Place(at.after, at.skip + room)
        if end is None or len(found) == limit:
            return found, end
        at = end
    return found, at


def _next(told: dict[str, Any]) -> Place | None:
    """Where Okta's list goes on: it says so in the body, and nothing but the place is taken from there."""
    href = ((told.get("_links") or {}).get("next") or {}).get("href")
    after = URL(str(href)).params.get("after") if href else None
    return Place(after) if after else None


async def _names(okta: OktaClient, roles: Iterable[HeldRole]) -> dict[str, str]:
    """The names of the groups that give these roles, by id, as far as Okta tells."""
    return {
        id: gives.group.name for id, gives in (await read_gives(okta, {r.through for r in roles if r.through})).items()
    }


def _administrator(entry: dict[str, Any], held: list[HeldRole], groups: dict[str, str]) -> AdministratorRow:
    user = User.model_validate(entry)
    rows = [RoleRow.of(one, groups) for one in held]
    return AdministratorRow(id=user.id, login=user.login, name=user.name, status=user.status, roles=rows)


class LimitedRole(RoleRow):
    type: str
    id: str = Field(description="Id of the assignment.")
    limited_to: list[str] | None = Field(None, description="The groups and applications that it is limited to.")


class UserRoles(Output):
    user_id: str
    login: str
    roles: list[LimitedRole]
    note: str | None = None


async def roles_held(
    request: OnePerson, okta: OktaClient, pending: Pending
) -> tuple[User, list[HeldRole], list[HeldRole]]:
    return await asyncio.gather(
        pending.the(User),
        roles_of(okta, request.user_id, GROUPS),
        roles_of(okta, request.user_id, APPLICATIONS),
    )


@reads(
    scopes={"okta.roles.read", "okta.users.read"},
    observe=roles_held,
    words="admin roles of a user, which admin rights, is somebody an administrator",
)
async def list_user_roles(
    request: OnePerson, okta: OktaClient, found: tuple[User, list[HeldRole], list[HeldRole]]
) -> UserRoles:
    """List the administrator roles of a person: direct or through a group, and what each is limited to.

    For everybody who has one, use list_administrators.
    """
    user, by_groups, by_applications = found
    names = await _names(okta, by_groups)
    applications = {one.id: one.limits for one in by_applications}
    rows = []
    for one in by_groups:
        limits = [*one.limits, *applications.get(one.id, ())]
        row = RoleRow.of(one, names).model_dump()
        rows.append(LimitedRole(**row, type=one.type, id=one.id, limited_to=limits[:MOST_LIMITS] or None))
    cut = any(len(one.limits) + len(applications.get(one.id, ())) > MOST_LIMITS for one in by_groups)
    note = f"Only the first {MOST_LIMITS} limits of a role are shown." if cut else None
    nobody = f"{user.label} has no administrator role."
    return UserRoles(user_id=user.id, login=user.login, roles=rows, note=note or (None if rows else nobody))
