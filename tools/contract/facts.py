"""Facts: the part of a target's state that a change is about, before it and after it."""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]
"""Values by name. In facts about a future state, a tuple holds all values that Okta may choose from."""


def holds(now: Facts, wanted: Facts) -> bool:
    """Whether the facts are as wanted. A fact that was not read does not hold."""
    return all(name in now and _is(now[name], value) for name, value in wanted.items())


def _is(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple) else bool(value == wanted)
