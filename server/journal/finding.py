"""Finds the changes that a list asks for, newest first, by indexes: hardly an entry is read in vain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.journal.chain import Row, rows

if TYPE_CHECKING:
    from server.store.database import Database

_MOST_OLDER = 200
"""How many older changes are passed over before it is looked up where those since a time begin."""
_MANY = 1_000


@dataclass(frozen=True)
class WantedChanges:
    """Which changes of a connection are wanted: those about all of the targets, by an action, since a time.

    `below`: the number of a change; only those before it. `number`: only that change.
    """

    connection: str
    org: str
    targets: tuple[str, ...] = ()
    action: str | None = None
    since: float | None = None
    below: int | None = None
    number: int | None = None


def found(database: "Database", wanted: WantedChanges) -> Iterator[Row]:
    """The intents of the wanted changes, newest first."""
    walk = _of_targets if wanted.targets and wanted.number is None else _of_connection
    cursor = database.driver.cursor()
    older, first = 0, 0
    try:
        for sequence, at in cursor.execute(*walk(database, wanted)):
            if wanted.since is None or at >= wanted.since:
                yield from rows(database, "sequence = ?", (sequence,))
                continue
            # Clocks are set back at times: what is older is passed over, and only what is first by number is the end.
            older += 1
            if older == _MOST_OLDER:
                first = _first_since(database, wanted)
            if sequence < first:
                return
    finally:
        cursor.close()


def begins(database: "Database", connection: str, org: str) -> float | None:
    """When the record of a connection begins, in seconds since the epoch; None if nothing is recorded of it."""
    changes = "SELECT at FROM journal INDEXED BY journal_by_place WHERE connection = ?1 AND org = ?2 "
    events = "SELECT min(at) FROM journal INDEXED BY journal_by_event WHERE connection = ?1 AND org = ?2 "
    (at,) = database.driver.execute(
        f"SELECT min(at) FROM (SELECT * FROM ({changes} AND number IS NOT NULL ORDER BY number LIMIT 1) "  # noqa: S608
        f"UNION ALL SELECT * FROM ({events} AND number IS NULL AND change IS NULL)) AS one",
        (connection, org),
    ).fetchone()
    return at if isinstance(at, float) else None


def _of_connection(database: "Database", wanted: WantedChanges) -> tuple[str, tuple[Any, ...]]:
    """All of a connection, or of one action."""
    index = "journal_by_place" if wanted.action is None else "journal_by_action"
    where, values = _where(wanted)
    for target in wanted.targets:
        where.append("EXISTS (SELECT 1 FROM journal_targets WHERE target = ? AND change = sequence)")
        values.append(target)
    if wanted.below is not None:
        where.append("number < ?")
        values.append(wanted.below)
    matching = " AND ".join(where)
    return (
        f"SELECT sequence, at FROM journal INDEXED BY {index} WHERE {matching} ORDER BY number DESC",  # noqa: S608
        tuple(values),
    )


def _of_targets(database: "Database", wanted: WantedChanges) -> tuple[str, tuple[Any, ...]]:
    """Those about the target that has the fewest changes, as far as they are about the others too."""
    rarest, *others = sorted(wanted.targets, key=lambda target: _how_many(database, target))
    where, values = ["one.target = ?"], [rarest]
    for other in others:
        where.append("EXISTS (SELECT 1 FROM journal_targets WHERE target = ? AND change = one.change)")
        values.append(other)
    if wanted.action is not None:
        where.append("one.action = ?")
        values.append(wanted.action)
    if wanted.below is not None:
        where.append("one.change <= (SELECT sequence FROM journal WHERE number < ? ORDER BY number DESC LIMIT 1)")
        values.append(wanted.below)  # type: ignore[arg-type]
    of_entry, theirs = _where(wanted)
    matching = " AND ".join((*where, *of_entry))
    return (
        # CROSS: in this order, whatever SQLite thinks of the sizes.
        "SELECT sequence, at FROM journal_targets AS one CROSS JOIN journal ON sequence = one.change "  # noqa: S608
        f"WHERE {matching} ORDER BY one.change DESC",
        (*values, *theirs),
    )


def _where(wanted: WantedChanges) -> tuple[list[str], list[Any]]:
    where, values = ["number IS NOT NULL", "connection = ?", "org = ?"], [wanted.connection, wanted.org]
    if wanted.number is not None:
        where.append("number = ?")
        values.append(wanted.number)  # type: ignore[arg-type]
    if wanted.action is not None:
        where.append("journal.action = ?")
        values.append(wanted.action)
    return where, list(values)


def _how_many(database: "Database", target: str) -> int:
    """How many changes are about a target; no more than `_MANY` are counted."""
    counted = "SELECT count(*) FROM (SELECT 1 FROM journal_targets WHERE target = ? LIMIT ?) AS one"
    (count,) = database.driver.execute(counted, (target, _MANY)).fetchone()
    return int(count)


def _first_since(database: "Database", wanted: WantedChanges) -> int:
    """The sequence of the first change of the connection with a time since then; beyond all if there is none."""
    first = (
        "SELECT min(sequence) FROM journal INDEXED BY journal_by_time WHERE connection = ? AND org = ? AND at >= ? "
        "AND number IS NOT NULL"
    )
    (sequence,) = database.driver.execute(first, (wanted.connection, wanted.org, wanted.since)).fetchone()
    return 2**63 if sequence is None else int(sequence)
