"""Conceals hidden attributes in the record of a change: their names stay, their values do not."""

from collections.abc import Mapping
from typing import Any

from server.policy.hidden import Hidden
from tools.text.redaction import HIDDEN

_OF_ATTRIBUTES = ("arguments", "attributes", "before", "wanted", "after")
"""The parts of a record whose keys may be attributes."""
_NO_TEXT = "(Written before some of its values were hidden.)"
_TEXTS = ("text", "error", "finding")


def without_values(details: Mapping[str, Any], hides: Hidden) -> dict[str, Any]:
    """Details of an entry before it is written, without the values of these attributes."""
    if not hides:
        return dict(details)
    return {name: _without(inner, hides) if name in _OF_ATTRIBUTES else inner for name, inner in details.items()}


def as_shown_now(details: Mapping[str, Any], hides: Hidden) -> dict[str, Any]:
    """The same for an existing entry.

    If a value is still there, the sentences may hold it too in any form, so they are left out.
    """
    shown = without_values(details, hides)
    return shown if shown == details else {**shown, **{name: _NO_TEXT for name in _TEXTS if shown.get(name)}}


def _without(value: Any, hides: Hidden) -> Any:
    if isinstance(value, list):
        return [_without(one, hides) for one in value]
    if not isinstance(value, Mapping):
        return value
    if _is_pair(value):
        return {**value, "value": HIDDEN} if hides(value["name"]) else value
    return {
        name: HIDDEN if hides(name) and inner not in (None, "") else _without(inner, hides)
        for name, inner in value.items()
    }


def _is_pair(value: Mapping[str, Any]) -> bool:
    return set(value) == {"name", "value"} and isinstance(value["name"], str)
