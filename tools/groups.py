"""The toolset `groups`: groups themselves."""

from typing import Any

from pydantic import Field

from tools.contract.action import reads
from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Output
from tools.contract.targets import the
from tools.objects.groups import GROUP, Group, GroupRef
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.search.groups import FoundGroups, SearchGroups, find_groups


class LookupGroup(ActionInput):
    group_id: GroupRef


class GroupDetails(Output):
    id: str
    name: str
    description: str | None = None
    type: str = Field(description="Only OKTA_GROUP can be changed here.")
    member_count: int | None = Field(None, description="Absent if Okta does not report it.")


@reads(scopes={"okta.groups.read"}, observe=the(GROUP), words="number of members, size, description of a group")
async def lookup_group(request: LookupGroup, okta: OktaClient, group: Group) -> GroupDetails:
    """Look up one group by id or exact name: description, type and number of members."""
    return GroupDetails(
        id=group.id,
        name=group.name,
        description=group.profile.get("description"),
        type=group.type,
        member_count=await _member_count(okta, group),
    )


@reads(scopes={"okta.groups.read"}, words="list of groups, all groups")
async def search_groups(request: SearchGroups, okta: OktaClient) -> FoundGroups:
    """Search groups. All filters must match; text is case-insensitive. Without filters, returns every group.

    Use lookup_group when you know the id or exact name, and list_user_groups for the groups of a person. Dates look
    like 2026-01-31 (midnight UTC) or 2026-01-31T09:00:00Z.
    """
    return await find_groups(request, okta)


async def _member_count(okta: OktaClient, group: Group) -> int | None:
    """The number of members: only Okta's list endpoint tells it, in the statistics embedded on request.

    Raises:
        NotFound: there is no such group any more; its name was found by a search, which lags behind.
    """
    listed: list[dict[str, Any]] = await okta.get("groups", filter=f'id eq "{group.id}"', expand="stats", limit=1)
    for found in listed:
        if found.get("id") == group.id:
            count: int | None = found.get("_embedded", {}).get("stats", {}).get("usersCount")
            return count
    raise NotFound(f"The group {group.label} was deleted.")
