"""The toolset `memberships`: who is in which group."""

import asyncio
from typing import Any

from pydantic import Field

from tools.contract.action import always, reads, writes
from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Outcome, Output
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.objects.applications import Application
from tools.objects.group_rules import PERHAPS, GroupRule, active_rules, kept_by, seen
from tools.objects.groups import KEEPERS, Group, GroupRef, OneGroup
from tools.objects.holding import Holding, nothing_to_do
from tools.objects.side_effects import Joins, Leaves, Profiles
from tools.objects.users import OnePerson, User, UserRef
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.search.first_pages import first_page
from tools.search.rows import DEFAULT, GroupRow, PeopleInput, PeoplePage, PersonRow
from tools.search.scanning import NextCursor, Page, PagedInput, read
from tools.text.lines import capitalized


class MembershipInput(ActionInput):
    group_id: GroupRef
    user_id: UserRef


class MembershipChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    group_id: str | None = None
    group: str | None = None
    member: bool | None = Field(None, description="Whether the person is now a member.")


class Membership(Holding[User, Group]):
    """`kept_by`: the group rule that keeps the person in the group, in words; None where that cannot be read.

    `gives` are applications that the group gives; `gives_all`: it gives no others.
    """

    kept_by: str | None = ""
    gives: tuple[Application, ...] = ()
    gives_all: bool = False

    fact = "member"
    has = "is in"
    has_not = "is not in"

    def seal(self) -> str:
        return f"{super().seal()} {self.kept_by}"

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), **({"kept_by": self.kept_by} if self.kept_by else {})}


async def membership(request: MembershipInput, okta: OktaClient, pending: Pending) -> Membership:
    """Whether the person is in the group, read from the person's groups: those are few, a group's members many."""
    user, group, member = await asyncio.gather(
        pending.the(User), pending.the(Group), _is_in(okta, request.user_id, request.group_id)
    )
    return Membership(who=user, what=group, held=member)


MOST_GIVEN = 20
"""Applications of a group that are read: they are long, and few groups give more."""


async def joining(request: MembershipInput, okta: OktaClient, pending: Pending) -> Membership:
    """The same, and which applications the group gives."""
    found, given = await asyncio.gather(
        membership(request, okta, pending), first_page(okta, "groups", request.group_id, "apps", limit=MOST_GIVEN)
    )
    if given is None:
        return found
    gives = tuple(Application.model_validate(one) for one in given.entries)
    return found.model_copy(update={"gives": gives, "gives_all": given.whole})


async def _is_in(okta: OktaClient, user: str, group: str) -> bool:
    return group in {found["id"] async for page in okta.pages("users", user, "groups") for found in page}


async def kept_membership(request: MembershipInput, okta: OktaClient, pending: Pending) -> Membership:
    """The same, and which group rule keeps a member there."""
    found, rules = await asyncio.gather(membership(request, okta, pending), active_rules(okta))
    if not found.held or found.what.type != "OKTA_GROUP":
        return found
    return found.model_copy(update={"kept_by": None if rules is None else kept_by(rules, found.who, found.what.id)})


def unless_manageable(request: MembershipInput, before: Membership) -> None:
    """Only Okta's own groups take members by hand; Okta refuses the others with less helpful words."""
    group = before.what
    if group.type == "BUILT_IN":
        raise InvalidInput(f"Okta itself manages the members of {group.label}.", code="group_not_manageable")
    if group.type == "APP_GROUP":
        raise InvalidInput(
            f"{group.label} is imported from an application or directory, which manages its members.",
            code="group_not_manageable",
            next_step="Change the membership in the group's source.",
        )


def what_adding_does(request: MembershipInput, before: Membership) -> Preview:
    effects = (Joins(before.what, before.gives, before.gives_all), _same_profile(before.who))
    return before.preview("Add {who} to {what}.", held=True, side_effects=effects)


@writes(
    scopes={"okta.groups.manage", "okta.users.read"},
    observe=joining,
    preview=what_adding_does,
    refuse=unless_manageable,
    unchanged=nothing_to_do(MembershipChange),
    undo=UndoneBy("remove_user_from_group"),
    escalates="if the group grants administration or access to applications",
    words="group membership",
)
async def add_user_to_group(request: MembershipInput, okta: OktaClient, before: Membership) -> MembershipChange:
    """Add a person to a group. When you create a person, use group_ids of create_user instead."""
    await okta.put("groups", before.what.id, "users", before.who.id)
    return before.done(MembershipChange, "Added {who} to {what}.", held=True)


def what_removing_does(request: MembershipInput, before: Membership) -> Preview:
    return before.preview(
        "Remove {who} from {what}.",
        held=False,
        consequence=f"They lose what only this group gave them.{_exception(before)}",
        side_effects=(Leaves(before.what), _same_profile(before.who)),
    )


def _exception(before: Membership) -> str:
    """What comes of taking out by hand whom a group rule keeps in."""
    if before.kept_by is None:
        return " Okta does not let this connection read whether a group rule keeps them in it."
    if not before.kept_by:
        return ""
    rule = before.kept_by.removeprefix(PERHAPS)
    if rule != before.kept_by:
        return f" If {rule} keeps them in it, Okta adds them permanently to the rule's exception list."
    return f" They are kept in it by {rule}: Okta adds them permanently to the rule's exception list."


def by_adding(change: Change) -> Back:
    """; whom a group rule kept becomes a member by hand"""
    kept = str(change.before.get("kept_by") or "")
    rule = kept.removeprefix(PERHAPS)
    whom = f"{capitalized(rule)} kept them in it" if rule == kept else f"If {rule} kept them in it"
    lost = f"{whom}, they stay on the rule's exception list and become a manual member."
    return Back(dict(change.arguments), loses=lost if kept else "")


def _same_profile(user: User) -> Profiles:
    """What group rules look at where only a membership changes."""
    return Profiles(seen(user), seen(user), user.id)


@writes(
    scopes={"okta.groups.manage", "okta.users.read"},
    observe=kept_membership,
    preview=what_removing_does,
    refuse=unless_manageable,
    unchanged=nothing_to_do(MembershipChange),
    lowers=always,
    undo=UndoneBy("add_user_to_group", by_adding),
    escalates="if the group grants administration",
    words="group membership, delete a group member, delete a user from a group",
)
async def remove_user_from_group(request: MembershipInput, okta: OktaClient, before: Membership) -> MembershipChange:
    """Remove a person from a group. They lose what only this group gave them, such as applications.

    If a group rule assigned the membership, Okta adds the person to the rule's exception list permanently.
    """
    await okta.delete("groups", before.what.id, "users", before.who.id)
    return before.done(MembershipChange, "Removed {who} from {what}.", held=False, more=_exception(before))


class ListGroupMembers(PeopleInput, OneGroup):
    pass


async def members(request: ListGroupMembers, okta: OktaClient, pending: Pending) -> tuple[Group, Page]:
    listed = read(okta, "groups", request.group_id, "users", begin=request.begin(okta), limit=request.limit)
    return await asyncio.gather(pending.the(Group), listed)


@reads(scopes={"okta.groups.read"}, observe=members, words="users of a group, group users")
async def list_group_members(request: ListGroupMembers, okta: OktaClient, found: tuple[Group, Page]) -> PeoplePage:
    """List the members of a group. To filter them, use search_users with group_id.

    Returns id, status, login, name, department and title. Okta leaves out deactivated members.
    """
    group, page = found
    return PeoplePage(
        users=[PersonRow.of(entry, request.fields or DEFAULT) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=None
        if page.entries or page.end or sight().people is not None
        else f"{group.label} has no members except deactivated people.",
    )


class ListUserGroups(PagedInput, OnePerson):
    pass


class HeldGroup(GroupRow):
    kept_by: str | None = None


class HeldGroups(Output):
    groups: list[HeldGroup]
    next_cursor: NextCursor = None
    note: str | None = None


async def held(
    request: ListUserGroups, okta: OktaClient, pending: Pending
) -> tuple[User, Page, tuple[GroupRule, ...] | None]:
    listed = read(okta, "users", request.user_id, "groups", begin=request.begin(okta), limit=request.limit)
    return await asyncio.gather(pending.the(User), listed, active_rules(okta))


@reads(
    scopes={"okta.users.read"},
    observe=held,
    words="groups of a user, user memberships, check group memberships, member of which groups",
)
async def list_user_groups(
    request: ListUserGroups, okta: OktaClient, found: tuple[User, Page, tuple[GroupRule, ...] | None]
) -> HeldGroups:
    """List the groups of a person, including Everyone. To find groups by name, use search_groups.

    kept_by names what maintains the membership. You can remove such a member only if it is a group rule.
    """
    user, page, rules = found
    return HeldGroups(
        groups=[_held(entry, user, rules) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note="Okta does not let this connection read which groups a group rule keeps them in." * (rules is None)
        or None,
    )


def _held(entry: dict[str, Any], user: User, rules: tuple[GroupRule, ...] | None) -> HeldGroup:
    row = HeldGroup.of(entry)
    keeper = KEEPERS.get(row.type) or kept_by(rules or (), user, row.id)
    return row.model_copy(update={"kept_by": keeper or None})
