"""Giving applications to groups, so that all of their members have them, and taking them away."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from tools.applications.counting import losers, newcomers
from tools.applications.refusals import ASSIGNMENTS, explained, require_active
from tools.contract.action import always, writes
from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.outcomes import Outcome
from tools.contract.pairs import by_name, schema
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending
from tools.objects.applications import Application, ApplicationRef, read_assignment, set_attributes
from tools.objects.groups import Gives, Group, GroupRef, read_gives
from tools.objects.holding import Holding, nothing_to_do
from tools.objects.profile import Value
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.search.first_pages import FirstPage, first_page
from tools.text.counts import counted
from tools.text.quoting import name_of, quote
from tools.text.redaction import HIDDEN

_ATTRIBUTE = "profile."
"""What begins the facts about attributes that members get in an application."""


class GroupAssignmentInput(ActionInput):
    application_id: ApplicationRef
    group_id: GroupRef


class AssignGroup(GroupAssignmentInput):
    priority: int | None = Field(
        None,
        ge=0,
        le=100,
        description="Of several groups, the one with the lowest number decides the attributes. Default: last.",
    )
    profile: Annotated[
        dict[str, Value],
        BeforeValidator(by_name),
        WithJsonSchema(schema({"type": ["string", "boolean", "number", "array"], "items": {"type": "string"}})),
    ] = Field({}, max_length=50, description="Attributes that members get in the application, such as role.")

    def wanted(self) -> dict[str, Any]:
        """What the assignment is to say, as facts."""
        priority = {} if self.priority is None else {"priority": self.priority}
        return {**priority, **{f"{_ATTRIBUTE}{name}": value for name, value in self.profile.items()}}


class GroupAssignmentChange(Outcome):
    group_id: str | None = None
    group: str | None = None
    application_id: str | None = None
    application: str | None = None
    assigned: bool | None = None


class GroupAssignment(Holding[Group, Application]):
    """`says` is what Okta has of the assignment, as facts; `people` is a sentence about how many it concerns."""

    says: dict[str, Any] = Field(default_factory=dict)
    people: str = ""

    def seal(self) -> str:
        # The numbers are part of the question, to which a confirmation is bound.
        return f"{super().seal()} {self.says}"

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), **self.says}


def _said(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {}
    profile = set_attributes(found)
    return {"priority": found.get("priority"), **{f"{_ATTRIBUTE}{name}": value for name, value in profile.items()}}


async def with_newcomers(request: AssignGroup, okta: OktaClient, pending: Pending) -> GroupAssignment:
    """The assignment, with how many people get the application: counted beside the guard's own reads."""
    id, group = request.application_id, request.group_id
    who, what, found, gives, users, members = await asyncio.gather(
        pending.the(Group),
        pending.the(Application),
        read_assignment(okta, id, "groups", group),
        read_gives(okta, (group,)),
        first_page(okta, "apps", id, "users"),
        first_page(okta, "groups", group, "users"),
    )
    told = _get_it(_size(gives, group), members, users)
    return GroupAssignment(who=who, what=what, held=found is not None, says=_said(found), people=told)


async def with_losers(request: GroupAssignmentInput, okta: OktaClient, pending: Pending) -> GroupAssignment:
    """The assignment, with how many people lose the application."""
    id, group = request.application_id, request.group_id
    who, what, found, gives, users, groups = await asyncio.gather(
        pending.the(Group),
        pending.the(Application),
        read_assignment(okta, id, "groups", group),
        read_gives(okta, (group,)),
        first_page(okta, "apps", id, "users"),
        first_page(okta, "apps", id, "groups", limit=20),
    )
    told = _lose_it(_size(gives, group), group, users, groups)
    return GroupAssignment(who=who, what=what, held=found is not None, says=_said(found), people=told)


def _size(gives: Mapping[str, Gives], group: str) -> int | None:
    return gives[group].members if group in gives else None


def _members(size: int) -> str:
    return f"The group has {counted(size, 'member')}"


def _get_it(size: int | None, members: FirstPage | None, users: FirstPage | None) -> str:
    if size is None:
        return "Okta does not report how many members the group has."
    if size == 0:
        return "The group has no members."
    if users is None:
        return f"{_members(size)}; Okta does not let this connection read who has the application already."
    new = newcomers(size, members, users)
    if new.most == 0:
        return f"{_members(size)}, who have it already."
    if new.least == 0 and new.most == size:
        return f"{_members(size)}; how many of them have it already was not counted."
    return f"{_members(size)}, {'all' if new.least == size else new} of them new to it."


def _lose_it(size: int | None, group: str, users: FirstPage | None, groups: FirstPage | None) -> str:
    if size is None or users is None or groups is None:
        return "Okta does not report how many people lose it."
    lost = losers(size, group, users, groups)
    if lost.most == 0:
        return f"{_members(size)}, and nobody loses it: they have it directly or through other groups."
    count = f"{lost} {'person loses' if str(lost) == '1' else 'people lose'}"
    return f"{_members(size)}, and {count} it. The application may delete their accounts."


def unless_it_says_otherwise(request: AssignGroup, before: GroupAssignment) -> None:
    require_active(before.what)
    if before.held:
        raise InvalidInput(
            f"{before.who.label} has {before.what.label} already, with another priority or other attributes.",
            code="already_assigned",
            next_step=f"An administrator can change these {ASSIGNMENTS}. Unassigning takes it from everybody.",
        )


def what_assigning_does(request: AssignGroup, before: GroupAssignment) -> Preview:
    attributes = [
        f"{name_of(name)} {quote(value) if isinstance(value, str) else quote(str(value))}"
        for name, value in request.profile.items()
    ]
    return before.preview(
        "Assign {who} to {what}.",
        held=True,
        after={before.fact: True, **request.wanted()},
        consequence="All of its members, now and later, can sign in to it.",
        details=(
            *([f"Priority: {request.priority}."] if request.priority is not None else []),
            *([f"Attributes in the application: {', '.join(attributes)}."] if attributes else []),
        ),
        escalates=before.people,
    )


@writes(
    scopes={"okta.apps.manage", "okta.groups.read"},
    observe=with_newcomers,
    preview=what_assigning_does,
    refuse=unless_it_says_otherwise,
    unchanged=nothing_to_do(GroupAssignmentChange),
    undo=UndoneBy(
        "unassign_group_from_application",
        lambda change: Back({name: change.arguments[name] for name in GroupAssignmentInput.model_fields}),
    ),
    escalates="always, with how many people get it",
    words="roll out an application to a team, give a team an application",
)
async def assign_group_to_application(
    request: AssignGroup, okta: OktaClient, before: GroupAssignment
) -> GroupAssignmentChange:
    """Assign a group to an application, so that all of its members, now and later, can sign in to it.

    For one person, use assign_user_to_application.
    """
    sent = {
        **({} if request.priority is None else {"priority": request.priority}),
        **({"profile": request.profile} if request.profile else {}),
    }
    with explained():
        await okta.put("apps", before.what.id, "groups", before.who.id, json=sent)
    return before.done(GroupAssignmentChange, "Assigned {who} to {what}.", held=True)


def unless_switched_off(request: GroupAssignmentInput, before: GroupAssignment) -> None:
    require_active(before.what)


def what_unassigning_does(request: GroupAssignmentInput, before: GroupAssignment) -> Preview:
    return before.preview("Unassign {who} from {what}.", held=False, consequence=before.people)


def by_reassigning(change: Change) -> Back:
    """with its priority and attributes; accounts that the application deleted do not come back"""
    before, arguments = change.before, {name: change.arguments[name] for name in GroupAssignmentInput.model_fields}
    profile = {name.removeprefix(_ATTRIBUTE): value for name, value in before.items() if name.startswith(_ATTRIBUTE)}
    kept = {name: value for name, value in profile.items() if _is_sent_back(value)}
    priority = {} if before.get("priority") is None else {"priority": before["priority"]}
    lost = ", ".join(name_of(name) for name in profile if name not in kept)
    return Back(
        {**arguments, **priority, **({"profile": kept} if kept else {})},
        loses="Account data that the application deleted is not restored."
        + (f" Nor are these attributes: {lost}." if lost else ""),
    )


def _is_sent_back(value: Any) -> bool:
    """Whether a recorded attribute is what Okta had, and of a form that `profile` takes."""
    plain = str | int | float
    whole = isinstance(value, plain) or (isinstance(value, list) and all(isinstance(one, plain) for one in value))
    return whole and HIDDEN not in str(value)


@writes(
    scopes={"okta.apps.manage", "okta.groups.read"},
    effect=Effect.DESTRUCTIVE,
    observe=with_losers,
    preview=what_unassigning_does,
    refuse=unless_switched_off,
    unchanged=nothing_to_do(GroupAssignmentChange),
    lowers=always,
    undo=UndoneBy("assign_group_to_application", by_reassigning),
    words="revoke a team's application",
)
async def unassign_group_from_application(
    request: GroupAssignmentInput, okta: OktaClient, before: GroupAssignment
) -> GroupAssignmentChange:
    """Remove an application from a group. Members keep it if they have it directly or through another group.

    For one person, use unassign_user_from_application.
    """
    with explained():
        await okta.delete("apps", before.what.id, "groups", before.who.id)
    return before.done(GroupAssignmentChange, "Unassigned {who} from {what}.", held=False)
