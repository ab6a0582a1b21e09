"""`okta-actions call`: every action as a command of its own, with options built on demand from the action's input."""

import inspect
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from server.cli import tree
from server.cli.completing import looked_up
from server.cli.options import AsJson, ConnectionName, Fields, Format, Output
from server.cli.tree import Listed, command
from server.desk.forms import Argument, Form, form, named, names

SAMPLES = {
    "person": "jane.doe@example.com",
    "group": "Engineering",
    "application": "Salesforce",
    "change": "12",
    "first_name": "Jane",
    "last_name": "Doe",
    "login": "jane.doe@example.com",
    "email": "jane.doe@example.com",
}
"""The values in examples."""


class ActionGroup(tree.CommandGroup):
    """The actions of the catalogue as commands, each built when it is looked up."""

    @cached_property
    def listed(self) -> dict[str, Listed]:  # type: ignore[override]
        forms = filter(None, map(form, names()))
        return {
            one.action: Listed(one.toolset, one.description.partition("\n")[0], (_example(one),), "Asking Okta")
            for one in forms
        }

    def list_commands(self, ctx: Any) -> list[str]:
        return names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and (found := form(cmd_name)):
            self.commands[cmd_name] = command(_function(found), cmd_name, self.listed[cmd_name], found.description)
        return self.commands.get(cmd_name)


def positional(form: Form) -> Argument | None:
    """The argument that may be given without its name: the action's only required one."""
    required = [one for one in form.arguments if one.required]
    return required[0] if len(required) == 1 and required[0].kind == "text" else None


def _example(form: Form) -> str:
    words = ["call", form.action]
    for one in form.arguments:
        if one.required:
            sample = SAMPLES.get(one.names or one.name, "TEXT")
            words += [sample] if one == positional(form) else [_option_name(one), sample]
    if form.action == "search_users":
        words += ["--department", "Sales", "--fields", "login,email", "--all"]
    if form.exports:
        words += ["--to", "export.csv"]
    return " ".join(words)


def _option_name(argument: Argument) -> str:
    return f"--{argument.name.replace('_', '-')}"


_VALUE = "the_value"


def _function(form: Form) -> Callable[..., None]:
    """A function whose signature is the action's input, so that its options and their help come from it."""
    alone = positional(form)
    own_fields = any(one.name == "fields" for one in form.arguments)

    def run(
        as_json: bool,
        output: Format | None,
        connection: str | None,
        why: str | None = None,
        every: bool = False,
        shown: str | None = None,
        to: Path | None = None,
        overwrite: bool = False,
        reveal: bool = False,
        **given: Any,
    ) -> None:
        from server.cli.calling import call
        from server.cli.output import Shape

        if alone is not None:
            _place(alone, given)
        sent = {name: value for name, value in given.items() if value not in (None, [], ())}
        for one in form.arguments:
            if one.name in sent and one.kind == "pairs":
                sent[one.name] = named(dict(_pair(text) for text in sent[one.name]))
            elif one.name in sent and one.kind == "list":
                sent[one.name] = _separate(one, sent[one.name])
            elif one.name in sent and one.kind == "number" and str(sent[one.name]).isdecimal():
                sent[one.name] = int(sent[one.name])  # if it is not a number, the door refuses it in its own words
        if to is not None:
            from server.cli.exporting import export_to

            export_to(form, sent, to, connection, overwrite=overwrite)
            return
        call(form, sent, Shape.of(as_json, output, shown), connection, why, every=every, reveal=reveal)

    parameters = [
        *([_argument(alone)] if alone else []),
        *(_option(one, alone) for one in form.arguments),
        *([_parameter("every", bool, typer.Option("--all", help="Follow all pages."), False)] if form.paged else []),
        *(_of_a_file() if form.exports else []),
        *([_parameter("why", str | None, _REASON)] if form.reasoned else []),
        *([_parameter("reveal", bool, _reveal(form.reveals), False)] if form.reveals else []),
        *([] if own_fields else [_given("shown", Fields)]),
        _given("connection", ConnectionName),
        _given("as_json", AsJson, False),
        _given("output", Output),
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


_TO = typer.Option(
    "--to", help="Write the whole export to this file, which only you can read, and keep nothing here.", metavar="FILE"
)
_OVERWRITE = typer.Option("--overwrite", help="Replace the file if it exists.")
_REASON = typer.Option("--reason", help="Why it is done, such as a ticket's number; recorded with it.")


def _of_a_file() -> list[inspect.Parameter]:
    return [_parameter("to", Path | None, _TO), _parameter("overwrite", bool, _OVERWRITE, False)]


def _reveal(what: str) -> Any:
    return typer.Option(f"--show-{what.replace(' ', '-')}", help=f"Set a {what} and show it here, once.")


def _given(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _parameter(name: str, kind: Any, option: Any, default: Any = None) -> inspect.Parameter:
    return _given(name, Annotated[kind, option], default)


def _argument(argument: Argument) -> inspect.Parameter:
    """The value given without its name."""
    told = typer.Argument(
        help=f"{argument.description} Or as {_option_name(argument)} {argument.name.upper()}.",
        metavar=argument.name.upper(),
        autocompletion=looked_up(argument.names or ""),
    )
    return _parameter(_VALUE, str | None, told)


def _option(argument: Argument, alone: Argument | None) -> inspect.Parameter:
    """One option. Values are passed to the door unchanged: it validates for every surface."""
    kind: Any = {"flag": bool, "list": list[str], "pairs": list[str]}.get(argument.kind, str)
    must = argument.required and argument != alone
    option = typer.Option(
        help=_help(argument),
        show_default=False,
        metavar=_metavar(argument),
        autocompletion=looked_up(argument.names or "") or (_of(argument.choices) if argument.choices else None),
        hidden=argument == alone,
    )
    made = _parameter(argument.name, kind if must else kind | None, option)
    return made.replace(default=inspect.Parameter.empty) if must else made


def _of(choices: list[str]) -> Callable[[Any, list[str], str], list[str]]:
    def complete(ctx: Any, args: list[str], incomplete: str) -> list[str]:
        return [one for one in choices if one.startswith(incomplete.upper())]

    return complete


def _help(argument: Argument) -> str:
    told = [argument.description]
    if argument.choices:
        told.append(f"One of {', '.join(argument.choices)}.")
    if argument.kind == "pairs":
        told.append("As NAME=TEXT, or NAME:=JSON for other values; may be repeated.")
    elif argument.kind == "list":
        told.append("May be repeated, or have commas between." if _has_commas(argument) else "May be repeated.")
    known = []
    if argument.default not in (None, False) or (argument.kind == "flag" and argument.default):
        known.append(f"default: {'yes' if argument.default is True else argument.default}")
    if argument.minimum is not None and argument.maximum is not None:
        known.append(f"{argument.minimum:g} to {argument.maximum:g}")
    return " ".join([*told, *([f"[{'; '.join(known)}]"] if known else [])])


def _metavar(argument: Argument) -> str | None:
    if argument.kind == "flag":
        return None
    if argument.names:
        return argument.names.upper()
    return {"number": "NUMBER", "pairs": "NAME=TEXT"}.get(argument.kind, "TEXT")


def _has_commas(argument: Argument) -> bool:
    """Whether commas separate values: names of attributes and states contain none, but names of groups may."""
    return argument.names is None


def _separate(argument: Argument, texts: list[str]) -> list[str]:
    if not _has_commas(argument):
        return texts
    return [one.strip() for text in texts for one in text.split(",") if one.strip()] or texts


def _place(alone: Argument, given: dict[str, Any]) -> None:
    """Assign the value that was given without its name to its argument.

    Raises:
        typer.BadParameter: it was given twice, or not at all.
    """
    value = given.pop(_VALUE, None)
    if value is None and given.get(alone.name) is None:
        raise typer.BadParameter(f"It is missing, or as {_option_name(alone)}.", param_hint=alone.name.upper())
    if value is not None and given.get(alone.name) is not None:
        raise typer.BadParameter("It is there twice.", param_hint=alone.name.upper())
    if value is not None:
        given[alone.name] = value


def _pair(text: str) -> tuple[str, Any]:
    """`NAME=TEXT`, or `NAME:=JSON` for values that are not text: numbers, booleans, lists."""
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
