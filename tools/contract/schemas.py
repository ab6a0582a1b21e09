"""JSON schemas as small as they can be: models pay for every byte of a tool's definition on every request."""

import json
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel

KEPT = "schemas.json"
"""Beside this module: the schemas of all actions by the names of their models. Working them out takes a tenth of the
time until a server's first list of tools. tests/tools/test_schemas.py keeps it true."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The compact JSON schema of a model: as it was worked out before, or worked out now."""
    return _kept().get(name_of(model)) or compact_schema(model.model_json_schema())


def kept_schema(name: str) -> dict[str, Any]:
    """The compact JSON schema of the model with this name, as it was worked out before."""
    return _kept()[name]


def name_of(model: type[BaseModel]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


@cache
def _kept() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(resources.files(__package__).joinpath(KEPT).read_bytes())
    return found


def compact_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Inline definitions and drop titles, null unions, and limits and defaults that say nothing.

    An optional field is one that is absent from `required`; a union with null would only repeat that.
    """
    definitions = schema.pop("$defs", {})
    compacted: dict[str, Any] = _compact(schema, definitions)
    compacted.pop("description", None)
    return compacted


def of_answers(schema: Any) -> Any:
    """The schema of what programs read: what is always there, and what may be absent if it has a description.

    The fields' names have to say enough. An answer may have more than its schema names.
    """
    if isinstance(schema, list):
        return [of_answers(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    required = schema.get("required", ())
    return {
        key: {name: of_answers(field) for name, field in part.items() if name in required or "description" in field}
        if key == "properties"
        else of_answers(part)
        for key, part in schema.items()
        if key != "description" and (key, part) != ("additionalProperties", True)
    }


def _says_nothing(keyword: str, value: Any, schema: dict[str, Any]) -> bool:
    """Whether a keyword tells a model nothing it would act on. The models enforce every limit all the same."""
    match keyword:
        case "title":
            return True
        case "default":
            return value in (None, "", False, [], {})
        case "minLength" | "maxLength":
            return True
        case "minimum":
            return bool(value == 1)
        case "additionalProperties":
            # Where no property is known, it says that anything may be sent.
            return value is True and "properties" in schema
        case _:
            return False


def _compact(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_compact(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        referred = definitions[node["$ref"].rpartition("/")[2]]
        return _compact({**referred, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    if "anyOf" in node:
        kinds = [kind for kind in node["anyOf"] if kind != {"type": "null"}]
        if len(kinds) == 1:
            rest = {key: value for key, value in node.items() if key != "anyOf"}
            return _compact({**kinds[0], **rest}, definitions)
    if "items" in node and "description" in node:
        node["items"].pop("description", None)  # the list's own description says it
    # A property may itself be called “title” or “default”: only a schema's own keywords are dropped.
    return {
        key: {name: _not_twice(name, _compact(value, definitions)) for name, value in part.items()}
        if key == "properties"
        else _compact(part, definitions)
        for key, part in node.items()
        if not _says_nothing(key, part, node)
    }


def _not_twice(name: str, field: Any) -> Any:
    """A field without a description that only repeats its name."""
    said = str(field.get("description", "")).rstrip(".").casefold() if isinstance(field, dict) else ""
    if said != name.replace("_", " "):
        return field
    return {key: part for key, part in field.items() if key != "description"}
