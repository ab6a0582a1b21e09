"""From raw arguments to an input model, or to one short sentence that says what to send instead."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tools.contract.action import Action, ActionInput
from tools.contract.repairing import repaired
from tools.contract.spoilt import spoilt
from tools.okta.errors import MOST_CAUSES, InvalidInput
from tools.text.lines import readable

MOST_BYTES = 64 * 1024
"""How large the arguments of a call may be as JSON: no action has use for more, and each is looked through often."""


def accept(action: Action, arguments: Mapping[str, Any]) -> tuple[ActionInput, tuple[str, ...]]:
    """What somebody sent, as the action's input model, and a sentence for each argument that had to be put right.

    Raises:
        InvalidInput: as `validate` does, and where data was spoilt on its way here.
    """
    _check_size(action, arguments)
    sent, said = repaired(action.input_schema, arguments, empty_is_absent=True)
    given = validate(action, sent)
    if causes := spoilt(action, sent):
        raise InvalidInput(f"{action.name} was not run", causes=causes, next_step="Correct that, and call it again.")
    return given, said


def validate(action: Action, arguments: Mapping[str, Any]) -> ActionInput:
    """The arguments as the action's input model.

    Raises:
        InvalidInput: with one cause for every argument that is missing, unknown or not as it should be. The rejected
            values are not repeated: they may be secrets, or text meant to mislead.
    """
    _check_size(action, arguments)
    known = action.input.model_fields
    # Null means not sent: clients that must fill every field of a schema have no other way to leave one out.
    sent = {name: value for name, value in arguments.items() if value is not None or name not in known}
    try:
        return action.input.model_validate(sent)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    wrong_names = any(detail["type"] in ("missing", "extra_forbidden") for detail in details)
    raise InvalidInput(
        f"{action.name} was not run",
        causes=_causes(action, details),
        next_step=f"It takes {', '.join(_signature(action))}." if wrong_names else "Correct that, and call it again.",
    )


def _check_size(action: Action, arguments: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(arguments, ensure_ascii=False, allow_nan=False, default=str).encode())
    except RecursionError:
        raise InvalidInput(
            f"{action.name} was not run: an argument is nested too deeply",
            next_step="Send the arguments as the schema has them.",
        ) from None
    except ValueError:
        # Python's own JSON reads more than there is; it could be neither sent to Okta nor recorded.
        raise InvalidInput(
            f"{action.name} was not run: an argument holds half a character (a lone surrogate), or NaN or Infinity",
            next_step="Correct that, and call it again.",
        ) from None
    if size > MOST_BYTES:
        raise InvalidInput(
            f"{action.name} was not run: its arguments are {size} bytes, and {MOST_BYTES} are the most.",
            code="too_large",
            next_step="Send less at a time.",
        )


def _causes(action: Action, details: list[ErrorDetails]) -> tuple[str, ...]:
    """A sentence for each thing that is wrong. A misspelt argument is not reported as missing too."""
    unknown = [_argument(detail) for detail in details if detail["type"] == "extra_forbidden"]
    # Looking for the nearest name takes long; nobody misspells more names than are shown.
    meant = {name: _nearest(action, name) for name in unknown[:MOST_CAUSES]}
    misspelt = set(meant.values())
    sentences = (
        _sentence(detail, meant)
        for detail in details
        if not (detail["type"] == "missing" and _argument(detail) in misspelt)
    )
    # A value that fits none of several types is reported once for each of them.
    return tuple(dict.fromkeys(sentences))


def _argument(detail: ErrorDetails) -> str:
    return str(detail["loc"][0]) if detail["loc"] else "arguments"


def _nearest(action: Action, name: str) -> str | None:
    return next(iter(get_close_matches(name[:100], action.input.model_fields, n=1)), None)


def _sentence(detail: ErrorDetails, meant: Mapping[str, str | None]) -> str:
    name = _argument(detail)
    if name == "attributes" and len(detail["loc"]) > 1:
        return (
            f"attributes: {_short(str(detail['loc'][1]))} must be text, a number, true, false, or a list of one kind; "
            "update_user_profile empties what clear names"
        )
    if len(detail["loc"]) > 1:
        name = f"an entry of {name}"
    match detail["type"]:
        case "extra_forbidden":
            nearest = meant.get(name)
            hint = f"; did you mean {nearest}?" if nearest else ""
            return f"There is no argument “{_short(name)}”{hint}"
        case "missing":
            return f"{name} is missing"
        case "string_too_short":
            least = detail["ctx"]["min_length"]
            return f"{name} is empty" if least == 1 else f"{name} is shorter than {least} characters"
        case "string_too_long":
            return f"{name} is longer than {detail['ctx']['max_length']} characters"
        case "too_long":
            return f"{name} has more than {detail['ctx']['max_length']} entries"
        case "value_error":
            return f"{name} {detail['ctx']['error']}"
        case _:
            return f"{name}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _short(name: str) -> str:
    line = readable(name)
    return line if len(line) <= 60 else line[:57] + "…"


def _signature(action: Action) -> list[str]:
    fields = action.input.model_fields
    required = [f"{name} (required)" for name, field in fields.items() if field.is_required()]
    return required + [name for name, field in fields.items() if not field.is_required()]
