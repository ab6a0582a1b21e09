"""Keeps what actions export, in parts that a model can take in, and reads it back as the rules are by then.

Attributes that are hidden are left out twice: of what is kept, and of what is read, in case they were hidden since. If
the rule managed_users has changed since, nothing is read; nor are sentences, if what is hidden has.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.connections.models import Connection
from server.door.guard import Guard
from server.media.csv_text import in_csv
from server.media.json_text import in_json
from server.policy.caller import Caller
from server.policy.rules import PolicyRefusal
from server.store import exports
from server.store.exports import About, Belonging, Export
from server.store.store import Store
from tools.contract.action import Action
from tools.contract.exported import ExportMade, Into, cursor_into
from tools.okta.errors import InvalidInput, NotFound
from tools.text.counts import counted
from tools.text.lines import LONGEST_TEXT, cut, readable
from tools.text.tokens import most_tokens

if TYPE_CHECKING:
    from server.store.database import Database

MOST_TOKENS = 8_000
"""Limit on a part."""
_ROOM = 6_800
_LONGEST_LINE = LONGEST_TEXT - 100
_SHORTER = (4000, 1000, 300, 100, 30, 10)
"""Maximum lengths of the cells of a row that would be too long, tried until it fits."""
GONE = "export_gone"

Row = dict[str, Any]


def address(id: str, part: int = 1) -> str:
    return f"okta://exports/{id}/{part}"


def time_of(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Part:
    """A part of an export as lines of text. In CSV the first line names the columns."""

    export: Export
    number: int
    rows: int
    lines: list[str]


class Exports:
    """The exports of a store, under the rules of one process."""

    def __init__(self, store: Store, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    async def keep(self, caller: Caller, connection: Connection, action: Action, answer: ExportMade) -> ExportMade:
        """Keep what an action exported, and say where it is.

        Raises:
            InvalidInput: the export that it goes on with is gone. StoreError: it cannot be kept.
        """
        columns = self._seen(answer.columns)
        about = About(
            action.name, answer.format, tuple(columns), self._deciding(sentences=answer.sentences), answer.sentences
        )
        rows = self._rows([dict(row) for row in answer.kept])
        # Ten thousand rows take the better part of a second.
        parts, shortened = await asyncio.to_thread(_parted, rows, columns, answer.format)
        belonging = _belonging(caller, connection)

        def work(database: "Database") -> tuple[Export, int]:
            if answer.into is None:
                export, dropped = exports.begin(database, belonging, about)
            else:
                known = exports.find(database, answer.into.id, belonging)
                if known is None or known.about != about or known.parts < answer.into.part:
                    raise InvalidInput(
                        "The export that the cursor goes on with is gone, or the rules have changed since.",
                        code=GONE,
                        next_step="Begin again: omit cursor.",
                    )
                # What the same cursor added before, in a call whose answer was lost, is not there twice.
                export, dropped = exports.cut(database, known, answer.into.part), 0
            return exports.add(database, export, parts), dropped

        export, dropped = await self._store.run(work)
        return ExportMade(
            id=export.id,
            rows=export.rows,
            parts=export.parts,
            columns=list(columns),
            read=address(export.id) if export.parts else None,
            expires=time_of(export.expires_at),
            next_cursor=cursor_into(Into(export.id, export.parts), answer.next_cursor),
            note=_note(answer, set(answer.columns) - set(columns), shortened, dropped),
        )

    async def read(self, caller: Caller, connection: Connection, id: str, number: int) -> Part:
        """A part of an export of the caller's.

        Raises:
            NotFound: they have no such export through this connection, or it has no such part. PolicyRefusal: the rules
                about whom they may see have changed since.
        """
        export = await self.find(caller, connection, id)
        if export.about.rules != self._deciding(sentences=export.about.sentences):
            rule = "hidden_attributes" if export.about.sentences else "managed_users"
            raise PolicyRefusal(rule, "the rules have changed since the export was made; make another one.")
        rows = await self._store.read(lambda database: exports.part(database, export, number))
        if rows is None:
            raise NotFound(f"The export {export.id} has the parts 1 to {export.parts}.", code="no_such_part")
        shown = _lines(self._rows(rows), self._seen(export.about.columns), export.about.format)
        return Part(export, number, len(rows), shown)

    async def find(self, caller: Caller, connection: Connection, id: str) -> Export:
        """An export of the caller's.

        Raises:
            NotFound: they have none with this id through this connection.
        """
        belonging = _belonging(caller, connection)
        found = await self._store.read(lambda database: exports.find(database, id, belonging))
        if found is None:
            raise NotFound(
                f"You have no export “{readable(id)[:40]}” here; exports are deleted after a day.",
                code=GONE,
                next_step="Make it again, such as with export_users.",
            )
        return found

    async def of(self, caller: Caller, connection: Connection) -> list[Export]:
        """The exports of the caller, the newest first."""
        belonging = _belonging(caller, connection)
        return await self._store.read(lambda database: exports.owned(database, belonging))

    def _deciding(self, *, sentences: bool) -> tuple[str, ...]:
        """The rules that decide which rows there are, and what their sentences say."""
        rules = self._guard.rules
        hidden = ("hidden", *rules.hidden_attributes, *rules.hidden_in_lists) if sentences else ()
        return (*rules.managed_users, *hidden)

    def _rows(self, rows: list[Row]) -> list[Row]:
        """Rows without what is hidden from lists, whatever they list."""
        shown: list[Row] = self._guard.hiding.without({"users": rows})["users"]
        return shown

    def _seen(self, columns: Sequence[str]) -> list[str]:
        return list(self._rows([dict.fromkeys(columns, "")])[0])


def _belonging(caller: Caller, connection: Connection) -> Belonging:
    identity = f"{connection.org_url} {connection.client_id} {connection.user_id}"
    return Belonging(caller.everything, connection.name, identity)


def _note(answer: ExportMade, hidden: set[str], shortened: int, dropped: int) -> str | None:
    told = []
    if answer.next_cursor is not None:
        told.append("The export is not complete: to continue it, call again with next_cursor as cursor.")
    if not answer.kept and answer.into is None:
        told.append("Nothing was found to export.")
    if hidden:
        told.append(f"The rules hide {', '.join(sorted(hidden))}.")
    if shortened:
        told.append(f"The texts of {counted(shortened, 'row')} are cut, to fit into a part.")
    if dropped:
        told.append(f"To make room, your oldest exports were deleted: {dropped}.")
    return " ".join(told) or None


def _parted(rows: Iterable[Row], columns: Sequence[str], format: str) -> tuple[list[list[Row]], int]:
    """The rows in parts that a model can take in, and how many rows had to be cut for that."""
    parts: list[list[Row]] = []
    head = sum(map(_cost, _lines([], columns, format)))
    room, shortened = 0.0, 0
    for row in rows:
        fitting, cost = _fitting(row, columns, format)
        shortened += fitting is not row
        if not parts or cost > room:
            parts.append([])
            room = _ROOM - head
        parts[-1].append(fitting)
        room -= cost
    return parts, shortened


def _fitting(row: Row, columns: Sequence[str], format: str) -> tuple[Row, int]:
    """The row, with its texts cut as far as it takes to fit into a part, and its tokens."""
    for most in (0, *_SHORTER):
        shown = {name: _short(value, most) for name, value in row.items()} if most else row
        line = _line(shown, columns, format)
        cost = _cost(line)
        if len(line) <= _LONGEST_LINE and cost <= _ROOM // 2:
            break
    return shown, cost


def _short(value: Any, most: int) -> Any:
    if isinstance(value, list | dict):
        value = in_json(value, compact=True)
    return cut(value, most) if isinstance(value, str) else value


def _cost(line: str) -> int:
    """Tokens of a line as it stands in an answer, with what separates it from the next one."""
    return most_tokens(json.dumps(line, ensure_ascii=False)) + 1


def _line(row: Row, columns: Sequence[str], format: str) -> str:
    return _lines([row], columns, format)[-1]


def _lines(rows: Iterable[Row], columns: Sequence[str], format: str) -> list[str]:
    if format == "jsonl":
        return [in_json({name: row[name] for name in columns if name in row}, compact=True) for row in rows]
    return list(in_csv(columns, ([_cell(row.get(name)) for name in columns] for row in rows)))


def _cell(value: Any) -> Any:
    """A value for a spreadsheet: what is no text or number, as JSON."""
    return in_json(value, compact=True) if isinstance(value, bool | list | dict) else value
