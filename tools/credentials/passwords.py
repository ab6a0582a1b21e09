"""Passwords: a link to set a new one, or a new one at the next sign-in."""

from tools.contract.action import writes
from tools.contract.definition import Effect
from tools.contract.preview import Preview
from tools.contract.targets import the
from tools.objects.mails import mails, recipients
from tools.objects.passwords import unless_kept_elsewhere
from tools.objects.status_changes import OnePerson, StatusChange, as_it_was, moved, status_of
from tools.objects.statuses import cannot
from tools.objects.users import USER, User
from tools.okta.client import OktaClient

RESETTABLE = ("ACTIVE", "PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT")


class ResetPassword(OnePerson):
    pass


def unless_resettable(request: ResetPassword, user: User) -> None:
    if user.status not in RESETTABLE:
        raise cannot(user, "Okta resets no password of theirs.", code="not_resettable")
    unless_kept_elsewhere(user, "A reset here would not change it.")


def what_resetting_does(request: ResetPassword, user: User) -> Preview:
    again = user.status in ("PROVISIONED", "RECOVERY")
    return Preview(
        f"Reset the password of {user.label}, {user.status}.",
        headline=f"Reset the password of {user.address}.",
        consequence=f"Okta mails {recipients(user)} a link to set a new one; until then they cannot sign in. Their "
        "sessions stay.",
        details=(f"Person: {user.described}.",),
        side_effects=mails(user),
        before={} if again else status_of(user),
        # Who is in recovery stays so: that another link was mailed, Okta does not show.
        after={"link": "mailed"} if again else {"status": "RECOVERY"},
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    idempotent=False,
    observe=the(USER),
    preview=what_resetting_does,
    refuse=unless_resettable,
    undo="the old password is gone, and a mail that was sent does not come back.",
    words="forgot password, forgotten password, password link, send a password reset mail, temporary password, "
    "set or change a password",
)
async def reset_password(request: ResetPassword, okta: OktaClient, user: User) -> StatusChange:
    """Reset a person's password: Okta mails them a link to set a new one. The link never appears here.

    Until they set one they cannot sign in. To let them keep it until the next sign-in, use expire_password.
    """
    await okta.post("users", user.id, "lifecycle", "reset_password", sendEmail=True)
    status = user.status if user.status == "PROVISIONED" else "RECOVERY"
    return moved(user, status, "Reset the password of", f"Okta mails {recipients(user)} a link to set a new one.")


class ExpirePassword(OnePerson):
    pass


def unless_expirable(request: ExpirePassword, user: User) -> None:
    if user.status != "ACTIVE":
        raise cannot(user, "Okta expires the password only of people who are ACTIVE.", code="not_active")
    unless_kept_elsewhere(user, "It does not expire by what Okta does.")


def expired_already(request: ExpirePassword, user: User) -> StatusChange:
    return as_it_was(user)


def what_expiring_does(request: ExpirePassword, user: User) -> Preview:
    return Preview(
        f"Expire the password of {user.label}, {user.status}.",
        headline=f"Expire the password of {user.address}.",
        consequence="They sign in with it once more, and must set a new one then. Their sessions stay.",
        details=(f"Person: {user.described}.",),
        before=status_of(user),
        after={"status": "PASSWORD_EXPIRED"},
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    observe=the(USER),
    preview=what_expiring_does,
    refuse=unless_expirable,
    unchanged=expired_already,
    undo="an expired password does not become valid again; they set a new one.",
    words="force a password change at the next sign-in, password must be changed",
)
async def expire_password(request: ExpirePassword, okta: OktaClient, user: User) -> StatusChange:
    """Expire a person's password: they must set a new one at the next sign-in. No mail is sent.

    If they do not know the old one, use reset_password.
    """
    await okta.post("users", user.id, "lifecycle", "expire_password")
    return moved(user, "PASSWORD_EXPIRED", "Expired the password of")
