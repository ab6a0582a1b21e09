"""What is typed. A command's module is imported only when it runs, so that no command waits for unused imports."""

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from server import __version__
from server.cli import completing
from server.cli.garbage import resume
from server.cli.report import EXIT_CODES, Exit, left_unread, report_usage, reporting
from server.cli.rooms import foreign_rooms, warning
from server.cli.tree import NAME, CommandGroup

app = typer.Typer(
    name=NAME,
    cls=CommandGroup,
    help=f"Administer an Okta org from AI assistants, chat and the command line.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from server.media.terminal import say

        say(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and log to stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    from server.logs import set_up

    set_up(debug)
    if ctx.invoked_subcommand != "serve":
        resume()


def run() -> NoReturn:
    """Run the command that was typed, and end the process with its exit code."""
    _ended_by(lambda: app(standalone_mode=False, prog_name=NAME))


def report(error: BaseException) -> NoReturn:
    """Report what ended a command that was run without being read here, and end the process with its exit code."""

    def again() -> int:
        try:
            with reporting(typer.Context(typer.main.get_command(app), info_name=NAME)):
                raise error
        except typer.Exit as ended:
            return ended.exit_code

    _ended_by(again)


def _ended_by(work: Callable[[], int]) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an unencodable character is no reason to end
    if completing.VARIABLE in os.environ:
        completing.prepare()
    try:
        sys.exit(work())
    except typer.TyperException as error:
        report_usage(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        print("Aborted!", file=sys.stderr)
        sys.exit(Exit.FAILED)
    except ImportError:
        places = foreign_rooms()
        if not places:
            raise
        for place in places:
            print(warning(place), file=sys.stderr)  # plain, because whatever `note` needs may be shadowed
        sys.exit(Exit.FAILED)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        left_unread()
        sys.exit(Exit.NOT_READ)
