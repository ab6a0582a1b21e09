"""Applies search expressions to the members of a group, where Okta offers no search."""

from datetime import UTC, datetime
from typing import Any

from tools.okta.expressions import All, Compare, Either, Expression

DATES = ("created", "activated", "statusChanged", "lastUpdated", "lastLogin", "passwordChanged")


def fits(expression: Expression, user: dict[str, Any]) -> bool:
    """Whether a person, as Okta's API shows them, is one whom Okta's search would find.

    As in Okta, text ignores case, a list matches if one of its entries does, and an unset value matches nothing.
    """
    match expression:
        case All(of):
            return all(fits(one, user) for one in of)
        case Either(of):
            return any(fits(one, user) for one in of)
        case Compare(attribute, operator, value):
            held = _held(user, attribute)
            return any(_compares(one, operator, value) for one in (held if isinstance(held, list) else [held]))


def moment(text: Any) -> datetime | None:
    """A date-time or date as Okta and people write them, in UTC if it has no time zone. None if it is neither."""
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _held(user: dict[str, Any], attribute: str) -> Any:
    scope, dot, name = attribute.partition(".")
    if not dot:
        return moment(user.get(attribute)) if attribute in DATES else user.get(attribute)
    inside = user.get(scope)
    return inside.get(name) if isinstance(inside, dict) else None


def _compares(held: Any, operator: str, value: Any) -> bool:
    if held is None or operator == "pr":
        return held is not None
    if isinstance(held, datetime):
        wanted = value if isinstance(value, datetime) else moment(value)
        return wanted is not None and _ordered(held, operator, wanted)
    if isinstance(held, str) and isinstance(value, str):
        one, other = held.casefold(), value.casefold()
        match operator:
            case "sw":
                return one.startswith(other)
            case "co":
                return other in one
            case _:
                return _ordered(one, operator, other)
    if isinstance(held, bool) or isinstance(value, bool):
        return operator == "eq" and held is value
    numbers = isinstance(held, int | float) and isinstance(value, int | float)
    return numbers and _ordered(held, operator, value)


def _ordered(one: Any, operator: str, other: Any) -> bool:
    match operator:
        case "eq":
            return bool(one == other)
        case "gt":
            return bool(one > other)
        case "ge":
            return bool(one >= other)
        case "lt":
            return bool(one < other)
        case "le":
            return bool(one <= other)
        case _:
            return False
