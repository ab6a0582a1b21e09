"""Values by free names, sent as a list of name-value pairs: the only form that strict schemas can describe.

An object with free names is accepted as well. Internally, it is always an object.
"""

from collections.abc import Mapping
from typing import Any

NAMES = frozenset({"name", "value"})


def is_pair(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == NAMES and isinstance(value["name"], str)


def schema(value: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a list of pairs whose values have this one."""
    pair = {"type": "object", "properties": {"name": {"type": "string"}, "value": value}, "required": ["name", "value"]}
    return {"type": "array", "items": pair}


def is_of_pairs(schema: Mapping[str, Any]) -> bool:
    """Whether a JSON schema is that of a list of pairs."""
    return schema.get("type") == "array" and set((schema.get("items") or {}).get("properties") or ()) == NAMES


def pairs(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def by_name(given: Any) -> Any:
    """The values by name, from an object or a list of pairs.

    Raises:
        ValueError: it is something else, or has a name twice.
    """
    if isinstance(given, Mapping):
        return given
    found: dict[str, Any] = {}
    for one in given if isinstance(given, list) else [given]:
        if not is_pair(one):
            raise ValueError('must be a list of names and values, such as [{"name": "nickName", "value": "Jo"}]')
        if one["name"] in found:
            raise ValueError("has a name twice; send it once")
        found[one["name"]] = one["value"]
    return found
