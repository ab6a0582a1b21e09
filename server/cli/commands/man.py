"""`okta-actions man`: the manual page, generated from the tree of commands."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from server import __version__
from server.cli.report import EXIT_CODES
from server.cli.tree import COMMANDS, NAME, every
from server.media.terminal import say
from server.settings import PREFIX, Settings


def command(ctx: typer.Context) -> None:
    """Print the manual page.

    In roff, as man shows it.
    """
    root: Any = ctx.find_root()
    say(*_page(root), whole=True)


def _page(root: Any) -> Iterator[str]:
    yield f'.TH "{NAME.upper()}" "1" "" "{NAME} {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"{_text(NAME)} \- administer an Okta org from AI assistants, chat and the command line"
    yield ".SH SYNOPSIS"
    yield rf"\fB{_text(NAME)}\fR [\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]"
    yield ".SH OPTIONS"
    yield from _options(root.command, root)
    yield ".SH COMMANDS"
    for path, found in every(root.command):
        if path[0] == "call" and len(path) > 1:
            continue  # there is one per action, each with its own help
        yield from _command(path, found, root)
    yield ".SH ENVIRONMENT"
    for name, field in Settings.model_fields.items():
        yield from (".TP", rf"\fB{PREFIX}{name.upper()}\fR", _text(field.description or ""))
    yield ".SH EXIT STATUS"
    yield _text(EXIT_CODES.removeprefix("Exit codes: "))


def _command(path: tuple[str, ...], found: Any, root: Any) -> Iterator[str]:
    context = type(root)(found, info_name=" ".join(path), parent=root)
    usage = " ".join(found.collect_usage_pieces(context))
    yield rf".SS \fB{_text(' '.join(path))}\fR {_text(usage)}"
    for paragraph in re.split(r"\n\s*\n", (found.help or "").strip()):
        yield from (".PP", _text(" ".join(paragraph.split())))
    yield from _options(found, context)
    for example in COMMANDS[path[0]].examples if len(path) == 1 else ():
        yield from (
            ".PP",
            "Example:",
            ".RS",
            ".nf",
            _text(example if NAME in example else f"{NAME} {example}"),
            ".fi",
            ".RE",
        )


def _options(found: Any, context: Any) -> Iterator[str]:
    for parameter in found.get_params(context):
        if (record := parameter.get_help_record(context)) is not None:
            yield from (".TP", rf"\fB{_text(record[0])}\fR", _text(record[1]))


def _text(text: str) -> str:
    """Escape text for roff: no line is read as a request, and hyphens can be copied."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace("\n", " ")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
