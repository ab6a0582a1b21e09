"""`okta-actions call`: every action as a command of its own, its options made from the input model when asked for."""

import inspect
import json
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, get_origin

import typer
from typer.core import TyperGroup

from server.cli.report import Exit, fail, reporting

if TYPE_CHECKING:
    from tools.contract.action import Action


WRONG_VALUES = ("invalid_input", "wrong_kind", "too_large")
"""Codes of errors about what was typed. They end as an option that does not exist does."""


class ActionGroup(TyperGroup):
    """The actions of the catalogue as commands, made when the first of them is looked for."""

    @cached_property
    def _made(self) -> dict[str, Any]:
        from tools.catalogue import CATALOGUE

        made = typer.Typer(rich_markup_mode=None)
        for action in CATALOGUE.values():
            made.command(action.name, help=action.description)(_command(action))
        return dict(typer.main.get_group(made).commands)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self._made)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._made.get(cmd_name)


_REASON = inspect.Parameter(
    "why",
    inspect.Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        str | None, typer.Option("--reason", help="Why it is done, such as a ticket's number; recorded with it.")
    ],
    default=None,
)


def _command(action: "Action") -> Callable[..., None]:
    """A function whose signature is the action's input, so that its options and their help come from the model."""
    from tools.contract.calls import options

    def run(ctx: typer.Context, as_json: bool, connection: str | None, why: str | None = None, **given: Any) -> None:
        from tools.contract.pairs import pairs

        sent = {name: value for name, value in given.items() if value not in (None, [], ())}
        if "attributes" in sent:
            sent["attributes"] = pairs(dict(_pair(text) for text in sent["attributes"]))
        with reporting(ctx.find_root().params.get("debug", False)):
            _call(action.name, sent, as_json, connection, why)

    parameters = [
        inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        inspect.Parameter(
            "as_json",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[bool, typer.Option("--json", help="Print the answer, or what went wrong, as JSON.")],
            default=False,
        ),
        inspect.Parameter(
            "connection",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[str | None, typer.Option(help="Name of the connection. [default: the default one]")],
            default=None,
        ),
        *([_REASON] if action.effect.value != "read" else []),
        *(
            _option(name, field)
            for model in (action.input, options(action))
            for name, field in model.model_fields.items()
        ),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _option(name: str, field: Any) -> inspect.Parameter:
    """One option. Values go to the door as they are given: it validates for every surface."""
    kind: Any = str
    if field.annotation is bool:
        kind = bool
    elif get_origin(field.annotation) in (list, dict):
        kind = list[str]
    help = field.description
    if get_origin(field.annotation) is dict:
        help = f"{help} As NAME=TEXT, or NAME:=JSON for other values; may be repeated."
    elif kind is not str and kind is not bool:
        help = f"{help} May be repeated."
    option = typer.Option(help=help, show_default=False)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind if field.is_required() else kind | None, option],
        default=inspect.Parameter.empty if field.is_required() else None,
    )


def _pair(text: str) -> tuple[str, Any]:
    """`NAME=TEXT`, or `NAME:=JSON` for what is no text: numbers, booleans, lists."""
    from tools.text.lines import readable

    name, separator, value = text.partition("=")
    if not separator or not name.rstrip(":"):
        raise typer.BadParameter(f"“{readable(text)[:100]}” is not NAME=TEXT or NAME:=JSON.", param_hint="--attributes")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], json.loads(value)
    except (ValueError, RecursionError):
        raise typer.BadParameter(f"“{readable(value)[:100]}” is not JSON.", param_hint="--attributes") from None


def _call(name: str, arguments: dict[str, Any], as_json: bool, connection: str | None, reason: str | None) -> None:
    from server.cli.confirming import carry_out, told_if_declined
    from server.cli.showing import show
    from server.media.terminal import note, say_json
    from server.settings import load
    from tools.okta.errors import ActionError
    from tools.text.lines import visible

    try:
        result = carry_out(load(connection=connection), name, arguments, reason=reason)
    except ActionError as error:
        if as_json:
            say_json({"success": False, "error": visible(error.details())})
        if error.code in WRONG_VALUES:
            fail(error, Exit.USAGE)
        raise
    for text in result.notes:
        note(f"Note: {text}")
    content = result.content
    if as_json:
        say_json(content)
    elif content.get("success") is not False:
        show(content)
    told_if_declined(content)
