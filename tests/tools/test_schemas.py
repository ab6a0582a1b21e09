"""What models are shown of each action: kept beside the tests, so that a change of it shows in review.

`UPDATE_SNAPSHOTS=1 make test` writes the snapshots anew, and the schemas that the program itself keeps.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

import keeping
from server.door.actions import ACTIONS
from server.mcp.tools import tool
from tools.catalogue import CATALOGUE
from tools.contract.calls import DRY_RUN, call_schema
from tools.contract.definition import Definition, Effect
from worlds import LISTED, write_names

SNAPSHOTS = Path(__file__).with_name("snapshots")
BUDGET = 20_000
"""Bytes that tools/list may have; tests/interop/test_budgets.py counts tokens."""
MOST_LISTED = 20


def shown(action: Definition) -> dict[str, Any]:
    described: dict[str, Any] = tool(action).model_dump(mode="json", by_alias=True, exclude_none=True)
    return described


def test_the_schemas_that_are_kept_are_those_of_the_models() -> None:
    assert keeping.SCHEMAS.read_text("utf-8") == keeping.schemas_worked_out()


def test_the_catalogue_that_is_kept_is_what_the_toolsets_define() -> None:
    assert keeping.CATALOGUE.read_text("utf-8") == keeping.catalogue_as_defined()


def test_an_action_is_listed_as_it_is() -> None:
    """Lists are made of what is kept, calls of the action itself: nobody may be told the two apart."""
    for name, action in CATALOGUE.items():
        entry = CATALOGUE.listed[name]
        for part in (
            "title",
            "toolset",
            "asks",
            "scopes",
            "guard_scopes",
            "undone_by",
            "input_schema",
            "output_schema",
        ):
            assert getattr(entry, part) == getattr(action, part), (name, part)


def everywhere(node: Any) -> list[dict[str, Any]]:
    """A schema and every schema inside it."""
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return ([node] if isinstance(node, dict) else []) + [found for part in inside for found in everywhere(part)]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_the_tool_is_what_its_snapshot_shows(action: Definition) -> None:
    snapshot = SNAPSHOTS / f"{action.name}.json"
    text = json.dumps(shown(action), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(text, "utf-8")
    assert text == snapshot.read_text("utf-8")


def test_there_is_a_snapshot_of_every_tool_and_of_no_other() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} == set(ACTIONS)


def test_what_is_listed_fits_the_budget() -> None:
    listed = {"tools": [shown(ACTIONS[name]) for name in LISTED]}
    assert len(LISTED) <= MOST_LISTED
    assert len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode()) <= BUDGET


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_inputs_are_flat_closed_and_described(action: Definition) -> None:
    schema = call_schema(action)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    bare = {name for name, property in schema["properties"].items() if not property.get("description")} - {DRY_RUN}
    # A description that would only repeat the name is left to those who read a command's help.
    said = {name: str(action.input.model_fields[name].description) for name in bare}
    assert {name: f"{name.replace('_', ' ').capitalize()}." for name in bare} == said
    assert not any(key in node for node in everywhere(schema) for key in ("$ref", "$defs", "anyOf", "oneOf"))
    assert set(schema.get("required", [])) == {name for name, f in action.input.model_fields.items() if f.is_required()}
    texts = {name for name, property in schema["properties"].items() if property.get("type") == "string"}
    assert not any("password" in name or "token" in name for name in texts)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_annotations_follow_from_effect_and_idempotence(action: Definition) -> None:
    told = shown(action)["annotations"]
    hints = {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": False, **told}  # MCP's defaults
    assert hints["readOnlyHint"] is (action.effect is Effect.READ)
    assert (action.asks == "always") is (action.effect is Effect.DESTRUCTIVE and not action.neutral)
    if action.effect is Effect.READ:
        assert told == {"readOnlyHint": True}, "the others mean nothing of a tool that only reads"
    else:
        assert told["destructiveHint"] is (action.effect is Effect.DESTRUCTIVE), "clients ask people by it"
        assert hints["idempotentHint"] is action.idempotent
    assert "openWorldHint" not in told


EIGHT = (
    "create_user",
    "update_user_profile",
    "activate_user",
    "deactivate_user",
    "add_user_to_group",
    "remove_user_from_group",
    "lookup_user",
    "lookup_group",
)


def test_the_eight_are_there_and_listed() -> None:
    assert set(EIGHT) <= set(LISTED)


@pytest.mark.parametrize("name", write_names())
def test_every_write_says_what_it_would_do_and_how_it_is_undone(name: str) -> None:
    action = ACTIONS[name]
    assert action.leads_to or getattr(action, "preview", None)
    assert action.undone_by
    assert list(call_schema(action)["properties"])[-1] == "dry_run"
    assert "dry_run" not in action.input.model_fields
    answer = action.output.model_validate({"success": False, "changed": False})
    assert answer.model_dump(exclude_none=True) == {"success": False, "changed": False}


def test_a_manage_scope_covers_the_read_scope_beside_it() -> None:
    lookup = ACTIONS["lookup_user"]
    assert lookup.missing_scopes(["okta.users.manage"]) == []
    assert lookup.missing_scopes(["okta.groups.manage"]) == ["okta.users.read"]
