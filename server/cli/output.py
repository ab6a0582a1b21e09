"""Prints what the desk or an action returns: for people as a table, for programs as JSON, JSON Lines or CSV."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from pydantic import BaseModel

from server.cli.options import Format
from server.cli.tree import close
from server.media.json_text import in_json
from server.media.tables import Column
from server.media.terminal import say_csv, say_json, say_table


@dataclass(frozen=True)
class Shape:
    """The requested format and fields."""

    format: Format = Format.TABLE
    fields: tuple[str, ...] = ()

    @classmethod
    def of(cls, as_json: bool, output: Format | None = None, fields: str | None = None) -> "Shape":
        """Raises BadParameter if the options contradict one another."""
        if as_json and output not in (None, Format.JSON):
            raise typer.BadParameter("--json and --output say different things.", param_hint="--output")
        asked = tuple(name.strip() for name in (fields or "").split(",") if name.strip())
        return cls(Format.JSON if as_json else output or Format.TABLE, asked)

    @property
    def for_people(self) -> bool:
        return self.format is Format.TABLE and not self.fields


def plain(model: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
    """The value as JSON data."""
    return model.model_dump(mode="json") if isinstance(model, BaseModel) else dict(model)


def show_one(model: BaseModel | Mapping[str, Any], shape: Shape, draw: Callable[[], object]) -> None:
    """Print one thing. `draw` shows it to people."""
    if shape.for_people:
        draw()
    elif shape.format is Format.JSON:
        (row,) = chosen([plain(model)], shape.fields)
        say_json(row)
    else:
        show_rows([plain(model)], shape)


def show_list(models: Sequence[BaseModel], shape: Shape, draw: Callable[[], object]) -> None:
    """Print a list of things. `draw` shows it to people."""
    if shape.for_people:
        draw()
    elif shape.format is Format.JSON:
        say_json(chosen([plain(one) for one in models], shape.fields))
    else:
        show_rows([plain(one) for one in models], shape)


def show_rows(rows: Sequence[Mapping[str, Any]], shape: Shape) -> None:
    """Print rows in one of the row formats."""
    found = chosen(rows, shape.fields)
    if shape.format is Format.JSONL:
        for row in found:
            say_json(row, compact=True)
        return
    names = list(shape.fields) or list(dict.fromkeys(name for row in found for name in row))
    cells = [[cell(row.get(name)) for name in names] for row in found]
    if shape.format is Format.CSV:
        say_csv(names, [[_number(row.get(name)) for name in names] for row in found])
    else:
        say_table([column(name, keep=bool(shape.fields)) for name in names], cells)


def chosen(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with only these fields; `a.b` is the `b` of `a`.

    Raises:
        typer.BadParameter: no row has a field of that name.
    """
    if not fields:
        return [dict(row) for row in rows]
    known = list(dict.fromkeys(name for row in rows for name in row))
    for field in fields:
        if rows and field.partition(".")[0] not in known:
            near = close(field, known)
            told = f" Did you mean {near}?" if near else f" There are: {', '.join(known)}."
            raise typer.BadParameter(f"There is no field “{field}”.{told}", param_hint="--fields")
    return [{field: _at(row, field) for field in fields} for row in rows]


def _at(row: Any, field: str) -> Any:
    for name in field.split("."):
        row = row.get(name) if isinstance(row, Mapping) else None
    return row


WHOLE = ("id", "login", "email", "url", "action", "name", "org", "scope", "username", "file", "head")
"""Last words of field names whose values are never truncated."""
MATTERS = {"id": 90, "login": 88, "name": 80, "action": 80, "status": 60, "email": 50}


def column(name: str, *, keep: bool = False) -> Column:
    """A column for the field with this name."""
    last = name.rpartition("_")[2].rpartition(".")[2]
    return Column(name, whole=last in WHOLE, keep=keep or name in ("id", "login"), rank=MATTERS.get(name, 10))


def cell(value: Any) -> str:
    """A value as shown to a person in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return ", ".join(map(cell, value))
    return value if isinstance(value, str) else in_json(value)


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else cell(value)


def moment(time: datetime) -> str:
    """A time, in ISO 8601."""
    return time.isoformat().replace("+00:00", "Z")
