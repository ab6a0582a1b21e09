"""Giving applications to people and taking them away."""

import asyncio
from typing import Any

from tools.applications.refusals import explained, require_active
from tools.contract.action import always, writes
from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending
from tools.objects.applications import Application, ApplicationRef, giver, read_assignment
from tools.objects.holding import Holding, nothing_to_do
from tools.objects.users import User, UserRef
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.text.quoting import quote


class AssignmentInput(ActionInput):
    application_id: ApplicationRef
    user_id: UserRef


class AssignmentChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    application_id: str | None = None
    application: str | None = None
    assigned: bool | None = None


class Assignment(Holding[User, Application]):
    """`through` is the group that gives it, in words; empty where the person has it directly or not at all."""

    through: str = ""

    def seal(self) -> str:
        return f"{super().seal()} {self.through}"

    @property
    def how(self) -> str:
        return f" through {self.through}" if self.through else ""


async def assignment(request: AssignmentInput, okta: OktaClient, pending: Pending) -> Assignment:
    user, application, found = await asyncio.gather(
        pending.the(User),
        pending.the(Application),
        read_assignment(okta, request.application_id, "users", request.user_id),
    )
    return Assignment(who=user, what=application, held=found is not None, through=_through(found or {}))


def _through(found: dict[str, Any]) -> str:
    if found.get("scope") != "GROUP":
        return ""
    _, name = giver(found)
    return f"the group {quote(str(name))}" if name else "a group"


def unless_assignable(request: AssignmentInput, before: Assignment) -> None:
    require_active(before.what)
    if before.who.status == "DEPROVISIONED":
        raise InvalidInput(
            f"{before.who.label} is deactivated, and Okta assigns no applications to deactivated people.",
            code="user_deactivated",
            next_step="Activate the person first with activate_user.",
        )


def what_assigning_does(request: AssignmentInput, before: Assignment) -> Preview:
    return before.preview("Assign {who} to {what}.", held=True, consequence="They can sign in to it.")


@writes(
    scopes={"okta.apps.manage", "okta.users.read"},
    observe=assignment,
    preview=what_assigning_does,
    refuse=unless_assignable,
    unchanged=nothing_to_do(AssignmentChange),
    undo=UndoneBy("unassign_user_from_application"),
    words="access to an application, add a user to an application, grant an application, give an application",
)
async def assign_user_to_application(
    request: AssignmentInput, okta: OktaClient, before: Assignment
) -> AssignmentChange:
    """Assign a person to an application, so that they can sign in to it.

    For everybody in a group, use assign_group_to_application.
    """
    with explained():
        await okta.post("apps", before.what.id, "users", json={"id": before.who.id, "scope": "USER"})
    return before.done(AssignmentChange, "Assigned {who} to {what}.", held=True)


def unless_given_by_groups(request: AssignmentInput, before: Assignment) -> None:
    if before.through:
        raise InvalidInput(
            f"{before.who.label} has {before.what.label}{before.how}. It goes only with that membership.",
            code="assigned_by_group",
            next_step="Call remove_user_from_group, or unassign_group_from_application for the whole group.",
        )


def what_unassigning_does(request: AssignmentInput, before: Assignment) -> Preview:
    return before.preview(
        "Unassign {who} from {what}.",
        held=False,
        consequence="They can no longer sign in to it, and it may delete their account there.",
    )


def by_assigning(change: Change) -> Back:
    """; an account that the application deleted does not come back"""
    return Back(
        dict(change.arguments),
        loses="Account data that the application deleted, and the user name and attributes there, are not restored.",
    )


@writes(
    scopes={"okta.apps.manage", "okta.users.read"},
    effect=Effect.DESTRUCTIVE,
    observe=assignment,
    preview=what_unassigning_does,
    refuse=unless_given_by_groups,
    unchanged=nothing_to_do(AssignmentChange),
    lowers=always,
    undo=UndoneBy("assign_user_to_application", by_assigning),
    words="revoke access to an application, remove the assignment of an application",
)
async def unassign_user_from_application(
    request: AssignmentInput, okta: OktaClient, before: Assignment
) -> AssignmentChange:
    """Remove a directly assigned application from a person. If a group gives it, use remove_user_from_group."""
    with explained():
        await okta.delete("apps", before.what.id, "users", before.who.id)
    return before.done(AssignmentChange, "Unassigned {who} from {what}.", held=False)
