"""The journal: entries that are only ever added, each sealed together with all before it.

Every entry has a MAC (HMAC-SHA256 under a key of the vault) over the MAC of the entry before it and over its own
columns as they are stored. Anybody who edits a plain hash chain could recompute it; this one cannot be recomputed
without the key. The head, count and MAC of the newest entry, is kept apart and sealed too, so that a truncated tail is
detected.

Personal data is in `details`, which the chain covers only by a keyed digest: it can be erased without breaking the
chain, but only if an entry of the chain says so. If a value looks like a secret, `details` shows it as hidden, and
`sealed` holds the full details, encrypted under the same key (AES-GCM): values sent to Okta are never lost, and never
in the clear.

Entries of format 1 were written by earlier versions. They stay as they are and verify as they did.
"""

import hmac
import json
import logging
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from server.connection_names import Owner
from server.journal.concealing import as_shown_now, without_values
from server.journal.marking import demand_complete, remember
from server.logs import must_log
from server.policy.hidden import Hidden
from server.store.marker import Mark
from server.store.schema import StoreError
from tools.text.redaction import redacted_details

if TYPE_CHECKING:
    from server.store.database import Database

logger = logging.getLogger(__name__)

INTENT = "intent"
"""The kind of an entry that begins a change; only these are numbered."""
_NONCE_BYTES = 12
FIRST_MAC = bytes(32)
"""The MAC that precedes the first entry."""
FORMAT = 2
"""The format of the entries that this program writes."""
_NUMBERS_1 = struct.Struct(">qd?q7I")
_NUMBERS = struct.Struct(">qd?q?q9I")
COLUMNS = (
    "sequence, at, kind, change, caller, connection, action, targets, body, digest, details, mac, "
    "format, number, org, batch, sealed"
)


class Row(NamedTuple):
    """An entry as it is stored.

    `change` is the sequence of the entry that it belongs to. `number` counts changes and is shown to people as a
    change's id. `targets` are `kind:id`, separated by blanks; in format 1 only the ids.
    """

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
    format: int = 1
    number: int | None = None
    org: str = ""
    batch: str = ""
    sealed: bytes | None = None

    @property
    def target_ids(self) -> tuple[str, ...]:
        """Okta's ids of the targets."""
        return tuple(target.rpartition(":")[2] for target in self.targets.split())


@dataclass(frozen=True)
class Entry:
    """An entry to be added.

    `change` is the sequence of the entry that it belongs to; `targets` are kinds and ids of Okta, as `user:00u…`.
    `details` are the personal data, unaltered: values that look like secrets are sealed.
    """

    kind: str
    caller: str = ""
    connection: str = ""
    org: str = ""
    action: str = ""
    change: int | None = None
    targets: tuple[str, ...] = ()
    batch: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] | None = None


@dataclass(frozen=True)
class Head:
    """The newest entry's sequence and MAC. A copy kept elsewhere shows later that nothing up to there was removed.

    `changes` is the number of changes so far; only the store's own head has it.
    """

    sequence: int
    mac: bytes
    changes: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.sequence}:{self.mac.hex()}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """Raises ValueError if the text is no head."""
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
        self.hides = Hidden(())
        """The attributes whose values are shown only when somebody asks to reveal them."""
        self.id = hmac.digest(key, b"id\0", "sha256").hex()[:32]
        """Identifies this journal. The key cannot be derived from it."""

    def append(self, database: "Database", entry: Entry) -> Row:
        """Add an entry.

        Raises:
            StoreError: the head is not as this chain left it, or entries are missing, so that nothing can be appended.
        """
        head = self.head(database)
        demand_complete(database, self)
        return self.add(database, entry, head, head.sequence + 1)

    def add(self, database: "Database", entry: Entry, head: Head, sequence: int) -> Row:
        """Add an entry after the head, with this sequence. Only an entry about missing ones skips numbers."""
        details, sealed = self._kept(sequence, entry.details)
        number = head.changes + 1 if entry.kind == INTENT else None
        row = Row(
            sequence=sequence,
            at=time.time(),
            kind=entry.kind,
            change=entry.change,
            caller=entry.caller,
            connection=entry.connection,
            action=entry.action,
            targets=" ".join(entry.targets),
            body=dumped(entry.body),
            digest=self.digest(details, sealed),
            details=details,
            mac=b"",
            format=FORMAT,
            number=number,
            org=entry.org,
            batch=entry.batch,
            sealed=sealed,
        )
        row = row._replace(mac=self.mac(head.mac, row))
        marks = ", ".join("?" * len(row))
        database.driver.execute(f"INSERT INTO journal ({COLUMNS}) VALUES ({marks})", row)  # noqa: S608
        written = Head(row.sequence, row.mac, number or head.changes)
        self._set_head(database, written)
        remember(database, self, written, accepted=entry.kind == "restored")
        if not self._lasting:
            _keep_in_log(row)
        return row

    def _kept(self, sequence: int, details: dict[str, Any] | None) -> tuple[str | None, bytes | None]:
        """Details as they can be shown, and the full details under seal if anything is hidden."""
        if details is None:
            return None, None
        whole, shown = dumped(details), dumped(without_values(redacted_details(details), self.hides))
        return shown, None if shown == whole else self.seal(f"entry {sequence}", whole)

    def shown(self, row: Row) -> dict[str, Any]:
        """The details of an entry as they can be shown now, whatever was hidden when it was written."""
        details: dict[str, Any] = json.loads(row.details or "{}")
        return as_shown_now(details, self.hides)

    def whole(self, row: Row) -> dict[str, Any]:
        """The details of an entry with nothing hidden; empty where they were erased.

        Raises:
            StoreError: the sealed data was altered.
        """
        if row.sealed is None:
            return dict(json.loads(row.details or "{}"))
        return dict(json.loads(self.unseal(f"entry {row.sequence}", row.sealed)))

    def seal(self, place: str, text: str) -> bytes:
        """The text, encrypted so that it can only be opened for the same place."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._sealing_key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), place.encode())

    def unseal(self, place: str, sealed: bytes) -> str:
        """The text that `seal` encrypted.

        Raises:
            StoreError: it was altered, or sealed for another place.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            opened = AESGCM(self._sealing_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError, TypeError):
            raise _broken(f"has an altered sealed value ({place})") from None
        return opened.decode("utf-8", "surrogatepass")

    @cached_property
    def _sealing_key(self) -> bytes:
        return hmac.digest(self._key, b"sealed values\0", "sha256")

    def head(self, database: "Database") -> Head:
        """The stored head, which describes the newest entry.

        Raises:
            StoreError: the head was altered or removed.
        """
        found = database.driver.execute("SELECT sequence, mac, seal, changes FROM journal_head WHERE id = 1").fetchone()
        if found is None:
            raise _broken("has lost its head")
        # A head of format 1 knows no changes: there each entry's sequence was a change's id too.
        head = Head(found[0], found[1], found[0] if found[3] is None else found[3])
        try:
            as_written = hmac.compare_digest(found[2], self._seal(head, with_changes=found[3] is not None))
        except (TypeError, struct.error):
            as_written = False  # a column holds what okta-actions never writes there
        if not as_written:
            raise _broken("has an altered head")
        return head

    def sealed(self, marked: Head | Mark) -> bytes:
        """The seal that is stored with a head."""
        if isinstance(marked, Mark):
            marked = Head(marked.sequence, bytes.fromhex(marked.mac), marked.changes)
        return self._seal(marked)

    def _set_head(self, database: "Database", head: Head) -> None:
        database.driver.execute(
            "INSERT OR REPLACE INTO journal_head (id, sequence, mac, seal, changes) VALUES (1, ?, ?, ?, ?)",
            (head.sequence, head.mac, self._seal(head), head.changes),
        )

    def _seal(self, head: Head, *, with_changes: bool = True) -> bytes:
        label, numbers = b"head\0", struct.pack(">q", head.sequence)
        if with_changes:
            label, numbers = b"head 2\0", struct.pack(">qq", head.sequence, head.changes)
        return hmac.digest(self._key, label + numbers + head.mac, "sha256")

    def mac(self, before: bytes, row: Row) -> bytes:
        """The MAC of an entry that follows one with the MAC `before`."""
        # With the length of each part, so that no byte can move from one to the next unseen.
        texts = (row.kind, row.caller, row.connection, row.action, row.targets, row.body)
        change = (row.change is not None, row.change or 0)
        if row.format == 1:
            parts = [*map(str.encode, texts), row.digest]
            numbers = _NUMBERS_1.pack(row.sequence, row.at, *change, *map(len, parts))
            return hmac.digest(self._key, b"".join((b"entry\0", before, numbers, *parts)), "sha256")
        parts = [*map(str.encode, (*texts, row.org, row.batch)), row.digest]
        number = (row.number is not None, row.number or 0)
        numbers = _NUMBERS.pack(row.sequence, row.at, *change, *number, *map(len, parts))
        return hmac.digest(self._key, b"".join((b"entry 2\0", before, numbers, *parts)), "sha256")

    def digest(self, details: str | None, sealed: bytes | None = None) -> bytes:
        """The digest of the details in the chain; empty if there never were any."""
        if details is None:
            return b""
        text = details.encode()
        # The label tells a sealed part from none, and its length keeps the two apart.
        label = b"details\0" if sealed is None else b"details 2\0" + struct.pack(">I", len(text))
        return hmac.digest(self._key, label + text + (sealed or b""), "sha256")

    @classmethod
    def opened(cls, database: "Database") -> "Chain":
        """The store's journal, created if it has none. This takes a transaction of its own, as the key must last."""
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


def _keep_in_log(row: Row) -> None:
    """Also log an entry of a store that ends with this process, so that nothing goes unrecorded.

    Raises:
        StoreError: the log cannot be written.
    """
    binary = {"digest": row.digest.hex(), "mac": row.mac.hex(), "sealed": row.sealed and row.sealed.hex()}
    told = dumped({**row._asdict(), **binary})
    try:
        must_log(logger, f"journal {told}")
    except OSError as error:
        raise StoreError(
            f"Nothing is kept on disk, and {error}: changes would not be recorded.",
            code="log_unwritable",
            next_step="Restart it with its standard error going to a log.",
        ) from error


def _broken(how: str) -> StoreError:
    return StoreError(
        f"The journal {how}: somebody tampered with the store. No changes are made without a journal.",
        code="journal_broken",
        next_step="Ask an administrator to run okta-actions journal verify, and to restore the store from a backup.",
    )


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def rows(database: "Database", where: str = "1", values: tuple[Any, ...] = (), order: str = "ASC") -> Iterator[Row]:
    """Entries as they are stored, a few at a time. `where` is SQL of ours, `values` its parameters."""
    statement = f"SELECT {COLUMNS} FROM journal WHERE {where} ORDER BY sequence {order}"  # noqa: S608
    cursor = database.driver.cursor()
    try:
        cursor.execute(statement, values)
        while found := cursor.fetchmany(100):
            yield from map(Row._make, found)
    finally:
        cursor.close()
