"""The book of connections: which there are, which is meant, and what the vault keeps for each."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from server.connections.models import Connection, Credentials, NotConnected, Tokens
from server.settings import Settings
from server.store import Store
from server.watch import Watch

if TYPE_CHECKING:
    from server.database import Database

DEFAULT = "default"
_LISTS = ("scopes_requested", "scopes_granted", "roles")
USED_EVERY = 60.0
"""Seconds between two notes of when a connection was last used."""


class Book:
    """The connections in the store. Other processes write there too, and their changes are seen at once."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._rows = Watch(settings.store_file, "connections") if not settings.memory_only else None
        self._choices = Watch(settings.store_file, "choices") if not settings.memory_only else None
        self._noted: dict[str, float] = {}
        self._seen: tuple[list[dict[str, Any]], dict[str, Connection]] | None = None

    async def all(self) -> dict[str, Connection]:
        """Every connection, by name."""
        rows = await self._read(self._rows, "connections")
        # The same list as before means that nothing has changed.
        if self._seen is None or self._seen[0] is not rows:
            self._seen = (rows, {row["name"]: _connection(row) for row in rows})
        return self._seen[1]

    async def current(self, name: str | None = None) -> Connection | None:
        """The one called `name`; else the one set, the chosen default, the one called “default”, or the only one."""
        found = await self.all()
        name = name or self._settings.connection or await self._chosen()
        if name:
            return found.get(name)
        return found.get(DEFAULT) or (next(iter(found.values())) if len(found) == 1 else None)

    async def place(self, connection: Connection) -> str:
        """A connection with its org, for people; empty where it is the only one, and so cannot be mistaken."""
        found = await self.all()
        alone = len(found) == 1 and connection.name in found and await self._chosen() in (None, connection.name)
        return "" if alone else f"{connection.name}, {connection.org_url}"

    async def missing(self, name: str | None) -> NotConnected:
        """The error that says why `current` found none."""
        return NotConnected(
            name or self._settings.connection, () if self._settings.connection else tuple(await self.all())
        )

    async def choose(self, name: str) -> None:
        """Make a connection the default.

        Raises:
            NotConnected: there is none of this name.
        """
        if name not in await self.all():
            raise NotConnected(name)
        await self._store.run(lambda database: database.put(database.choices, {"name": "default", "value": name}))

    async def _chosen(self) -> str | None:
        rows = await self._read(self._choices, "choices")
        return next((row["value"] for row in rows if row["name"] == "default"), None)

    async def _read(self, watch: Watch | None, table: str) -> list[dict[str, Any]]:
        """The rows of a table: those watched, or through the store where they cannot be."""
        rows = watch.rows() if watch else None
        return rows if rows is not None else await self._store.read(lambda database: database.rows(table))

    async def keep(self, connection: Connection, credentials: Credentials, tokens: Tokens) -> None:
        """Write a connection down, in place of one of the same name."""

        def write(database: "Database") -> None:
            put(database, connection)
            database.vault.forget(connection.name)
            database.vault.put(connection.name, "credentials", json.dumps(asdict(credentials)).encode())
            put_tokens(database, connection.name, tokens)

        await self._store.run(write)

    async def forget(self, connection: Connection) -> None:
        def erase(database: "Database") -> None:
            database.vault.forget(connection.name)
            database.execute(database.connections.delete().where(database.connections.c.name == connection.name))
            database.execute(database.leases.delete().where(database.leases.c.connection == connection.name))
            database.execute(database.choices.delete().where(database.choices.c.value == connection.name))

        await self._store.run(erase)

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
    """Change columns of a connection, if it is still the one that we know: it may have been connected anew."""
    table = database.connections
    same = (table.c.name == connection.name) & (table.c.connected_at == connection.connected_at)
    database.execute(table.update().where(same).values(**values))


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
