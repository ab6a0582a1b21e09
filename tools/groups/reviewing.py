"""Reviewing who has what a group gives, and since when."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from tools.contract.action import reads
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.group_rules import GroupRule, active_rules, kept_by
from tools.objects.groups import Gives, Group, OneGroup, granting, read_gives
from tools.objects.users import NEVER, User
from tools.okta.client import OktaClient
from tools.okta.expressions import quoted
from tools.okta.refusals import unless_refused
from tools.search.scanning import NextCursor, Page, PagedInput, read

JOINED = "group.user_membership.add"
LOG_DAYS = 90
"""How long Okta keeps its System Log."""
MOST_EVENTS = 1_000
"""Events of members who joined that are read: one page."""
MOST_APPLICATIONS = 20


class ReviewGroupAccess(PagedInput, OneGroup):
    limit: int = Field(20, ge=1, le=100, description="Maximum number of members.")


class ReviewedMember(Output):
    id: str
    login: str
    name: str
    status: str
    last_sign_in: str
    member_since: str | None = None
    added_by: str | None = None
    kept_by: str | None = None


class GroupReview(Output):
    group: str
    member_count: int | None = None
    administration: str | None = Field(None, description="Why it counts as granting administration; absent if not.")
    application_count: int | None = None
    applications: list[str] | None = Field(None, description="The first that it gives.")
    members: list[ReviewedMember]
    next_cursor: NextCursor = None
    note: str | None = None


@dataclass(frozen=True)
class Joined:
    """Who joined when and by whom, newest first; `since` is the time from which on all of that is known."""

    by_person: dict[str, tuple[str, str]]
    since: str


@dataclass(frozen=True)
class Reviewed:
    group: Group
    page: Page
    gives: Gives | None
    applications: list[Any] | None
    joined: Joined | None
    rules: tuple[GroupRule, ...] | None


async def reviewed(request: ReviewGroupAccess, okta: OktaClient, pending: Pending) -> Reviewed:
    id = request.group_id
    group, page, gives, applications, joined, rules = await asyncio.gather(
        pending.the(Group),
        read(okta, "groups", id, "users", begin=request.begin(okta), limit=request.limit),
        unless_refused(read_gives(okta, (id,))),
        unless_refused(okta.page("groups", id, "apps", limit=MOST_APPLICATIONS)),
        unless_refused(_joined(okta, id)),
        active_rules(okta),
    )
    given = applications[0] if applications is not None else None
    return Reviewed(group, page, (gives or {}).get(id), given, joined, rules)


async def _joined(okta: OktaClient, id: str) -> Joined:
    # Whole days, so that the same is asked in each pass.
    since = f"{datetime.now(UTC) - timedelta(days=LOG_DAYS):%Y-%m-%dT00:00:00.000Z}"
    wanted = f"eventType eq {quoted(JOINED)} and target.id eq {quoted(id)}"
    events = await okta.get("logs", since=since, filter=wanted, sortOrder="DESCENDING", limit=MOST_EVENTS)
    found: dict[str, tuple[str, str]] = {}
    for event in events:
        for target in event.get("target") or ():
            if target.get("type") == "User":
                by = str((event.get("actor") or {}).get("displayName") or "")
                found.setdefault(str(target.get("id")), (str(event.get("published")), by))
    return Joined(found, str(events[-1].get("published")) if len(events) >= MOST_EVENTS else since)


@reads(
    scopes={"okta.groups.read", "okta.logs.read"},
    observe=reviewed,
    words="access review of a group, recertify, attestation, who still needs a group, stale members",
)
async def review_group_access(request: ReviewGroupAccess, okta: OktaClient, found: Reviewed) -> GroupReview:
    """Review a group: what it gives, and for each member status, last sign-in, since when and why they are in it.

    member_since and added_by come from the System Log of the last 90 days; kept_by names a group rule.
    """
    group, gives = found.group, found.gives
    return GroupReview(
        group=group.label,
        member_count=gives.members if gives else None,
        administration=granting(group, gives) or None,
        application_count=gives.applications if gives else None,
        applications=None if found.applications is None else [str(one.get("label")) for one in found.applications],
        members=[_member(User.model_validate(entry), found) for entry in found.page.entries],
        next_cursor=request.next_cursor(okta, found.page.end),
        note=_note(found),
    )


def _member(user: User, found: Reviewed) -> ReviewedMember:
    since, by = (found.joined.by_person if found.joined else {}).get(user.id, (None, None))
    return ReviewedMember(
        id=user.id,
        login=user.login,
        name=user.name,
        status=user.status,
        last_sign_in=f"{user.last_login:%Y-%m-%d}" if user.last_login else NEVER,
        member_since=since[:10] if since else None,
        # Who added them may be somebody who may not be seen.
        added_by=by or None if sight().people is None else None,
        kept_by=kept_by(found.rules or (), user, found.group.id) or None,
    )


def _note(found: Reviewed) -> str | None:
    unread = "Okta does not let this connection read which members a group rule keeps." * (found.rules is None)
    if found.joined is None:
        return f"Okta does not let this connection read since when people are members. {unread}".rstrip()
    known = f"Members without member_since joined before {found.joined.since[:10]}, or Okta did not log it."
    return f"{known} {unread}".rstrip()
