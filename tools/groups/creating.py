"""Creating groups."""

from typing import Any

from pydantic import Field

from tools.contract.action import writes
from tools.contract.arguments import ActionInput
from tools.contract.facts import Facts
from tools.contract.outcomes import Observed
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending
from tools.groups.dependents import UNUSED, Dependents, dependents
from tools.groups.naming import Description, GroupChange, GroupName, alike, explaining, require_free
from tools.objects.groups import GROUP, Group, groups_beginning
from tools.objects.side_effects import Names
from tools.okta.client import OktaClient
from tools.text.quoting import quote


class CreateGroup(ActionInput):
    name: GroupName
    description: Description | None = Field(None, description="Description.")


class FreeName(Observed):
    """The groups whose names begin with the wanted one, and the one that has it, with what hangs on it."""

    beginning: tuple[Group, ...]
    holder: Dependents | None = None


async def vacancy(request: CreateGroup, okta: OktaClient, pending: Pending) -> FreeName:
    beginning = await groups_beginning(okta, request.name)
    holder = next((group for group in beginning if group.name == request.name), None)
    # What hangs on it is for undoing and settling a creation.
    return FreeName(beginning=beginning, holder=await dependents(okta, holder.id) if holder is not None else None)


class CreatedGroup(GroupChange):
    def facts(self) -> dict[str, Any]:
        return {"id": self.id}

    def made(self) -> tuple[str, str] | None:
        return (self.id, self.name or "") if self.id else None


def unless_free(request: CreateGroup, before: FreeName) -> None:
    require_free(request.name, before.beginning)


def _who_has_the_name(before: FreeName) -> Facts:
    if (holder := before.holder) is None:
        return {"exists": False}
    described = holder.group.profile.get("description") or ""
    return {"exists": True, "id": holder.group.id, "description": described, **holder.counts}


def what_creating_does(request: CreateGroup, before: FreeName) -> Preview:
    described = (f"Description: {quote(request.description)}.",) if request.description else ()
    others = alike(before.beginning)
    return Preview(
        f"Create the group {quote(request.name)}.",
        consequence="It has no members and gives nothing yet.",
        details=(*described, *([others] if others else [])),
        before=_who_has_the_name(before),
        after={"exists": True, "description": request.description or "", **UNUSED},
        side_effects=(Names(None, request.name),),
    )


def by_deleting(change: Change) -> Back | str:
    """while it is empty and unused"""
    if not change.after.get("id"):
        return "the journal does not name the group that was created."
    return Back({"group_id": change.after["id"]})


@writes(
    scopes={"okta.groups.manage"},
    idempotent=False,
    creates=GROUP,
    observe=vacancy,
    preview=what_creating_does,
    refuse=unless_free,
    undo=UndoneBy("delete_group", by_deleting),
    escalates="if a rule lets the group's members be changed by its name",
    words="new group, need a new group, new team",
)
async def create_group(request: CreateGroup, okta: OktaClient, before: FreeName) -> CreatedGroup:
    """Create an empty group. To add people, use add_user_to_group; to rename one, use update_group."""
    profile = {"name": request.name, "description": request.description}
    with explaining():
        made = Group.model_validate(await okta.post("groups", json={"profile": profile}))
    told = f"Created the group {made.label} (id {made.id}). {alike(before.beginning)}".rstrip()
    return CreatedGroup.done(id=made.id, name=made.name, description=made.profile.get("description"), message=told)
