"""Whom a group rule would put into its groups, and who would leave them: a bounded scan of the people of the org."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.contract.sight import sight
from tools.objects.group_rules import seen
from tools.objects.rule_conditions import Node, fits, parse
from tools.objects.users import User
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, OktaError
from tools.okta.expressions import All, Compare, Either, Expression, written
from tools.search.cursors import Place
from tools.search.people import NAMES
from tools.search.scanning import MOST_SCANNED, Page, anything, scan

MOST_MEMBERS = 2_000
"""Members of one group that are read."""
_NO_SUCH_ATTRIBUTE = ("E0000030", "E0000031")


@dataclass
class Matches:
    """`complete`: nobody was left out. `unknown` are those of whom it cannot be told whether they match."""

    fitting: dict[str, User] = field(default_factory=dict)
    unknown: int = 0
    scanned: int = 0
    complete: bool = True


async def matches(okta: OktaClient, expression: str, excluded: frozenset[str]) -> Matches:
    """The people who match an expression, deactivated and excluded ones left out.

    Okta is asked only for those who may match, where its search can be asked for that.
    """
    search = _search(expression)
    try:
        page = await _page(okta, search)
    except OktaError as error:
        if search is None or error.code not in _NO_SUCH_ATTRIBUTE:
            raise
        page = await _page(okta, None)
    found = Matches(scanned=page.scanned, complete=page.end is None)
    for entry in page.entries:
        user = User.model_validate(entry)
        if user.status == "DEPROVISIONED" or user.id in excluded:
            continue
        answer = fits(expression, seen(user))
        if answer:
            found.fitting[user.id] = user
        found.unknown += answer is None
    return found


def _search(expression: str) -> str | None:
    node = parse(expression)
    narrowed = None if node is None else _narrowed(node)
    try:
        return None if narrowed is None else written(narrowed)
    except InvalidInput:  # a text of the rule holds what Okta's search does not take
        return None


async def _page(okta: OktaClient, search: str | None) -> Page:
    return await scan(okta, "users", begin=Place(), limit=MOST_SCANNED, fits=anything, search=search)


@dataclass(frozen=True)
class GroupMembers:
    """The members of a group, as far as they were read."""

    people: Mapping[str, User]
    complete: bool


async def members_of(okta: OktaClient, ids: tuple[str, ...]) -> list[GroupMembers]:
    """The members of these groups that may be seen.

    Raises:
        ActionError: one of the groups cannot be read.
    """
    return list(await asyncio.gather(*(_members(okta, id) for id in ids)))


async def _members(okta: OktaClient, id: str) -> GroupMembers:
    page = await scan(okta, "groups", id, "users", begin=Place(), limit=MOST_MEMBERS, fits=anything)
    people = (User.model_validate(one) for one in page.entries)
    return GroupMembers({user.id: user for user in people}, page.end is None)


def hidden_in(expression: str) -> tuple[str, ...]:
    """The attributes that an expression looks at and the rules hide: who matches would tell their values."""
    hides = sight().hides
    node = parse(expression)
    return () if node is None else tuple(sorted({one.value for one in node.all("attribute") if hides(one.value)}))


def _narrowed(node: Node) -> Expression | None:
    """What Okta's search can be asked for and everybody fulfils who matches; None where there is no such thing."""
    match node.kind:
        case "and":
            found = [one for part in node.of if (one := _narrowed(part)) is not None]
            return All(tuple(found)) if found else None
        case "or":
            parts = [_narrowed(part) for part in node.of]
            return Either(tuple(one for one in parts if one is not None)) if None not in parts else None
        case "==":
            return _comparison("eq", node.of)
        case "call" if node.value == "String.startsWith" and len(node.of) == 2:
            return _comparison("sw", node.of)
        case "call" if node.value == "String.stringContains" and len(node.of) == 2:
            return _comparison("co", node.of)
    return None


def _comparison(operator: str, of: tuple[Node, ...]) -> Expression | None:
    left, right = of
    if operator == "eq" and right.kind == "attribute":
        left, right = right, left
    name = f"profile.{left.value}"
    if left.kind != "attribute" or right.kind != "value" or not isinstance(right.value, str) or not right.value:
        return None
    return None if operator == "co" and name not in NAMES else Compare(name, operator, right.value)


def first_names(people: Mapping[str, Any], most: int) -> list[str]:
    """The first of these people, as answers show them."""
    return [user.label for user in sorted(people.values(), key=lambda one: (one.name, one.login))[:most]]
