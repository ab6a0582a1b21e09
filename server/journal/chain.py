"""The journal: entries that are only ever added, each sealed together with all before it.

Every entry has a MAC (HMAC-SHA256 under a key of the vault) over the MAC of the entry before it and over its own
columns as they are stored. A plain hash chain could be computed anew by whoever edits it; this one cannot without the
key. The head, count and MAC of the newest entry, is kept apart and sealed too, so that a cut-off tail shows.

What tells of a person is in `details`, which the chain covers only by a keyed digest: it can be erased without
breaking the chain, but only where an entry of the chain says that it was.
"""

import hmac
import json
import logging
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from server.schema import Owner, StoreError

if TYPE_CHECKING:
    from server.database import Database

logger = logging.getLogger(__name__)

FIRST_MAC = bytes(32)
"""What stands for the MAC before the first entry."""
_NUMBERS = struct.Struct(">qd?q7I")
COLUMNS = "sequence, at, kind, change, caller, connection, action, targets, body, digest, details, mac"


class Row(NamedTuple):
    """An entry as it is stored."""

    sequence: int
    at: float
    kind: str
    change: int | None
    caller: str
    connection: str
    action: str
    targets: str
    body: str
    digest: bytes
    details: str | None
    mac: bytes


@dataclass(frozen=True)
class Entry:
    """What is to be added. `change` is the number of the entry that it belongs to; `targets` are ids of Okta."""

    kind: str
    caller: str = ""
    connection: str = ""
    action: str = ""
    change: int | None = None
    targets: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] | None = None


@dataclass(frozen=True)
class Head:
    """The newest entry's number and MAC. Kept elsewhere, it shows later that nothing up to there was removed."""

    sequence: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.mac.hex()}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """Raises ValueError where the text is no head."""
        sequence, _, mac = text.strip().partition(":")
        head = cls(int(sequence), bytes.fromhex(mac))
        if head.sequence < 0 or len(head.mac) != len(FIRST_MAC):
            raise ValueError("not a head")
        return head


class Chain:
    """The journal under its key. Used on the store's thread, inside a transaction."""

    def __init__(self, key: bytes, *, lasting: bool = True) -> None:
        """`lasting`: whether the store outlives this process."""
        self._key = key
        self._lasting = lasting

    def append(self, database: "Database", entry: Entry) -> int:
        """Add an entry; its number.

        Raises:
            StoreError: the head is not as this chain left it, so that nothing can follow it.
        """
        head = self.head(database)
        details = dumped(entry.details) if entry.details is not None else None
        row = Row(
            head.sequence + 1,
            time.time(),
            entry.kind,
            entry.change,
            entry.caller,
            entry.connection,
            entry.action,
            " ".join(entry.targets),
            dumped(entry.body),
            self.digest(details),
            details,
            b"",
        )
        row = row._replace(mac=self.mac(head.mac, row))
        marks = ", ".join("?" * len(row))
        database.driver.execute(f"INSERT INTO journal ({COLUMNS}) VALUES ({marks})", row)  # noqa: S608
        self._set_head(database, Head(row.sequence, row.mac))
        if not self._lasting:
            # Nothing is done unrecorded: what goes with this process stays in whatever keeps its log.
            logger.warning("journal %s", dumped({**row._asdict(), "digest": row.digest.hex(), "mac": row.mac.hex()}))
        return row.sequence

    def head(self, database: "Database") -> Head:
        """The newest entry, as the head tells.

        Raises:
            StoreError: the head was altered or removed.
        """
        found = database.driver.execute("SELECT sequence, mac, seal FROM journal_head WHERE id = 1").fetchone()
        if found is None:
            raise _broken("has lost its head")
        head = Head(found[0], found[1])
        try:
            as_written = hmac.compare_digest(found[2], self._seal(head))
        except (TypeError, struct.error):
            as_written = False  # a column holds what okta-actions never writes there
        if not as_written:
            raise _broken("has a head that was altered")
        return head

    def _set_head(self, database: "Database", head: Head) -> None:
        database.driver.execute(
            "INSERT OR REPLACE INTO journal_head VALUES (1, ?, ?, ?)", (head.sequence, head.mac, self._seal(head))
        )

    def _seal(self, head: Head) -> bytes:
        return hmac.digest(self._key, b"head\0" + struct.pack(">q", head.sequence) + head.mac, "sha256")

    def mac(self, before: bytes, row: Row) -> bytes:
        """The MAC of an entry that follows one with the MAC `before`."""
        texts = (row.kind, row.caller, row.connection, row.action, row.targets, row.body)
        parts = [*map(str.encode, texts), row.digest]
        # With the length of each part, so that no byte can move from one to the next unseen.
        numbers = _NUMBERS.pack(row.sequence, row.at, row.change is not None, row.change or 0, *map(len, parts))
        return hmac.digest(self._key, b"".join((b"entry\0", before, numbers, *parts)), "sha256")

    def digest(self, details: str | None) -> bytes:
        """What the chain holds of the details; nothing where there never were any."""
        return b"" if details is None else hmac.digest(self._key, b"details\0" + details.encode(), "sha256")

    @classmethod
    def opened(cls, database: "Database") -> "Chain":
        """The store's journal; begun if it has none. In a transaction of its own, for its key must last."""
        key = database.vault.get(Owner.JOURNAL, "key")
        if key is None:
            begun = "SELECT 1 FROM journal UNION ALL SELECT 1 FROM journal_head LIMIT 1"
            if database.driver.execute(begun).fetchone() is not None:
                raise _broken("has lost its key")
            key = os.urandom(32)
            database.vault.put(Owner.JOURNAL, "key", key)
            chain = cls(key, lasting=database.lasting)
            chain._set_head(database, Head(0, FIRST_MAC))
            return chain
        return cls(key, lasting=database.lasting)


def _broken(how: str) -> StoreError:
    return StoreError(
        f"The journal {how}: somebody tampered with the store. Without a journal nothing is changed.",
        code="journal_broken",
        next_step="An administrator looks at: okta-actions journal verify. Restore the store from a backup.",
    )


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def rows(database: "Database", where: str = "1", values: tuple[Any, ...] = (), order: str = "ASC") -> Iterator[Row]:
    """Entries as they are stored, a few at a time. `where` is one of ours; what it compares with is in `values`."""
    statement = f"SELECT {COLUMNS} FROM journal WHERE {where} ORDER BY sequence {order}"  # noqa: S608
    cursor = database.driver.cursor()
    try:
        cursor.execute(statement, values)
        while found := cursor.fetchmany(100):
            yield from map(Row._make, found)
    finally:
        cursor.close()
