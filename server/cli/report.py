"""Output and exit of the command line: answers on stdout, errors on stderr in two lines, and the exit codes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from tools.okta.errors import ActionError


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    DECLINED = 3
    NOT_CONNECTED = 4
    INTERRUPTED = 130
    NOT_READ = 141
    """Nobody reads the output any more; the code is the one that a shell reports for a program ended by SIGPIPE."""


EXIT_CODES = (
    "Exit codes: 0 done · 1 refused or failed, with the reason on stderr · 2 wrong usage · 3 declined by the person "
    "asked · 4 not connected, or a new sign-in is needed · 130 interrupted · 141 nobody reads the output."
)


WRONG_VALUES = ("invalid_input", "wrong_kind", "too_large")
"""Codes of errors in the arguments typed for an action. They exit like an unknown option."""


@contextmanager
def reporting(ctx: typer.Context) -> Iterator[None]:
    """Turn a command's exceptions into one or two lines on stderr and an exit code. Tracebacks only with --debug.

    A command that was asked for JSON also prints the error as JSON.
    """
    from server.media.terminal import note
    from tools.okta.errors import ActionError

    debug = bool(ctx.find_root().params.get("debug"))
    try:
        yield
    except ActionError as error:
        if debug:
            _show_traceback()
        if ctx.params.get("as_json"):
            _say_failure(error)
        wrong = error.code in WRONG_VALUES and ctx.parent is not None and ctx.parent.info_name == "call"
        fail(error, Exit.USAGE if wrong else None)
    except (KeyboardInterrupt, typer.Abort):
        raise typer.Exit(Exit.INTERRUPTED) from None
    except (typer.Exit, typer.TyperException, ImportError):
        raise  # reported already, or reported by our caller
    except BrokenPipeError:
        left_unread()
        raise typer.Exit(Exit.NOT_READ) from None
    except Exception as error:
        if debug:
            _show_traceback()
            raise typer.Exit(Exit.FAILED) from None
        if isinstance(error, OSError) and error.strerror:
            # The operating system's reason: a missing file, a full disk.
            about = f"{error.filename} cannot be used" if error.filename else "A file or connection cannot be used"
            note(f"{about}: {error.strerror}.")
            raise typer.Exit(Exit.FAILED) from None
        note(f"A fault in okta-actions: {type(error).__name__}.")
        note("Run it again with okta-actions --debug … and report the traceback.")
        raise typer.Exit(Exit.FAILED) from None


def report_usage(error: typer.TyperException) -> None:
    """Report a usage error; also as JSON if the command was asked for JSON."""
    import io

    from server.media.terminal import note

    told = io.StringIO()
    error.show(told)  # type: ignore[attr-defined]
    note(*told.getvalue().rstrip("\n").split("\n"))
    if "--json" in sys.argv:
        from tools.okta.errors import InvalidInput

        _say_failure(InvalidInput(error.format_message(), code="usage"))


def left_unread() -> None:
    """Discard the remaining output: the reader of a pipe left, as `head` does once it has enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _say_failure(error: "ActionError") -> None:
    from server.desk.failure import failure
    from server.media.terminal import say_json

    say_json(failure(error).model_dump(mode="json"))


def _show_traceback() -> None:
    """Where an error came from, shown with --debug."""
    import traceback

    from server.media.terminal import note
    from tools.text.redaction import redacted

    note(*redacted(traceback.format_exc()).splitlines())


def fail(error: "ActionError", code: Exit | None = None) -> NoReturn:
    """Say what was refused and what to do, and exit with its exit code or the given one."""
    from server.media.terminal import note

    for line in str(error).split("\n"):
        # A command or an address is copied, so it is not wrapped.
        note(line, whole=line.startswith("Next: ") and ("okta-actions " in line or "://" in line))
    unconnected = error.code in ("not_connected", "needs_sign_in")
    raise typer.Exit(code or (Exit.NOT_CONNECTED if unconnected else Exit.FAILED))
