"""What was done, read from the journal: changes with how they ended, whether they can be undone, and why not."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from server.connections.models import Connection, iso
from server.journal.chain import Row, dumped, rows
from server.journal.matter import facts
from server.journal.recording import Recorder
from server.processes import alive
from tools.catalogue import CATALOGUE
from tools.okta.errors import InvalidInput, NotFound
from tools.record import Change, ChangeList, RecordedChange, Undo
from tools.text import readable

if TYPE_CHECKING:
    from server.database import Database

LONGEST = 180.0
"""Seconds that a change may take before nobody waits for its outcome any more, even if its process lives."""
ANSWERS = ("declined", "cancelled", "abandoned")
_WHY_NOT = {
    "running": "it is still under way.",
    "unknown": "nobody knows yet whether it was done. See okta-actions journal reconcile.",
    "unknowable": "it cannot be known whether it was done.",
    "partly": "only a part of it was done. See okta-actions journal show, and use the actions themselves.",
}


@dataclass(frozen=True)
class Recorded:
    """An intent, or a question that was not said yes to, with all that was written about it later."""

    row: Row
    later: tuple[Row, ...] = ()
    undone_by: int | None = None

    @property
    def id(self) -> str:
        return str(self.row.sequence)

    @cached_property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.row.body)
        return found

    @cached_property
    def details(self) -> dict[str, Any]:
        """Empty where they were erased."""
        found: dict[str, Any] = json.loads(self.row.details or "{}")
        return found

    @cached_property
    def ending(self) -> Row | None:
        """The word on how it went: that of the process that did it, or else the newest."""
        known = [one for one in self.later if one.kind in ("done", "failed", "partly")]
        return (known or self.later or (None,))[-1]

    @property
    def outcome(self) -> str:
        """In one word; see `RecordedChange.outcome`."""
        if self.row.kind != "intent":
            return self.row.kind
        if self.ending is None:
            runs = time.time() - self.row.at < LONGEST and alive(str(self.body.get("process", "")))
            return "running" if runs else "unknown"
        if self.ending.kind == "settled":
            return str(json.loads(self.ending.body)["verdict"])
        return self.ending.kind

    @property
    def unsettled(self) -> bool:
        return self.outcome == "unknown"

    @property
    def after(self) -> dict[str, Any]:
        """The facts after it, as far as Okta told them, and else as they were wanted."""
        told = json.loads(self.ending.details or "{}").get("after") if self.ending else None
        return {**self.wanted, **(told or {})}

    @property
    def wanted(self) -> dict[str, Any]:
        """The facts as they were to be; a tuple holds all values that Okta could choose from."""
        return facts(self.details.get("wanted", {}))

    def change(self) -> Change:
        """It as actions know it, with the way to undo it."""
        plain = Change(
            id=self.id,
            action=self.row.action,
            arguments=self.details.get("arguments", {}),
            before=self.details.get("before", {}),
            after=self.after,
            wanted=self.wanted,
            text=self.details.get("text", ""),
            connection=self.row.connection,
        )
        return Change(**{**vars(plain), "reversal": self._reversal(plain)})

    def _reversal(self, plain: Change) -> Undo | str:
        action = CATALOGUE.get(plain.action)
        if self.outcome in ANSWERS or self.outcome in ("failed", "not_done"):
            return "nothing was changed."
        if self.outcome != "done":
            return _WHY_NOT[self.outcome]
        if self.row.details is None:
            return "its details were erased."
        if self.undone_by is not None:
            return f"it was undone already, by change {self.undone_by}."
        if action is None or action.undo is None:
            return "okta-actions no longer has this action."
        return action.undo(plain) if callable(action.undo) else action.undo

    def listed(self) -> RecordedChange:
        reversal = self.change().reversal
        return RecordedChange(
            id=self.id,
            time=iso(self.row.at),
            action=self.row.action,
            summary=readable(self.details.get("text", "(erased)")),
            outcome=self.outcome,
            by=f"{self.row.caller} over {self.body.get('surface')}",
            undoable=isinstance(reversal, Undo),
            why_not=reversal if isinstance(reversal, str) else None,
            undone_by=str(self.undone_by) if self.undone_by is not None else None,
            undoes=str(self.row.change) if self.row.change is not None else None,
        )


def with_later(database: "Database", found: Iterable[Row]) -> list[Recorded]:
    """These entries, each with what was written about it later."""
    return [_recorded(database, row) for row in list(found)]


def _recorded(database: "Database", row: Row) -> Recorded:
    if row.kind != "intent":
        return Recorded(row)
    # The change, what undid it, what undid that, and so on: each is younger than what it undoes.
    line = [row]
    related: dict[int, list[Row]] = {}
    for one in line:
        related[one.sequence] = list(rows(database, "change = ?", (one.sequence,)))
        line += [later for later in related[one.sequence] if later.kind == "intent"]
    undone: dict[int, int] = {}
    found = Recorded(row)
    for one in sorted(line, reverse=True):
        later = tuple(entry for entry in related[one.sequence] if entry.kind not in ("intent", *ANSWERS))
        found = Recorded(one, later, undone.get(one.sequence))
        # An undo that was itself undone counts no more.
        if one.change is not None and found.outcome == "done" and found.undone_by is None:
            undone[one.change] = one.sequence
    return found


def read(database: "Database", sequence: int) -> Recorded | None:
    found = with_later(database, rows(database, "sequence = ? AND action <> ''", (sequence,)))
    return found[0] if found and (found[0].row.kind == "intent" or found[0].row.kind in ANSWERS) else None


class History:
    """The record of one connection, for the actions that read it."""

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self._recorder = recorder
        self._connection = connection

    async def find(self, id: str) -> Change:
        """The change of this id, if it was made through this connection.

        Raises:
            NotFound: there is none.
        """
        if id.isdecimal() and len(id) < 18:
            found = await self._recorder.read(lambda database, _: read(database, int(id)))
            if found is not None and self._is_here(found):
                return found.change()
        raise NotFound(
            f"No change has the id “{readable(id)[:40]}”.", next_step="See list_changes for those there are."
        )

    def _is_here(self, found: Recorded) -> bool:
        here = (self._connection.name, self._connection.org_url)
        return (found.row.connection, found.body.get("org_url")) == here

    async def recent(
        self,
        *,
        targets: tuple[str, ...],
        change_id: str | None,
        action: str | None,
        since: datetime | None,
        limit: int,
        cursor: str | None,
    ) -> ChangeList:
        """A page of changes, newest first, without questions that nobody said yes to."""
        where = ["kind = 'intent'", "connection = ?", "instr(body, ?)"]
        values: list[Any] = [self._connection.name, f'"org_url":{dumped(self._connection.org_url)}']
        if cursor is not None:
            if not cursor.isdecimal() or len(cursor) > 17:
                raise InvalidInput("cursor is none of list_changes.", next_step="Leave it out to begin anew.")
            where.append("sequence < ?")
            values.append(int(cursor))
        if change_id is not None:
            where.append("sequence = ?")
            values.append(int(change_id))
        if action:
            where.append("action = ?")
            values.append(action)
        if since:
            where.append("at >= ?")
            values.append((since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp())
        for id in targets:
            where.append("(instr(targets, ?) OR action = 'create_user')")
            values.append(id)
        return await self._recorder.read(lambda database, _: _page(database, where, values, targets, limit))


def _page(
    database: "Database", where: Sequence[str], values: Sequence[Any], targets: Sequence[str], limit: int
) -> ChangeList:
    found: list[Row] = []
    for row in rows(database, " AND ".join(where), tuple(values), "DESC"):
        if all(id in row.targets.split() for id in targets) or _made(database, row, targets):
            found.append(row)
        if len(found) > limit:
            break
    page = [recorded.listed() for recorded in with_later(database, found[:limit])]
    return ChangeList(changes=page, next_cursor=page[-1].id if len(found) > limit else None)


def _made(database: "Database", row: Row, targets: Sequence[str]) -> bool:
    """Whether it made the person: only its outcome has their id."""
    if row.action != "create_user":
        return False
    later = rows(database, "change = ? AND kind <> 'intent'", (row.sequence,))
    return any(all(id in one.targets.split() for id in targets) for one in later)
