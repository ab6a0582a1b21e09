"""The store's one thread: everything kept is read and written there, so that nothing else ever waits for a disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from server.settings import Settings
from tools.okta.errors import ActionError

if TYPE_CHECKING:
    from server.database import Database

T = TypeVar("T")

VERSION = 2
"""Of the store's schema: what this program reads and writes."""


class StoreError(ActionError):
    """The store cannot be used as it is."""

    code = "store"


class Store:
    """Runs work on the database, one piece after the other, each in one transaction.

    The database, and the library behind it, are loaded when the first piece of work arrives.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._database: Database | None = None

    async def run(self, work: "Callable[[Database], T]") -> T:
        """The work's result; what it raises undoes all that it wrote."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work, True)

    async def read(self, work: "Callable[[Database], T]") -> T:
        """The result of work that writes nothing, and so waits for no other process."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work, False)

    def _run(self, work: "Callable[[Database], T]", writes: bool) -> T:
        if self._database is None:
            from server.database import Database

            self._database = Database(self._settings)
        with self._database.transaction(writes=writes):
            return work(self._database)

    async def aclose(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
