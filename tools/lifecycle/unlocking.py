"""Unlocking people whom wrong passwords locked out."""

from tools.contract.action import writes
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed
from tools.contract.preview import Preview
from tools.contract.targets import Pending
from tools.lifecycle.people import ACTIVATED_ALREADY
from tools.objects.group_rules import seen
from tools.objects.passwords import unless_kept_elsewhere
from tools.objects.side_effects import Profiles
from tools.objects.status_changes import StatusChange, as_it_was, moved, shown_after, stayed
from tools.objects.statuses import ACTIVATED, HELP, cannot
from tools.objects.users import OnePerson, User
from tools.okta.client import OktaClient
from tools.okta.errors import MissingScope, NotFound, OktaError, Unauthorized


class Lock(Observed):
    """`blocked`: Okta keeps the person out on some devices, which may be so while they are ACTIVE."""

    user: User
    blocked: bool

    def seal(self) -> str:
        return f"{self.user.seal()} {self.blocked}"

    @property
    def holds(self) -> bool:
        return self.user.status == "LOCKED_OUT" or self.blocked


async def lock(request: OnePerson, okta: OktaClient, pending: Pending) -> Lock:
    user = await pending.the(User)
    # In an org without this feature the answer is a 401, which costs a new token: it is asked only where it decides.
    blocked = user.status in ACTIVATED_ALREADY and await _blocked(okta, user.id)
    return Lock(user=user, blocked=blocked)


async def _blocked(okta: OktaClient, user: str) -> bool:
    try:
        return bool(await okta.get("users", user, "blocks"))
    except (MissingScope, NotFound, OktaError, Unauthorized):
        return False


def unless_locked_out(request: OnePerson, before: Lock) -> None:
    if not before.holds:
        raise cannot(before.user, "There is no lock to lift.", code="not_locked_out")
    unless_kept_elsewhere(before.user, "Okta unlocks only people whose password it keeps.")


def unlocked_already(request: OnePerson, before: Lock) -> StatusChange:
    return as_it_was(before.user, HELP[before.user.status])


def _facts(before: Lock) -> Facts:
    return {"status": before.user.status, "blocked": before.blocked}


def what_unlocking_does(request: OnePerson, before: Lock) -> Preview:
    user = before.user
    return Preview(
        f"Unlock {user.label}, {user.status}.",
        headline=f"Unlock {user.address}.",
        consequence="They can sign in again with the password that they have.",
        details=(f"Person: {user.described}.",),
        side_effects=(Profiles(seen(user), seen(user, ACTIVATED), user.id),),
        before=_facts(before),
        after={"status": ACTIVATED_ALREADY, "blocked": False},
    )


@writes(
    scopes={"okta.users.manage"},
    observe=lock,
    preview=what_unlocking_does,
    refuse=unless_locked_out,
    unchanged=unlocked_already,
    undo="there is nothing to restore: only wrong passwords lock somebody out.",
    words="locked out, lockout, too many wrong passwords, unlock an account, blocked from unknown devices",
)
async def unlock_user(request: OnePerson, okta: OktaClient, before: Lock) -> StatusChange:
    """Unlock a person who is LOCKED_OUT after too many wrong passwords. They keep their password."""
    user = before.user
    await okta.post("users", user.id, "lifecycle", "unlock")
    told = "They sign in with the password that they have."
    if user.status != "LOCKED_OUT":
        return stayed(user, "Lifted the block of devices of", told)
    return moved(user, await shown_after(okta, user), "Unlocked", told)
