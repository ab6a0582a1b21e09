"""Suspending people, and lifting the suspension."""

from tools.contract.action import always, writes
from tools.contract.preview import Preview
from tools.contract.record import UndoneBy
from tools.contract.targets import the
from tools.lifecycle.people import let_in
from tools.objects.group_rules import seen
from tools.objects.side_effects import Profiles
from tools.objects.status_changes import StatusChange, as_it_was, moved, shown_after, status_of
from tools.objects.statuses import ACTIVATED, HELP, cannot
from tools.objects.users import USER, OnePerson, User
from tools.okta.client import OktaClient

SUSPENDABLE = ("ACTIVE", "PASSWORD_EXPIRED")


def unless_suspendable(request: OnePerson, user: User) -> None:
    if user.status not in SUSPENDABLE:
        out = "They already cannot sign in; nothing needs to be done."
        raise cannot(
            user,
            "Okta suspends only people who are ACTIVE.",
            code="not_active",
            next_step=out if user.status == "DEPROVISIONED" else "To keep them out for good, use deactivate_user.",
        )


def suspended_already(request: OnePerson, user: User) -> StatusChange:
    return as_it_was(user)


def what_suspending_does(request: OnePerson, user: User) -> Preview:
    return Preview(
        f"Suspend {user.label}, {user.status}.",
        headline=f"Suspend {user.address}.",
        details=(f"Person: {user.described}.",),
        consequence="They cannot sign in until unsuspended; groups and applications stay.",
        side_effects=(Profiles(seen(user), seen(user, "SUSPENDED"), user.id),),
        before=status_of(user),
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
async def suspend_user(request: OnePerson, okta: OktaClient, user: User) -> StatusChange:
    """Suspend an ACTIVE person: they cannot sign in until unsuspend_user, and keep everything else."""
    await okta.post("users", user.id, "lifecycle", "suspend")
    return moved(user, "SUSPENDED", "Suspended")


def unless_suspended(request: OnePerson, user: User) -> None:
    if user.status != "SUSPENDED":
        code = "user_locked_out" if user.status == "LOCKED_OUT" else "not_suspended"
        raise cannot(user, "There is no suspension to lift.", code=code)


def unsuspended_already(request: OnePerson, user: User) -> StatusChange:
    return as_it_was(user, HELP[user.status] if user.status != "ACTIVE" else "")


def what_unsuspending_does(request: OnePerson, user: User) -> Preview:
    return Preview(
        f"Lift the suspension of {user.label}.",
        headline=f"Lift the suspension of {user.address}.",
        consequence="They can sign in again.",
        side_effects=(Profiles(seen(user), seen(user, ACTIVATED), user.id),),
        details=(f"Person: {user.described}.",),
        before=status_of(user),
        after=let_in(user, out=("SUSPENDED",)),
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
async def unsuspend_user(request: OnePerson, okta: OktaClient, user: User) -> StatusChange:
    """Lift a suspension. The person gets their previous status back."""
    await okta.post("users", user.id, "lifecycle", "unsuspend")
    return moved(user, await shown_after(okta, user), "Lifted the suspension of")
