"""A table that is asked for at every call and hardly ever changes: read again only when the store has changed.

It goes past the store's library, which would take a quarter of the start-up, and takes no lock that a writer waits for:
in SQLite's write-ahead mode such a read is a look at memory that the processes share.
"""

import sqlite3
from pathlib import Path
from typing import Any

from server.store.file import Identity, identity
from server.store.schema import VERSION


class Watch:
    """The rows of one table, as anybody last committed them. For one thread."""

    def __init__(self, path: Path, table: str) -> None:
        self._path = path
        self._table = table
        self._opened: sqlite3.Connection | None = None
        self._file: Identity = None
        self._seen = -1
        self._rows: list[dict[str, Any]] = []

    def rows(self) -> list[dict[str, Any]] | None:
        """The rows; none where there is no store yet. None if the store must first be opened as it should be."""
        try:
            if self._opened is None and not self._open():
                # One that was here and is gone is the store's to speak of.
                return [] if self._file is None else None
            return self._looked_up()
        except sqlite3.Error:
            # Moved away, of another version, or broken: the store itself has the words for that.
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

    def _looked_up(self) -> list[dict[str, Any]] | None:
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
            self._rows = [dict(row) for row in self._opened.execute(f"SELECT * FROM {self._table}")]  # noqa: S608 - ours
            self._seen = changes
        return self._rows

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None
