"""The toolset `users`: people and their attributes."""

from typing import Annotated, Any

from pydantic import Field

from tools.action import ActionInput, Effect, GroupRef, Targets, UserRef, action
from tools.models import Group, User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, InvalidInput, NotFound
from tools.profile import (
    AttributeChange,
    Attributes,
    FirstName,
    LastName,
    Login,
    PrimaryEmail,
    UserDetails,
    emptied,
    field_of,
)
from tools.user_search import FoundPeople, SearchUsers, find_people


class LookupUser(ActionInput):
    user_id: UserRef


@action(scopes={"okta.users.read"}, effect=Effect.READ, idempotent=True)
async def lookup_user(request: LookupUser, okta: OktaClient, user: User) -> UserDetails:
    """Look up one person: status, attributes and dates. Exact id, login or e-mail only; search_users finds by name."""
    return UserDetails.of(user)


@action(scopes={"okta.users.read"}, effect=Effect.READ, idempotent=True)
async def search_users(request: SearchUsers, okta: OktaClient, group: Group | None) -> FoundPeople:
    """Search people: what is sent must all be true of them, in any case of letters. Nothing sent finds everybody.

    Use lookup_user for one person whose id, login or e-mail is known. Deactivated people are found too, except by
    group_id; a status narrows it. Dates are such as 2026-01-31, which means its midnight in UTC, or
    2026-01-31T09:00:00Z. Returns id, status, login, name, department and title, and each date that was asked about.
    """
    return await find_people(request, okta)


class Newcomer(ActionInput):
    """What nobody in an org is without."""

    first_name: FirstName
    last_name: LastName
    login: Login
    email: PrimaryEmail


class CreateUser(Attributes, Newcomer):
    activate: bool = Field(True, description="False leaves the person STAGED.")
    send_email: bool = Field(True, description="Whether Okta mails the person an activation link.")
    group_ids: list[GroupRef] = Field([], max_length=20, description="Groups to join: ids or exact names.")


async def holder_of_the_login(request: CreateUser, okta: OktaClient, targets: Targets) -> User | None:
    """Whoever has the login already. Okta also answers to a login's part before the @: that is somebody else."""
    try:
        found = User.model_validate(await okta.get("users", request.login))
    except NotFound:
        return None
    return found if found.login.casefold() == request.login.casefold() else None


@action(scopes={"okta.users.manage"}, effect=Effect.WRITE, idempotent=False, observe=holder_of_the_login)
async def create_user(request: CreateUser, okta: OktaClient, holder: User | None) -> UserDetails:
    """Create a person, by default activated and mailed a link to set a password.

    Nobody here sees a password or activation link: Okta mails it to the person. With send_email false no link goes
    out; an administrator can send one later. Use update_user_profile for somebody who exists.
    """
    if holder is not None:
        raise InvalidInput(
            f"The login {request.login} is taken by {holder.label} (id {holder.id}, {holder.status}).",
            code="login_taken",
            next_step=f"Use update_user_profile or activate_user with user_id {holder.id}, or choose another login.",
        )
    body = {"profile": request.profile(), **({"groupIds": request.group_ids} if request.group_ids else {})}
    # Okta mails at creation whenever it activates; the quiet way is to stage first and activate without mail.
    quiet = request.activate and not request.send_email
    created = User.model_validate(await okta.post("users", json=body, activate=request.activate and not quiet))
    if not quiet:
        return UserDetails.of(created)
    try:
        # The answer holds an activation token: it is dropped here, unread.
        await okta.post("users", created.id, "lifecycle", "activate", sendEmail=False)
    except ActionError as error:
        raise ActionError(
            f"{created.label} was created (id {created.id}) but not activated: {error.summary}",
            code="half_done",
            by=error.by,
            causes=error.causes,
            okta_request_id=error.okta_request_id,
            next_step=f"Do not create it again: call activate_user with user_id {created.id} and send_email false.",
        ) from error
    return UserDetails.of(User.model_validate(await okta.get("users", created.id)))


class KnownPerson(ActionInput):
    user_id: UserRef
    first_name: FirstName | None = None
    last_name: LastName | None = None
    login: Login | None = None
    email: PrimaryEmail | None = None


class UpdateUserProfile(Attributes, KnownPerson):
    clear: list[Annotated[str, Field(max_length=100)]] = Field([], description="Names of attributes to empty.")

    def changes(self) -> dict[str, Any]:
        """The wanted values, under the names of Okta's user schema; None empties an attribute.

        Raises:
            InvalidInput: nothing is wanted, or an attribute is both set and emptied.
        """
        sent, cleared = self.profile(), emptied(self.clear)
        if both := sorted(sent.keys() & cleared.keys()):
            raise InvalidInput(f"{', '.join(both)}: both set and in clear. Send one of the two.")
        if not sent and not cleared:
            raise InvalidInput("No attribute to change was sent. Send at least one, or name some in clear.")
        return {**sent, **cleared}


class UpdatedUser(UserDetails):
    changed: bool = Field(description="False if every attribute had its value already.")
    changes: list[AttributeChange]


def unchanged(request: UpdateUserProfile, user: User) -> UpdatedUser | None:
    if any(user.profile.get(name) != value for name, value in request.changes().items()):
        return None
    return UpdatedUser.of(user, changed=False, changes=[])


@action(scopes={"okta.users.manage"}, effect=Effect.WRITE, idempotent=True, already=unchanged)
async def update_user_profile(request: UpdateUserProfile, okta: OktaClient, user: User) -> UpdatedUser:
    """Change a person's attributes: only those sent. To empty one, name it in clear; null and absent mean untouched."""
    if user.status == "DEPROVISIONED":
        raise InvalidInput(
            f"{user.label} is deactivated: Okta changes no attributes of a deactivated person.",
            code="user_deactivated",
            next_step="Activate the person first with activate_user.",
        )
    # Partial update; what already has its value is not sent, so that nobody else's change in between is undone.
    wanted = {name: value for name, value in request.changes().items() if user.profile.get(name) != value}
    after = User.model_validate(await okta.post("users", user.id, json={"profile": wanted}, idempotent=True))
    changes = [
        AttributeChange(attribute=field_of(name), old=user.profile.get(name), new=after.profile.get(name))
        for name in wanted
        if user.profile.get(name) != after.profile.get(name)
    ]
    return UpdatedUser.of(after, changed=bool(changes), changes=changes)
