"""The toolset `lifecycle`: letting people in and out, for good or for a while."""

import asyncio
from contextlib import suppress
from typing import Any

from pydantic import Field

from tools.contract.action import always, writes
from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed, Outcome
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.sight import sight
from tools.contract.targets import Pending, the
from tools.objects.group_rules import seen
from tools.objects.groups import Group
from tools.objects.profile import mailed_to
from tools.objects.side_effects import Leaves, Mails, Profiles, Regains
from tools.objects.statuses import ACTIVATED, HELP, cannot, meaning
from tools.objects.users import USER, User, UserRef
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
    status_after: str | None = Field(None, description="May lag by a few seconds.")

    def facts(self) -> dict[str, Any]:
        moved = self.status_after is not None and self.status_after != self.status_before
        return {"status": self.status_after} if moved else {}


def _now(user: User, status: str | None, what: str, consequence: str = "") -> StatusChange:
    """What came of a change that Okta accepted. `what` was done, as in “Suspended Jane Doe <jane.doe@example.com>”.

    `status` is None if Okta does not show the new one yet.
    """
    now = f"now {status}" if status is not None else "Okta does not show the new status yet"
    told = f"{what} {user.label}: {user.status} before, {now}. {consequence}".rstrip()
    return StatusChange.done(**_whose(user), status_after=status, message=told)


async def _shown(okta: OktaClient, user: User) -> str | None:
    """The status after a change that may lead to several: asked up to three times, for Okta's reads lag."""
    # Okta accepted the change: that it cannot be looked at now makes it no failure.
    with suppress(ActionError):
        for wait in (0, 0.2, 0.5):
            await asyncio.sleep(wait)
            status = User.model_validate(await okta.get("users", user.id)).status
            if status != user.status:
                return status
    return None


def _as_it_was(user: User, more: str = "") -> StatusChange:
    told = f"Nothing to do: {user.label} is {user.status}, {meaning(user.status)}. {more}".rstrip()
    return StatusChange.unchanged(**_whose(user), status_after=user.status, message=told)


def _whose(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "login": user.login, "status_before": user.status}


def _status(user: User) -> Facts:
    """What every action here changes."""
    return {"status": user.status}


def _let_in(user: User, *, out: tuple[str, ...]) -> Facts:
    """The facts once somebody is let in who has one of the statuses `out`. Any other status must be the end state."""
    # Whoever is let in may lock themselves out at once; who is locked out already is not let in.
    return {"status": ACTIVATED if user.status in out else ACTIVATED_ALREADY}


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


class OnePerson(ActionInput):
    user_id: UserRef


async def person_and_groups(request: OnePerson, okta: OktaClient, pending: Pending) -> PersonAndGroups:
    user, groups = await asyncio.gather(pending.the(User), _groups(okta, request.user_id))
    return PersonAndGroups(user=user, groups=groups)


async def _groups(okta: OktaClient, user: str) -> tuple[Group, ...]:
    pages = okta.pages("users", user, "groups")
    return tuple([Group.model_validate(group) async for page in pages for group in page])


class ActivateUser(OnePerson):
    send_email: bool = Field(True, description="Whether Okta mails the activation link.")


def unless_activatable(request: ActivateUser, before: PersonAndGroups) -> None:
    user = before.user
    if user.status not in ACTIVATABLE:
        code = {"SUSPENDED": "user_suspended", "LOCKED_OUT": "user_locked_out"}.get(user.status, "not_activatable")
        raise cannot(user, "Activating does not change that.", code=code)


def active_already(request: ActivateUser, before: PersonAndGroups) -> StatusChange:
    user = before.user
    mail = "No mail is sent. " if request.send_email else ""
    return _as_it_was(user, mail + HELP[user.status] if user.status != "ACTIVE" else mail)


def _mail(request: ActivateUser, user: User) -> str:
    if not request.send_email:
        return "Okta sends them no mail."
    whom = "them" if sight().hides("email") else quote_address(user.email)
    return f"Okta mails {whom} a link to set a password."


def what_activating_does(request: ActivateUser, before: PersonAndGroups) -> Preview:
    user = before.user
    again = user.status == "DEPROVISIONED"
    return Preview(
        f"Activate {user.label}, {user.status}.",
        headline=f"Activate {user.address}.",
        consequence=_mail(request, user),
        details=(f"Person: {before.described}.",),
        side_effects=(
            *map(Regains, before.groups if again else ()),
            # Group rules overlook who is deactivated, and look again at whoever comes back.
            Profiles(None if again else seen(user), seen(user, ACTIVATED), user.id),
            *map(Mails, mailed_to(user.profile) if request.send_email else ()),
        ),
        escalates="They were deactivated, and regain access with the groups that they kept." if again else "",
        before=_status(user),
        after=_let_in(user, out=ACTIVATABLE),
    )


def by_deactivating(change: Change) -> Back:
    """; nobody becomes STAGED again"""
    staged = change.before["status"] == "STAGED"
    return Back(
        {"user_id": change.arguments["user_id"]},
        loses="They become DEPROVISIONED: Okta has no way back to STAGED." if staged else "",
    )


@writes(
    scopes={"okta.users.manage"},
    observe=person_and_groups,
    preview=what_activating_does,
    refuse=unless_activatable,
    unchanged=active_already,
    undo=UndoneBy("deactivate_user", by_deactivating),
    escalates="if they were deactivated, or a link goes to an unknown mail domain",
    words="reactivate a deactivated user",
)
async def activate_user(request: ActivateUser, okta: OktaClient, before: PersonAndGroups) -> StatusChange:
    """Activate a person who is STAGED or DEPROVISIONED.

    Okta mails them a link to set a password; the link never appears here. Does not unsuspend or unlock.
    """
    # Without mail the answer holds an activation token: it is dropped here, unread.
    user = before.user
    await okta.post("users", user.id, "lifecycle", "activate", sendEmail=request.send_email)
    return _now(user, _once_activated(user) or await _shown(okta, user), "Activated", _mail(request, user))


def _once_activated(user: User) -> str | None:
    """The status that somebody has once activated, where the life cycle tells; None where only Okta does."""
    # The password of somebody DEPROVISIONED is not shown, and whoever signs in elsewhere needs none.
    if user.status != "STAGED" or user.credentials.provider.get("type") != "OKTA":
        return None
    return "PROVISIONED" if user.credentials.password is None else "ACTIVE"


class DeactivateUser(OnePerson):
    notify_admins: bool = Field(False, description="Whether Okta notifies the org's administrators by mail.")


def deactivated_already(request: DeactivateUser, before: PersonAndGroups) -> StatusChange:
    return _as_it_was(before.user)


def what_deactivating_does(request: DeactivateUser, before: PersonAndGroups) -> Preview:
    return Preview(
        f"Deactivate {before.user.label}, {before.user.status}.",
        headline=f"Deactivate {before.user.address}.",
        consequence="They are signed out and lose access at once; group memberships stay.",
        details=(f"Person: {before.described}.",),
        side_effects=tuple(map(Leaves, before.groups)),
        before=_status(before.user),
        after={"status": ("DEPROVISIONED",)},
    )


def by_activating(change: Change) -> Back:
    """; sessions, passwords and app assignments do not come back"""
    return Back(
        {"user_id": change.arguments["user_id"]},
        loses=f"They were {change.before['status']} and become PROVISIONED until they set a new password, or ACTIVE if "
        "Okta kept the old one. Okta restores neither sessions nor application assignments that it ended.",
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=person_and_groups,
    preview=what_deactivating_does,
    unchanged=deactivated_already,
    lowers=always,
    undo=UndoneBy("activate_user", by_activating),
)
async def deactivate_user(request: DeactivateUser, okta: OktaClient, before: PersonAndGroups) -> StatusChange:
    """Deactivate a person: they are signed out and lose access immediately. For a temporary stop, use suspend_user."""
    await okta.post("users", before.user.id, "lifecycle", "deactivate", sendEmail=request.notify_admins)
    return _now(before.user, "DEPROVISIONED", "Deactivated", "They are signed out.")


class SuspendUser(OnePerson):
    pass


def unless_suspendable(request: SuspendUser, user: User) -> None:
    if user.status not in SUSPENDABLE:
        out = "They already cannot sign in; nothing needs to be done."
        raise cannot(
            user,
            "Okta suspends only people who are ACTIVE.",
            code="not_active",
            next_step=out if user.status == "DEPROVISIONED" else "To keep them out for good, use deactivate_user.",
        )


def suspended_already(request: SuspendUser, user: User) -> StatusChange:
    return _as_it_was(user)


def what_suspending_does(request: SuspendUser, user: User) -> Preview:
    return Preview(
        f"Suspend {user.label}, {user.status}.",
        headline=f"Suspend {user.address}.",
        details=(f"Person: {user.described}.",),
        consequence="They cannot sign in until unsuspended; groups and applications stay.",
        side_effects=(Profiles(seen(user), seen(user, "SUSPENDED"), user.id),),
        before=_status(user),
        after={"status": ("SUSPENDED",)},
    )


@writes(
    scopes={"okta.users.manage"},
    observe=the(USER),
    preview=what_suspending_does,
    refuse=unless_suspendable,
    unchanged=suspended_already,
    lowers=always,
    undo=UndoneBy("unsuspend_user"),
)
async def suspend_user(request: SuspendUser, okta: OktaClient, user: User) -> StatusChange:
    """Suspend an ACTIVE person: they cannot sign in until unsuspend_user, and keep everything else."""
    await okta.post("users", user.id, "lifecycle", "suspend")
    return _now(user, "SUSPENDED", "Suspended")


class UnsuspendUser(OnePerson):
    pass


def unless_suspended(request: UnsuspendUser, user: User) -> None:
    if user.status != "SUSPENDED":
        code = "user_locked_out" if user.status == "LOCKED_OUT" else "not_suspended"
        raise cannot(user, "There is no suspension to lift.", code=code)


def unsuspended_already(request: UnsuspendUser, user: User) -> StatusChange:
    return _as_it_was(user, HELP[user.status] if user.status != "ACTIVE" else "")


def what_unsuspending_does(request: UnsuspendUser, user: User) -> Preview:
    return Preview(
        f"Lift the suspension of {user.label}.",
        headline=f"Lift the suspension of {user.address}.",
        consequence="They can sign in again.",
        side_effects=(Profiles(seen(user), seen(user, ACTIVATED), user.id),),
        details=(f"Person: {user.described}.",),
        before=_status(user),
        after=_let_in(user, out=("SUSPENDED",)),
    )


@writes(
    scopes={"okta.users.manage"},
    observe=the(USER),
    preview=what_unsuspending_does,
    refuse=unless_suspended,
    unchanged=unsuspended_already,
    undo=UndoneBy("suspend_user"),
    words="undo a suspension, lift a suspension, reactivate a suspended user",
)
async def unsuspend_user(request: UnsuspendUser, okta: OktaClient, user: User) -> StatusChange:
    """Lift a suspension. The person gets their previous status back."""
    await okta.post("users", user.id, "lifecycle", "unsuspend")
    return _now(user, await _shown(okta, user), "Lifted the suspension of")
