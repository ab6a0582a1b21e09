"""The toolset `lifecycle`: letting people in and out, for good or for a while."""

import asyncio
from contextlib import suppress
from typing import Any

from pydantic import Field

from tools.contract.action import ActionInput, Effect, Preview, Profiles, Targets, UserRef, action, always
from tools.contract.record import Back, Change, Facts, UndoneBy
from tools.objects.group_rules import seen
from tools.objects.models import ACTIVATED, Group, Observed, Outcome, User
from tools.objects.profile import mailed_to
from tools.objects.statuses import HELP, cannot, meaning
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError
from tools.text.quoting import quote_address

SUSPENDABLE = ("ACTIVE", "PASSWORD_EXPIRED")
ACTIVATABLE = ("STAGED", "DEPROVISIONED")
ACTIVATED_ALREADY = ("ACTIVE", "PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY")
"""Activated and neither suspended nor locked: the end state of activating, and of lifting a suspension."""


class StatusChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    status_before: str | None = None
    status_after: str | None = Field(None, description="It may lag.")

    def facts(self) -> dict[str, Any]:
        moved = self.status_after is not None and self.status_after != self.status_before
        return {"status": self.status_after} if moved else {}


async def _changed(okta: OktaClient, user: User, what: str, consequence: str = "") -> StatusChange:
    """What Okta reports after a change it accepted: asked up to three times, for its reads lag.

    `what` was done, as in “Suspended Jane Doe <jane.doe@example.com>”.
    """
    status: str | None = None
    # Okta accepted the change: that it cannot be looked at now makes it no failure.
    with suppress(ActionError):
        for wait in (0, 0.2, 0.5):
            await asyncio.sleep(wait)
            status = User.model_validate(await okta.get("users", user.id)).status
            if status != user.status:
                break
    now = f"now {status}" if status is not None and status != user.status else "Okta does not show it yet"
    told = f"{what} {user.label}: {user.status} before, {now}. {consequence}".rstrip()
    return _answer(user, changed=True, status_after=status, message=told)


def _as_it_was(user: User, more: str = "") -> StatusChange:
    told = f"Nothing to do: {user.label} is {user.status}, {meaning(user.status)}. {more}".rstrip()
    return _answer(user, changed=False, status_after=user.status, message=told)


def _answer(user: User, *, changed: bool, status_after: str | None, message: str) -> StatusChange:
    return StatusChange(
        success=True,
        changed=changed,
        user_id=user.id,
        login=user.login,
        status_before=user.status,
        status_after=status_after,
        message=message,
    )


def status_of(request: Any, before: "User | PersonAndGroups") -> Facts:
    """What every action here changes."""
    return {"status": (before.user if isinstance(before, PersonAndGroups) else before).status}


class PersonAndGroups(Observed):
    user: User
    groups: tuple[Group, ...]

    def seal(self) -> str:
        return self.user.seal() + " ".join(sorted(group.id for group in self.groups))

    @property
    def described(self) -> str:
        """Who it is, and in how many groups."""
        # Everyone is in Everyone: it says nothing about a person.
        count = sum(group.type != "BUILT_IN" for group in self.groups)
        everyone = len(self.groups) - count
        if not count:
            return f"{self.user.described}, in {'Everyone only' if everyone else 'no group'}"
        groups = f"{count} group{'s' * (count != 1)}"
        return f"{self.user.described}, in {groups}{' besides Everyone' * bool(everyone)}"


async def person_and_groups(request: Any, okta: OktaClient, targets: Targets) -> PersonAndGroups:
    groups = [
        Group.model_validate(group) async for page in okta.pages("users", targets.user.id, "groups") for group in page
    ]
    return PersonAndGroups(user=targets.user, groups=tuple(groups))


class ActivateUser(ActionInput):
    user_id: UserRef
    send_email: bool = Field(True, description="Whether Okta mails the person an activation link.")


def already_active(request: ActivateUser, before: PersonAndGroups) -> StatusChange | None:
    user = before.user
    if user.status in ACTIVATABLE:
        return None
    if user.status not in ACTIVATED_ALREADY:
        code = {"SUSPENDED": "user_suspended", "LOCKED_OUT": "user_locked_out"}.get(user.status, "not_activatable")
        raise cannot(user, "Activating does not change that.", code=code)
    mail = "No mail goes out. " if request.send_email else ""
    return _as_it_was(user, mail + HELP[user.status] if user.status != "ACTIVE" else mail)


def _mail(request: ActivateUser, user: User) -> str:
    if not request.send_email:
        return "Okta mails them nothing."
    return f"Okta mails {quote_address(user.email)} a link to set a password."


def what_activating_does(request: ActivateUser, before: PersonAndGroups) -> Preview:
    user = before.user
    again = user.status == "DEPROVISIONED"
    return Preview(
        f"Activate {user.label}, {user.status}.",
        headline=f"Activate {user.address}.",
        consequence=_mail(request, user),
        details=(f"Person: {before.described}.",),
        regains=before.groups if again else (),
        # Group rules overlook who is deactivated, and look again at whoever comes back.
        profiles=Profiles(None if again else seen(user), seen(user, ACTIVATED), user.id),
        mails=mailed_to(user.profile) if request.send_email else (),
        escalates="They were deactivated, and get back in with the groups that they kept." if again else "",
        after={"status": ACTIVATED},
    )


def by_deactivating(change: Change) -> Back:
    """; nobody becomes STAGED again"""
    staged = change.before["status"] == "STAGED"
    return Back(
        {"user_id": change.arguments["user_id"]},
        loses="They become DEPROVISIONED: Okta has no way back to STAGED." if staged else "",
    )


@action(
    scopes={"okta.users.manage"},
    effect=Effect.WRITE,
    idempotent=True,
    observe=person_and_groups,
    facts=status_of,
    already=already_active,
    preview=what_activating_does,
    undo=UndoneBy("deactivate_user", by_deactivating),
    escalates="if they were deactivated, or a link goes to a foreign mail domain",
)
async def activate_user(request: ActivateUser, okta: OktaClient, before: PersonAndGroups) -> StatusChange:
    """Activate a person who is STAGED or DEPROVISIONED.

    Okta mails them the link to set a password; it is never shown here. It lifts no suspension and unlocks nobody.
    """
    # Without mail the answer holds an activation token: it is dropped here, unread.
    await okta.post("users", before.user.id, "lifecycle", "activate", sendEmail=request.send_email)
    return await _changed(okta, before.user, "Activated", _mail(request, before.user))


class DeactivateUser(ActionInput):
    user_id: UserRef
    notify_admins: bool = Field(False, description="Whether Okta mails the org's administrators about it.")


def already_deactivated(request: DeactivateUser, before: PersonAndGroups) -> StatusChange | None:
    return _as_it_was(before.user) if before.user.status == "DEPROVISIONED" else None


def what_deactivating_does(request: DeactivateUser, before: PersonAndGroups) -> Preview:
    return Preview(
        f"Deactivate {before.user.label}, {before.user.status}.",
        headline=f"Deactivate {before.user.address}.",
        consequence="They are signed out and lose access at once; group memberships stay.",
        details=(f"Person: {before.described}.",),
        leaves=before.groups,
        after={"status": ("DEPROVISIONED",)},
    )


def by_activating(change: Change) -> Back:
    """; sessions, passwords and app assignments do not come back"""
    return Back(
        {"user_id": change.arguments["user_id"]},
        loses=f"They were {change.before['status']} and become PROVISIONED until they set a new password, or ACTIVE if "
        "Okta kept theirs. Sessions and assignments to applications that Okta ended do not come back.",
    )


@action(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    idempotent=True,
    observe=person_and_groups,
    facts=status_of,
    already=already_deactivated,
    preview=what_deactivating_does,
    lowers=always,
    undo=UndoneBy("activate_user", by_activating),
)
async def deactivate_user(request: DeactivateUser, okta: OktaClient, before: PersonAndGroups) -> StatusChange:
    """Deactivate a person: they are signed out and lose access at once. For a while only, use suspend_user."""
    await okta.post("users", before.user.id, "lifecycle", "deactivate", sendEmail=request.notify_admins)
    return await _changed(okta, before.user, "Deactivated", "They are signed out.")


class SuspendUser(ActionInput):
    user_id: UserRef


def already_suspended(request: SuspendUser, user: User) -> StatusChange | None:
    if user.status in SUSPENDABLE:
        return None
    if user.status == "SUSPENDED":
        return _as_it_was(user)
    out = "They are out already; nothing needs to be done."
    raise cannot(
        user,
        "Okta suspends only people who are ACTIVE.",
        code="not_active",
        next_step=out if user.status == "DEPROVISIONED" else "To keep them out for good, use deactivate_user.",
    )


def what_suspending_does(request: SuspendUser, user: User) -> Preview:
    return Preview(
        f"Suspend {user.label}, {user.status}.",
        headline=f"Suspend {user.address}.",
        details=(f"Person: {user.described}.",),
        consequence="They cannot sign in until unsuspended; groups and applications stay.",
        profiles=Profiles(seen(user), seen(user, "SUSPENDED"), user.id),
        after={"status": ("SUSPENDED",)},
    )


def _same_person(change: Change) -> Back:
    return Back({"user_id": change.arguments["user_id"]})


@action(
    scopes={"okta.users.manage"},
    effect=Effect.WRITE,
    idempotent=True,
    facts=status_of,
    already=already_suspended,
    preview=what_suspending_does,
    lowers=always,
    undo=UndoneBy("unsuspend_user", _same_person),
)
async def suspend_user(request: SuspendUser, okta: OktaClient, user: User) -> StatusChange:
    """Suspend a person who is ACTIVE: no sign-in until unsuspend_user, and nothing else is lost."""
    await okta.post("users", user.id, "lifecycle", "suspend")
    return await _changed(okta, user, "Suspended")


class UnsuspendUser(ActionInput):
    user_id: UserRef


def already_unsuspended(request: UnsuspendUser, user: User) -> StatusChange | None:
    if user.status == "SUSPENDED":
        return None
    if user.status not in ACTIVATED_ALREADY:
        code = "user_locked_out" if user.status == "LOCKED_OUT" else "not_suspended"
        raise cannot(user, "There is no suspension to lift.", code=code)
    return _as_it_was(user, HELP[user.status] if user.status != "ACTIVE" else "")


def what_unsuspending_does(request: UnsuspendUser, user: User) -> Preview:
    return Preview(
        f"Lift the suspension of {user.label}.",
        headline=f"Lift the suspension of {user.address}.",
        consequence="They can sign in again.",
        profiles=Profiles(seen(user), seen(user, ACTIVATED), user.id),
        details=(f"Person: {user.described}.",),
        after={"status": ACTIVATED},
    )


@action(
    scopes={"okta.users.manage"},
    effect=Effect.WRITE,
    idempotent=True,
    facts=status_of,
    already=already_unsuspended,
    preview=what_unsuspending_does,
    undo=UndoneBy("suspend_user", _same_person),
)
async def unsuspend_user(request: UnsuspendUser, okta: OktaClient, user: User) -> StatusChange:
    """Lift a person's suspension; they have their former status again."""
    await okta.post("users", user.id, "lifecycle", "unsuspend")
    return await _changed(okta, user, "Lifted the suspension of")
