"""From raw arguments to an input model, or to one short sentence that says what to send instead."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tools.contract.arguments import ActionInput
from tools.contract.calls import DRY_RUN, ReadOptions, call_schema, options
from tools.contract.definition import Definition
from tools.contract.repairing import repaired
from tools.contract.spoilt import spoilt
from tools.okta.errors import MOST_CAUSES, InvalidInput
from tools.text.lines import readable

MOST_BYTES = 64 * 1024
"""Limit for the arguments of a call as JSON: no action needs more, and they are scanned several times."""


@dataclass(frozen=True)
class Accepted:
    """A call as it was accepted: the action's own arguments, whether it is a dry run, and what had to be repaired."""

    request: ActionInput
    dry_run: bool
    notes: tuple[str, ...]


def accept(action: Definition, arguments: Mapping[str, Any]) -> Accepted:
    """A call's arguments as the action's input model, separate from the options of every call.

    Raises:
        InvalidInput: as `validate` does, and if data was spoilt on its way here.
    """
    _check_size(action, arguments)
    sent, said = repaired(call_schema(action), arguments, empty_is_absent=True)
    request, beside = _validated(action, sent, options(action))
    if causes := spoilt(action, sent):
        raise InvalidInput(f"{action.name} was not run", causes=causes, next_step="Correct it and call again.")
    return Accepted(request, getattr(beside, DRY_RUN, False), said)


def validate(action: Definition, arguments: Mapping[str, Any]) -> ActionInput:
    """The arguments as the action's input model.

    Raises:
        InvalidInput: with one cause for every argument that is missing, unknown or invalid. The rejected values are not
            repeated: they may be secrets, or text meant to mislead.
    """
    _check_size(action, arguments)
    request, _ = _validated(action, arguments)
    return request


def _validated(
    action: Definition, arguments: Mapping[str, Any], beside: type[ActionInput] = ReadOptions
) -> tuple[ActionInput, ActionInput]:
    """The models of an action's arguments and of the options `beside` them."""
    fields = {**action.input.model_fields, **beside.model_fields}
    # Null means not sent: clients that must fill every field of a schema have no other way to leave one out.
    sent = {name: value for name, value in arguments.items() if value is not None or name not in fields}
    said = {name: sent.pop(name) for name in beside.model_fields if name in sent}
    details: list[ErrorDetails] = []
    request, options = _made(action.input, sent, details), _made(beside, said, details)
    if request is not None and options is not None:
        return request, options
    wrong_names = any(detail["type"] in ("missing", "extra_forbidden") for detail in details)
    raise InvalidInput(
        f"{action.name} was not run",
        causes=_causes(fields, details),
        next_step=f"It takes {', '.join(_signature(fields))}." if wrong_names else "Correct it and call again.",
    )


def _made(model: type[ActionInput], values: dict[str, Any], details: list[ErrorDetails]) -> ActionInput | None:
    """The model made of these values; None, with the errors added to `details`, if they are invalid."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        details += error.errors(include_url=False, include_input=False)
        return None


def _check_size(action: Definition, arguments: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(arguments, ensure_ascii=False, allow_nan=False, default=str).encode())
    except RecursionError:
        raise InvalidInput(
            f"{action.name} was not run: an argument is nested too deeply",
            next_step="Send the arguments as the schema describes them.",
        ) from None
    except ValueError:
        # Python's JSON parser accepts more than the standard, which could be neither sent to Okta nor recorded.
        raise InvalidInput(
            f"{action.name} was not run: an argument contains a lone surrogate, NaN or Infinity",
            next_step="Correct it and call again.",
        ) from None
    if size > MOST_BYTES:
        raise InvalidInput(
            f"{action.name} was not run: its arguments have {size} bytes; the limit is {MOST_BYTES}.",
            code="too_large",
            next_step="Send less per call.",
        )


def _causes(fields: Mapping[str, FieldInfo], details: list[ErrorDetails]) -> tuple[str, ...]:
    """A sentence for each thing that is wrong. A misspelt argument is not reported as missing too."""
    unknown = [_argument(detail) for detail in details if detail["type"] == "extra_forbidden"]
    # Finding the nearest name is slow, and nobody misspells more names than are shown.
    meant = {name: _nearest(fields, name) for name in unknown[:MOST_CAUSES]}
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


def _nearest(fields: Mapping[str, FieldInfo], name: str) -> str | None:
    return next(iter(get_close_matches(name[:100], fields, n=1)), None)


def _sentence(detail: ErrorDetails, meant: Mapping[str, str | None]) -> str:
    name = _argument(detail)
    if name == "attributes" and len(detail["loc"]) > 1:
        return (
            f"attributes: {_short(str(detail['loc'][1]))} must be text, a number, true, false, or a list of one type; "
            "to clear an attribute, use clear of update_user_profile"
        )
    if len(detail["loc"]) > 1:
        name = f"an entry of {name}"
    match detail["type"]:
        case "extra_forbidden":
            nearest = meant.get(name)
            hint = f"; did you mean {nearest}?" if nearest else ""
            return f"Unknown argument “{_short(name)}”{hint}"
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


def _signature(fields: Mapping[str, FieldInfo]) -> list[str]:
    required = [f"{name} (required)" for name, field in fields.items() if field.is_required()]
    return required + [name for name, field in fields.items() if not field.is_required()]
