"""Converts tool schemas to OpenAI's strict mode, and the arguments that come back to the tool's own form.

Strict mode guarantees arguments that fit the schema, at a price: every property is required, objects are closed, and
few keywords exist. So optional properties may be null, and an object with free names becomes a list of pairs.
Other constraints are left out: the server checks arguments anyway, and each word is paid for on every request.
"""

from typing import Any

KEPT = ("type", "description", "enum", "const")
FORMATS = ("date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")


class _CannotBeStrict(Exception):
    pass


def strict(schema: dict[str, Any]) -> dict[str, Any] | None:
    """The schema in strict form; None if strict mode cannot express it."""
    try:
        return _strict({"properties": {}, **schema} if "additionalProperties" not in schema else schema)
    except _CannotBeStrict:
        return None


def plain(schema: dict[str, Any], value: Any) -> Any:
    """Convert arguments that may be in strict form back to the tool's schema.

    Arguments that do not look like the strict form are left as they are, for the server to judge.
    """
    if isinstance(value, list):
        if _is_map(schema) and all(isinstance(pair, dict) and set(pair) == {"name", "value"} for pair in value):
            return {pair["name"]: pair["value"] for pair in value}
        return [plain(schema.get("items") or {}, item) for item in value]
    if isinstance(value, dict):
        known, required = schema.get("properties") or {}, schema.get("required") or ()
        return {
            name: plain(known.get(name) or {}, part)
            for name, part in value.items()
            if part is not None or name in required or name not in known
        }
    return value


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    made = {key: schema[key] for key in KEPT if key in schema}
    if schema.get("format") in FORMATS:
        made["format"] = schema["format"]
    if "default" in schema:
        made["description"] = f"{made.get('description', '')} Default: {schema['default']}.".lstrip()
    if "anyOf" in schema:
        return {**made, "anyOf": [_strict(option) for option in schema["anyOf"]]}
    types = _types(schema)
    if not types and "enum" not in schema and "const" not in schema:
        raise _CannotBeStrict
    if "array" in types:
        made["items"] = _strict(schema.get("items") or {})
    if "object" in types:
        if types != ["object"]:
            raise _CannotBeStrict
        return {**made, **(_pairs(schema) if _is_map(schema) else _closed(schema))}
    return made


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    properties, required = schema.get("properties"), schema.get("required") or ()
    if properties is None or schema.get("additionalProperties"):
        raise _CannotBeStrict
    made = {name: _strict(part) for name, part in properties.items()}
    return {
        "type": "object",
        "properties": {name: part if name in required else _nullable(part) for name, part in made.items()},
        "required": list(made),
        "additionalProperties": False,
    }


def _pairs(schema: dict[str, Any]) -> dict[str, Any]:
    pair = {"name": {"type": "string"}, "value": _strict(schema["additionalProperties"])}
    items = {"type": "object", "properties": pair, "required": list(pair), "additionalProperties": False}
    return {"type": "array", "items": items}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    null = {"type": "null"}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*(option for option in schema["anyOf"] if option != null), null]}
    types = [name for name in _types(schema) if name != "null"]
    made = {**schema, "type": [*types, "null"]} if types else dict(schema)
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "enum" in made:
        made["enum"] = [*(value for value in made["enum"] if value is not None), None]
    return made


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type") or ("object" if "properties" in schema else [])
    return [types] if isinstance(types, str) else list(types)


def _is_map(schema: dict[str, Any]) -> bool:
    """Whether its objects have names that the schema does not know, with values that it describes."""
    return not schema.get("properties") and isinstance(schema.get("additionalProperties"), dict)
