"""The org's memory: one SQLite database, in memory or in a file, used from one thread."""

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from server.sandbox.profiles import login_key

IN_MEMORY = ":memory:"


class OrgDatabase:
    """A thin hand on SQLite: rows by name, JSON in and out, one transaction per request."""

    def __init__(self, path: Path | str = IN_MEMORY) -> None:
        if path != IN_MEMORY:
            _make_private(path)
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.create_function("login_key", 1, login_key, deterministic=True)

    def script(self, statements: str) -> None:
        """Run schema statements; each room of the sandbox brings its own `CREATE … IF NOT EXISTS`."""
        self.connection.executescript(statements)

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self.connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.connection.execute(statement, values).fetchone()
        return row

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        return self.connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does. Nested use joins the outer transaction."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


def dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _make_private(path: Path | str) -> None:
    """Create the file, if there is none, for its user alone; SQLite makes those beside it as private as it is.

    The process's umask would do it too, but what another thread creates meanwhile would get it or lose its own. The
    file is made elsewhere and linked to its place: whoever opened and closed it there would drop SQLite's locks on it.
    """
    made, name = tempfile.mkstemp(prefix=".org-", dir=Path(path).parent)
    os.close(made)
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
