"""The index of targets: which changes are about a person, a group or another object, beside the sealed entries.

It follows from the entries alone and is no part of the chain: lists are read by it, and verifying compares the two. A
change is about the targets of its intent and about what it created, which only the entry about its outcome names. The
store itself fills it (the triggers in `server.store.tables`).
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.journal.chain import Row
    from server.store.database import Database

OUTCOMES = ("done", "failed", "partly", "unknown", "settled")
"""The kinds of entries about how a change went."""
MOST_DIFFERENCES = 100
"""Maximum number of differences that are told."""


def forget(driver: sqlite3.Connection, until: int) -> None:
    """Remove what is indexed of the entries up to that one, which left the journal."""
    driver.execute("DELETE FROM journal_targets WHERE change <= ?", (until,))


class IndexComparison:
    """Compares the index with the entries while these are read in order, without keeping either in memory.

    What is indexed of entries that have left the journal, up to `gone`, is in no list and no difference.
    """

    def __init__(self, database: "Database", gone: int) -> None:
        self._driver = database.driver
        indexed = "SELECT change, target, action FROM journal_targets WHERE change > ? ORDER BY change"
        self._indexed: Iterator[tuple[int, str, str]] = iter(self._driver.execute(indexed, (gone,)))
        self._next = next(self._indexed, None)
        self._open: dict[int, str] = {}
        """The targets of the intents whose outcome was not read yet."""
        self._created: dict[int, set[str]] = {}
        """What is indexed of a change beside the targets of its intent, until the outcome that names it was read."""
        self._differences: list[str] = []

    def passing(self, entries: "Iterable[Row]") -> "Iterator[Row]":
        """The same entries, each compared before it is passed on."""
        for row in entries:
            self._compare(row)
            yield row

    def differences(self) -> list[str]:
        """What differs, once all entries have passed: of a tampered index, which hides changes from lists or adds them
        to the wrong ones.
        """
        while self._next is not None and len(self._differences) < MOST_DIFFERENCES:
            self._foreign(*self._next)
            self._next = next(self._indexed, None)
        for change, targets in self._created.items():
            for target in targets:
                self._foreign(change, target)
        return self._differences[:MOST_DIFFERENCES]

    def _compare(self, row: "Row") -> None:
        try:
            if row.kind == "intent":
                self._begun(row)
            elif row.change is not None and row.kind in OUTCOMES:
                self._ended(row)
        except (AttributeError, TypeError):
            return  # a column holds what okta-actions never writes there, which following the chain shows

    def _begun(self, row: "Row") -> None:
        found: dict[str, str] = {}
        while self._next is not None:
            change, target, action = self._next
            # What is no number, SQLite sorts to the end.
            if not isinstance(change, int) or change > row.sequence:
                break
            if change == row.sequence and action == row.action:
                found[target] = action
            else:
                self._foreign(change, target)
            self._next = next(self._indexed, None)
        for target in set(row.target_ids):
            if found.pop(target, None) is None:
                self._lacking(row, target)
        if found:
            self._created[row.sequence] = set(found)
        self._open[row.sequence] = row.targets

    def _ended(self, row: "Row") -> None:
        assert row.change is not None
        begun = self._open.get(row.change) if row.kind == "unknown" else self._open.pop(row.change, None)
        if begun is None:
            begun = self._targets_of(row.change)
        if begun is None or begun == row.targets:
            return
        created, compared = self._created.get(row.change, set()), {one.rpartition(":")[2] for one in begun.split()}
        for target in set(row.target_ids) - compared:
            if target in created:
                created.discard(target)
            elif not self._is_indexed(target, row.change):
                self._lacking(row, target)
        if not created:
            self._created.pop(row.change, None)

    def _targets_of(self, change: int) -> str | None:
        """The targets of an intent, of whose outcome there is more than one entry; None if it is not there any more."""
        intent = "SELECT targets FROM journal WHERE sequence = ? AND kind = 'intent'"
        found = self._driver.execute(intent, (change,)).fetchone()
        return str(found[0]) if found is not None else None

    def _is_indexed(self, target: str, change: int) -> bool:
        indexed = "SELECT 1 FROM journal_targets WHERE target = ? AND change = ?"
        return self._driver.execute(indexed, (target, change)).fetchone() is not None

    def _lacking(self, row: "Row", target: str) -> None:
        self._differ(f"Entry {row.sequence}: removed from the index of {target}, so that lists of changes lack it.")

    def _foreign(self, change: object, target: str, _action: str = "") -> None:
        self._differ(f"Entry {change}: in the index of {target}, which the entry does not name.")

    def _differ(self, difference: str) -> None:
        if len(self._differences) < MOST_DIFFERENCES:
            self._differences.append(difference)
