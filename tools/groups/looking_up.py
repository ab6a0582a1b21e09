"""Finding groups."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.targets import Pending
from tools.objects.groups import Group, OneGroup
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.search.groups import FoundGroups, SearchGroups, find_groups


class GroupDetails(Output):
    id: str
    name: str
    description: str | None = None
    type: str = Field(description="Only OKTA_GROUP can be changed here.")
    member_count: int | None = Field(None, description="Absent if Okta does not report it.")


@dataclass(frozen=True)
class Counted:
    """A group, and its entry in a list that counts members; None if Okta does not list it."""

    group: Group
    entry: dict[str, Any] | None


async def counted(request: OneGroup, okta: OktaClient, pending: Pending) -> Counted:
    """The number of members is told only by Okta's list endpoint, in the statistics embedded on request."""
    group, listed = await asyncio.gather(
        pending.the(Group), okta.get("groups", filter=f'id eq "{request.group_id}"', expand="stats", limit=1)
    )
    return Counted(group, next((entry for entry in listed if entry.get("id") == group.id), None))


@reads(scopes={"okta.groups.read"}, observe=counted, words="number of members, size, description of a group")
async def lookup_group(request: OneGroup, okta: OktaClient, found: Counted) -> GroupDetails:
    """Look up one group by id or exact name: description, type and number of members."""
    group = found.group
    if found.entry is None:  # its name was found by a search, which lags behind
        raise NotFound(f"The group {group.label} was deleted.")
    return GroupDetails(
        id=group.id,
        name=group.name,
        description=group.profile.get("description"),
        type=group.type,
        member_count=found.entry.get("_embedded", {}).get("stats", {}).get("usersCount"),
    )


@reads(scopes={"okta.groups.read"}, words="list of groups, all groups")
async def search_groups(request: SearchGroups, okta: OktaClient) -> FoundGroups:
    """Search groups. All filters must match; text is case-insensitive. Without filters, returns every group.

    Use lookup_group when you know the id or exact name, and list_user_groups for the groups of a person. Dates look
    like 2026-01-31 (midnight UTC) or 2026-01-31T09:00:00Z; “after” includes that time.
    """
    return await find_groups(request, okta)
