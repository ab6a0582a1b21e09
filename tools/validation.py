"""From raw arguments to an input model, or to one short sentence that says what to send instead."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tools.action import Action, ActionInput
from tools.okta.errors import InvalidInput


def validate(action: Action, arguments: Mapping[str, Any]) -> ActionInput:
    """The arguments as the action's input model.

    Raises:
        InvalidInput: with one cause for every argument that is missing, unknown or not as it should be. The rejected
            values are not repeated: they may be secrets, or text meant to mislead.
    """
    known = action.input.model_fields
    # Null means not sent: clients that must fill every field of a schema have no other way to leave one out.
    sent = {name: value for name, value in arguments.items() if value is not None or name not in known}
    try:
        return action.input.model_validate(sent)
    except ValidationError as error:
        causes = tuple(_sentence(action, detail) for detail in error.errors(include_url=False, include_input=False))
    raise InvalidInput(
        f"{action.name} was not run: {causes[0]}" + (f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""),
        causes=causes[1:],
        next_step=f"Arguments: {', '.join(_signature(action))}.",
    )


def _sentence(action: Action, detail: ErrorDetails) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else "arguments"
    match detail["type"]:
        case "extra_forbidden":
            nearest = get_close_matches(name, action.input.model_fields, n=1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            return f"there is no argument “{_short(name)}”{hint}"
        case "missing":
            return f"{name} is missing"
        case "string_too_short":
            return f"{name} is empty" if detail["ctx"]["min_length"] == 1 else f"{name} is too short"
        case "string_too_long":
            return f"{name} is longer than {detail['ctx']['max_length']} characters"
        case "too_long":
            return f"{name} has more than {detail['ctx']['max_length']} entries"
        case "value_error":
            return f"{name} {detail['ctx']['error']}"
        case _:
            return f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _short(name: str) -> str:
    line = "".join(c if c.isprintable() else "?" for c in name)
    return line if len(line) <= 60 else line[:57] + "…"


def _signature(action: Action) -> list[str]:
    fields = action.input.model_fields
    required = [f"{name} (required)" for name, field in fields.items() if field.is_required()]
    return required + [name for name, field in fields.items() if not field.is_required()]
