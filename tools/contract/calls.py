"""The options of a call beside the action's own arguments."""

from functools import cache
from typing import Any

from pydantic import Field

from tools.contract.arguments import ActionInput
from tools.contract.definition import Effect
from tools.contract.listing import ListedAction
from tools.contract.schemas import schema_of

DRY_RUN = "dry_run"


class ReadOptions(ActionInput):
    """Every read takes only its action's arguments."""


class WriteOptions(ActionInput):
    """What every write may be told."""

    dry_run: bool = Field(False, description="Only report what would happen.")


def options(action: ListedAction) -> type[ActionInput]:
    """The model of the options that a call of the action takes beside its arguments."""
    return ReadOptions if action.effect is Effect.READ else WriteOptions


def call_schema(action: ListedAction) -> dict[str, Any]:
    """The JSON schema of a call: the action's arguments, then the options beside them."""
    schema = action.input_schema
    return {**schema, "properties": {**schema.get("properties", {}), **_properties(options(action))}}


@cache
def _properties(model: type[ActionInput]) -> dict[str, Any]:
    # What they mean is said once, in the instructions, and not again with each tool.
    properties = schema_of(model).get("properties", {})
    return {name: {"type": field["type"]} for name, field in properties.items()}
