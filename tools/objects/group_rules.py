"""Group rules: their model, how one is found, what protects one, and what rules would do about a person."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from tools.contract.arguments import Named, Reference
from tools.contract.kinds import Identity, Kind, OktaObject, Protection, Standing, ambiguous
from tools.objects.groups import Gives, Group, granting, read_gives
from tools.objects.ids import GROUP_RULE_ID
from tools.objects.rule_conditions import STATUS, fits, may_ask_for
from tools.objects.users import User
from tools.okta.client import OktaClient
from tools.okta.errors import NotFound
from tools.okta.refusals import unless_refused
from tools.text.lines import readable
from tools.text.quoting import quote

_WORD = re.compile(r"\w+")
_NAMES = "groupIdToGroupNameMap"
PERHAPS = "perhaps "
"""Prefix for a rule that may or may not keep a member."""


class GroupRule(OktaObject):
    """A rule: while it is ACTIVE, people who match its expression are added to its groups, and removed once they no
    longer do."""

    name: str
    status: str
    expression: str
    targets: tuple[str, ...]
    excluded: frozenset[str]
    names: dict[str, str] = Field(default_factory=dict)
    """The names of its groups, as far as Okta was asked for them."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "GroupRule":
        """The rule as described by Okta's API."""
        conditions = told.get("conditions") or {}
        return cls(
            id=str(told.get("id")),
            name=str(told.get("name")),
            status=str(told.get("status")),
            expression=str((conditions.get("expression") or {}).get("value") or ""),
            targets=tuple(((told.get("actions") or {}).get("assignUserToGroups") or {}).get("groupIds") or ()),
            excluded=frozenset(((conditions.get("people") or {}).get("users") or {}).get("exclude") or ()),
            names=(told.get("_embedded") or {}).get(_NAMES) or {},
        )

    @property
    def label(self) -> str:
        return quote(self.name)

    def touched(self, step: "Step") -> bool:
        """Whether the rule looks at anything that changes."""
        if step.before is None:
            return True
        words = {word.casefold() for word in _WORD.findall(self.expression)}
        if any(name.casefold() in words for name in step.changed):
            return True
        # Every function that tests memberships is named isMemberOf…, or is about groups.
        return bool(step.joined or step.left) and any("memberof" in word or "groups" in word for word in words)

    def asks_for(self, group: Group) -> bool:
        """Whether its expression may ask who is in a group."""
        return may_ask_for(self.expression, group)


def seen(user: User, status: str | tuple[str, ...] | None = None) -> dict[str, Any]:
    """A person as group rules see them, with their future status, or several possible ones."""
    return {**user.profile, STATUS: status or user.status}


async def all_rules(okta: OktaClient) -> tuple[GroupRule, ...] | None:
    """The group rules, active or not; None where Okta does not let this connection read them.

    Raises:
        ActionError: Okta cannot be asked at all now.
    """
    return await unless_refused(_all_rules(okta))


async def _all_rules(okta: OktaClient) -> tuple[GroupRule, ...]:
    return tuple([GroupRule.of(one) async for page in okta.pages("groups", "rules", limit=200) for one in page])


async def active_rules(okta: OktaClient) -> tuple[GroupRule, ...] | None:
    """The same, only the active ones."""
    rules = await all_rules(okta)
    return None if rules is None else tuple(rule for rule in rules if rule.status == "ACTIVE")


def kept_by(rules: Iterable[GroupRule], user: User, group_id: str) -> str:
    """Which rules keep a member in a group, in words; empty if none does.

    Okta does not tell. A rule keeps the members who match it, no matter who added them, unless they are on its
    exception list.
    """
    leading = [rule for rule in rules if group_id in rule.targets and user.id not in rule.excluded]
    answers = {rule.name: fits(rule.expression, seen(user)) for rule in sorted(leading, key=lambda one: one.name)}
    if sure := [name for name, answer in answers.items() if answer]:
        return f"the group rule {' and '.join(map(quote, sure))}"
    maybe = [name for name, answer in answers.items() if answer is None]
    return f"{PERHAPS}the group rule {' or '.join(map(quote, maybe))}" if maybe else ""


@dataclass(frozen=True)
class Step:
    """A person before and after a write. `before` is None if they did not exist or no rule looked at them."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    joined: tuple[Group, ...] = ()
    left: tuple[Group, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """The attributes that change."""
        before = self.before or {}
        return tuple(name for name in {**before, **self.after} if before.get(name) != self.after.get(name))


def may_join(rule: GroupRule, step: Step) -> bool:
    """Whether the rule may put the person into its groups because of the step."""
    if fits(rule.expression, step.after, step.joined, step.left) is False:
        return False
    # People who matched before are members already.
    return step.before is None or fits(rule.expression, step.before, step.left, step.joined) is not True


def may_leave(rule: GroupRule, step: Step) -> bool:
    """Whether the rule may take the person out of its groups because of the step."""
    if step.before is None or fits(rule.expression, step.after, step.joined, step.left) is True:
        return False
    return fits(rule.expression, step.before, step.left, step.joined) is not False


async def find_group_rule(okta: OktaClient, text: str) -> GroupRule:
    """The one group rule with this id or exactly this name, which may be in quotation marks.

    Raises:
        NotFound: no rule has it; those whose names contain it are suggested. Ambiguous: several have it.
    """
    if GROUP_RULE_ID.fullmatch(text):
        return GroupRule.of(await _by_id(okta, text))
    containing: list[GroupRule] = []
    # The marks may be part of one rule's name and not of another's.
    for name in dict.fromkeys((text, text.removeprefix("“").removesuffix("”"))):
        pages = okta.pages("groups", "rules", search=name, limit=200, expand=_NAMES)
        containing = [GroupRule.of(one) async for page in pages for one in page]
        found = [rule for rule in containing if rule.name == name]
        if len(found) > 1:
            raise ambiguous("group rules", text, [f"{one.id} {one.status}" for one in found])
        if found:
            return found[0]
    hint = ", ".join(f"{one.label} ({one.id})" for one in containing[:5])
    raise NotFound(
        f"No group rule has the exact name “{readable(text)}”.",
        next_step=f"Did you mean {hint}?" if hint else "list_group_rules lists them. Send an exact name or an id.",
    )


async def _by_id(okta: OktaClient, id: str) -> Any:
    try:
        return await okta.get("groups", "rules", id, expand=_NAMES)
    except NotFound:
        raise NotFound(
            f"No group rule has the id {id}.", next_step="Send a group rule's id or exact name; see list_group_rules."
        ) from None


def _own(rule: GroupRule, identity: Identity) -> str:
    return ""


def _names(rule: GroupRule) -> tuple[str, ...]:
    return (rule.id, rule.name)


def _led_into(rule: GroupRule) -> tuple[tuple[str, ...], ...]:
    return tuple((id, rule.names.get(id, "")) for id in rule.targets)


async def _given(okta: OktaClient, ids: tuple[str, ...]) -> Mapping[str, Any]:
    """What the groups give that these rules lead into, by the id of the rule."""
    rules = [GroupRule.of(told) for told in await asyncio.gather(*(_by_id(okta, id) for id in ids))]
    gives = await read_gives(okta, {id for rule in rules for id in rule.targets})
    return {rule.id: [gives.get(id) for id in rule.targets] for rule in rules}


def _standing(rule: GroupRule, given: list[Gives | None] | None) -> Standing:
    """A rule may do what its groups give: who may change it decides who gets that."""
    if given is None or None in given:
        return Standing(f"Okta does not report what the groups give that {rule.label} leads into.")
    granted = [why for gives in given if gives is not None and (why := granting(gives.group, gives))]
    return Standing(f"{rule.label} leads into a group. {granted[0]}" if granted else "")


GROUP_RULE = Kind(
    type=GroupRule,
    find=find_group_rule,
    id=GROUP_RULE_ID,
    name="group rule",
    lookup="lookup_group_rule",
    protection=Protection(
        own=_own,
        names=_names,
        asked=_given,
        standing=_standing,
        protected="protected_groups",
        managed="managed_groups",
        grants=True,
        leads_to=_led_into,
    ),
)
GroupRuleRef = Annotated[Named, Reference(GROUP_RULE), Field(description="Okta id or exact name.")]
