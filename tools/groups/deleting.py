"""Deleting groups."""

import asyncio

from tools.contract.action import writes
from tools.contract.definition import Effect
from tools.contract.facts import Facts
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.targets import Pending
from tools.groups.changing import unless_own
from tools.groups.dependents import Beginning, Dependents, dependents
from tools.objects.groups import Group, OneGroup
from tools.objects.side_effects import Names
from tools.okta.client import OktaClient
from tools.text.likeness import typeable


class DeletedGroup(Outcome):
    id: str | None = None
    name: str | None = None


async def whole(request: OneGroup, okta: OktaClient, pending: Pending) -> Dependents:
    found, _ = await asyncio.gather(dependents(okta, request.group_id), pending.the(Group))
    return found


def unless_deletable(request: OneGroup, before: Dependents) -> None:
    unless_own(before.group)


def _as_it_is(before: Dependents) -> Facts:
    """What the journal keeps, since nothing else will: the profile, and the beginning of each list."""
    return {
        "exists": True,
        "profile": before.group.profile,
        **before.counts,
        "member_ids": list(before.members.names),
        "applications_given": before.applications.names,
        "rules_into_it": before.rules.names,
        "rules_asking_for_it": before.asking.names,
        "owner_names": before.owners.names,
    }


def what_deleting_does(request: OneGroup, before: Dependents) -> Preview:
    group, hanging = before.group, before
    loses = f"It has {hanging.members.told('member')}, gives {hanging.applications.told('application')}"
    return Preview(
        f"Delete the group {group.label}.",
        consequence=f"{loses}, has {hanging.owners.told('owner')}, and {_rules(hanging)}. Nothing brings it back.",
        details=(
            *_names("Applications", hanging.applications),
            *_names("Group rules that put people into it", hanging.rules),
            "Policies that name it are not counted.",
        ),
        must_type=typeable(group.name, group.id),
        before=_as_it_is(before),
        after={"exists": False},
        side_effects=(Names(group, None),),
    )


def _rules(hanging: Dependents) -> str:
    led = f"{hanging.rules.told('group rule')} that put{'s' * (hanging.rules.count == 1)} people into it"
    return (
        f"{led} become{'s' * (hanging.rules.count == 1)} INVALID" if hanging.rules.count else "no group rule needs it"
    )


def _names(what: str, listed: Beginning) -> tuple[str, ...]:
    return (f"{what}: {listed.shown}.",) if listed.names else ()


@writes(
    scopes={"okta.groups.manage", "okta.groups.read"},
    effect=Effect.DESTRUCTIVE,
    observe=whole,
    preview=what_deleting_does,
    refuse=unless_deletable,
    undo="nothing brings a group back; its members, applications and rules are in the journal.",
    words="get rid of a team, nobody uses the group",
)
async def delete_group(request: OneGroup, okta: OktaClient, before: Dependents) -> DeletedGroup:
    """Delete a group for good. Its members lose what only it gave them. Only groups of type OKTA_GROUP can be deleted.

    To take people out of it, use remove_user_from_group.
    """
    await okta.delete("groups", before.group.id)
    told = f"Deleted the group {before.group.label}, which had {before.members.told('member')}."
    return DeletedGroup.done(id=before.group.id, name=before.group.name, message=told)
