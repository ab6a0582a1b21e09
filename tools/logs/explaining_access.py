"""Why somebody has an application or is in a group, or what would give it to them."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from tools.contract.action import reads
from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Output
from tools.contract.sight import sight
from tools.contract.targets import Pending
from tools.logs.filters import KEPT_DAYS
from tools.logs.memberships_made import Origin, given, got, joined, read_events
from tools.objects.applications import Application, ApplicationRef, giver, read_assignment
from tools.objects.group_rules import GroupRule, active_rules, kept_by, seen
from tools.objects.groups import KEEPERS, Group, GroupRef
from tools.objects.rule_conditions import fits
from tools.objects.users import User, UserRef
from tools.okta.client import OktaClient
from tools.search.first_pages import FirstPage, first_page
from tools.text.lines import cut

MOST_TOLD = 10
"""Groups and rules that an answer tells of."""
LONGEST_CONDITION = 300
_ATTRIBUTE = re.compile(r"\buser\.([A-Za-z_]\w{0,99})")


class ExplainUserAccess(ActionInput):
    user_id: UserRef
    application_id: ApplicationRef | None = Field(None, description="Okta id or exact name. Or send group_id.")
    group_id: GroupRef | None = Field(None, description="Okta id or exact name. Or send application_id.")

    @model_validator(mode="after")
    def _of_one(self) -> "ExplainUserAccess":
        if (self.application_id is None) is (self.group_id is None):
            raise ValueError("send application_id or group_id, one of the two")
        return self


class HeldValue(Output):
    attribute: str
    value: Any = None


class Rule(Output):
    """A group rule that puts people into a group."""

    name: str
    condition: str | None = Field(None, description="Absent where it is about a hidden attribute.")
    matches: bool | None = Field(None, description="Absent where only Okta can tell.")
    values: list[HeldValue] = Field(description="What the person has of the attributes that it looks at.")


class WayIn(Output):
    """One way in which somebody has access. Times and people are those of the System Log, where it tells them."""

    through: Literal["direct assignment", "group", "membership"]
    group_id: str | None = None
    group: str | None = None
    kept_by: str | None = Field(None, description="What keeps them in the group; absent if somebody added them.")
    rules: list[Rule] | None = None
    since: datetime | None = None
    by: str | None = None
    group_assigned: datetime | None = Field(None, description="When the group was assigned the application.")
    group_assigned_by: str | None = None


class Chance(Output):
    """A group that would give access."""

    group_id: str
    group: str | None = None
    rules: list[Rule] | None = None


class AccessExplained(Output):
    user_id: str
    login: str
    application: str | None = None
    group: str | None = None
    has_access: bool
    ways: list[WayIn]
    would_give: list[Chance] | None = None
    notes: list[str] | None = None


@dataclass(frozen=True)
class Evidence:
    """What Okta tells of somebody's access. `assignment` and `giving` are of the application; None is not readable."""

    user: User
    wanted: Application | Group
    groups: dict[str, Group]
    rules: tuple[GroupRule, ...] | None
    events: FirstPage | None
    assignment: dict[str, Any] | None
    giving: FirstPage | None


async def evidence(request: ExplainUserAccess, okta: OktaClient, pending: Pending) -> Evidence:
    """Everything at once, by ids alone."""
    user, application, group = request.user_id, request.application_id, request.group_id
    (whom, wanted), groups, rules, events, (assignment, giving) = await asyncio.gather(
        asyncio.gather(pending.the(User), pending.the(Application) if application is not None else pending.the(Group)),
        _groups_of(okta, user),
        active_rules(okta),
        read_events(okta, user, application, group),
        _of_application(okta, application, user),
    )
    return Evidence(whom, wanted, groups, rules, events, assignment, giving)


async def _groups_of(okta: OktaClient, user: str) -> dict[str, Group]:
    pages = okta.pages("users", user, "groups")
    return {str(one["id"]): Group.model_validate(one) async for page in pages for one in page}


async def _of_application(
    okta: OktaClient, id: str | None, user: str
) -> tuple[dict[str, Any] | None, FirstPage | None]:
    """The person's assignment of the application, and the groups that give it."""
    if id is None:
        return None, None
    assignment, giving = await asyncio.gather(
        read_assignment(okta, id, "users", user), first_page(okta, "apps", id, "groups", expand="group")
    )
    return assignment, giving


@reads(
    scopes={"okta.apps.read", "okta.groups.read", "okta.users.read"},
    helpful_scopes={"okta.logs.read"},
    observe=evidence,
    words="why does a user have an application, why is somebody in a group, reason for access, who gave access",
)
async def explain_user_access(request: ExplainUserAccess, okta: OktaClient, found: Evidence) -> AccessExplained:
    """Explain why a person has an application or is in a group: directly, by which group and rule, since when, by whom.

    If they do not have it, it names the groups and rules that would give it.
    """
    if isinstance(found.wanted, Application):
        ways = await _ways_to(found, found.wanted)
        has_access, giving = found.assignment is not None, _giving(found)
        chances = [] if has_access else [_chance(found, id, name) for id, name in giving.items()]
        named = {"application": found.wanted.name}
    else:
        has_access = found.wanted.id in found.groups
        ways = [await _membership(found, found.wanted, "membership")] if has_access else []
        chances = [] if has_access else [_chance(found, found.wanted.id, found.wanted.name)]
        named = {"group": found.wanted.name}
    return AccessExplained(
        user_id=found.user.id,
        login=found.user.login,
        **named,
        has_access=has_access,
        ways=ways[:MOST_TOLD],
        would_give=chances[:MOST_TOLD] or None,
        notes=list(_notes(found, ways, chances)) or None,
    )


def _giving(found: Evidence) -> dict[str, str | None]:
    """The names of the groups that give the application, by their ids."""
    entries = found.giving.entries if found.giving else []
    embedded = {str(one["id"]): (one.get("_embedded") or {}).get("group") for one in entries}
    return {id: Group.model_validate(group).name if group else None for id, group in embedded.items()}


async def _ways_to(found: Evidence, application: Application) -> list[WayIn]:
    if found.assignment is None:
        return []
    ways: list[WayIn] = []
    made = await got(found.events, application.id)
    if found.assignment.get("scope") != "GROUP":
        ways.append(WayIn(through="direct assignment", since=found.assignment.get("created") or made.since, by=made.by))
    through = [group for id, group in found.groups.items() if id in _giving(found)]
    for group in through:
        assigned = await given(found.events, group.id)
        way = await _membership(found, group, "group")
        ways.append(way.model_copy(update={"group_assigned": _moment(assigned), "group_assigned_by": assigned.by}))
    if not ways:
        # The group is beyond those that were read; Okta names one in the assignment.
        ways.append(WayIn(through="group", group=giver(found.assignment)[1], since=found.assignment.get("created")))
    return ways


def _moment(made: Origin) -> datetime | None:
    return datetime.fromisoformat(made.since) if made.since else None


async def _membership(found: Evidence, group: Group, through: Literal["group", "membership"]) -> WayIn:
    made = await joined(found.events, group.id)
    keeper = KEEPERS.get(group.type) or kept_by(found.rules or (), found.user, group.id)
    rules = _rules(found, group.id) if group.type not in KEEPERS else []
    return WayIn(
        through=through,
        group_id=group.id,
        group=group.name,
        kept_by=keeper or None,
        rules=[rule for rule in rules if rule.matches is not False] or None,
        since=_moment(made),
        by=made.by,
    )


def _chance(found: Evidence, id: str, name: str | None) -> Chance:
    return Chance(group_id=id, group=name, rules=_rules(found, id) or None)


def _rules(found: Evidence, group: str) -> list[Rule]:
    """The rules that put people into the group, and what they look at. Hidden attributes are left out, with all."""
    leading = [rule for rule in found.rules or () if group in rule.targets and found.user.id not in rule.excluded]
    return [_rule(rule, found.user) for rule in leading[:MOST_TOLD]]


def _rule(rule: GroupRule, user: User) -> Rule:
    named = dict.fromkeys(_ATTRIBUTE.findall(rule.expression))
    hidden = any(sight().hides(name) for name in named)
    return Rule(
        name=rule.name,
        condition=None if hidden else cut(rule.expression, LONGEST_CONDITION),
        matches=fits(rule.expression, seen(user)),
        values=[HeldValue(attribute=name, value=user.profile.get(name)) for name in named if not sight().hides(name)],
    )


def _notes(found: Evidence, ways: list[WayIn], chances: list[Chance]) -> Iterable[str]:
    wanted, user = found.wanted, found.user
    if isinstance(wanted, Application) and wanted.status != "ACTIVE":
        yield f"{wanted.label} is {wanted.status}: nobody can use it."
    if user.status not in ("ACTIVE", "PASSWORD_EXPIRED"):
        yield f"{user.label} is {user.status} and cannot sign in."
    if isinstance(wanted, Application) and not ways:
        held = [group.label for id, group in found.groups.items() if id in _giving(found)]
        if held:
            yield f"They are in {held[0]}, which gives it, but Okta has not assigned it to them."
        elif not chances and found.giving is not None:
            yield "No group gives it. assign_user_to_application assigns it directly."
    if isinstance(wanted, Group) and not ways and wanted.type == "OKTA_GROUP":
        yield "add_user_to_group adds them."
    if len(ways) > MOST_TOLD or len(chances) > MOST_TOLD or (found.giving is not None and not found.giving.whole):
        yield f"There are more groups than told; {MOST_TOLD} are told at most."
    if found.rules is None:
        yield "Okta does not let this connection read group rules."
    if isinstance(wanted, Application) and found.giving is None:
        yield "Okta does not let this connection read which groups give it."
    if found.events is None:
        yield "Okta does not let this connection read the System Log, which has who gave it and when (okta.logs.read)."
    elif any(way.by is None for way in ways):
        yield f"Where nobody is named, the System Log has no event of it: it keeps {KEPT_DAYS} days."
