"""The tree of commands: their order and their modules. A module is imported only when it is needed."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from server.cli.report import reporting

NAME = "okta-actions"


@dataclass(frozen=True)
class Listed:
    """A command's entry in the list. `waits`: the message if it takes long; empty if the command prints its own."""

    section: str
    summary: str
    examples: tuple[str, ...] = ()
    waits: str = ""
    group: "dict[str, Listed] | None" = None


_OKTA = "Asking Okta"
_JOURNAL = "Reading the journal"
JOURNAL = {
    "list": Listed(
        "", "List the newest changes, refusals, open questions and events.", ("journal list --limit 5",), _JOURNAL
    ),
    "show": Listed("", "Show all that is recorded of a change.", ("journal show 12",), _JOURNAL),
    "export": Listed("", "Write every entry to a file as JSON Lines.", ("journal export journal.jsonl",), "Exporting"),
    "verify": Listed(
        "", "Find every entry that was removed, altered or put in.", ("journal verify --json",), "Verifying"
    ),
    "reconcile": Listed("", "Find out what became of changes whose outcome is unknown.", ("journal reconcile",), _OKTA),
    "seal": Listed("", "Move old entries to a file.", ("journal seal 2025.jsonl --days 365",), "Sealing"),
    "accept-restore": Listed("", "Go on with a store that lacks entries.", ("journal accept-restore",), _JOURNAL),
    "erase": Listed("", "Erase what tells of a person.", ("journal erase jane.doe@example.com",), "Erasing"),
}
TOKEN = {
    "show": Listed("", "Print the token.", ("token show",)),
    "rotate": Listed("", "Replace the token.", ("token rotate",)),
}
EXPORTS = {
    "list": Listed("", "List the exports that are kept here, whoever made them.", ("exports list",)),
    "delete": Listed("", "Delete an export before its day is over.", ("exports delete 1f2e3d4c5b6a7988",)),
}
VAULT = {"rotate": Listed("", "Seal everything with new keys.", ("vault rotate",), "Sealing")}
ORG, RUN, RECORD, SERVER, HELP = "Your org", "Actions", "Changes", "Server and keys", "This program"
COMMANDS = {
    "connect": Listed(
        ORG,
        "Connect an Okta org.",
        (
            "connect --org-url https://dev-12345.okta.com --client-id 0oa1",
            "connect --service --private-key-file key.jwk",
        ),
    ),
    "status": Listed(ORG, "Show what is connected, and what needs attention.", ("status --json",), _OKTA),
    "connections": Listed(ORG, "List the connections.", ("connections",), _OKTA),
    "use": Listed(ORG, "Make a connection the default.", ("use production",)),
    "disconnect": Listed(ORG, "Revoke the tokens at Okta, then forget them.", ("disconnect production",), _OKTA),
    "doctor": Listed(ORG, "Find out what is wrong, and how to mend it.", ("doctor",), _OKTA),
    "actions": Listed(RUN, "List every action.", ("actions", "actions --output csv > actions.csv"), _OKTA),
    "find": Listed(RUN, "Find actions by what they do.", ('find "who is in a group"', "find suspend --json")),
    "call": Listed(
        RUN,
        "Run one action.",
        ("call lookup_user jane.doe@example.com", "call search_users --department Sales --all --output csv"),
    ),
    "exports": Listed(RUN, "What was exported, kept here for a day.", group=EXPORTS),
    "chat": Listed(RUN, "Administer the org in your own words.", ("chat",)),
    "ask": Listed(RUN, "Make one request in your own words.", ('ask "Who is in Engineering?"',)),
    "undo": Listed(RECORD, "Undo a change that was made through okta-actions.", ("undo 12",), _OKTA),
    "approve": Listed(
        RECORD,
        "Approve a change that was asked for where no person could be asked.",
        ("approve", "approve 1f2e3d4c"),
        _OKTA,
    ),
    "journal": Listed(RECORD, "The record of what was changed.", group=JOURNAL),
    "policy": Listed(RECORD, "Show the rules in force, and where they come from.", ("policy --json",), _OKTA),
    "freeze": Listed(RECORD, "Stop all writes, in every process that uses this store.", ('freeze --reason "INC-123"',)),
    "unfreeze": Listed(RECORD, "Let every process go on that freeze stopped.", ("unfreeze",)),
    "serve": Listed(SERVER, "Serve the actions over MCP.", ("serve", "serve --http --sandbox")),
    "token": Listed(SERVER, "The token that clients send to the server over HTTP.", group=TOKEN),
    "vault": Listed(SERVER, "The store's own keys.", group=VAULT),
    "keygen": Listed(SERVER, "Make a key for a service app.", ("keygen --file key.jwk",)),
    "export": Listed(
        SERVER, "Write connections to a file that only its passphrase opens.", ("export connections.bin",)
    ),
    "import": Listed(SERVER, "Take connections in from a file that export wrote.", ("import connections.bin",)),
    "sandbox": Listed(SERVER, "Run the embedded Okta org alone.", ("sandbox --users 200",)),
    "eval": Listed(SERVER, "Measure how well a model works with the actions.", ("eval --scripts good",)),
    "completion": Listed(
        HELP, "Print the script that completes commands in a shell.", ('eval "$(okta-actions completion bash)"',)
    ),
    "man": Listed(HELP, "Print the manual page.", ("man | man -l -",)),
    "help": Listed(HELP, "Show the help of a command.", ("help call",)),
    "version": Listed(HELP, "Print the version.", ("version",)),
}
NARROW = 52
"""Below this width in columns, help would by default be wider than the terminal."""
TAKES: dict[type, str] = {str: "TEXT", int: "NUMBER", float: "NUMBER"}
"""The placeholder for a value in a command's help."""


class Command(TyperCommand):
    """A command that reports its errors, says what takes long, and shows examples in its help."""

    listed = Listed("", "")

    def __init__(self, name: str | None, **given: Any) -> None:
        super().__init__(name, **given)
        self.context_settings.update(_context())
        for one in self.params:
            one.metavar = one.metavar or _metavar(one)
            if one.param_type_name == "argument":
                one.display_type_rich = lambda ctx: ""  # type: ignore[attr-defined]

    def invoke(self, ctx: Any) -> Any:
        from server.media.terminal import waiting

        with reporting(ctx):
            if not self.listed.waits:
                return super().invoke(ctx)
            with waiting(self.listed.waits):
                return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _narrowed(formatter)
        super().format_help(ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        write_examples(self.listed.examples, formatter)


def _context() -> dict[str, Any]:
    """Settings for every command: the help option, and the width of help."""
    columns = shutil.get_terminal_size().columns
    return {
        "help_option_names": ["-h", "--help"],
        **({"terminal_width": max(columns - 1, 24)} if columns < NARROW else {}),
    }


def _narrowed(formatter: Any) -> None:
    """Put an option's description below it if there is no room beside it."""
    if formatter.width < NARROW:
        formatter.write_dl = partial(formatter.write_dl, col_max=12)


def write_examples(examples: tuple[str, ...], formatter: Any) -> None:
    if examples:
        with formatter.section("Example" if len(examples) == 1 else "Examples"):
            for one in examples:
                shown = one if NAME in one else f"{NAME} {one}"
                for line in _continued(shown, formatter.width - formatter.current_indent):
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def _continued(command: str, width: int) -> Iterator[str]:
    """A command in lines that a shell reads as one; an option stays with its value."""
    line = ""
    for part in re.split(r" (?=--)", command):
        if line and len(line) + len(part) + 3 > width:
            yield f"{line} \\"
            line = f"  {part}"
        else:
            line = f"{line} {part}" if line else part
    yield line


def _metavar(parameter: Any) -> str | None:
    """The placeholder for a value; an argument's own name is enough."""
    known = parameter.type_descriptor
    if known.is_choice or known.annotation is bool:
        return None
    if known.is_path:
        return "FILE"
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    inner = getattr(known.annotation, "__args__", (known.annotation,))[0]
    return "FILE" if getattr(inner, "__name__", "") == "Path" else TAKES.get(inner, "TEXT")


class CommandGroup(TyperGroup):
    """Commands that are imported when they run, show their help, or are completed."""

    listed: dict[str, Listed] = COMMANDS
    package = "server.cli.commands"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.context_settings.update(_context())

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _narrowed(formatter)
        super().format_help(ctx, formatter)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.listed)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and (listed := self.listed.get(cmd_name)):
            self.commands[cmd_name] = _made(cmd_name, listed, self.package)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if (
            args
            and not args[0].startswith("-")
            and self.get_command(ctx, args[0]) is None
            and not ctx.resilient_parsing
        ):
            near = close(args[0], self.list_commands(ctx)) or self.meant(args[0])
            ctx.fail(f"No such command “{_readable(args[0])}”.{f' Did you mean {near}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def meant(self, typed: str) -> str:
        """What somebody may mean by a name that resembles no command; empty if unknown."""
        if self.package != CommandGroup.package or self.listed is not COMMANDS:
            return ""
        from server.desk.forms import names

        return f"call {near}" if (near := close(typed, names())) else ""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands with a line each from the table: none is imported for it."""
        for section in dict.fromkeys(one.section for one in self.listed.values()):
            with formatter.section(section or "Commands"):
                formatter.write_dl([(name, one.summary) for name, one in self.listed.items() if one.section == section])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        from typer._click.shell_completion import CompletionItem

        found = [(name, one.summary) for name, one in self.listed.items() if name.startswith(incomplete)]
        return [CompletionItem(name, help=summary) for name, summary in found]


def close(typed: str, names: list[str]) -> str:
    """The nearest name, if one is close enough."""
    same = typed.replace("-", "_")
    found = get_close_matches(same, [name.replace("-", "_") for name in names], n=1, cutoff=0.6)
    return next((name for name in names if found and name.replace("-", "_") == found[0]), "")


def _readable(text: str) -> str:
    from tools.text.lines import readable

    return readable(text)[:60]


def _made(name: str, listed: Listed, package: str) -> Any:
    if name == "call":
        from server.cli.commands.call import ActionGroup

        return built(typer.Typer(cls=ActionGroup, no_args_is_help=True, help=GROUP_HELP["call"]), name)
    if listed.group is not None:
        kind = type("Commands", (CommandGroup,), {"listed": listed.group, "package": f"{package}.{name}"})
        return built(typer.Typer(cls=kind, no_args_is_help=True, help=listed.summary), name)
    module = f"{package}.{name.replace('-', '_')}" + ("_" if name == "import" else "")
    return command(getattr(import_module(module), "command"), name, listed)  # noqa: B009


GROUP_HELP = {
    "call": """Run one action.

    `okta-actions call ACTION --help` says what it takes. Where a person must confirm, it asks.
    """
}


def command(function: Any, name: str, listed: Listed, help: str | None = None) -> Any:
    """A command made from the function, whose signature declares its parameters."""
    made = typer.Typer(add_completion=False, rich_markup_mode=None)
    made.command(name, cls=type("Command", (Command,), {"listed": listed}), help=help)(function)
    return typer.main.get_command(made)


def built(group: typer.Typer, name: str) -> Any:
    """A group that only holds commands."""
    group._add_completion = False
    group.rich_markup_mode = None
    group.callback()(lambda: None)
    made = typer.main.get_command(group)
    made.name = name
    return made


def every(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group below one, with the words that are typed for it."""
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        yield (*path, name), found
        if hasattr(found, "list_commands"):
            yield from every(found, (*path, name))
