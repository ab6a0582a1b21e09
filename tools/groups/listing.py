"""What a group gives, and who answers for it."""

import asyncio
from typing import Any

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.applications import Application
from tools.objects.groups import Group, OneGroup
from tools.objects.users import people_with
from tools.okta.client import OktaClient
from tools.search.scanning import NextCursor, Page, PagedInput, read

MOST_OWNERS = 100


class ListGroupApplications(PagedInput, OneGroup):
    pass


class GivenApplication(Output):
    id: str
    name: str
    status: str
    sign_on_mode: str | None = None


class GroupApplications(Output):
    applications: list[GivenApplication]
    next_cursor: NextCursor = None
    note: str | None = None


async def applications(request: ListGroupApplications, okta: OktaClient, pending: Pending) -> tuple[Group, Page]:
    listed = read(okta, "groups", request.group_id, "apps", begin=request.begin(okta), limit=request.limit)
    return await asyncio.gather(pending.the(Group), listed)


@reads(
    scopes={"okta.groups.read"}, observe=applications, words="apps of a group, which apps does a group give its members"
)
async def list_group_applications(
    request: ListGroupApplications, okta: OktaClient, found: tuple[Group, Page]
) -> GroupApplications:
    """List the applications that a group gives its members.

    For the groups that give one application, use list_application_groups.
    """
    group, page = found
    none = not page.entries and page.end is None and request.cursor is None
    return GroupApplications(
        applications=[_application(one) for one in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=f"{group.label} gives no applications." if none else None,
    )


def _application(entry: dict[str, Any]) -> GivenApplication:
    one = Application.model_validate(entry)
    return GivenApplication(id=one.id, name=one.name, status=one.status, sign_on_mode=one.sign_on_mode)


class OwnerRow(Output):
    id: str
    type: str
    name: str


class GroupOwners(Output):
    owners: list[OwnerRow]
    note: str | None = None


async def owners(request: OneGroup, okta: OktaClient, pending: Pending) -> tuple[Group, list[dict[str, Any]]]:
    group, owned = await asyncio.gather(pending.the(Group), okta.page("groups", request.group_id, "owners"))
    return group, owned[0]


@reads(scopes={"okta.groups.read"}, observe=owners, words="owner of a group, who is responsible for a group")
async def list_group_owners(
    request: OneGroup, okta: OktaClient, found: tuple[Group, list[dict[str, Any]]]
) -> GroupOwners:
    """List the owners of a group: people, or groups of whom every member is an owner."""
    group, entries = found
    if sight().people is not None:
        seen = await people_with(okta, (str(one["id"]) for one in entries if one.get("type") == "USER"))
        entries = [one for one in entries if one.get("type") != "USER" or one["id"] in seen]
    rows = [
        OwnerRow(id=str(one["id"]), type=str(one.get("type")), name=str(one.get("displayName") or ""))
        for one in entries[:MOST_OWNERS]
    ]
    note = None
    if len(entries) > MOST_OWNERS:
        note = f"Only the first {MOST_OWNERS} of {len(entries)} owners are shown."
    elif not entries and sight().people is None:
        note = f"{group.label} has no owners."
    return GroupOwners(owners=rows, note=note)
