"""The connection manager: signs in, keeps the tokens, and hands out a valid one at any moment."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import httpx2

from server.connections.models import Connection, NeedsSignIn, NotConnected
from server.settings import Settings
from server.store import Store
from server.watch import Watch
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, Unauthorized
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from server.connections.oauth import AuthorizationServer, Tokens
    from server.database import Database

SCOPES = (
    "openid",
    "offline_access",
    "okta.users.read",
    "okta.users.manage",
    "okta.groups.read",
    "okta.groups.manage",
)
"""What a connection asks for. `offline_access` is the refresh token."""

DEFAULT = "default"
EARLY = 60.0
"""Seconds before its end at which an access token is replaced."""

Present = Callable[[str], Awaitable[None]]
"""Takes a person to a URL, and returns without waiting for them."""


class ConnectionManager:
    """One process's view of one connection. The store is shared, so what another process does to it is seen here."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._watch = Watch(settings.store_file, "connections")
        self._client: OktaClient | None = None
        self._client_of: tuple[str, float] | None = None
        self._tokens: tuple[float, Tokens] | None = None
        self._renewing = asyncio.Lock()
        self._renewals: set[asyncio.Task[str]] = set()

    async def current(self) -> Connection | None:
        """The connection that calls go through: the one set, else the one called “default”, else the only one."""
        rows = self._watch.rows()
        if rows is None:
            rows = await self._store.run(_rows)
        found = {row["name"]: row for row in rows}
        if self._settings.connection:
            row = found.get(self._settings.connection)
        else:
            row = found.get(DEFAULT) or (next(iter(found.values())) if len(found) == 1 else None)
        return _connection(row) if row is not None else None

    async def connected(self) -> Connection:
        """The connection, if its tokens can be used.

        Raises:
            NotConnected, NeedsSignIn: a person has to do something first.
        """
        connection = await self.current()
        if connection is None:
            raise NotConnected(self._settings.connection)
        if connection.needs_sign_in:
            raise NeedsSignIn(connection, connection.needs_sign_in)
        return connection

    async def client(self, connection: Connection) -> OktaClient:
        """The client for Okta of a connection; one, with its pool, as long as the connection is the same."""
        this = (connection.name, connection.connected_at)
        if self._client is None or self._client_of != this:
            if self._client is not None:
                await self._client.aclose()
            self._client, self._client_of = OktaClient(connection.org_url, ConnectionAuth(self)), this
            self._tokens = None
        return self._client

    async def access_token(self, rejected: str | None = None) -> str:
        """A valid access token, refreshed if need be: once, for any number of callers that wait for it.

        `rejected` is a token that Okta has just refused, whatever its expiry says.

        Raises:
            NotConnected, NeedsSignIn: a person has to sign in. Unreachable, SignInFailed: no new token came now.
        """
        if self._tokens and _usable(self._tokens[1], rejected):
            return self._tokens[1].access_token
        # A caller that gives up must not take a refresh with it: Okta may have used the old token up already.
        renewal = asyncio.create_task(self._renewed(rejected))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)
        return await asyncio.shield(renewal)

    async def _renewed(self, rejected: str | None) -> str:
        async with self._renewing:
            connection = await self.connected()
            secret, tokens = await self._store.run(lambda database: _secrets(database, connection.name))
            if not _usable(tokens, rejected):
                tokens = await self._refresh(connection, secret, tokens, rejected)
            self._tokens = (connection.connected_at, tokens)
            return tokens.access_token

    async def _refresh(
        self, connection: Connection, secret: str | None, tokens: "Tokens", rejected: str | None
    ) -> "Tokens":
        from server.connections.oauth import GrantRefused

        if tokens.refresh_token is None:
            raise await self._signed_out(connection, "it was granted no refresh token (offline_access).")
        try:
            async with self._server(connection.org_url, connection.client_id, secret) as server:
                fresh = await server.refresh(tokens.refresh_token, tokens.scopes)
        except GrantRefused:
            # Another process may have used it up in the meantime: then its successor is in the store.
            _, stored = await self._store.run(lambda database: _secrets(database, connection.name))
            if stored.refresh_token != tokens.refresh_token and _usable(stored, rejected):
                return stored
            raise await self._signed_out(connection, "Okta no longer accepts its refresh token.") from None
        except ActionError:
            if tokens.access_token != rejected and tokens.expires_at > time.time():
                return tokens  # Okta has a bad moment, and the old token still lives
            raise

        def write(database: "Database") -> None:
            database.vault.put(connection.name, "tokens", _dump(fresh))
            table = database.connections
            changed = (
                table.update().where(table.c.name == connection.name).values(scopes_granted=" ".join(fresh.scopes))
            )
            database.execute(changed)

        await self._store.run(write)
        return fresh

    async def _signed_out(self, connection: Connection, why: str) -> NeedsSignIn:
        """Remember that a person has to sign in again; everything else about the connection stays."""

        def write(database: "Database") -> None:
            table = database.connections
            same = (table.c.name == connection.name) & (table.c.connected_at == connection.connected_at)
            database.execute(table.update().where(same).values(needs_sign_in=why))

        await self._store.run(write)
        return NeedsSignIn(connection, why)

    async def connect(
        self,
        org_url: str,
        client_id: str,
        client_secret: str | None,
        present: Present,
        note: Callable[[str], None] = lambda text: None,
    ) -> Connection:
        """Sign in through a browser that `present` takes a person to, and keep what comes of it.

        Raises:
            ActionError: it did not come to that; whatever was connected before stays as it was.
        """
        from server.connections.callback import Callback
        from server.connections.identity import read_identity

        org_url = checked_org_url(org_url)
        timeout = self._settings.sign_in_timeout
        async with self._server(org_url, client_id, client_secret) as server:
            begun = await server.begin(SCOPES)
            async with Callback(self._settings.redirect_uri, timeout, note) as callback:
                arriving = asyncio.ensure_future(callback.returned(begun.state))
                await asyncio.sleep(0)  # so that the state is known before anybody can come back with it
                try:
                    await present(begun.url)
                    returned = await arriving
                finally:
                    arriving.cancel()
            tokens, user_id = await server.finish(begun, returned)
        login, person, service = None, None, False
        okta = OktaClient(org_url, StaticToken(tokens.access_token))
        try:
            login, person, service = await read_identity(okta, user_id)
        except ActionError:
            note("Okta did not tell the name of who signed in; the connection lacks okta.users.read.")
        finally:
            await okta.aclose()
        connection = Connection(
            name=self._settings.connection or DEFAULT,
            org_url=org_url,
            client_id=client_id,
            user_id=user_id,
            login=login,
            person=person,
            service_account=service,
            scopes_requested=SCOPES,
            scopes_granted=tokens.scopes or SCOPES,
            connected_at=time.time(),
        )
        await self._store.run(lambda database: _keep(database, connection, client_secret, tokens))
        return connection

    async def disconnect(self, *, force: bool = False) -> Connection:
        """Revoke the tokens at Okta, then forget them. With `force` they are forgotten even if Okta did not answer.

        Raises:
            NotConnected: there is nothing to disconnect. ActionError: the tokens could not be revoked; nothing changed.
        """
        connection = await self.current()
        if connection is None:
            raise NotConnected(self._settings.connection)
        secret, tokens = await self._store.run(lambda database: _secrets(database, connection.name))
        try:
            async with self._server(connection.org_url, connection.client_id, secret) as server:
                if tokens.refresh_token:
                    await server.revoke(tokens.refresh_token, "refresh_token")
                await server.revoke(tokens.access_token, "access_token")
        except ActionError as error:
            if not force:
                error.next_step = (
                    "Try again, or forget the tokens without revoking them: okta-actions disconnect --force"
                )
                raise

        def forget(database: "Database") -> None:
            table = database.connections
            database.execute(table.delete().where(table.c.name == connection.name))
            database.vault.forget(connection.name)

        await self._store.run(forget)
        self._tokens = None
        return connection

    async def describe(self) -> dict[str, Any]:
        """What is connected, as whom, and what needs attention; for people and models, so without any secret."""
        connection = await self.current()
        if connection is None:
            return {"connected": False, "next_step": NotConnected(self._settings.connection).next_step}
        return {
            "connected": connection.needs_sign_in is None,
            "connection": connection.name,
            "org_url": connection.org_url,
            "connected_as": connection.identity,
            "user_id": connection.user_id,
            "client_id": connection.client_id,
            "connected_since": connection.connected_since,
            "scopes_granted": list(connection.scopes_granted),
            "scopes_not_granted": list(connection.scopes_refused),
            "warnings": connection.warnings,
        }

    async def aclose(self) -> None:
        await asyncio.gather(*self._renewals, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._watch.close()

    def _server(self, org_url: str, client_id: str, client_secret: str | None) -> "AuthorizationServer":
        from server.connections.oauth import AuthorizationServer

        return AuthorizationServer(org_url, client_id, client_secret, self._settings.redirect_uri)


class ConnectionAuth(httpx2.Auth):
    """Puts the connection's access token on each request, and once a new one where Okta refuses it."""

    def __init__(self, connections: ConnectionManager) -> None:
        self._connections = connections

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        token = await self._connections.access_token()
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            fresh = await self._connections.access_token(rejected=token)
            if fresh != token:
                request.headers["authorization"] = f"Bearer {fresh}"
                yield request


class StaticToken(httpx2.Auth):
    """Puts one access token on each request."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request


def _usable(tokens: "Tokens", rejected: str | None) -> bool:
    return tokens.access_token != rejected and tokens.expires_at - EARLY > time.time()


def _rows(database: "Database") -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in database.execute(database.connections.select())]


def _connection(row: dict[str, Any]) -> Connection:
    values = dict(row)
    for name in ("scopes_requested", "scopes_granted"):
        values[name] = tuple(values[name].split())
    return Connection(**values)


def _keep(database: "Database", connection: Connection, secret: str | None, tokens: "Tokens") -> None:
    row = connection.model_dump()
    for name in ("scopes_requested", "scopes_granted"):
        row[name] = " ".join(row[name])
    database.put(database.connections, row)
    database.vault.forget(connection.name)
    database.vault.put(connection.name, "tokens", _dump(tokens))
    if secret:
        database.vault.put(connection.name, "client_secret", secret.encode())


def _dump(tokens: "Tokens") -> bytes:
    return json.dumps(asdict(tokens)).encode()


def _secrets(database: "Database", name: str) -> "tuple[str | None, Tokens]":
    """The client secret and the tokens of a connection."""
    from server.connections.oauth import Tokens

    secret = database.vault.get(name, "client_secret")
    kept = database.vault.get(name, "tokens")
    if kept is None:
        raise Unauthorized("The connection's tokens are gone.", next_step="Connect again: okta-actions connect")
    values = json.loads(kept)
    return secret.decode() if secret else None, Tokens(**{**values, "scopes": tuple(values["scopes"])})
