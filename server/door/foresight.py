"""Predicts what group rules do after a write: which groups they may add people to or remove them from."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.connections.models import Connection
from server.door.knowledge import Knowledge
from tools.contract.preview import Preview
from tools.objects.group_rules import GroupRule, Step, may_join, may_leave
from tools.objects.groups import Gives, Group
from tools.objects.rule_conditions import STATUS
from tools.objects.side_effects import Joins, Leaves, Profiles
from tools.okta.client import OktaClient
from tools.text.quoting import quote

MOST_STEPS = 20
"""Limit on chained rules, each of which leads into a group that the next one asks about."""
RARELY_LOOKED_AT = frozenset(
    name.casefold()
    for name in (
        *("firstName", "lastName", "middleName", "honorificPrefix", "honorificSuffix", "displayName", "nickName"),
        STATUS,
        *("secondEmail", "mobilePhone", "primaryPhone", "profileUrl", "streetAddress", "postalAddress"),
    )
)
"""Attributes that identify a person, and the status: group rules hardly ever use them."""


@dataclass(frozen=True)
class Led:
    """A group that a rule may lead into or out of; `gives` is None if this connection may not read the group."""

    rule: str
    id: str
    gives: Gives | None

    @property
    def label(self) -> str:
        return self.gives.group.label if self.gives else f"of id {self.id}"

    @property
    def rule_label(self) -> str:
        return f"the group rule {quote(self.rule)}"


@dataclass(frozen=True)
class Ahead:
    """What group rules may do after a write. `unread`: this could not be determined, and it may matter."""

    into: tuple[Led, ...] = ()
    out_of: tuple[Led, ...] = ()
    unread: bool = False


@dataclass
class _Walk:
    """Follows chains of rules: one may lead into a group that another one asks for."""

    rules: tuple[GroupRule, ...]
    into: dict[str, str] = field(default_factory=dict)
    """Names of rules, by the group that they may lead into."""
    out_of: dict[str, str] = field(default_factory=dict)

    def follow(self, step: Step, person: str | None) -> bool:
        """Record where the rules lead from here; returns whether that is anything new."""
        known = len(self.into) + len(self.out_of)
        for rule in self.rules:
            if not rule.touched(step):
                continue
            if person not in rule.excluded and may_join(rule, step):
                self.into |= {id: rule.name for id in rule.targets if id not in self.into}
            if may_leave(rule, step):
                self.out_of |= {id: rule.name for id in rule.targets if id not in self.out_of}
        return len(self.into) + len(self.out_of) > known


async def look_ahead(
    knowledge: Knowledge, okta: OktaClient, connection: Connection, preview: Preview, *, since: float
) -> Ahead:
    """What group rules may do because of a write.

    Raises:
        ActionError: Okta cannot be asked at all now.
    """
    profiles = next(iter(preview.all(Profiles)), None)
    if profiles is None:
        return Ahead()
    joins = tuple(one.group for one in preview.all(Joins))
    leaves = tuple(one.group for one in preview.all(Leaves))
    step = Step(profiles.before, profiles.after, joins, leaves)
    if step.before is not None and not (step.changed or step.joined or step.left):
        return Ahead()
    rules = await knowledge.rules(okta, connection, since=since)
    if rules is None:
        return Ahead(unread=_may_matter(step))
    walk = _Walk(rules)
    gives: dict[str, Gives] = {}
    for _ in range(MOST_STEPS):
        if not walk.follow(step, profiles.id):
            break
        gives |= await knowledge.groups(okta, connection, {*walk.into, *walk.out_of} - gives.keys(), since=since)
        step = Step(
            profiles.before,
            profiles.after,
            (*joins, *_groups(gives, walk.into)),
            (*leaves, *_groups(gives, walk.out_of)),
        )
    return Ahead(
        tuple(Led(rule, id, gives.get(id)) for id, rule in walk.into.items()),
        tuple(Led(rule, id, gives.get(id)) for id, rule in walk.out_of.items()),
    )


def _groups(gives: dict[str, Gives], ids: Iterable[str]) -> tuple[Group, ...]:
    return tuple(gives[id].group for id in ids if id in gives)


def _may_matter(step: Step) -> bool:
    """Whether group rules commonly look at it."""
    looked_at = [name for name in step.changed if name.casefold() not in RARELY_LOOKED_AT]
    return step.before is None or bool(looked_at) or bool(step.joined)
