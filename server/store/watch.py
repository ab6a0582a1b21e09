"""A table that is needed at every call and hardly ever changes: read again only when the store has changed, and of many
rows only those that are asked for.

It bypasses the store's library, which would take a quarter of the start-up, and takes no lock that a writer waits for:
in SQLite's write-ahead mode such a read only looks at shared memory.
"""

import sqlite3
from pathlib import Path
from typing import Any

from server.store.file import Identity, identity
from server.store.schema import VERSION

Rows = list[dict[str, Any]]
MOST_KEPT = 1000
"""Maximum number of questions whose answers are kept: callers may ask for any name."""


class Watch:
    """The rows of one table as last committed by any process. For one thread.

    Each method returns None if the store must first be opened in the regular way, and no rows if there is no store yet.
    The same list as before means that nothing has changed.
    """

    def __init__(self, path: Path, table: str) -> None:
        self._path = path
        self._table = table
        self._opened: sqlite3.Connection | None = None
        self._file: Identity = None
        self._seen = -1
        self._rows: dict[tuple[str, tuple[Any, ...]], Rows] = {}
        """What was read since the last change, by condition."""

    def rows(self) -> Rows | None:
        """All rows."""
        return self._told("1")

    def row(self, key: str) -> Rows | None:
        """The row with this name, if there is one."""
        return self._told("name = ?", key)

    def two(self) -> Rows | None:
        """Two rows, or as many as there are: so much tells whether one is the only one."""
        return self._told("1 LIMIT 2")

    def _told(self, where: str, *values: Any) -> Rows | None:
        try:
            if self._opened is None and not self._open():
                # A store that has disappeared is reported by the store itself.
                return [] if self._file is None else None
            return self._looked_up(where, values)
        except sqlite3.Error:
            # Moved, of another version, or broken: the store itself reports that.
            self.close()
            return None

    def _open(self) -> bool:
        found = identity(self._path)
        if found is None:
            return False
        self._file = found
        uri = f"{self._path.absolute().as_uri()}?mode=rw"
        self._opened = sqlite3.connect(uri, uri=True, timeout=1.0, isolation_level=None)
        self._opened.row_factory = sqlite3.Row
        self._seen = -1
        return True

    def _looked_up(self, where: str, values: tuple[Any, ...]) -> Rows | None:
        assert self._opened is not None
        if identity(self._path) != self._file:
            self.close()
            return None
        (changes,) = self._opened.execute("PRAGMA data_version").fetchone()
        if changes != self._seen:
            (version,) = self._opened.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                self.close()
                return None
            self._rows.clear()
            self._seen = changes
        if (where, values) not in self._rows:
            if len(self._rows) >= MOST_KEPT:
                self._rows.clear()
            found = self._opened.execute(f"SELECT * FROM {self._table} WHERE {where}", values)  # noqa: S608 - ours
            self._rows[where, values] = [dict(row) for row in found]
        return self._rows[where, values]

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None
