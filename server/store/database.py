"""The SQLite store on this machine: connections, sealed secrets, the journal. Private to the user, versioned."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from server.settings import Settings
from server.store import tables
from server.store.file import Identity, identities, identity, make_private_folder, private_files
from server.store.marker import Glimpse, Mark, Marker
from server.store.migrations import MIGRATIONS, Migration
from server.store.schema import VERSION, StoreError
from server.store.vault import Vault

APPLICATION_ID = 0x4F6B7441
"""Marks a SQLite file as a store of ours."""
BUSY_SECONDS = 15.0


class Database:
    """One connection to the store, for one thread. One for reading sees what was committed before it began to read.

    Raises:
        StoreError: it belongs to a newer version, others can read it, or it is no store at all.
    """

    marker: Marker | None = None
    """The marker of the journal; None if the store does not outlive the process."""
    writing: Mark | None = None
    """The newest entry of this transaction."""
    to_mark: Callable[[], None] | None = None
    """Updates the marker to the committed state; None while it is up to date."""

    connections = tables.connections
    leases = tables.leases
    tickets = tables.tickets
    requests = tables.requests
    choices = tables.choices
    exports = tables.exports
    export_parts = tables.export_parts

    def __init__(
        self,
        settings: Settings,
        migrations: Sequence[Migration] = MIGRATIONS,
        *,
        marker: Marker | None = None,
        reads: bool = False,
    ) -> None:
        """`marker`: the one that this process has already. `reads`: nothing is written once the store is prepared."""
        self._path = path = settings.store_file
        self.lasting = not settings.memory_only
        self._migrations = migrations
        self._glimpse: Glimpse | None = None
        if self.lasting:
            make_private_folder(path)
            self.marker = marker or Marker(settings.marker_file)
        self._files: tuple[Identity, ...] = ()
        engine = create_engine("sqlite://", creator=self._open, poolclass=NullPool)
        event.listen(engine, "begin", _begin)
        try:
            self.connection = engine.connect()
            self.vault = Vault(self.connection, settings, reads=reads)
            self._prepare()
            if reads:
                self.connection.exec_driver_sql("PRAGMA query_only = ON")
                self.connection.rollback()
            self._files = identities(path)
            self._at_its_path()
        except DatabaseError as error:
            raise StoreError(
                f"The store {path} cannot be read: {error.orig}.", next_step="Move it away, and connect again."
            ) from error

    def _open(self) -> sqlite3.Connection:
        opened = self._connected()
        opened.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        # A second process is refused without waiting while the first one switches the mode.
        for attempt in range(50):
            try:
                opened.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                if attempt == 49:
                    raise
                time.sleep(0.1)
        opened.execute("PRAGMA synchronous = FULL")
        # Deleted data is overwritten: questions name people, and secrets are sealed with keys that may leak.
        opened.execute("PRAGMA secure_delete = ON")
        return opened

    def _connected(self) -> sqlite3.Connection:
        """A connection to the file at the path, which existed before it was opened and still did afterwards."""
        for _ in range(10):
            before = identity(self._path)
            with private_files():
                opened = sqlite3.connect(
                    self._path if self.lasting else ":memory:",
                    timeout=BUSY_SECONDS,
                    isolation_level=None,
                    check_same_thread=False,
                )
            if not self.lasting or (before is not None and before == identity(self._path)):
                self._opened = before
                return opened
            opened.close()
        raise StoreError(f"The store {self._path} keeps being replaced.", code="store_replaced")

    def _at_its_path(self) -> None:
        """Check that the open file is still the one at the path.

        Raises:
            StoreError: it was moved, removed or replaced, so that writes to it are lost.
        """
        if self.lasting and (self._files != identities(self._path) or self._files[0] != self._opened):
            raise StoreError(
                f"The store {self._path} was replaced or removed while in use: nothing can be recorded.",
                code="store_replaced",
                next_step="Restart okta-actions: it continues with the current store, and reports what is "
                "missing there.",
            )

    def _prepare(self) -> None:
        """Migrate the store to this program's version, even if other processes are doing the same."""
        newest = VERSION + len(self._migrations) - len(MIGRATIONS)
        with self.transaction(writes=False):
            # As nearly always: nobody who writes at this moment need be waited for.
            if self._is_of(newest):
                return
        with self.transaction():
            if self._is_of(newest):
                return
            version = self._pragma("user_version")
            if version > newest:
                raise StoreError(
                    f"The store {self._path} was written by a newer okta-actions (version {version}; this one knows "
                    f"{newest}).",
                    next_step="Update okta-actions, or set OKTA_ACTIONS_DATA_DIR to another folder.",
                )
            if version == 0:
                if self.connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first():
                    raise StoreError(f"{self._path} is not a store of okta-actions.")
                tables.metadata.create_all(self.connection)
            else:
                self._back_up(version)
                for migrate in self._migrations[version - 1 :]:
                    migrate(self.connection)
            self.connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            self.connection.exec_driver_sql(f"PRAGMA user_version = {newest}")

    def _is_of(self, version: int) -> bool:
        return self._pragma("user_version") == version and self._pragma("application_id") == APPLICATION_ID

    def _pragma(self, name: str) -> int:
        return int(self.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())

    def _back_up(self, version: int) -> None:
        """Copy the committed state to a file beside the store. Nobody can write while we hold the transaction."""
        target = self._path.with_name(f"{self._path.name}.v{version}.{time.strftime('%Y%m%d-%H%M%S')}.bak")
        source = sqlite3.connect(self._path)
        with private_files():
            copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()

    @contextmanager
    def transaction(self, *, writes: bool = True) -> Iterator[None]:
        """A transaction. One that writes waits here for other writers, instead of failing half-way.

        Raises:
            StoreError: the store is not the one at its path any more, or was not when this was committed.
        """
        self.connection.info["writes"] = writes
        self.writing = None
        self._glimpse = self.marker.glimpse() if self.marker is not None and not writes else None
        with self.connection.begin():
            if self._files:
                self._at_its_path()
                # Pages that another process overwrote in place are read again instead of taken from the cache.
                self.connection.exec_driver_sql("PRAGMA shrink_memory")
            yield
        if self._files and writes:
            self._at_its_path()
        if self.marker is not None and self.writing is not None:
            self.marker.committed = self.writing

    def marked(self) -> Mark | None:
        """What the marker says. While only reading, what it said before: others write meanwhile, and mark that.

        Raises:
            StoreError: the marker is none of ours.
        """
        if self.marker is None:
            return None
        return self._glimpse.mark() if self._glimpse is not None else self.marker.read()

    def execute(self, statement: Any) -> Any:
        """A SQLAlchemy Core statement's result."""
        return self.connection.execute(statement)

    @property
    def driver(self) -> sqlite3.Connection:
        """SQLite's own connection, in the same transaction: for work done at every write, or a million times."""
        opened: Any = self.connection.connection.driver_connection
        assert isinstance(opened, sqlite3.Connection)
        return opened

    def rows(self, table: Table, where: Any = None, limit: int | None = None) -> list[dict[str, Any]]:
        """The rows of a table."""
        wanted = table.select().limit(limit)
        found = self.connection.execute(wanted if where is None else wanted.where(where))
        return [dict(row._mapping) for row in found]

    def put(self, table: Table, row: dict[str, Any]) -> None:
        """Insert a row, replacing the one with the same key if there is one."""
        self.connection.execute(insert(table).values(row).on_conflict_do_update(set_=row))

    def checkpoint(self) -> None:
        """Move everything out of the write-ahead log and empty it.

        Raises:
            StoreError: another process is still reading from it.
        """
        (busy, _, _) = self.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                f"Deleted data is still in {self._path}-wal: another process is reading the store.",
                code="store_busy",
                next_step="Stop the other processes, then run it again.",
            )

    def close(self) -> None:
        self.connection.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes", True) else "BEGIN")
