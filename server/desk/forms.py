"""Each action's input as data, from which a command's options and a page's form are built."""

from collections.abc import Mapping
from typing import Any, Literal, get_origin

from server.desk.shown import Shown
from server.door.actions import ACTIONS, LISTED
from server.door.discovery import StandIn
from tools.contract.action import Action
from tools.contract.calls import options
from tools.contract.definition import Definition, Effect
from tools.contract.exported import ExportMade
from tools.contract.pairs import is_of_pairs, pairs

ArgumentKind = Literal["text", "flag", "number", "list", "pairs"]
"""`pairs` are values under free names."""
Names = Literal["person", "group", "application", "change", "action"]
"""The kind of thing an argument names, if it can be looked up."""


class Argument(Shown):
    """One argument of an action. `minimum` and `maximum` apply to numbers."""

    name: str
    kind: ArgumentKind
    description: str
    required: bool
    default: Any
    choices: list[str]
    minimum: float | None
    maximum: float | None
    names: Names | None


class Form(Shown):
    """An action with its arguments.

    `reasoned`: a call may give a reason. `paged`: its answer may have more pages. `exports`: it is kept, and can be
    written to a file.
    """

    action: str
    title: str
    toolset: str
    effect: Literal["read", "write", "destructive"]
    description: str
    arguments: list[Argument]
    reasoned: bool
    paged: bool
    exports: bool
    reveals: str
    """The secret that it can show to a person at a terminal, in words; empty for most."""


def names() -> list[str]:
    """All actions but those that run another one by its name: a person calls that one itself."""
    return [name for name, action in LISTED.items() if not isinstance(action, StandIn)]


def form(name: str) -> Form | None:
    """The form of the action with that name; None if there is none."""
    action = ACTIONS.get(name)
    if action is None or isinstance(action, StandIn):
        return None
    properties = action.input_schema.get("properties", {})
    models = (action.input, options(action))
    exports = issubclass(action.output, ExportMade)
    return Form(
        action=action.name,
        title=action.title,
        toolset=action.toolset,
        effect=action.effect.value,
        description=action.description,
        arguments=[
            _argument(action, name, field, properties.get(name, {}))
            for model in models
            for name, field in model.model_fields.items()
        ],
        reasoned=action.effect is not Effect.READ,
        paged="cursor" in action.input.model_fields and not exports,
        exports=exports,
        reveals=action.reveals if isinstance(action, Action) else "",
    )


def _argument(action: Definition, name: str, field: Any, schema: Mapping[str, Any]) -> Argument:
    kind: ArgumentKind = "text"
    if field.annotation is bool or schema.get("type") == "boolean":
        kind = "flag"
    elif get_origin(field.annotation) is dict or is_of_pairs(schema):
        kind = "pairs"
    elif schema.get("type") == "array":
        kind = "list"
    elif schema.get("type") in ("integer", "number"):
        kind = "number"
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return Argument(
        name=name,
        kind=kind,
        description=field.description or "",
        required=field.is_required(),
        default=default if isinstance(default, bool | int | float | str) else None,
        choices=list((schema.get("items") or schema).get("enum", ())),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        names=_names(action, name),
    )


_NAMES: dict[str, Names] = {"change_id": "change", "action": "action"}
"""What arguments name that are no objects of Okta."""


def _names(action: Definition, argument: str) -> Names | None:
    kind = action.references.get(argument)
    if kind is not None:
        found = {"lookup_user": "person", "lookup_group": "group", "lookup_application": "application"}
        return found.get(kind.lookup)  # type: ignore[return-value]
    return _NAMES.get(argument)


def named(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values under free names, as they are sent for an argument of the kind `pairs`."""
    return pairs(values)
