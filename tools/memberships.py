"""The toolset `memberships`: who is in which group."""

from pydantic import Field

from tools.action import ActionInput, Effect, GroupRef, Preview, Profiles, Targets, UserRef, action, always
from tools.models import Group, Observed, Outcome, User
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.record import Back, Change, Facts, UndoneBy
from tools.rows import DEFAULT, GroupPage, GroupRow, PeopleInput, PeoplePage, PersonRow
from tools.scanning import PagedInput, read


class MembershipInput(ActionInput):
    group_id: GroupRef
    user_id: UserRef


class MembershipChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    group_id: str | None = None
    group: str | None = None
    member: bool | None = Field(None, description="Whether they are in it now.")


class Membership(Observed):
    user: User
    group: Group
    member: bool

    def seal(self) -> str:
        return self.user.seal() + self.group.seal() + str(self.member)


async def membership(request: MembershipInput, okta: OktaClient, targets: Targets) -> Membership:
    """Whether the person is in the group, read from the person's groups: those are few, a group's members many."""
    user, group = targets.user, targets.group
    member = False
    async for page in okta.pages("users", user.id, "groups"):
        member = member or any(found["id"] == group.id for found in page)
    return Membership(user=user, group=group, member=member)


def is_member(request: MembershipInput, before: Membership) -> Facts:
    return {"member": before.member}


def _refuse_unmanageable(group: Group) -> None:
    """Only Okta's own groups take members by hand; Okta refuses the others with less helpful words."""
    if group.type == "BUILT_IN":
        raise InvalidInput(f"Okta itself keeps the members of {group.label}.", code="group_not_manageable")
    if group.type == "APP_GROUP":
        raise InvalidInput(
            f"{group.label} is imported from an application or directory, which keeps its members.",
            code="group_not_manageable",
            next_step="Change the membership where the group comes from.",
        )


def _as_it_was(before: Membership) -> MembershipChange:
    stands = "is in" if before.member else "is not in"
    told = f"Nothing to do: {before.user.label} {stands} {before.group.label}."
    return _answer(before, before.member, told)


def _answer(before: Membership, member: bool, message: str) -> MembershipChange:
    return MembershipChange(
        success=True,
        changed=member is not before.member,
        user_id=before.user.id,
        login=before.user.login,
        group_id=before.group.id,
        group=before.group.name,
        member=member,
        message=message,
    )


def already_member(request: MembershipInput, before: Membership) -> MembershipChange | None:
    if before.member:
        return _as_it_was(before)
    _refuse_unmanageable(before.group)
    return None


def what_adding_does(request: MembershipInput, before: Membership) -> Preview:
    return Preview(
        f"Add {before.user.label}, {before.user.status}, to {before.group.label}.",
        after={"member": True},
        headline=f"Add {before.user.address} to the group {before.group.label}.",
        details=(f"Person: {before.user.described}.",),
        joins=(before.group,),
        profiles=_same_profile(before.user),
    )


def _the_same(change: Change) -> Back:
    return Back(dict(change.arguments))


@action(
    scopes={"okta.groups.manage", "okta.users.read"},
    effect=Effect.WRITE,
    idempotent=True,
    observe=membership,
    facts=is_member,
    already=already_member,
    preview=what_adding_does,
    undo=UndoneBy("remove_user_from_group", _the_same),
    escalates="if the group grants administration or gives applications",
)
async def add_user_to_group(request: MembershipInput, okta: OktaClient, before: Membership) -> MembershipChange:
    """Add a person to a group. While creating a person, use create_user's group_ids instead."""
    await okta.put("groups", before.group.id, "users", before.user.id)
    return _answer(before, True, f"Added {before.user.label} to {before.group.label}.")


def already_outside(request: MembershipInput, before: Membership) -> MembershipChange | None:
    if not before.member:
        return _as_it_was(before)
    _refuse_unmanageable(before.group)
    return None


def what_removing_does(request: MembershipInput, before: Membership) -> Preview:
    return Preview(
        f"Remove {before.user.label}, {before.user.status}, from {before.group.label}.",
        after={"member": False},
        headline=f"Remove {before.user.address} from the group {before.group.label}.",
        consequence="What only this group gave them goes with it.",
        details=(f"Person: {before.user.described}.",),
        leaves=(before.group,),
        profiles=_same_profile(before.user),
    )


def _same_profile(user: User) -> Profiles:
    """What group rules look at where only a membership changes."""
    return Profiles(user.profile, user.profile, user.id)


@action(
    scopes={"okta.groups.manage", "okta.users.read"},
    effect=Effect.WRITE,
    idempotent=True,
    observe=membership,
    facts=is_member,
    already=already_outside,
    preview=what_removing_does,
    lowers=always,
    undo=UndoneBy("add_user_to_group", _the_same),
    escalates="if the group grants administration",
)
async def remove_user_from_group(request: MembershipInput, okta: OktaClient, before: Membership) -> MembershipChange:
    """Remove a person from a group; what only the group gave them, such as applications, goes with it."""
    await okta.delete("groups", before.group.id, "users", before.user.id)
    return _answer(before, False, f"Removed {before.user.label} from {before.group.label}.")


class GroupMembersInput(ActionInput):
    group_id: GroupRef


class ListGroupMembers(PeopleInput, GroupMembersInput):
    pass


@action(scopes={"okta.groups.read"}, effect=Effect.READ, idempotent=True)
async def list_group_members(request: ListGroupMembers, okta: OktaClient, group: Group) -> PeoplePage:
    """List the members of a group. To pick some of them, use search_users with group_id.

    Returns id, status, login, name, department and title of each. Okta lists no deactivated members.
    """
    page = await read(okta, "groups", group.id, "users", begin=request.begin(okta), limit=request.limit)
    return PeoplePage(
        users=[PersonRow.of(entry, request.fields or DEFAULT) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
    )


class UserGroupsInput(ActionInput):
    user_id: UserRef


class ListUserGroups(PagedInput, UserGroupsInput):
    pass


@action(scopes={"okta.users.read"}, effect=Effect.READ, idempotent=True)
async def list_user_groups(request: ListUserGroups, okta: OktaClient, user: User) -> GroupPage:
    """List the groups that a person is in, Everyone included. To find groups by name, use search_groups."""
    page = await read(okta, "users", user.id, "groups", begin=request.begin(okta), limit=request.limit)
    return GroupPage(
        groups=[GroupRow.of(entry) for entry in page.entries], next_cursor=request.next_cursor(okta, page.end)
    )
