"""Deactivating people."""

from pydantic import Field

from tools.contract.action import always, writes
from tools.contract.definition import Effect
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.lifecycle.people import PersonAndGroups, person_and_groups
from tools.objects.side_effects import Leaves
from tools.objects.status_changes import StatusChange, as_it_was, moved, status_of
from tools.objects.users import OnePerson
from tools.okta.client import OktaClient


class DeactivateUser(OnePerson):
    notify_admins: bool = Field(False, description="Whether Okta notifies the org's administrators by mail.")


def deactivated_already(request: DeactivateUser, before: PersonAndGroups) -> StatusChange:
    return as_it_was(before.user)


def what_deactivating_does(request: DeactivateUser, before: PersonAndGroups) -> Preview:
    return Preview(
        f"Deactivate {before.user.label}, {before.user.status}.",
        headline=f"Deactivate {before.user.address}.",
        consequence="They are signed out and lose access at once; group memberships stay.",
        details=(f"Person: {before.described}.",),
        side_effects=tuple(map(Leaves, before.groups)),
        before=status_of(before.user),
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
    return moved(before.user, "DEPROVISIONED", "Deactivated", "They are signed out.")
