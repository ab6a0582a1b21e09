"""Activating people, and mailing them the link again."""

from pydantic import Field

from tools.contract.action import writes
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import the
from tools.lifecycle.people import PersonAndGroups, let_in, person_and_groups
from tools.objects.group_rules import seen
from tools.objects.mails import mails, recipients
from tools.objects.side_effects import Profiles, Regains
from tools.objects.status_changes import StatusChange, as_it_was, moved, shown_after, status_of, stayed
from tools.objects.statuses import ACTIVATED, HELP, cannot
from tools.objects.users import USER, OnePerson, User
from tools.okta.client import OktaClient

ACTIVATABLE = ("STAGED", "DEPROVISIONED")


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
    return as_it_was(user, mail + HELP[user.status] if user.status != "ACTIVE" else mail)


def _mail(request: ActivateUser, user: User) -> str:
    if not request.send_email:
        return "Okta sends them no mail."
    return f"Okta mails {recipients(user)} a link to set a password."


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
            *(mails(user) if request.send_email else ()),
        ),
        escalates="They were deactivated, and regain access with the groups that they kept." if again else "",
        before=status_of(user),
        after=let_in(user, out=ACTIVATABLE),
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
    user = before.user
    await okta.post("users", user.id, "lifecycle", "activate", sendEmail=request.send_email)
    return moved(user, _once_activated(user) or await shown_after(okta, user), "Activated", _mail(request, user))


def _once_activated(user: User) -> str | None:
    """The status that somebody has once activated, where the life cycle tells; None where only Okta does."""
    # The password of somebody DEPROVISIONED is not shown, and whoever signs in elsewhere needs none.
    if user.status != "STAGED" or user.credentials.provider.get("type") != "OKTA":
        return None
    return "PROVISIONED" if user.credentials.password is None else "ACTIVE"


def unless_provisioned(request: OnePerson, user: User) -> None:
    if user.status != "PROVISIONED":
        raise cannot(user, "There is no activation to repeat.", code="not_provisioned")


def what_resending_does(request: OnePerson, user: User) -> Preview:
    return Preview(
        f"Mail the activation link again to {user.label}, {user.status}.",
        headline=f"Mail the activation link of {user.address} again.",
        consequence=f"Okta mails {recipients(user)} a new link to set a password.",
        details=(f"Person: {user.described}.",),
        side_effects=mails(user),
        before={},
        after={"link": "mailed"},
    )


@writes(
    scopes={"okta.users.manage"},
    idempotent=False,
    observe=the(USER),
    preview=what_resending_does,
    refuse=unless_provisioned,
    undo="a mail that was sent does not come back.",
    escalates="if the link goes to an unknown mail domain",
    words="invitation lost, welcome mail again, activation link expired, resend the invitation",
)
async def resend_activation(request: OnePerson, okta: OktaClient, user: User) -> StatusChange:
    """Mail the activation link again to a person who is PROVISIONED: activated, but without a password yet.

    If they have set one before, use reset_password.
    """
    # By default Okta sends no mail, and answers with the link instead.
    await okta.post("users", user.id, "lifecycle", "reactivate", sendEmail=True)
    return stayed(user, "Mailed the activation link again to", f"It goes to {recipients(user)}.")
