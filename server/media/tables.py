"""Rows for people and for programs: a table as wide as the terminal, cards where it is too narrow, or tabs.

What identifies something is never cut: columns marked `whole` are shown as they are, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.media.measure import cells, padded, shortened, wrapped

GAP = "  "
LEAST = 16
"""Minimum width in cells of a text column before other columns are left out."""


@dataclass(frozen=True)
class Column:
    """A column. `whole`: never cut; `keep`: never left out. Of the others, the lowest `rank` is left out first."""

    name: str
    whole: bool = False
    keep: bool = False
    right: bool = False
    rank: int = 0


@dataclass(frozen=True)
class Drawn:
    """The lines to show. The first `head` lines name the columns; `left_out` are the columns without room."""

    lines: list[str]
    head: int = 0
    left_out: tuple[str, ...] = ()


def tabbed(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """A tab-separated line for each row, column names first. Cells hold no tabs themselves."""
    return ["\t".join(column.name for column in columns), *("\t".join(row) for row in rows)]


def drawn(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Drawn:
    """One line per row without the least important columns, or cards if the required columns do not fit."""
    widths = [max([cells(column.name), *(cells(row[at]) for row in rows)]) for at, column in enumerate(columns)]
    empty = {at for at, column in enumerate(columns) if rows and not column.keep and not any(row[at] for row in rows)}
    shown = [at for at in range(len(columns)) if at not in empty]
    while _least(columns, widths, shown) > width:
        loose = [at for at in shown if not columns[at].keep]
        if not loose:
            return Drawn(_cards(columns, rows, width))
        # Of equally unimportant columns, the last.
        shown.remove(min(loose, key=lambda at: (columns[at].rank, -at)))
    room = width - _least(columns, widths, shown)
    fitted = {}
    for at in sorted(shown, key=lambda at: (not columns[at].keep, -columns[at].rank, at)):
        least = _least_of(columns[at], widths[at])
        fitted[at] = min(widths[at], least + room)
        room -= fitted[at] - least
    left_out = tuple(column.name for at, column in enumerate(columns) if at not in shown and at not in empty)
    lines = [_line([column.name for column in columns], columns, fitted, shown)]
    return Drawn([*lines, *(_line(row, columns, fitted, shown) for row in rows)], 1, left_out)


def facts(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lines of a name and its value, which continues indented below."""
    label = max((cells(row[0]) for row in rows), default=0)
    if label + 16 > width:
        label = 0
    lines = []
    for name, *values in rows:
        value = GAP.join(one for one in values if one)
        if not label:
            lines += [name, *(f"  {part}" for part in wrapped([value], width - 2))]
            continue
        first, *rest = _held(value, width - label - len(GAP)) or [""]
        lines.append(f"{padded(name, label)}{GAP}{first}".rstrip(" "))
        lines += [f"{' ' * label}{GAP}{part}" for part in rest]
    return lines


def _held(value: str, width: int) -> list[str]:
    return [part.removeprefix("  ") if at else part for at, part in enumerate(wrapped([value], width))]


def _least_of(column: Column, natural: int) -> int:
    return natural if column.whole or column.right else min(natural, max(LEAST, cells(column.name)))


def _least(columns: Sequence[Column], widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(_least_of(columns[at], widths[at]) for at in shown) + len(GAP) * (len(shown) - 1)


def _line(row: Sequence[str], columns: Sequence[Column], fitted: dict[int, int], shown: Sequence[int]) -> str:
    parts = [padded(shortened(row[at], fitted[at]), fitted[at], right=columns[at].right) for at in shown]
    return GAP.join(parts).rstrip(" ")


def _cards(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A block of lines for each row, with a blank line between."""
    lines: list[str] = []
    for row in rows:
        known = [(column, cell) for column, cell in zip(columns, row, strict=True) if cell]
        label = max((cells(column.name) for column, _ in known), default=0)
        lines += [""] if lines else []
        for column, cell in known:
            lines += _card(column, cell, label, width)
    return lines


def _card(column: Column, cell: str, label: int, width: int) -> list[str]:
    room = width - label - len(GAP)
    # What cannot be broken begins a line of its own, where it would not fit beside its name.
    whole = column.whole and " " not in cell  # what has blanks breaks at them, and is cut nowhere
    longest = max((cells(word) for word in ([cell] if whole else cell.split(" "))), default=0)
    if longest > room:
        return [column.name, *(f" {part}" for part in ([cell] if whole else wrapped([cell], width - 1)))]
    first, *rest = _held(cell, room) or [""]
    return [f"{padded(column.name, label)}{GAP}{first}", *(f"{' ' * label}{GAP}{part}" for part in rest)]


def named(columns: Sequence[str | Column], whole: Sequence[str] = (), right: Sequence[str] = ()) -> list[Column]:
    """Columns made from their names alone. The first one is never left out."""
    made = [one if isinstance(one, Column) else Column(one, one in whole, right=one in right) for one in columns]
    return [replace(one, keep=one.keep or at == 0, rank=one.rank or len(made) - at) for at, one in enumerate(made)]
