"""The search index, which lags behind writes if a test wants it to.

Okta answers a `search` from "an eventually consistent datasource" (its OpenAPI description, listUsers and listGroups),
and in recordings 5 of 55 lists of members did not have the change of a moment before. Reads by id and login, and lists
by `filter`, had it at once. How far `q` lags nobody recorded: it is taken for a search.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Row

from server.sandbox.database import OrgDatabase

_KEYS = {"users": ("id",), "groups": ("id",), "memberships": ("user_id", "group_id")}


class Index:
    """What searches see: the tables as they were `search_lag` seconds ago, and members as of `members_lag` ago.

    While a lag is set, triggers keep each row as it was before a change. A search puts the old rows back, inside a
    savepoint that is then undone, so every way to search sees the past alike and without a lag nothing is kept.
    """

    def __init__(self, database: OrgDatabase, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self.search_lag = 0.0
        self.members_lag = 0.0
        self._watching = False

    def lag(self, search: float | None = None, members: float | None = None) -> None:
        """Set how many seconds searches and lists of members lag behind writes. Without a lag they catch up at once."""
        self.search_lag = self.search_lag if search is None else search
        self.members_lag = self.members_lag if members is None else members
        if (self.search_lag or self.members_lag) and not self._watching:
            self._watch()
        for table, lag in (("users", search), ("groups", search), ("memberships", members)):
            if lag == 0 and self._watching:
                self._database.run(f"DELETE FROM {table}_before")

    @contextmanager
    def searching(self, table: str) -> Iterator[None]:
        """Inside, a table is as the index has it."""
        with self._past(table, self.search_lag):
            yield

    @contextmanager
    def listing_members(self) -> Iterator[None]:
        with self._past("memberships", self.members_lag):
            yield

    def _watch(self) -> None:
        self._database.connection.create_function("sandbox_now", 0, self._clock)
        for table, key in _KEYS.items():
            columns = [row["name"] for row in self._database.all(f"PRAGMA table_info({table})")]
            old, keys = ", ".join(f"old.{name}" for name in columns), ", ".join(key)
            # One by one, for a script would end the transaction of the request that asks for a lag.
            self._database.run(f"CREATE TEMP TABLE {table}_before (at REAL, there INTEGER, {', '.join(columns)})")
            gone = f"INSERT INTO {table}_before VALUES (sandbox_now(), 1, {old})"
            came = f"""INSERT INTO {table}_before (at, there, {keys})
                       VALUES (sandbox_now(), 0, {", ".join(f"new.{name}" for name in key)})"""
            for what, noted in (("INSERT", came), ("UPDATE", gone), ("DELETE", gone)):
                self._database.run(
                    f"CREATE TEMP TRIGGER {table}_{what.lower()} AFTER {what} ON main.{table} BEGIN {noted}; END"
                )
        self._watching = True

    @contextmanager
    def _past(self, table: str, lag: float) -> Iterator[None]:
        if not lag:
            yield
            return
        now, database = self._clock(), self._database
        database.run(f"DELETE FROM {table}_before WHERE at <= ?", now - max(self.search_lag, self.members_lag))
        database.run("SAVEPOINT past")
        try:
            # Who was a member may be nobody any more; it is all undone before anything could be committed.
            database.run("PRAGMA defer_foreign_keys = ON")
            self._put_back(table, self._changed_since(table, now - lag))
            yield
        finally:
            database.run("ROLLBACK TO past")
            database.run("RELEASE past")

    def _changed_since(self, table: str, moment: float) -> list[Row]:
        """Each row that was changed, as it was before the first change."""
        key = ", ".join(_KEYS[table])
        first = f"SELECT min(rowid) FROM {table}_before WHERE at > ? GROUP BY {key}"
        return self._database.all(f"SELECT * FROM {table}_before WHERE rowid IN ({first})", moment)

    def _put_back(self, table: str, rows: list[Row]) -> None:
        key = _KEYS[table]
        where = " AND ".join(f"{name} = ?" for name in key)
        for row in rows:
            if not row["there"]:
                self._database.run(f"DELETE FROM {table} WHERE {where}", *(row[name] for name in key))
            elif table == "users":
                # Logins may have changed hands; none is taken twice while they change back.
                self._database.run("UPDATE users SET login_key = id WHERE id = ?", row["id"])
        for row in rows:
            if row["there"]:
                columns = [name for name in row.keys() if name not in ("at", "there")]  # noqa: SIM118 - a Row's keys
                # Updated and not replaced, for a row that goes takes along what belongs to it.
                self._database.run(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
                    f"ON CONFLICT DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}",
                    *(row[name] for name in columns),
                )
