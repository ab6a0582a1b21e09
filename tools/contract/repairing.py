"""Repairs arguments whose meaning is clear from the schema, and says so: their senders often cannot learn.

Flow builders add arguments of their own to every call, and some clients and small models send a list or an object as
JSON text, one value for a list, or an empty text for what they leave out. Ambiguous arguments are left as they are, for
the schema to refuse.
"""

import json
from collections.abc import Mapping
from typing import Any

from tools.contract.pairs import is_of_pairs, is_pair

OF_FLOW_BUILDERS = frozenset({"toolCallId", "sessionId", "action", "chatInput"})
"""Arguments that some flow builders add to every call of a tool, whether it takes them or not."""


def repaired(
    schema: Mapping[str, Any], arguments: Mapping[str, Any], *, empty_is_absent: bool = False
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The arguments as the tool with this JSON schema takes them, and a sentence for each repair.

    With `empty_is_absent`, an empty text in an optional argument counts as not sent.
    """
    known: Mapping[str, Any] = schema.get("properties") or {}
    required = schema.get("required") or ()
    closed = schema.get("additionalProperties") is False
    made: dict[str, Any] = {}
    said: list[str] = []
    for name, value in arguments.items():
        if name not in known:
            if closed and name in OF_FLOW_BUILDERS:
                said.append(f"{name} was ignored: there is no such argument.")
            else:
                made[name] = value
            continue
        types = _types(known[name])
        if name not in required and _is_blank(value) and (empty_is_absent or "string" not in types):
            said.append(f"{name} was empty and was treated as not sent.")
            continue
        made[name], how = _as_a(types, known[name], value)
        if how:
            said.append(f"{name} {how}.")
    return made, tuple(said)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _as_a(types: tuple[str, ...], schema: Mapping[str, Any], value: Any) -> tuple[Any, str]:
    """A value as one of the types, and how it was read if it was sent as another type."""
    if not types:
        return value, ""
    if _is_one(types, value):
        chosen = _chosen(schema, value)
        return chosen, "" if chosen == value else "differs in case from the schema and was read as meant"
    if is_of_pairs(schema) and not is_pair(value):
        types = (*types, "object")  # the equivalent form, which models use for any value by name
        if _is_one(types, value):
            return value, ""
    if isinstance(value, str) and (read := _read(value)) is not None and _is_one(types, read):
        return _chosen(schema, read), "was sent as JSON text and was parsed"
    items = _types(schema.get("items") or {})
    if types == ("array",) and _is_one(items, value):
        return [_chosen(schema["items"], value)], "was sent as a single value and was read as a list"
    return value, ""


def _chosen(schema: Mapping[str, Any], value: Any) -> Any:
    """A value, or each value of a list, as the schema spells it, regardless of case."""
    if isinstance(value, list) and (items := schema.get("items") or {}).get("enum"):
        return [_chosen(items, one) for one in value]
    if not isinstance(value, str):
        return value
    fitting = [one for one in schema.get("enum") or () if isinstance(one, str) and one.casefold() == value.casefold()]
    return fitting[0] if len(fitting) == 1 else value


def _read(text: str) -> Any:
    """A text parsed as JSON; None if it is not JSON, or a value that no argument can be."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_one(types: tuple[str, ...], value: Any) -> bool:
    """Whether a value is of one of JSON's types."""
    match value:
        case bool():
            return "boolean" in types
        case int():
            return "integer" in types or "number" in types
        case float():
            return "number" in types
        case str():
            return "string" in types
        case list():
            return "array" in types
        case dict():
            return "object" in types
        case _:
            return "null" in types


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    if "anyOf" in schema:
        return tuple(name for option in schema["anyOf"] for name in _types(option))
    types = schema.get("type") or ()
    return (types,) if isinstance(types, str) else tuple(types)
