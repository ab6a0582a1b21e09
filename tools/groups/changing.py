"""Renaming and describing groups."""

import asyncio
from typing import Any

from pydantic import Field

from tools.contract.action import writes
from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Observed
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending
from tools.groups.naming import Description, GroupChange, GroupName, alike, explaining, require_free
from tools.objects.groups import Group, GroupRef, groups_beginning
from tools.objects.side_effects import Names
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.text.quoting import quote


class UpdateGroup(ActionInput):
    group_id: GroupRef
    name: GroupName | None = None
    description: Description | None = Field(None, description="Description.")
    clear_description: bool = Field(False, description="Whether to remove the description.")

    def changes(self) -> dict[str, str | None]:
        """The wanted values; None empties one.

        Raises:
            InvalidInput: nothing is wanted, or the description is both set and removed.
        """
        if self.description is not None and self.clear_description:
            raise InvalidInput("description: both set and removed. Send description or clear_description.")
        wanted: dict[str, str | None] = {"name": self.name} if self.name is not None else {}
        if self.description is not None or self.clear_description:
            wanted["description"] = self.description
        if not wanted:
            raise InvalidInput("Nothing to change was sent. Send name, description or both.")
        return wanted


class Named(Observed):
    """A group, and the groups whose names begin with the wanted one."""

    group: Group
    beginning: tuple[Group, ...] = ()


async def present(request: UpdateGroup, okta: OktaClient, pending: Pending) -> Named:
    # By its id: a search may show an earlier profile, which would overwrite what was changed since.
    read, beginning = await asyncio.gather(okta.get("groups", request.group_id), _beginning(request, okta))
    await pending.the(Group)
    return Named(group=Group.model_validate(read), beginning=beginning)


async def _beginning(request: UpdateGroup, okta: OktaClient) -> tuple[Group, ...]:
    return await groups_beginning(okta, request.name) if request.name is not None else ()


def unless_own(group: Group) -> None:
    """Accept a group of Okta's own kind.

    Raises:
        InvalidInput: it is Everyone, or imported.
    """
    if group.type == "BUILT_IN":
        raise InvalidInput(f"{group.label} is built into Okta and stays as it is.", code="group_not_manageable")
    if group.type != "OKTA_GROUP":
        raise InvalidInput(
            f"{group.label} is imported from an application or directory.",
            code="group_not_manageable",
            next_step="Change it in the group's source.",
        )


def unless_renamable(request: UpdateGroup, before: Named) -> None:
    unless_own(before.group)
    if request.name is not None:
        require_free(request.name, before.beginning, before.group.id)


def as_it_was(request: UpdateGroup, before: Named) -> GroupChange:
    return GroupChange.unchanged(
        **_shown(before.group), message=f"Nothing to do: {before.group.label} already has these values."
    )


def _shown(group: Group) -> dict[str, Any]:
    return {"id": group.id, "name": group.name, "description": group.profile.get("description")}


def what_updating_does(request: UpdateGroup, before: Named) -> Preview:
    group, after = before.group, request.changes()
    held = {name: group.profile.get(name) or None for name in after}
    told = [f"{name} {_value(held[name])} → {_value(after[name])}" for name in after if held[name] != after[name]]
    renames = "name" in after and after["name"] != held["name"]
    others = alike(before.beginning, group.id) if renames else ""
    return Preview(
        f"Change the group {group.label}: {'; '.join(told)}.",
        consequence="What names it by its present name no longer does: this server's rules, scripts, group rules."
        if renames
        else "",
        details=(others,) if others else (),
        before=held,
        after=after,
        side_effects=(Names(group, after["name"]),) if renames else (),
    )


def _value(value: Any) -> str:
    return "(empty)" if value is None else quote(str(value))


def by_restoring(change: Change) -> Back:
    """with the values of before"""
    held = {name: value for name, value in change.before.items() if value is not None}
    cleared = {"clear_description": True} if "description" in change.before.keys() - held else {}
    return Back({"group_id": change.arguments["group_id"], **held, **cleared})


@writes(
    scopes={"okta.groups.manage", "okta.groups.read"},
    observe=present,
    preview=what_updating_does,
    refuse=unless_renamable,
    unchanged=as_it_was,
    undo=UndoneBy("update_group", by_restoring),
    escalates="if group rules look at its name",
    words="name of a group, rename a group, description of a group",
)
async def update_group(request: UpdateGroup, okta: OktaClient, before: Named) -> GroupChange:
    """Rename a group or change its description. Only groups of type OKTA_GROUP can be changed."""
    # Okta empties what is not sent.
    profile = {**before.group.profile, **request.changes()}
    with explaining():
        made = Group.model_validate(await okta.put("groups", before.group.id, json={"profile": profile}))
    was = f" It was {before.group.label}." if made.name != before.group.name else ""
    return GroupChange.done(**_shown(made), message=f"Changed the group {made.label}.{was}")
