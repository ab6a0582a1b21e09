"""The store's single thread: all reads and writes happen there, so that nothing else ever waits for a disk."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from server.settings import Settings
from server.store.schema import StoreError

if TYPE_CHECKING:
    from server.store.database import Database

T = TypeVar("T")
logger = logging.getLogger(__name__)

MARK_EVERY = 1.0
"""Seconds between two updates of the journal's marker."""


class Store:
    """Runs functions on the database, one after the other, each in one transaction.

    The database, and the library behind it, are loaded when the first piece of work arrives.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._database: Database | None = None
        self._marking: asyncio.TimerHandle | None = None
        self._marked_at = -MARK_EVERY

    async def run(self, work: "Callable[[Database], T]") -> T:
        """Run the work and return its result. If it raises, all its writes are rolled back."""
        loop = asyncio.get_running_loop()
        result = await loop.run_in_executor(self._thread, self._run, work, True)
        if self._marking is None and self._database is not None and self._database.to_mark is not None:
            wait = max(0.0, self._marked_at + MARK_EVERY - time.monotonic())
            self._marking = loop.call_later(wait, self._mark_soon)
        return result

    def run_now(self, work: "Callable[[Database], T]") -> T:
        """The same, blocking the caller: for the rare place that cannot await."""
        return self._thread.submit(self._run, work, True).result()

    async def read(self, work: "Callable[[Database], T]") -> T:
        """The result of work that only reads, and so waits for no other process."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work, False)

    def _run(self, work: "Callable[[Database], T]", writes: bool) -> T:
        from sqlalchemy.exc import DatabaseError

        if self._database is None:
            from server.store.database import Database

            self._database = Database(self._settings)
        try:
            with self._database.transaction(writes=writes):
                return work(self._database)
        except (DatabaseError, sqlite3.Error) as error:
            reason = error.orig if isinstance(error, DatabaseError) else error
            raise StoreError(
                f"The store {self._settings.store_file} cannot be {'written' if writes else 'read'}: {reason}.",
                next_step="Check whether the disk is full or the file is read-only.",
            ) from error

    def _mark_soon(self) -> None:
        self._marking = None
        self._thread.submit(self._mark)

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

        await asyncio.get_running_loop().run_in_executor(self._thread, checkpoint)

    async def aclose(self) -> None:
        if self._marking is not None:
            self._marking.cancel()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._database is not None:
            self._mark()
            self._database.close()
