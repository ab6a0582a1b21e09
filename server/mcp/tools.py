"""Actions as MCP tools, and the connection that a call of one may choose."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcp.types import Tool, ToolAnnotations

from server.door.actions import ACTIONS
from server.door.discovery import StandIn
from tools.contract.calls import call_schema
from tools.contract.definition import Effect
from tools.contract.listing import ListedAction
from tools.contract.repairing import repaired
from tools.okta.errors import ActionError, InvalidInput

CONNECTION = "connection"


def tool(action: ListedAction, connections: Sequence[str] = ()) -> Tool:
    """An action as MCP describes it; the annotations follow from its effect and idempotence."""
    schema = call_schema(action)
    if connections:
        choice = {
            "type": "string",
            "enum": list(connections),
            "description": f"Okta connection to use. Default: {connections[0]}.",
        }
        schema = {**schema, "properties": {**schema["properties"], CONNECTION: choice}}
    return Tool(
        name=action.name,
        title=action.title,
        description=action.description,
        input_schema=schema,
        output_schema=action.output_schema,
        annotations=_annotations(action),
    )


def _annotations(action: ListedAction) -> ToolAnnotations:
    """What MCP does not take for granted, or what clients ask people by.

    An open world is taken for granted: people outside this conversation write what Okta answers.
    """
    if action.effect is Effect.READ:
        return ToolAnnotations(read_only_hint=True)
    return ToolAnnotations(
        destructive_hint=action.effect is Effect.DESTRUCTIVE, idempotent_hint=True if action.idempotent else None
    )


def chosen(name: str, arguments: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The connection that the arguments name, and the rest of them.

    In a call that runs another action by its name, the connection may also stand among that one's arguments.

    Raises:
        InvalidInput: two are named.
    """
    rest = {key: value for key, value in arguments.items() if key != CONNECTION}
    wanted = arguments.get(CONNECTION) or None
    if isinstance(action := ACTIONS.get(name), StandIn):
        sent, _ = repaired(call_schema(action), rest, empty_is_absent=True)
        if isinstance(inner := sent.get("arguments"), dict) and inner.get(CONNECTION):
            if wanted not in (None, inner[CONNECTION]):
                raise InvalidInput(
                    "The call names two connections; nothing was done.",
                    next_step=f"Name one, in {CONNECTION}.",
                )
            wanted = inner[CONNECTION]
            rest["arguments"] = {key: value for key, value in inner.items() if key != CONNECTION}
    return wanted, rest


def not_allowed(allowed: Sequence[str]) -> ActionError:
    return ActionError(
        "This server does not serve that connection; nothing was done.",
        code="connection_not_allowed",
        next_step=f"Send one of {', '.join(allowed)}, or omit connection.",
    )
