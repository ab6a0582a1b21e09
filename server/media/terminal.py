"""The door to the terminal: nothing that somebody else wrote moves its cursor, marks up, hides or begins a line.

Every function takes whole lines or cells. What does not show in them is escaped, line breaks too, and a line too long
for the terminal goes on indented: so whatever stands at the margin is the program's own.
"""

import os
import shutil
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from server.media.json_text import in_json
from tools.text.characters import escaped

if TYPE_CHECKING:
    from rich.console import Console

INDENT = "  "
NARROWEST = 20
WIDE_PIPE = 240
"""Columns of a table where no terminal says how many it has: whatever reads the lines breaks none."""


def say(*lines: str, to: TextIO | None = None, whole: bool = False) -> None:
    """Lines on stdout, which programs may read, or to `to`.

    `whole`: they are to be copied, such as an address or a command, and so are not broken however long they are.
    """
    out = to or sys.stdout
    for line in lines:
        print(escaped(line) if whole else _one_line(line, out), file=out, flush=True)


def note(*lines: str, whole: bool = False) -> None:
    """Lines for the person at the terminal, kept away from stdout."""
    say(*lines, to=sys.stderr, whole=whole)


def say_json(value: Any) -> None:
    """A value as JSON, for programs and people alike."""
    print(in_json(value, indent=2), flush=True)


def put(text: str, to: TextIO) -> None:
    """A piece of a line, which `Flowing` or another function of this module has escaped."""
    print(text, end="", file=to, flush=True)


def confirmed(question: str, *, facts: Iterable[str] = (), to: TextIO | None = None) -> bool:
    """Ask for a yes or no, below the facts.

    Raises:
        typer.Abort: the person left the question.
    """
    import typer

    out = to or sys.stderr
    say(*facts, to=out)
    with _interruptible():
        return typer.confirm(_one_line(question, out), default=False, err=out is sys.stderr)


def typed(prompt: str, *, hide: bool = False, twice: bool = False) -> str:
    """What the person types."""
    import typer

    with _interruptible():
        return str(typer.prompt(escaped(prompt), hide_input=hide, confirmation_prompt=twice, err=True))


@contextmanager
def _interruptible() -> Iterator[None]:
    """While a person types, Ctrl-C ends the question: an event loop would only note it, and wait for the answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def say_grid(rows: Iterable[Sequence[str]]) -> None:
    """Rows of a name and what it is."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for at, row in enumerate(rows := list(rows)):
        if at == 0:
            grid.add_column(style="dim", no_wrap=True)
            for _ in row[1:]:
                grid.add_column(overflow="fold")
        grid.add_row(*map(_cell, row))
    if rows:
        _console().print(grid)


def say_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    whole: Iterable[str] = (),
    right: Iterable[str] = (),
) -> None:
    """A table; `whole` are the columns that are never broken, `right` those of numbers."""
    from rich.table import Table

    named = _cell(title) if title is not None else None
    table = Table(title=named, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        table.add_column(
            _cell(name),
            no_wrap=name in whole or name in right,
            overflow="fold",
            justify="right" if name in right else "left",
        )
    for row in rows:
        table.add_row(*map(_cell, row))
    _console().print(table)


def wrapped(lines: Iterable[str], width: int) -> list[str]:
    """Lines for a terminal of this width, broken at blanks; what goes on is indented."""
    return [part for line in lines for part in _broken(line, max(width, NARROWEST))]


class Flowing:
    """Text that comes in pieces, such as a model's, shown word by word; `bar` stands before each of its lines."""

    def __init__(self, to: TextIO, bar: str = "") -> None:
        self._to = to
        self._bar = bar if to.isatty() else ""
        self._word = ""
        self._column = 0

    @property
    def in_line(self) -> bool:
        return bool(self._word) or self._column > 0

    def take(self, piece: str) -> None:
        *whole, rest = (self._word + piece).split("\n")
        self._word = ""
        for line in whole:
            self._words(line)
            self._end()
        # The last word may go on, and what joins its letters must be seen with both of them.
        begun = max(rest.rfind(" "), rest.rfind("\t")) + 1
        self._words(rest[:begun])
        self._word = rest[begun:]

    def end(self) -> None:
        """End the line, if one is begun."""
        if self.in_line:
            word, self._word = self._word, ""
            self._words(word)
            self._end()

    def broken_off(self) -> None:
        """Forget the line: the cursor was taken to the next one."""
        self._word, self._column = "", 0

    def _end(self) -> None:
        put(f"{'' if self._column else self._bar}\n", self._to)
        self._column = 0

    def _words(self, text: str) -> None:
        # A tab would move the cursor by who knows how far.
        shown = "    ".join(map(escaped, text.split("\t")))
        if not self._to.isatty():
            put(shown, self._to)
            self._column += len(shown)
            return
        width = max(_width(self._to), NARROWEST)
        out = ""
        for word in _words(shown):
            for part in _fitting(word, width - cells(self._bar) - 1):
                if self._column and self._column + cells(part.rstrip(" ")) >= width:
                    out += "\n"
                    self._column = 0
                if not self._column:
                    out += self._bar
                    self._column = cells(self._bar)
                # A blank at the edge would take the cursor to the margin.
                kept = part.rstrip(" ")
                kept += part[len(kept) :][: max(0, width - 1 - self._column - cells(kept))]
                out += kept
                self._column += cells(kept)
        put(out, self._to)


def cells(text: str) -> int:
    """How wide a text is in a terminal, at most."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _one_line(line: str, out: TextIO) -> str:
    shown = escaped(line)
    if not out.isatty():
        return shown
    return "\n".join(_broken(shown, max(_width(out), NARROWEST)))


def _broken(line: str, width: int) -> Iterator[str]:
    if cells(line) <= width:
        yield line
        return
    lead = line[: len(line) - len(line.lstrip())][: width // 2]
    made, room = "", width
    for word in _words(line):
        for part in _fitting(word, width - cells(lead + INDENT)):
            if made.strip() and cells(made) + cells(part.rstrip(" ")) > room:
                yield made.rstrip(" ")
                made = lead + INDENT
            made += part
    if made.strip():
        yield made.rstrip(" ")


def _words(text: str) -> list[str]:
    """The words of a line, each with the blanks behind it."""
    words, begun = [], 0
    for at, character in enumerate(text):
        if character != " " and at and text[at - 1] == " ":
            words.append(text[begun:at])
            begun = at
    return [*words, text[begun:]] if text[begun:] else words


def _fitting(word: str, width: int) -> Iterator[str]:
    """A word, in parts if it is longer than a line."""
    if cells(word) <= width or cells(word.rstrip(" ")) <= width:
        yield word
        return
    part, room = "", width
    for character in word:
        taken = cells(character)
        if part and taken > room:
            yield part
            part, room = "", width
        part += character
        room -= taken
    yield part


def _width(out: TextIO) -> int:
    try:
        return os.get_terminal_size(out.fileno()).columns or shutil.get_terminal_size().columns
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def _cell(text: str) -> Any:
    from rich.text import Text

    return Text(escaped(text))


def _console() -> "Console":
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise  # it is called while the error is handled: all output ends the same way

    size = shutil.get_terminal_size() if sys.stdout.isatty() else os.terminal_size((WIDE_PIPE, 100))
    return Terminal(highlight=False, markup=False, emoji=False, width=size.columns, height=size.lines)
