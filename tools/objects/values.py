"""Values of people's attributes in sentences: short, in quotes, and not at all where they are hidden."""

from collections.abc import Iterable
from typing import Any

from tools.contract.sight import sight
from tools.objects.profile import AttributeChange
from tools.text.lines import short_name
from tools.text.quoting import quote, quote_address
from tools.text.redaction import HIDDEN

TAKEOVER = ("login", "email", "secondEmail", "mobilePhone", "primaryPhone")
"""Attributes by which somebody else could get hold of the account: it is recovered through them."""
ADDRESSES = ("login", "email", "secondEmail")


def takes_over(name: str) -> bool:
    """Whether an attribute of Okta's schema is one of TAKEOVER; what differs in case only is not told apart."""
    return name.casefold() in {one.casefold() for one in TAKEOVER}


def is_address(name: str) -> bool:
    """Whether somebody is known or reached by an attribute, however its name is spelt."""
    return name.casefold() in {one.casefold() for one in ADDRESSES}


def weightiest_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: not takes_over(name))


def value_of(name: str, value: Any) -> str:
    """A value of an attribute in one visible line: short, but for addresses, of which each part matters."""
    if value is None:
        return "(empty)"
    return quote_address(str(value)) if takes_over(name) else quote(str(value))


def as_recorded(name: str, told: str) -> str:
    """What sentences that stay say of an attribute's value."""
    return HIDDEN if sight().hides(name) else told


def as_sent(name: str, told: str) -> str:
    """What a question says of a value that the call sent: whoever answers it should know, and who asked does."""
    return as_recorded(name, told) if sight().hides_sent else told


def changed(one: AttributeChange) -> str:
    """What an attribute is now, and was."""
    if sight().hides(one.attribute):
        return f"{one.attribute} is {HIDDEN} now"
    return f"{one.attribute} is {_told(one.new)} (it was {_told(one.old)})"


def _told(value: Any) -> str:
    return "empty" if value is None else f"“{short_name(str(value))}”"
