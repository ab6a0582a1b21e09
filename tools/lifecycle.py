"""The toolset `lifecycle`: letting people in and out."""

import asyncio

from pydantic import Field

from tools.action import ActionInput, Effect, Targets, UserRef, action
from tools.models import Group, Observed, Outcome, User
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.text import short_name


class StatusChange(Outcome):
    status_before: str | None = None
    status_after: str | None = Field(None, description="As Okta reports it now; it may lag.")


async def _reported_status(okta: OktaClient, user: User) -> str:
    """The status that Okta reports after a change it accepted: asked up to three times, for its reads lag."""
    status = user.status
    for wait in (0, 0.2, 0.5):
        await asyncio.sleep(wait)
        status = User.model_validate(await okta.get("users", user.id)).status
        if status != user.status:
            break
    return status


def _as_it_was(user: User) -> StatusChange:
    return StatusChange(success=True, changed=False, status_before=user.status, status_after=user.status)


class ActivateUser(ActionInput):
    user_id: UserRef
    send_email: bool = Field(True, description="Whether Okta mails the person an activation link.")


def already_active(request: ActivateUser, user: User) -> StatusChange | None:
    return _as_it_was(user) if user.status not in ("STAGED", "DEPROVISIONED", "SUSPENDED") else None


@action(scopes={"okta.users.manage"}, effect=Effect.WRITE, idempotent=True, already=already_active)
async def activate_user(request: ActivateUser, okta: OktaClient, user: User) -> StatusChange:
    """Activate a person who is STAGED or DEPROVISIONED.

    Okta mails them the link to set a password; it is never shown here. It does not lift a suspension.
    """
    if user.status == "SUSPENDED":
        raise InvalidInput(
            f"{user.label} is SUSPENDED: activating does not lift a suspension.",
            code="user_suspended",
            next_step="Unsuspend the person in the Okta Admin Console.",
        )
    # Without mail the answer holds an activation token: it is dropped here, unread.
    await okta.post("users", user.id, "lifecycle", "activate", sendEmail=request.send_email)
    return StatusChange(
        success=True, changed=True, status_before=user.status, status_after=await _reported_status(okta, user)
    )


class DeactivateUser(ActionInput):
    user_id: UserRef
    notify_admins: bool = Field(False, description="Whether Okta mails the org's administrators about it.")


class PersonAndGroups(Observed):
    user: User
    groups: tuple[Group, ...]

    def seal(self) -> str:
        return self.user.seal() + " ".join(sorted(group.id for group in self.groups))


async def person_and_groups(request: DeactivateUser, okta: OktaClient, targets: Targets) -> PersonAndGroups:
    groups = [
        Group.model_validate(group) async for page in okta.pages("users", targets.user.id, "groups") for group in page
    ]
    return PersonAndGroups(user=targets.user, groups=tuple(groups))


def already_deactivated(request: DeactivateUser, before: PersonAndGroups) -> StatusChange | None:
    return _as_it_was(before.user) if before.user.status == "DEPROVISIONED" else None


def what_deactivating_does(request: DeactivateUser, before: PersonAndGroups) -> str:
    user = before.user
    department = user.profile.get("department")
    # Everyone is in Everyone: it says nothing about a person.
    count = sum(group.type != "BUILT_IN" for group in before.groups)
    facts = [
        user.status,
        *([short_name(str(department))] if department else []),
        f"in {count} group{'s' * (count != 1)}",
    ]
    return f"Deactivate {user.label}, {', '.join(facts)}? They are signed out and lose access at once."


@action(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    idempotent=True,
    observe=person_and_groups,
    already=already_deactivated,
    preview=what_deactivating_does,
)
async def deactivate_user(request: DeactivateUser, okta: OktaClient, before: PersonAndGroups) -> StatusChange:
    """Deactivate a person: they are signed out and lose access at once. A person is asked to confirm first."""
    user = before.user
    await okta.post("users", user.id, "lifecycle", "deactivate", sendEmail=request.notify_admins)
    return StatusChange(
        success=True, changed=True, status_before=user.status, status_after=await _reported_status(okta, user)
    )
