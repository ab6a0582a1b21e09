"""Tools as strict mode wants them, and the arguments on their way back."""

from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import find

from openai_forms import strict_faults
from server.agent.strict import plain, strict
from server.door.actions import ACTIONS
from tools.contract.calls import DRY_RUN, call_schema
from tools.contract.definition import Definition
from tools.contract.validation import accept
from worlds import CALLED, names


@pytest.mark.parametrize("action", CALLED.values(), ids=CALLED)
def test_every_action_is_strict(action: Definition) -> None:
    schema = strict(call_schema(action))
    assert schema is not None
    assert list(strict_faults(schema, action.name)) == []


ONE_OF = {"search_applications": ("group_id", "user_id"), "explain_user_access": ("group_id", "application_id")}
"""Arguments of which a call has only one, which no strict schema can say."""


@pytest.mark.parametrize("action", CALLED.values(), ids=CALLED)
def test_what_strict_mode_lets_through_the_action_takes(action: Definition) -> None:
    schema = strict(call_schema(action))
    assert schema is not None
    for given in (_least(schema, optional=False), _least(schema, optional=True)):
        given |= dict(zip(ONE_OF.get(action.name, ()), ("Legal", None), strict=False))
        jsonschema.validate(given, schema)
        sent = plain(call_schema(action), given)
        assert set(understood(action, sent)) == {name for name, value in given.items() if value is not None}


@pytest.mark.parametrize("name", ["run_read", "run_action"])
def test_what_runs_any_action_takes_arguments_that_strict_mode_cannot_describe(name: str) -> None:
    assert strict(call_schema(ACTIONS[name])) is None
    sent = {"name": "update_user_profile", "arguments": {"user_id": "x", "clear": ["title"], "attributes": None}}
    assert plain(call_schema(ACTIONS[name]), sent) == sent


def understood(action: Definition, sent: dict[str, Any]) -> set[str]:
    """The fields that the action understands as sent."""
    try:
        accepted = accept(action, sent)
    except Exception as error:
        raise AssertionError(f"{action.name} refuses {sent}") from error
    assert accepted.notes == ()
    return accepted.request.model_fields_set | ({DRY_RUN} if accepted.dry_run else set())


def _least(schema: dict[str, Any], name: str = "", *, optional: bool) -> Any:
    """Something that fits a strict schema and its name; with `optional`, nothing in it is null that need not be."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "null" in types and not optional:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "object" in types:
        return {name: _least(part, name, optional=optional) for name, part in schema["properties"].items()}
    if schema.get("format") == "date-time":
        return "2026-11-24T12:00:00Z"
    if name in names():
        return find(names()[name], bool, random=Random(0))
    if "string" in types:
        return "a@example.com"
    if "array" in types:
        return [_least(schema["items"], optional=optional)]
    return True if "boolean" in types else 1


def test_free_names_are_a_list_of_pairs() -> None:
    schema = {
        "type": "object",
        "properties": {"attributes": {"type": "object", "additionalProperties": {"type": ["string", "number"]}}},
    }
    made = strict(schema)
    assert made is not None
    assert list(strict_faults(made, "tool")) == []
    pairs = {"attributes": [{"name": "nickName", "value": "J"}, {"name": "floor", "value": 3}]}
    jsonschema.validate(pairs, made)
    assert plain(schema, pairs) == {"attributes": {"nickName": "J", "floor": 3}}
    assert plain(schema, {"attributes": {"floor": 3}}) == {"attributes": {"floor": 3}}
    assert plain(schema, {"attributes": None}) == {}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"anything": {}}},
        {"type": "object", "additionalProperties": True},
        {"type": "object", "properties": {"list": {"type": "array"}}},
        {"type": "object", "properties": {"open": {"type": "object"}}},
        {"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}, "$defs": {"X": {"type": "string"}}},
        {"type": "object", "properties": {"x": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}},
    ],
)
def test_what_strict_mode_cannot_say_is_left_as_it_is(schema: dict[str, Any]) -> None:
    assert strict(schema) is None


def test_schemas_of_other_servers() -> None:
    nothing = strict({"type": "object"})
    assert nothing == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    schema = {
        "type": "object",
        "title": "Of another server",
        "properties": {
            "size": {"enum": ["s", "m"], "type": "string", "default": "m"},
            "at": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "integer", "minimum": 3}, {"type": "null"}]},
            "fixed": {"const": 1},
            "since": {"type": "string", "format": "date-time", "title": "Since"},
            "inner": {"type": "object", "properties": {"y": {"type": ["string", "null"]}}},
        },
        "required": ["inner"],
    }
    made = strict(schema)
    assert made is not None
    assert list(strict_faults(made, "tool")) == []
    for given in (
        {"size": None, "at": None, "fixed": None, "since": None, "inner": {"y": None}},
        {"size": "s", "at": 3, "fixed": 1, "since": "2026-11-24T12:00:00Z", "inner": {"y": "z"}},
    ):
        jsonschema.validate(given, made)
    assert made["properties"]["since"]["format"] == "date-time"
    assert made["properties"]["size"]["description"] == "Default: m."
    assert plain(schema, {"size": None, "at": None, "inner": {"y": None}}) == {"inner": {}}
