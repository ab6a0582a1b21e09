"""Passwords: a link to set a new one, or a new one at the next sign-in."""

import shlex

from tools.contract.action import writes
from tools.contract.definition import Effect
from tools.contract.preview import Preview
from tools.contract.revealing import Receiver, receiver
from tools.contract.targets import the
from tools.objects.mails import mails, recipients
from tools.objects.passwords import unless_kept_elsewhere
from tools.objects.status_changes import StatusChange, as_it_was, moved, status_of
from tools.objects.statuses import cannot
from tools.objects.users import USER, OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.errors import HalfDone
from tools.okta.secrets import Reveal

RESETTABLE = ("ACTIVE", "PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT")
REPLACEABLE = ("ACTIVE", "PASSWORD_EXPIRED", "RECOVERY")
"""The statuses of people to whom Okta gives a temporary password."""


def unless_resettable(request: OnePerson, user: User) -> None:
    if receiver() is not None and user.status not in REPLACEABLE:
        raise cannot(user, "Okta gives them no temporary password.", code="not_resettable")
    if user.status not in RESETTABLE:
        raise cannot(user, "Okta resets no password of theirs.", code="not_resettable")
    unless_kept_elsewhere(user, "A reset here would not change it.")


def what_resetting_does(request: OnePerson, user: User) -> Preview:
    if receiver() is not None:
        return _what_replacing_does(user)
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


def _what_replacing_does(user: User) -> Preview:
    again = user.status == "PASSWORD_EXPIRED"
    return Preview(
        f"Replace the password of {user.label}, {user.status}, by a temporary one that is shown at the terminal.",
        headline=f"Replace the password of {user.address} by a temporary one, which is shown here once.",
        consequence="They must set a new one when they sign in with it. No mail is sent, and their sessions stay. Tell "
        "it only to somebody who has proved to be them.",
        details=(f"Person: {user.described}.",),
        before={} if again else status_of(user),
        after={"password": "temporary"} if again else {"status": "PASSWORD_EXPIRED"},
    )


@writes(
    scopes={"okta.users.manage"},
    effect=Effect.DESTRUCTIVE,
    idempotent=False,
    observe=the(USER),
    preview=what_resetting_does,
    refuse=unless_resettable,
    undo="the old password is gone, and a mail that was sent does not come back.",
    reveals="temporary password",
    words="forgot password, forgotten password, password link, send a password reset mail, temporary password, "
    "set or change a password",
)
async def reset_password(request: OnePerson, okta: OktaClient, user: User) -> StatusChange:
    """Reset a person's password: Okta mails them a link to set a new one. The link never appears here.

    Until they set one they cannot sign in. To let them keep it until the next sign-in, use expire_password.
    """
    if (to := receiver()) is not None:
        return await _replaced(okta, user, to)
    await okta.post("users", user.id, "lifecycle", "reset_password", sendEmail=True)
    status = user.status if user.status == "PROVISIONED" else "RECOVERY"
    told = f"Okta mails {recipients(user)} a link to set a new one."
    if user.status in REPLACEABLE:
        command = f"okta-actions call reset_password {shlex.quote(user.login or user.id)} --show-temporary-password"
        told += f" If they cannot read that mail, somebody can run in a terminal: {command}"
    return moved(user, status, "Reset the password of", told)


async def _replaced(okta: OktaClient, user: User, to: Receiver) -> StatusChange:
    """Replace the password by a temporary one, which goes to the person at the terminal and nowhere else."""
    shown = False

    def show(password: str) -> None:
        nonlocal shown
        to(password)
        shown = True

    path = ("users", user.id, "lifecycle", "expire_password_with_temp_password")
    try:
        await okta.post(*path, reveal=Reveal("tempPassword", show))
    except (OSError, ValueError) as error:  # the terminal was closed
        raise _not_shown(user) from error
    if not shown:
        raise _not_shown(user)
    told = "They must set a new one when they sign in with the temporary one."
    return moved(user, "PASSWORD_EXPIRED", "Replaced the password of", told)


def _not_shown(user: User) -> HalfDone:
    return HalfDone(
        f"The password of {user.label} was replaced by a temporary one, but that could not be shown.",
        next_step="Run it again, which replaces it by another one, or call reset_password to mail them a link.",
    )


def unless_expirable(request: OnePerson, user: User) -> None:
    if user.status != "ACTIVE":
        raise cannot(user, "Okta expires the password only of people who are ACTIVE.", code="not_active")
    unless_kept_elsewhere(user, "It does not expire by what Okta does.")


def expired_already(request: OnePerson, user: User) -> StatusChange:
    return as_it_was(user)


def what_expiring_does(request: OnePerson, user: User) -> Preview:
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
async def expire_password(request: OnePerson, okta: OktaClient, user: User) -> StatusChange:
    """Expire a person's password: they must set a new one at the next sign-in. No mail is sent.

    If they do not know the old one, use reset_password.
    """
    await okta.post("users", user.id, "lifecycle", "expire_password")
    return moved(user, "PASSWORD_EXPIRED", "Expired the password of")
