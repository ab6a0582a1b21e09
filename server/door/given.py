"""The ways into and out of groups: what these give must be read before somebody gets or loses it."""

from collections.abc import Iterable, Mapping

from server.door.foresight import Led
from tools.contract.kinds import Standing
from tools.contract.preview import Preview
from tools.contract.targets import Targets
from tools.objects.groups import Group
from tools.objects.side_effects import Joins, Leaves, Names

Standings = Mapping[str, Standing]
"""What the targets of a write may do, by id; targets with nothing to report may be absent."""


def ways_in(preview: Preview, standings: Standings) -> dict[str, str]:
    """How somebody gets what the groups give that they join, by the id of each: the beginning of a sentence.

    Groups that give nothing are left out, and those of which the preview has everything.
    """
    joins = [one for one in preview.all(Joins) if not one.whole]
    told = {one.group.id: standings.get(one.group.id, Standing()) for one in joins}
    return {
        one.group.id: f"{one.group.label} gives "
        for one in joins
        if told[one.group.id].gives or told[one.group.id].administers
    }


def ways_out(preview: Preview, targets: Targets) -> dict[str, str]:
    """The same of groups that are deleted, or that a call takes somebody out of.

    Whoever loses their account loses everything, and groups are not what that is about.
    """
    deleted = [one.before for one in preview.all(Names) if one.before is not None and one.after is None]
    left = [one.group for one in preview.all(Leaves) if one.group in targets.all(Group)]
    return {group.id: f"{group.label} gives " for group in (*deleted, *left)}


def ways_by_rules(led: Iterable[Led]) -> dict[str, str]:
    """The same of groups into which group rules lead."""
    return {
        one.id: f"{one.rule_label} may put them into {one.label}, which gives "
        for one in led
        if one.gives is None or one.gives.applications != 0
    }
