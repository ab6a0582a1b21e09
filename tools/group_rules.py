"""The toolset `group_rules`: the rules that put people into groups."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from tools.contract.action import reads
from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending, the
from tools.objects.group_rules import GROUP_RULE, GroupRule, GroupRuleRef, seen
from tools.objects.groups import Group, GroupRef
from tools.objects.rule_conditions import fits, parse
from tools.objects.rule_wording import in_words
from tools.objects.users import people_with
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput
from tools.search.filters import Line
from tools.search.rule_matches import GroupMembers, Matches, first_names, hidden_in, matches, members_of
from tools.search.scanning import NextCursor, PagedInput, noted, read, scan
from tools.text.lines import cut

NAMES = "groupIdToGroupNameMap"
LONGEST_CONDITION = 200
MOST_GROUPS = 5
"""Groups of a rule that a row names, and that a preview compares."""
MOST_EXCLUDED = 20
MOST_NAMED = 20
Status = Literal["ACTIVE", "INACTIVE", "INVALID"]
WHY_INVALID = {
    False: "A group that it puts people into was deleted. It can only be deleted.",
    True: "Okta does not tell why. What its condition names may be gone.",
}
"""Why a rule is INVALID, by whether all its groups exist."""


class ListGroupRules(PagedInput):
    words: Line | None = Field(None, description="Text in the rule's name.")
    status: Status | None = Field(None, description="INVALID rules do nothing and cannot be activated.")
    group_id: GroupRef | None = Field(None, description="Rules that put people into this group: id or exact name.")
    limit: int = Field(20, ge=1, le=100, description="Maximum number of results.")


class RuleRow(Output):
    id: str
    name: str
    status: str
    condition: str
    groups: list[str] = Field(description="Names of the groups that it puts people into.")
    more_groups: int | None = None

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "RuleRow":
        rule = GroupRule.of(entry)
        names = [rule.names.get(id, id) for id in rule.targets]
        return cls(
            id=rule.id,
            name=rule.name,
            status=rule.status,
            condition=cut(in_words(rule.expression) or rule.expression, LONGEST_CONDITION),
            groups=names[:MOST_GROUPS],
            more_groups=max(0, len(names) - MOST_GROUPS) or None,
        )


class RulePage(Output):
    rules: list[RuleRow]
    next_cursor: NextCursor = None
    note: str | None = None


@reads(
    scopes={"okta.groups.read"},
    words="rules of a group, which rules, dynamic groups, automatic membership, automatic assignment",
)
async def list_group_rules(request: ListGroupRules, okta: OktaClient) -> RulePage:
    """List group rules: name, status, condition in words, and the groups that they put people into.

    To see whom one would move, use preview_group_rule.
    """
    how: dict[str, Any] = {"search": request.words, "expand": NAMES}
    begin = request.begin(okta)
    if request.status or request.group_id:
        page = await scan(okta, "groups", "rules", begin=begin, limit=request.limit, fits=_wants(request), **how)
    else:
        page = await read(okta, "groups", "rules", begin=begin, limit=request.limit, **how)
    return RulePage(
        rules=[RuleRow.of(entry) for entry in page.entries],
        next_cursor=request.next_cursor(okta, page.end),
        note=noted(request, page, "No group rule"),
    )


def _wants(request: ListGroupRules) -> Callable[[dict[str, Any]], bool]:
    def wants(entry: dict[str, Any]) -> bool:
        rule = GroupRule.of(entry)
        return request.status in (None, rule.status) and request.group_id in (None, *rule.targets)

    return wants


class LookupGroupRule(ActionInput):
    group_rule_id: GroupRuleRef


class NamedGroup(Output):
    id: str
    name: str | None = None


class RuleDetails(Output):
    id: str
    name: str
    status: str
    why_invalid: str | None = None
    condition: str | None = Field(None, description="The expression in words; absent if it cannot be told in words.")
    expression: str
    groups: list[NamedGroup] = Field(description="The groups that it puts people into; deleted ones have no name.")
    excluded_count: int = Field(description="Number of people whom it never puts into them.")
    excluded: list[str] = Field(description="The first of these people.")


@reads(
    scopes={"okta.groups.read", "okta.users.read"},
    observe=the(GROUP_RULE),
    words="condition of a group rule, exceptions of a group rule, why is a rule invalid",
)
async def lookup_group_rule(request: LookupGroupRule, okta: OktaClient, rule: GroupRule) -> RuleDetails:
    """Look up one group rule by id or exact name: condition in words, groups, exclusions, and why it is invalid."""
    some = sorted(rule.excluded)[:MOST_EXCLUDED]
    people = await people_with(okta, some)
    return RuleDetails(
        id=rule.id,
        name=rule.name,
        status=rule.status,
        why_invalid=WHY_INVALID[set(rule.targets) <= rule.names.keys()] if rule.status == "INVALID" else None,
        condition=in_words(rule.expression, rule.names),
        expression=rule.expression,
        groups=[NamedGroup(id=id, name=rule.names.get(id)) for id in rule.targets],
        excluded_count=len(rule.excluded),
        excluded=[_login(people[id]) for id in some if id in people],
    )


def _login(entry: dict[str, Any]) -> str:
    return str((entry.get("profile") or {}).get("login") or entry["id"])


class PreviewGroupRule(ActionInput):
    group_rule_id: GroupRuleRef | None = Field(None, description="An existing rule: id or exact name.")
    expression: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)] | None = Field(
        None, description='Condition of a rule that does not exist yet, such as user.department=="Sales".'
    )
    group_ids: list[GroupRef] = Field(
        [], max_length=MOST_GROUPS, description="With expression: the groups that it would put people into."
    )


class GroupPreview(Output):
    """`may_leave`: members who do not match. Those leave whom the rule itself put in; Okta does not tell which."""

    id: str
    name: str | None = None
    joining: int
    first_joining: list[str]
    may_leave: int
    first_may_leave: list[str]


class RulePreview(Output):
    condition: str | None = None
    status: str | None = None
    matching: int | None = Field(None, description="People who match, deactivated and excluded ones left out.")
    unknown: int | None = Field(None, description="People of whom it cannot be told here whether they match.")
    at_least: bool = Field(description="Whether all numbers are lower bounds, because not everybody was read.")
    scanned: int = 0
    groups: list[GroupPreview]
    note: str | None = None


Previewed = tuple[GroupRule, Matches, list[GroupMembers]]


async def previewed(request: PreviewGroupRule, okta: OktaClient, pending: Pending) -> Previewed:
    rule = await _wanted(request, pending)
    if hidden := hidden_in(rule.expression):
        raise InvalidInput(
            f"The condition looks at {', '.join(hidden)}, which a rule of this server hides: who matches would tell.",
            code="hidden_attribute",
            next_step="An administrator can preview it in the Okta Admin Console.",
        )
    groups = tuple(id for id in rule.targets if not rule.names or id in rule.names)[:MOST_GROUPS]
    found, members = await asyncio.gather(matches(okta, rule.expression, rule.excluded), members_of(okta, groups))
    return rule.model_copy(update={"targets": groups}), found, members


async def _wanted(request: PreviewGroupRule, pending: Pending) -> GroupRule:
    """The rule to preview.

    Raises:
        InvalidInput: neither a rule nor a condition was sent, or both were; or the condition cannot be read here.
    """
    if (request.group_rule_id is None) is (request.expression is None):
        raise InvalidInput("Send either group_rule_id, or expression with group_ids.")
    if request.expression is None:
        if request.group_ids:
            raise InvalidInput("group_ids goes with expression: a rule that exists has its groups.")
        rule = await pending.the(GroupRule)
    else:
        groups = await pending.all(Group)
        rule = GroupRule(
            id="",
            name="",
            status="",
            expression=request.expression,
            targets=tuple(group.id for group in groups),
            excluded=frozenset(),
            names={group.id: group.name for group in groups},
        )
    if parse(rule.expression) is None:
        raise InvalidInput(
            f"The condition has a form that this server cannot evaluate: {cut(rule.expression, LONGEST_CONDITION)}",
            code="not_evaluable",
            next_step="Preview it in the Okta Admin Console: Directory, Groups, Rules, the rule, Preview.",
        )
    return rule


@reads(
    scopes={"okta.groups.read", "okta.users.read"},
    observe=previewed,
    words="preview of a group rule, who would be added by a group rule, test a group rule, simulate",
)
async def preview_group_rule(request: PreviewGroupRule, okta: OktaClient, found: Previewed) -> RulePreview:
    """Show who would join and who might leave groups if a group rule were active now: counts and the first names.

    Send a rule that exists, or the condition of one that does not. It changes nothing.
    """
    rule, people, members = found
    return RulePreview(
        condition=in_words(rule.expression, rule.names),
        status=rule.status or None,
        matching=len(people.fitting),
        unknown=people.unknown,
        at_least=not (people.complete and all(one.complete for one in members)),
        scanned=people.scanned,
        groups=[_compared(rule, id, people, one) for id, one in zip(rule.targets, members, strict=True)],
        note=_note(rule, people, members),
    )


def _compared(rule: GroupRule, id: str, people: Matches, members: GroupMembers) -> GroupPreview:
    joining = {one: user for one, user in people.fitting.items() if one not in members.people}
    # A rule that does not exist has put nobody in, and leaves alone whom it excludes.
    kept = rule.excluded if rule.id else members.people.keys()
    leaving = {
        one: user
        for one, user in members.people.items()
        if one not in kept and fits(rule.expression, seen(user)) is False
    }
    return GroupPreview(
        id=id,
        name=rule.names.get(id),
        joining=len(joining),
        first_joining=first_names(joining, MOST_NAMED),
        may_leave=len(leaving),
        first_may_leave=first_names(leaving, MOST_NAMED),
    )


def _note(rule: GroupRule, people: Matches, members: list[GroupMembers]) -> str | None:
    told = {
        "The rule is INVALID: it does nothing and cannot be activated.": rule.status == "INVALID",
        "The rule is active: Okta has already moved everybody whom it has looked at.": rule.status == "ACTIVE",
        "Members who do not match leave only if the rule put them in.": bool(rule.id),
        "Only Okta can tell whether the unknown people match, such as by their memberships.": people.unknown > 0,
        "Some of those who join may be in a group already: not all its members were read.": not all(
            one.complete for one in members
        ),
        f"Only the first {MOST_GROUPS} groups of the rule are compared.": len(members) == MOST_GROUPS < len(rule.names),
        "People whom this server does not manage are left out.": sight().people is not None,
    }
    return " ".join(text for text, holds in told.items() if holds) or None
