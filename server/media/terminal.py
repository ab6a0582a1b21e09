"""Output to the terminal: no text from others can move its cursor, add markup, or hide or begin a line.

Every function takes whole lines or cells. Invisible characters and line breaks in them are escaped, and a line too long
for the terminal continues indented, so text at the margin is always the program's own.
"""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TextIO

from server.media.csv_text import in_csv
from server.media.json_text import in_json
from server.media.measure import NARROWEST, broken
from server.media.progress import Waiting
from server.media.tables import Column, drawn, facts, named, tabbed
from tools.text.characters import escaped

Style = Literal["bold", "dim", "good", "bad"]
_STYLES: dict[Style, str] = {"bold": "1", "dim": "2", "good": "32", "bad": "31"}

_waiting: Waiting | None = None


def say(*lines: str, to: TextIO | None = None, whole: bool = False, style: Style | None = None) -> None:
    """Lines on stdout, which programs may read, or to `to`.

    `whole`: they are meant to be copied, such as an address or a command, and are never broken.
    """
    out = to or sys.stdout
    for line in lines:
        _print(_styled(escaped(line) if whole else _one_line(line, out), style, out), out)


def note(*lines: str, whole: bool = False) -> None:
    """Lines for the person at the terminal, kept away from stdout."""
    say(*lines, to=sys.stderr, whole=whole)


def say_json(value: Any, *, compact: bool = False) -> None:
    """A value as JSON, for programs and people alike; `compact` on one line."""
    _print(in_json(value, None if compact else 2), sys.stdout)


def say_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows for a spreadsheet."""
    for line in in_csv(columns, rows):
        _print(line, sys.stdout)


def put(text: str, to: TextIO) -> None:
    """A piece of a line, which `Flowing` or another function of this module has escaped."""
    _clear()
    print(text, end="", file=to, flush=True)


def confirmed(question: str, *, facts: Iterable[str] = (), to: TextIO | None = None) -> bool:
    """Ask for a yes or no, below the facts.

    Raises:
        typer.Abort: the person left the question.
    """
    import typer

    out = to or sys.stderr
    say(*facts, to=out)
    with _answering():
        return typer.confirm(_one_line(question, out), default=False, err=out is sys.stderr)


def answered(question: str, *, facts: Iterable[str] = (), to: TextIO | None = None) -> str:
    """Ask for a text, below the facts; nothing typed is an empty one.

    Raises:
        typer.Abort: the person left the question.
    """
    import typer

    out = to or sys.stderr
    say(*facts, to=out)
    with _answering():
        answer = typer.prompt(_one_line(question, out), default="", show_default=False, err=out is sys.stderr)
        return str(answer).strip()


def typed(prompt: str, *, hide: bool = False, twice: bool = False) -> str:
    """What the person types."""
    import typer

    with _answering():
        return str(typer.prompt(escaped(prompt), hide_input=hide, confirmation_prompt=twice, err=True))


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on stderr, at a terminal, what is being waited for if it takes longer than two seconds."""
    global _waiting
    if _waiting is not None or not sys.stderr.isatty():
        yield
        return
    _waiting = Waiting(escaped(what), sys.stderr, dumb=os.environ.get("TERM", "") in ("", "dumb"))
    try:
        with _waiting:
            yield
    finally:
        _waiting = None


@contextmanager
def _answering() -> Iterator[None]:
    """Let Ctrl-C end a question: an event loop would only note it and wait for the answer."""
    _clear()
    if _waiting is not None:
        _waiting.pause()
    before = None
    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
        if _waiting is not None:
            _waiting.go_on()


def say_grid(rows: Iterable[Sequence[str]]) -> None:
    """Rows of a name and its value; without a terminal, separated by tabs."""
    shown = [[escaped(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        for line in facts(shown, _columns()):
            _print(line, sys.stdout)
    else:
        for row in shown:
            _print("\t".join(row), sys.stdout)


def say_table(
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    whole: Sequence[str] = (),
    right: Sequence[str] = (),
) -> None:
    """A table with one line per row. `whole` are the columns that are never cut, `right` those of numbers.

    Without a terminal it has no title or padding, and its cells are separated by tabs.
    """
    made = named(columns, whole, right)
    shown = [[escaped(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in tabbed(made, shown):
            _print(line, sys.stdout)
        return
    if title is not None:
        say(title, style="bold")
    drawing = drawn(made, shown, _columns())
    for at, line in enumerate(drawing.lines):
        _print(_styled(line, "dim" if at < drawing.head else None, sys.stdout), sys.stdout)
    if drawing.left_out:
        note(f"Left out for want of room: {', '.join(drawing.left_out)}. A wider terminal or --json has all.")


def width_of(out: TextIO) -> int:
    """The width of a terminal in columns."""
    try:
        return os.get_terminal_size(out.fileno()).columns or shutil.get_terminal_size().columns
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def _columns() -> int:
    return max(width_of(sys.stdout), NARROWEST)


def _print(line: str, out: TextIO) -> None:
    _clear()
    print(line, file=out, flush=True)


def _clear() -> None:
    """Erase the progress line, as another line takes its place."""
    if _waiting is not None:
        _waiting.clear()


def _styled(line: str, style: Style | None, out: TextIO) -> str:
    if style is None or not colours(out):
        return line
    return f"\x1b[{_STYLES[style]}m{line}\x1b[0m"


def colours(out: TextIO) -> bool:
    """Whether to use colours: at a terminal that has them, unless they are switched off (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or not out.isatty() or os.environ.get("TERM", "") == "dumb":
        return False
    return os.name != "nt" or bool(os.environ.get("WT_SESSION") or os.environ.get("TERM"))


def _one_line(line: str, out: TextIO) -> str:
    shown = escaped(line)
    if not out.isatty():
        return shown
    return "\n".join(broken(shown, max(width_of(out), NARROWEST)))
