"""The book of connections: which ones exist, which one a call means, and what the vault keeps for each."""

import json
import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from server.connection_names import DEFAULT
from server.connections.models import Connection, Credentials, NotConnected, Tokens
from server.connections.sameness import ConnectedMeanwhile, ConnectionChanged, same
from server.settings import Settings
from server.store import exports
from server.store.store import Store
from server.store.watch import MOST_KEPT, Watch

if TYPE_CHECKING:
    from server.store.database import Database

logger = logging.getLogger(__name__)

_LISTS = ("scopes_requested", "scopes_granted", "roles")
USED_EVERY = 60.0
"""Minimum seconds between two updates of a connection's last use."""


class Book:
    """The connections in the store. Other processes write there too, and their changes are seen at once.

    The connection for calls that name none is decided once: changing the default does not affect running processes. Nor
    does putting another org or identity under a name that a process has used.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._rows = Watch(settings.store_file, "connections") if not settings.memory_only else None
        self._choices = Watch(settings.store_file, "choices") if not settings.memory_only else None
        self._noted: dict[str, float] = {}
        self._seen: tuple[list[dict[str, Any]], dict[str, Connection]] | None = None
        self._named: dict[str, tuple[list[dict[str, Any]], Connection | None]] = {}
        self._kept: str | None = None
        self._met: dict[str, Connection] = {}
        self._told: str | None = None

    async def all(self) -> dict[str, Connection]:
        """Every connection, by name. There may be very many: who needs one of them asks for that."""
        rows = self._rows.rows() if self._rows else None
        if rows is None:
            rows = await self._store.read(lambda database: database.rows(database.connections))
        # The same list as before means that nothing has changed.
        if self._seen is None or self._seen[0] is not rows:
            self._seen = (rows, {row["name"]: _connection(row) for row in rows})
        return self._seen[1]

    async def named(self, name: str) -> Connection | None:
        """The connection of this name."""
        if name != name.encode("utf-8", "replace").decode():
            return None  # no text that a store can hold
        rows = self._rows.row(name) if self._rows else None
        if rows is None:
            rows = await self._store.read(
                lambda database: database.rows(database.connections, database.connections.c.name == name)
            )
        seen = self._named.get(name)
        if seen is None or seen[0] is not rows:
            if len(self._named) >= MOST_KEPT:
                self._named.clear()
            seen = self._named[name] = (rows, _connection(rows[0]) if rows else None)
        return seen[1]

    async def two(self) -> list[str]:
        """The names of two connections, or of as many as there are: enough to tell whether there is but one."""
        rows = self._rows.two() if self._rows else None
        if rows is None:
            rows = await self._store.read(lambda database: database.rows(database.connections, limit=2))
        return [row["name"] for row in rows]

    async def current(self, name: str | None = None) -> Connection | None:
        """The connection `name`; without a name the configured one, or the default as it was when first known."""
        name = name or self._settings.connection
        if name is None:
            name = await self._default()
            if self._kept is None:
                self._kept = name if name and await self.named(name) else None
            elif name != self._kept:
                await self._tell(name)
                name = self._kept
        connection = await self.named(name) if name else None
        if connection is not None:
            self._met.setdefault(connection.name, connection)
        return connection

    def check_unchanged(self, connection: Connection) -> None:
        """Check that a connection is still what it was when this process first used it.

        Raises:
            ConnectionChanged: it leads to another org now, or acts as somebody else.
        """
        met = self._met.setdefault(connection.name, connection)
        if (met.org_url, met.user_id) != (connection.org_url, connection.user_id):
            raise ConnectionChanged(met, connection)

    async def default_elsewhere(self) -> str | None:
        """The name of the default connection, if it differs from the one that this process keeps using."""
        now = await self._default() if self._kept and not self._settings.connection else None
        return now if now != self._kept else None

    async def option(self, name: str | None = None) -> str | None:
        """The --connection that a command needs to act like a call with `name`; None if it needs none.

        It needs one if the connection was named, by the call or by a setting, or is not the default.
        """
        connection = await self.current(name)
        if connection is None:
            return name or self._settings.connection
        named = bool(name or self._settings.connection)
        return connection.name if named or connection.name != await self._default() else None

    async def _default(self) -> str | None:
        """The chosen one, the one called “default”, or the only one."""
        if chosen := await self._chosen():
            return chosen
        if await self.named(DEFAULT) is not None:
            return DEFAULT
        found = await self.two()
        return found[0] if len(found) == 1 else None

    async def _tell(self, default: str | None) -> None:
        """Log once that the default has changed."""
        now = await self.named(default) if default else None
        if now is not None and default != self._told:
            kept = await self.named(self._kept) if self._kept else None
            logger.warning(
                "The default connection is now %s (%s); this process keeps %s%s until it is restarted.",
                default,
                now.org_url,
                self._kept,
                f" ({kept.org_url})" if kept else "",
            )
            self._told = default

    async def place(self, connection: Connection) -> str:
        """A connection with its org, for people; empty if it is the only one, and so cannot be mistaken."""
        alone = await self.two() == [connection.name] and await self._chosen() in (None, connection.name)
        return "" if alone else f"{connection.name}, {connection.org_url}"

    async def missing(self, name: str | None) -> NotConnected:
        """The error that explains why `current` found none."""
        return NotConnected(name or self._settings.connection or self._kept, tuple(await self.all()))

    async def choose(self, name: str) -> Connection:
        """Make a connection the default.

        Raises:
            NotConnected: there is none of this name.
        """
        found = await self.named(name)
        if found is None:
            raise NotConnected(name, tuple(await self.all()))
        await self.remember("default", name)
        self._kept = name
        return found

    async def _chosen(self) -> str | None:
        return await self.remembered("default")

    async def remember(self, name: str, value: str) -> None:
        """Store a choice, unless it is stored already."""
        if await self.remembered(name) != value:
            await self._store.run(lambda database: database.put(database.choices, {"name": name, "value": value}))

    async def remembered(self, name: str) -> str | None:
        rows = self._choices.row(name) if self._choices else None
        if rows is None:
            rows = await self._store.read(
                lambda database: database.rows(database.choices, database.choices.c.name == name)
            )
        return rows[0]["value"] if rows else None

    def moved(self, name: str) -> None:
        """Forget what a name stood for: this process itself has just replaced it."""
        self._met.pop(name, None)
        if self._kept == name:
            self._kept = None

    async def note_use(self, connection: Connection) -> None:
        """Remember that a connection was used, to the minute."""
        now = time.time()
        if now - max(self._noted.get(connection.name, 0.0), connection.last_used or 0.0) < USED_EVERY:
            return
        self._noted[connection.name] = now
        await self._store.run(lambda database: change(database, connection, last_used=now))

    async def note_sign_in_needed(self, connection: Connection, why: str) -> None:
        await self._store.run(lambda database: change(database, connection, needs_sign_in=why))

    def close(self) -> None:
        for watch in (self._rows, self._choices):
            if watch is not None:
                watch.close()


def change(database: "Database", connection: Connection, **values: Any) -> None:
    """Change columns of a connection, if it is still the same: it may have been connected again."""
    table = database.connections
    same = (table.c.name == connection.name) & (table.c.connected_at == connection.connected_at)
    database.execute(table.update().where(same).values(**values))


def keep(
    database: "Database",
    connection: Connection,
    credentials: Credentials,
    tokens: Tokens,
    before: Connection | None,
) -> None:
    """Store a connection in place of `before`.

    Raises:
        ConnectedMeanwhile: its name now belongs to another connection than `before`.
    """
    table = database.connections
    row = database.execute(table.select().where(table.c.name == connection.name)).one_or_none()
    now = _connection(dict(row._mapping)) if row is not None else None
    if now is not None and not same(now, connection) and (before is None or now.connected_at != before.connected_at):
        raise ConnectedMeanwhile(connection.name)
    put(database, connection)
    database.vault.forget(connection.name)
    database.vault.put(connection.name, "credentials", json.dumps(asdict(credentials)).encode())
    put_tokens(database, connection.name, tokens)


def forget(database: "Database", connection: Connection) -> None:
    """Erase a connection, its secrets and what was exported through it."""
    database.vault.forget(connection.name)
    exports.forget(database, connection.name)
    database.execute(database.connections.delete().where(database.connections.c.name == connection.name))
    database.execute(database.leases.delete().where(database.leases.c.connection == connection.name))
    default = (database.choices.c.name == "default") & (database.choices.c.value == connection.name)
    database.execute(database.choices.delete().where(default))


def put(database: "Database", connection: Connection) -> None:
    row = connection.model_dump()
    for name in _LISTS:
        row[name] = " ".join(row[name]) if row[name] is not None else None
    database.put(database.connections, row)


def put_tokens(database: "Database", name: str, tokens: Tokens) -> None:
    database.vault.put(name, "tokens", json.dumps(asdict(tokens)).encode())
    table = database.connections
    values = {"token_ends_at": tokens.expires_at, "scopes_granted": " ".join(tokens.scopes)}
    database.execute(table.update().where(table.c.name == name).values(values))


def read_tokens(database: "Database", name: str) -> Tokens | None:
    kept = database.vault.get(name, "tokens")
    return Tokens.of(json.loads(kept)) if kept is not None else None


def read_credentials(database: "Database", name: str) -> Credentials:
    kept = database.vault.get(name, "credentials")
    if kept is not None:
        return Credentials(**json.loads(kept))
    secret = database.vault.get(name, "client_secret")  # as stores of version 1 have it
    return Credentials(client_secret=secret.decode() if secret else None)


def _connection(row: dict[str, Any]) -> Connection:
    values = dict(row)
    for name in _LISTS:
        values[name] = tuple(values[name].split()) if values[name] is not None else None
    return Connection(**values)
