"""The store's two threads: one for all writes, one for reads beside them. Nothing else ever waits for a disk."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from server.settings import Settings
from server.store.marker import Marker
from server.store.schema import MustWrite, StoreError

if TYPE_CHECKING:
    from server.store.database import Database

T = TypeVar("T")
logger = logging.getLogger(__name__)

MARK_EVERY = 1.0
"""Seconds between two updates of the journal's marker."""


class Store:
    """Runs functions on the database, each in one transaction: those that write one after the other, and so those that
    read, beside them.

    A read sees every write that ended before it was asked for. What lives in memory has only one connection, and what
    reads waits there for what writes. The database, and the library behind it, are loaded when they are first needed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._marker = None if settings.memory_only else Marker(settings.marker_file)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._reader = self._writer if settings.memory_only else ThreadPoolExecutor(1, thread_name_prefix="store-reads")
        self._database: Database | None = None
        self._reading: Database | None = None
        self._marking: asyncio.TimerHandle | None = None
        self._marked_at = -MARK_EVERY

    async def run(self, work: "Callable[[Database], T]") -> T:
        """Run the work and return its result. If it raises, all its writes are rolled back."""
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._writer, self._run, work, True)
        if self._marking is None and self._database is not None and self._database.to_mark is not None:
            wait = max(0.0, self._marked_at + MARK_EVERY - time.monotonic())
            self._marking = loop.call_later(wait, self._mark_soon)
        return result

    def run_now(self, work: "Callable[[Database], T]") -> T:
        """The same, blocking the caller: for the rare place that cannot await."""
        return self._writer.submit(self._run, work, True).result()

    async def read(self, work: "Callable[[Database], T]") -> T:
        """The result of work that only reads: it waits for no writer, and none for it."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, self._run, work, False)
        except MustWrite:
            return await self.run(work)

    def _run(self, work: "Callable[[Database], T]", writes: bool) -> T:
        from sqlalchemy.exc import DatabaseError

        database = self._of_writer() if writes or self._reader is self._writer else self._of_reader()
        try:
            with database.transaction(writes=writes):
                return work(database)
        except (DatabaseError, sqlite3.Error) as error:
            reason = error.orig if isinstance(error, DatabaseError) else error
            raise StoreError(
                f"The store {self._settings.store_file} cannot be {'written' if writes else 'read'}: {reason}.",
                next_step="Check whether the disk is full or the file is read-only.",
            ) from error

    def _of_writer(self) -> "Database":
        if self._database is None:
            from server.store.database import Database

            self._database = Database(self._settings, marker=self._marker)
        return self._database

    def _of_reader(self) -> "Database":
        if self._reading is None:
            from server.store.database import Database

            self._reading = Database(self._settings, marker=self._marker, reads=True)
        return self._reading

    def _mark_soon(self) -> None:
        self._marking = None
        self._writer.submit(self._mark)

    def _mark(self) -> None:
        """Update the marker to the journal. If that fails, the marker lags until the next update."""
        database = self._database
        if database is None or database.to_mark is None:
            return
        self._marked_at = time.monotonic()
        mark, database.to_mark = database.to_mark, None
        try:
            # In a write transaction, so that no other process updates the marker at the same time.
            with database.transaction():
                mark()
        except Exception as error:
            logger.warning("The journal's marker could not be written: %s", error)

    async def tidy(self) -> None:
        """Remove deleted data from the write-ahead log beside the store."""

        def checkpoint() -> None:
            if self._database is not None:
                self._database.checkpoint()

        def undisturbed() -> None:
            # While the reading thread waits here, no read of ours keeps the log from being emptied.
            self._writer.submit(checkpoint).result()

        loop = asyncio.get_running_loop()
        if self._reader is self._writer:
            await loop.run_in_executor(self._writer, checkpoint)
        else:
            await loop.run_in_executor(self._reader, undisturbed)

    async def aclose(self) -> None:
        if self._marking is not None:
            self._marking.cancel()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reader, self._close_reader)
        await loop.run_in_executor(self._writer, self._close)
        self._reader.shutdown()
        self._writer.shutdown()

    def _close_reader(self) -> None:
        if self._reading is not None:
            self._reading.close()

    def _close(self) -> None:
        if self._database is not None:
            self._mark()
            self._database.close()
