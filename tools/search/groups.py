"""Searching groups, entirely by Okta's own search."""

from typing import Any, Literal

from pydantic import Field

from tools.contract.arguments import ActionInput
from tools.okta.client import OktaClient
from tools.okta.expressions import All, Compare, written
from tools.search.filters import Moment, Words, begins, occurring, within
from tools.search.rows import GroupPage, GroupRow
from tools.search.scanning import PagedInput, noted, read, scan


class GroupFilters(ActionInput):
    words: Words | None = Field(None, description="Words, or beginnings of words, of the name or description.")
    type: Literal["OKTA_GROUP", "APP_GROUP", "BUILT_IN"] | None = Field(
        None, description="APP_GROUP is imported from an application or directory."
    )
    created_after: Moment | None = Field(None, description="Created after.")
    created_before: Moment | None = Field(None, description="Created before.")
    updated_after: Moment | None = Field(None, description="Name or description changed at or after this time.")
    updated_before: Moment | None = Field(None, description="Name and description last changed before this time.")
    members_changed_after: Moment | None = Field(None, description="Members changed after.")
    members_changed_before: Moment | None = Field(None, description="Members changed before.")
    with_counts: bool = Field(False, description="Also count members; slower.")


class SearchGroups(PagedInput, GroupFilters):
    pass


class FoundGroups(GroupPage):
    note: str | None = None


async def find_groups(request: SearchGroups, okta: OktaClient) -> FoundGroups:
    """A page of the groups that a search finds.

    Raises:
        InvalidInput: the cursor is invalid.
    """
    wanted = [
        *occurring(request.words, "profile.name", "profile.description"),
        *([Compare("type", "eq", request.type)] if request.type else []),
        *within("created", request.created_after, request.created_before),
        *within("lastUpdated", request.updated_after, request.updated_before),
        *within("lastMembershipUpdated", request.members_changed_after, request.members_changed_before),
    ]
    how: dict[str, Any] = {
        "begin": request.begin(okta),
        "limit": request.limit,
        "search": written(All(tuple(wanted))) or None,
        "expand": "stats" if request.with_counts else None,
    }
    if request.words is None:
        page = await read(okta, "groups", **how)
    else:
        page = await scan(okta, "groups", **how, fits=lambda group: _fits(request.words, group))
    return FoundGroups(
        groups=[GroupRow.of(entry) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=noted(request, page, "No group", "lookup_group"),
    )


def _fits(words: str | None, group: dict[str, Any]) -> bool:
    profile = group.get("profile") or {}
    return begins(words, (profile.get("name"), profile.get("description")))
