"""`okta-actions call`: every action as a command of its own, its options made from the input model when asked for."""

import inspect
import json
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from server.cli.report import reporting

if TYPE_CHECKING:
    from server.desk.forms import Argument, Form


class ActionGroup(TyperGroup):
    """The actions of the catalogue as commands, made when the first of them is looked for."""

    @cached_property
    def _made(self) -> dict[str, Any]:
        from server.desk.forms import form, names

        made = typer.Typer(rich_markup_mode=None)
        for one in filter(None, map(form, names())):
            made.command(one.action, help=one.description)(_command(one))
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


def _command(form: "Form") -> Callable[..., None]:
    """A function whose signature is the action's input, so that its options and their help come from the model."""

    def run(ctx: typer.Context, as_json: bool, connection: str | None, why: str | None = None, **given: Any) -> None:
        from server.desk.forms import named

        sent = {name: value for name, value in given.items() if value not in (None, [], ())}
        if "attributes" in sent:
            sent["attributes"] = named(dict(_pair(text) for text in sent["attributes"]))
        with reporting(ctx):
            _call(form.action, sent, as_json, connection, why)

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
        *([_REASON] if form.reasoned else []),
        *map(_option, form.arguments),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _option(argument: "Argument") -> inspect.Parameter:
    """One option. Values go to the door as they are given: it validates for every surface."""
    kind: Any = {"flag": bool, "list": list[str], "pairs": list[str]}.get(argument.kind, str)
    help = argument.description
    if argument.kind == "pairs":
        help = f"{help} As NAME=TEXT, or NAME:=JSON for other values; may be repeated."
    elif argument.kind == "list":
        help = f"{help} May be repeated."
    option = typer.Option(help=help, show_default=False)
    return inspect.Parameter(
        argument.name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind if argument.required else kind | None, option],
        default=inspect.Parameter.empty if argument.required else None,
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

    result = carry_out(load(connection=connection), name, arguments, reason=reason)
    for text in result.notes:
        note(f"Note: {text}")
    content = result.content
    if as_json:
        say_json(content)
    elif content.get("success") is not False:
        show(content)
    told_if_declined(content)
