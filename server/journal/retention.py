"""What the journal gives up, with its chain whole: old segments that were put elsewhere, and what tells of a person."""

import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from server.journal.chain import Chain, Entry, Head, Row, rows
from server.journal.verifying import sealed_until

if TYPE_CHECKING:
    from server.database import Database


def seal(
    database: "Database", chain: Chain, before: float, who: str, write: Callable[[Iterable[Row], Head], object]
) -> int:
    """Remove the entries older than `before`, once `write` has put them elsewhere; how many.

    An entry of the chain keeps where they ended. What belongs together goes together: the segment ends before the
    first change that is not settled, or that a younger entry belongs to. Verify first: this hides what is amiss.
    """
    last = next(rows(database, _SEALABLE, (before, before, before), "DESC"), None)
    if last is None:
        return 0
    base = sealed_until(database)
    write(rows(database, "sequence <= ?", (last.sequence,)), base)
    body = {"until": str(Head(last.sequence, last.mac)), "first": base.sequence + 1}
    chain.append(database, Entry("sealed", caller=who, body=body))
    database.connection.exec_driver_sql("DELETE FROM journal WHERE sequence <= ?", (last.sequence,))
    return last.sequence - base.sequence


_SEALABLE = """at < ? AND sequence < coalesce((
    SELECT min(sequence) FROM journal AS intent WHERE kind = 'intent' AND at < ? AND (
        NOT EXISTS (SELECT 1 FROM journal AS later WHERE later.change = intent.sequence
                    AND later.kind IN ('done', 'failed', 'partly', 'settled'))
        OR EXISTS (SELECT 1 FROM journal AS later WHERE later.change = intent.sequence AND later.at >= ?)
    )), 9223372036854775807)"""


def erase(database: "Database", chain: Chain, person: str, who: str) -> list[int]:
    """Erase what tells of a person: the details of every entry about or with them. Their numbers.

    `person` is an Okta id or a login. Okta's id of them stays, so that the record says that something was done.
    """
    ids = {person} | _ids_of(database, person)
    found = [row.sequence for row in rows(database, "details IS NOT NULL") if _tells_of(row, ids | {person})]
    if not found:
        return []
    chain.append(database, Entry("erased", caller=who, body={"entries": found, "at": round(time.time())}))
    # What is deleted is overwritten, in the free pages of the file too.
    database.connection.exec_driver_sql("PRAGMA secure_delete = ON")
    for sequence in found:
        database.connection.exec_driver_sql("UPDATE journal SET details = NULL WHERE sequence = ?", (sequence,))
    for table in (database.tickets, database.requests):
        for text in ids | {person}:
            database.execute(table.delete().where(table.c.about.contains(text, autoescape=True)))
    return found


def _ids_of(database: "Database", login: str) -> set[str]:
    """The ids that a login had in the journal's names of targets."""
    ids: set[str] = set()
    for row in rows(database, "details LIKE ?", (f"%{login}%",)):
        targets = json.loads(row.details or "{}").get("targets") or {}
        ids |= {id for id, name in targets.items() if id.startswith("00u") and _names(name, login)}
    return ids


def _names(name: str, login: str) -> bool:
    return login.casefold() in (name.casefold(), name.rpartition("<")[2].rstrip(">").casefold())


def _tells_of(row: Row, texts: set[str]) -> bool:
    told = (row.details or "").casefold()
    return any(text in row.targets.split() or text.casefold() in told for text in texts)
