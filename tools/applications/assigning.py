"""Giving applications to people and taking them away."""

import asyncio
from typing import Any

from tools.contract.action import always, writes
from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed, Outcome
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending
from tools.objects.applications import Application, ApplicationRef
from tools.objects.users import User, UserRef
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, NotFound


class AssignmentInput(ActionInput):
    application_id: ApplicationRef
    user_id: UserRef


class AssignmentChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    application_id: str | None = None
    application: str | None = None
    assigned: bool | None = None


class Assignment(Observed):
    """`scope` is USER where the person has the application directly, GROUP where groups give it, empty without it."""

    user: User
    application: Application
    scope: str

    def seal(self) -> str:
        return self.user.seal() + self.application.seal() + self.scope


async def assignment(request: AssignmentInput, okta: OktaClient, pending: Pending) -> Assignment:
    user, application, scope = await asyncio.gather(
        pending.the(User), pending.the(Application), _scope(okta, request.application_id, request.user_id)
    )
    return Assignment(user=user, application=application, scope=scope)


async def _scope(okta: OktaClient, application: str, user: str) -> str:
    try:
        return str((await okta.get("apps", application, "users", user)).get("scope") or "USER")
    except NotFound:
        return ""


def _is_assigned(before: Assignment) -> Facts:
    return {"assigned": bool(before.scope)}


def as_it_was(request: AssignmentInput, before: Assignment) -> AssignmentChange:
    stands = "has" if before.scope else "does not have"
    told = f"Nothing to do: {before.user.label} {stands} {before.application.label}."
    return AssignmentChange.unchanged(**_whose(before), assigned=bool(before.scope), message=told)


def _whose(before: Assignment) -> dict[str, Any]:
    user, application = before.user, before.application
    return {
        "user_id": user.id,
        "login": user.login,
        "application_id": application.id,
        "application": application.name,
    }


def unless_assignable(request: AssignmentInput, before: Assignment) -> None:
    if before.application.status != "ACTIVE":
        raise InvalidInput(
            f"{before.application.label} is {before.application.status}: Okta assigns nobody to it.",
            code="application_inactive",
            next_step="An administrator can activate it in the Okta Admin Console: Applications, the application.",
        )
    if before.user.status == "DEPROVISIONED":
        raise InvalidInput(
            f"{before.user.label} is deactivated, and Okta assigns no applications to deactivated people.",
            code="user_deactivated",
            next_step="Activate the person first with activate_user.",
        )


def what_assigning_does(request: AssignmentInput, before: Assignment) -> Preview:
    return Preview(
        f"Assign {before.user.label}, {before.user.status}, to the application {before.application.label}.",
        headline=f"Assign {before.user.address} to the application {before.application.label}.",
        consequence="They can sign in to it.",
        details=(f"Person: {before.user.described}.",),
        before=_is_assigned(before),
        after={"assigned": True},
    )


@writes(
    scopes={"okta.apps.manage", "okta.users.read"},
    observe=assignment,
    preview=what_assigning_does,
    refuse=unless_assignable,
    unchanged=as_it_was,
    undo=UndoneBy("unassign_user_from_application"),
    words="access to an application, add a user to an application, grant an application, give an application",
)
async def assign_user_to_application(
    request: AssignmentInput, okta: OktaClient, before: Assignment
) -> AssignmentChange:
    """Assign a person to an application, so that they can sign in to it."""
    await okta.post("apps", before.application.id, "users", json={"id": before.user.id, "scope": "USER"})
    told = f"Assigned {before.user.label} to {before.application.label}."
    return AssignmentChange.done(**_whose(before), assigned=True, message=told)


def unless_given_by_groups(request: AssignmentInput, before: Assignment) -> None:
    if before.scope == "GROUP":
        raise InvalidInput(
            f"{before.user.label} has {before.application.label} through a group. It goes only with that membership.",
            code="assigned_by_group",
            next_step="Find the group with list_user_groups, then call remove_user_from_group.",
        )


def what_unassigning_does(request: AssignmentInput, before: Assignment) -> Preview:
    return Preview(
        f"Unassign the application {before.application.label} from {before.user.label}, {before.user.status}.",
        headline=f"Unassign the application {before.application.label} from {before.user.address}.",
        consequence="They can no longer sign in to it, and it may delete their account there.",
        details=(f"Person: {before.user.described}.",),
        before=_is_assigned(before),
        after={"assigned": False},
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
    unchanged=as_it_was,
    lowers=always,
    undo=UndoneBy("assign_user_to_application", by_assigning),
    words="revoke access to an application, remove the assignment of an application",
)
async def unassign_user_from_application(
    request: AssignmentInput, okta: OktaClient, before: Assignment
) -> AssignmentChange:
    """Remove a directly assigned application from a person. If a group gives it, use remove_user_from_group."""
    await okta.delete("apps", before.application.id, "users", before.user.id)
    told = f"Unassigned {before.application.label} from {before.user.label}."
    return AssignmentChange.done(**_whose(before), assigned=False, message=told)
