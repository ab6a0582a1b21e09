"""The marker: how far the journal of this folder has come, kept beside the store, so that an older one is noticed.

A store is a file, and files get restored: from a backup, by mistake, or to hide what was done. The chain of the journal
cannot tell, since the older journal is whole. The marker holds the newest entry's number and MAC. It is written after
commits, at most once a second and at the end, and only upwards: it may lag behind the journal, never the reverse. A
journal without the entry that the marker names takes no more entries until somebody accepts that, which adds an entry
itself (`okta-actions journal accept-restore`).

It cannot show that the whole folder was restored, nor what was written in the last second before a crash, nor anything
once the marker was removed as well. Only a head kept elsewhere shows that (`journal verify --head`).
"""

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from server.store.schema import StoreError

ACCEPT = "okta-actions journal accept-restore"
_MOST = 2**53


@dataclass(frozen=True)
class Mark:
    """The newest entry of a journal: `mac` and the head's `seal` in hexadecimal, `store` names the journal's key.

    `changes` is the number of changes so far, so that no number is given twice after a restore.
    """

    store: str
    sequence: int
    changes: int
    mac: str
    seal: str
    at: float

    @property
    def head(self) -> str:
        """The head in its usual notation."""
        return f"{self.sequence}:{self.mac}"

    @classmethod
    def of(cls, text: str) -> "Mark":
        """Raises ValueError if the text is no mark."""
        told = json.loads(text)
        if not isinstance(told, dict) or {name: type(value) for name, value in told.items()} != cls.__annotations__:
            raise ValueError("not a mark")
        mark = cls(**told)
        if not 0 <= mark.sequence < _MOST or len(bytes.fromhex(mark.mac)) != len(bytes.fromhex(mark.seal)):
            raise ValueError("not a mark")
        return mark


class Marker:
    """The file that holds the mark of one folder. It is replaced as a whole, never by a lower mark of its store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.committed: Mark | None = None
        """The newest entry that this process wrote."""

    def read(self) -> Mark | None:
        """The mark; None if there is none. The mark of this process's commits counts even if the file was restored.

        Raises:
            StoreError: the file is none of ours.
        """
        return self.glimpse().mark()

    def written(self) -> Mark | None:
        """The mark in the file.

        Raises:
            StoreError: the file is none of ours.
        """
        return self.glimpse().written()

    def glimpse(self) -> "Glimpse":
        """What is there now, to be understood later, if at all."""
        try:
            return Glimpse(self.path, self.path.read_bytes(), self.committed)
        except FileNotFoundError:
            return Glimpse(self.path, None, self.committed)
        except OSError:
            return Glimpse(self.path, b"", self.committed)

    def write(self, mark: Mark) -> None:
        """Replace the mark. Called in a write transaction, which only one process has at a time."""
        new = self.path.with_name(f"{self.path.name}.new")
        with open(new, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as opened:
            json.dump(asdict(mark), opened)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(self.path)


@dataclass(frozen=True)
class Glimpse:
    """The marker at one moment: what was in its file, if it was there, and the newest entry of this process."""

    path: Path
    told: bytes | None
    committed: Mark | None

    def mark(self) -> Mark | None:
        """See `Marker.read`."""
        found, kept = self.written(), self.committed
        if kept is None or (found is not None and (found.store != kept.store or found.sequence >= kept.sequence)):
            return found
        return kept

    def written(self) -> Mark | None:
        """See `Marker.written`."""
        try:
            return Mark.of(self.told.decode()) if self.told is not None else None
        except (ValueError, TypeError, RecursionError):
            raise StoreError(
                f"The journal's marker {self.path} cannot be read: the journal may be incomplete.",
                code="marker_unreadable",
                next_step=f"Restore it, or a person runs in a terminal: {ACCEPT}",
            ) from None


@dataclass(frozen=True)
class Gap:
    """The entries that the marker covers and the journal lacks. `last` is the journal's newest one, written at `at`."""

    mark: Mark
    last: int
    at: float | None

    @property
    def entries(self) -> str:
        """The entries that are missing, in words."""
        first, until = self.last + 1, self.mark.sequence
        if first > until:
            return f"Entry {until}"
        return f"Entry {first}" if first == until else f"Entries {first} to {until}"

    def __str__(self) -> str:
        marked = f"this folder's marker of {_told(self.mark.at)} has"
        if self.last >= self.mark.sequence:
            return (
                f"{self.entries}: not the one that {marked}; the journal was restored or replaced, and then continued."
            )
        them = "it" if self.last + 1 == self.mark.sequence else "them"
        newest = f" The newest entry here is {self.last}, of {_told(self.at)}." if self.at is not None else ""
        return f"{self.entries}: missing; {marked} {them}.{newest}"


def gap(driver: sqlite3.Connection, mark: Mark | None) -> Gap | None:
    """The marked entries that a journal lacks, unless somebody accepted that."""
    if mark is None or mark.sequence == 0:
        return None
    (last, mac) = driver.execute("SELECT sequence, mac FROM journal_head WHERE id = 1").fetchone() or (0, b"")
    (first,) = driver.execute("SELECT min(sequence) FROM journal").fetchone()
    found = driver.execute("SELECT mac FROM journal WHERE sequence = ?", (mark.sequence,)).fetchone()
    if mark.head in (f"{last}:{_hex(mac)}", f"{mark.sequence}:{_hex(found[0])}" if found else ""):
        return None
    # It may have been removed with a sealed segment, or its absence may have been accepted.
    if last > mark.sequence and first is not None and first > mark.sequence:
        return None
    if _accepted(driver) == mark.head:
        return None
    # It reads the whole journal, which only a gap is worth.
    (at,) = driver.execute("SELECT max(at) FROM journal").fetchone()
    return Gap(mark, last, at if isinstance(at, float) else None)


def _hex(mac: object) -> str:
    return mac.hex() if isinstance(mac, bytes) else ""


def _accepted(driver: sqlite3.Connection) -> str | None:
    """The mark whose absence from the journal was last accepted."""
    row = driver.execute("SELECT body FROM journal WHERE kind = 'restored' ORDER BY sequence DESC LIMIT 1").fetchone()
    try:
        return str(json.loads(row[0])["marker"]) if row else None
    except (ValueError, TypeError, KeyError):
        return None


def gap_at_start(store: Path, marker: Path) -> str | None:
    """The missing entries, for the start of a server: found without the store's library or its key."""
    try:
        mark = Marker(marker).read()
        if mark is None or mark.sequence == 0:
            return None
        if not store.exists():
            return str(Gap(mark, 0, None))
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, timeout=1.0)) as opened:
            found = gap(opened, mark)
            return str(found) if found else None
    except StoreError as error:
        return error.summary
    except sqlite3.Error:
        return None  # an older store has no journal, and a broken one is reported when it is used


def _told(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
