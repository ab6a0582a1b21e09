"""Values of people's attributes in sentences: short, in quotes, and left out if hidden."""

from collections.abc import Iterable
from typing import Any

from tools.contract.sight import sight
from tools.objects.profile import AttributeChange
from tools.text.lines import short_name
from tools.text.quoting import quote, quote_address
from tools.text.redaction import HIDDEN

TAKEOVER = ("login", "email", "secondEmail", "mobilePhone", "primaryPhone")
"""Attributes that could be used to take over the account, since it is recovered through them."""
ADDRESSES = ("login", "email", "secondEmail")


def takes_over(name: str) -> bool:
    """Whether an attribute of Okta's schema is one of TAKEOVER, regardless of case."""
    return name.casefold() in {one.casefold() for one in TAKEOVER}


def is_address(name: str) -> bool:
    """Whether an attribute identifies or reaches somebody, however its name is spelt."""
    return name.casefold() in {one.casefold() for one in ADDRESSES}


def weightiest_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: not takes_over(name))


def value_of(name: str, value: Any) -> str:
    """An attribute's value in one visible line, shortened unless it is an address, where each part matters."""
    if value is None:
        return "(empty)"
    return quote_address(str(value)) if takes_over(name) else quote(str(value))


def as_recorded(name: str, told: str) -> str:
    """How an attribute's value is written in sentences that are kept."""
    return HIDDEN if sight().hides(name) else told


def as_sent(name: str, told: str) -> str:
    """How a question shows a value that the call sent: the person who answers should see it; the caller knows it."""
    return as_recorded(name, told) if sight().hides_sent else told


def changed(one: AttributeChange) -> str:
    """An attribute's new and old value."""
    if sight().hides(one.attribute):
        return f"{one.attribute} is {HIDDEN} now"
    return f"{one.attribute} is {_told(one.new)} (it was {_told(one.old)})"


def _told(value: Any) -> str:
    return "empty" if value is None else f"“{short_name(str(value))}”"
