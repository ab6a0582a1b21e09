"""The connection manager: signs in by every way Okta has, and hands out a client for each connection."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio

from server.connection_names import DEFAULT, SANDBOX
from server.connections.apps import App, app_of_settings
from server.connections.auth import ConnectionAuth
from server.connections.book import read_credentials
from server.connections.keeper import TokenKeeper
from server.connections.models import Connection, Credentials, NeedsSignIn, iso, repair
from server.connections.network import Through, network
from server.connections.register import Journal
from server.connections.scopes import scopes_lacking, wanted_scopes
from server.connections.ways_in import FOREVER, WaysIn
from server.policy.caller import Caller
from server.settings import Settings
from server.store.freezing import CHOICE, Frozen
from server.store.store import Store
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError

__all__ = ["App", "ConnectionManager", "app_of_settings"]

if TYPE_CHECKING:
    from server.connections.oauth import AuthorizationServer

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
"""After how many seconds a connection that was not ready is looked at again."""


class ConnectionManager(WaysIn):
    """One process's view of the connections. The store is shared: changes by other processes are visible here."""

    def __init__(self, settings: Settings, store: Store, journal: Journal) -> None:
        super().__init__(settings, store, journal)
        self._connecting = asyncio.Lock()
        self._live: dict[str, tuple[float, TokenKeeper, OktaClient]] = {}
        self._signing_in: dict[str, tuple[str, asyncio.Task[Connection]]] = {}

    async def current(self, name: str | None = None) -> Connection | None:
        return await self.book.current(name)

    async def connected(self, name: str | None = None) -> Connection:
        """The connection, if its tokens can be used.

        Raises:
            NotConnected, NeedsSignIn: a person has to do something first.
        """
        connection = await self.current(name) or await self._connected_by_settings(name)
        if connection is None:
            raise await self.book.missing(name)
        self.book.check_unchanged(connection)
        if connection.needs_sign_in:
            raise NeedsSignIn(connection, connection.needs_sign_in)
        return connection

    async def _connected_by_settings(self, name: str | None) -> Connection | None:
        """Connect the service app named in the settings; None if they name none, or a connection exists.

        So a server in a container, or one that keeps everything in memory, needs no prior command.
        """
        app = app_of_settings(self._settings)
        if app is None or not app.credentials.private_key or name or await self.book.two():
            return None
        async with self._connecting:
            return await self.current() or await self.connect_service(app, name=self._settings.connection)

    async def client(self, connection: Connection) -> OktaClient:
        """The Okta client of a connection. It keeps its pool as long as the connection is the same."""
        _, client = await self.live(connection)
        await self.book.note_use(connection)
        return client

    async def access_token(self, connection: Connection) -> str:
        """A valid access token of a connection."""
        keeper, _ = await self.live(connection)
        return (await keeper.tokens()).access_token

    async def live(self, connection: Connection) -> tuple[TokenKeeper, OktaClient]:
        """The token keeper and the client of a connection, created on first use."""
        live = self._live.get(connection.name)
        if live is None or live[0] != connection.connected_at:
            if live is not None:
                await live[1].aclose()
                await live[2].aclose()
            wanted = wanted_scopes(self._settings, connection)

            def server(connection: Connection, credentials: Credentials) -> "AuthorizationServer":
                return self._server_of(connection, credentials, Through(client.forward))

            keeper = TokenKeeper(connection, self.book, self._store, server, wanted)
            client = OktaClient(
                connection.org_url, ConnectionAuth(keeper), reconnect=repair(connection), **network(self._settings)
            )
            live = self._live[connection.name] = (connection.connected_at, keeper, client)
        return live[1], live[2]

    async def warm(self, names: Sequence[str | None], *, connect: bool) -> float:
        """Refresh the tokens of connections if that is due, and with `connect` open connections to their orgs.

        It never asks a person for anything, and fails silently: a call that fails for the same reason says so. Returns
        the seconds until it should be done again.
        """
        return min(await asyncio.gather(*(self._warm(name, connect) for name in names)))

    async def _warm(self, name: str | None, connect: bool) -> float:
        try:
            keeper, okta = await self.live(await self.connected(name))
            async with anyio.create_task_group() as tasks:
                if connect:
                    tasks.start_soon(okta.warm)
                with suppress(ActionError):
                    return await keeper.warm()
        except ActionError as error:
            logger.info("Not ready for the next call: %s", error.summary)
        return RETRY_SECONDS

    # Scopes that were granted later

    async def with_scope(self, connection: Connection, scope: str) -> Connection | None:
        """The connection with a scope that it lacked, if its app has been granted it by now; otherwise None."""
        if connection.method != "client_credentials":
            return None  # a person signs in again
        keeper, _ = await self.live(connection)
        if await keeper.with_scope(scope) is None:
            return None
        found = await self.current(connection.name)
        return found if found is not None and scope in found.scopes_granted else None

    async def refresh(self, name: str | None = None) -> Connection:
        """The connection with the scopes that Okta grants now. For a service app, each wanted scope is requested.

        Raises:
            NotConnected, NeedsSignIn: a person has to do something first. ActionError: Okta gave no token now.
        """
        connection = await self.current(name)
        if connection is None:
            raise await self.book.missing(name)
        self.book.check_unchanged(connection)
        if connection.limited:
            keeper, _ = await self.live(connection)
            await keeper.ask_anew()
        return await self.current(connection.name) or connection

    # Signing in again, in the running server

    async def begin_sign_in(self, name: str | None = None, *, by: Caller | None = None) -> str | None:
        """The URL where a person signs in again to a connection; the sign-in completes in the background.

        The person who signs in must be the connection's identity. None if a browser on this machine is not enough.
        """
        connection = await self.current(name)
        scopes: tuple[str, ...] = ()
        if connection is None:
            app = app_of_settings(self._settings)
            wanted = name or self._settings.connection or DEFAULT
            if app is None or app.credentials.private_key or name not in (None, self._settings.connection):
                return None
            if wanted == SANDBOX or await self.book.named(wanted):
                return None
        elif connection.method == "authorization_code":
            app = await self.app_of(connection)
            scopes = wanted_scopes(self._settings, connection)
        else:
            return None
        key = self._name_of(connection, name)
        if (begun := self._signing_in.get(key)) is not None and not begun[1].done():
            return begun[0]
        url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def present(address: str) -> None:
            url.set_result(address)

        task = asyncio.create_task(self.connect(app, present, name=key, scopes=scopes, by=by, ours=True))
        await asyncio.wait((task, url), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        task.add_done_callback(_log_failure)
        self._signing_in[key] = (url.result(), task)
        return url.result()

    def _name_of(self, connection: Connection | None, name: str | None) -> str:
        """The name of a connection, or of the one that a sign-in would make."""
        return connection.name if connection else name or self._settings.connection or DEFAULT

    async def sign_in_done(self, name: str | None, seconds: float) -> bool:
        """Wait for a sign-in in the background. Returns whether it was completed.

        Raises:
            ActionError: it was refused, for example because somebody else signed in.
        """
        connection = await self.current(name)
        begun = self._signing_in.get(self._name_of(connection, name))
        if begun is None:
            return False
        done, _ = await asyncio.wait((begun[1],), timeout=seconds)
        if done and isinstance(failure := begun[1].exception(), ActionError):
            raise failure
        return bool(done) and begun[1].exception() is None

    # Ending it

    async def disconnect(self, name: str | None = None, *, force: bool = False, by: Caller | None = None) -> bool:
        """Revoke the tokens at Okta, then forget them. With `force` they are forgotten even if Okta did not answer.

        Returns whether Okta revoked them.

        Raises:
            NotConnected: there is nothing to disconnect. ActionError: the tokens could not be revoked; nothing changed.
        """
        connection = await self.current(name)
        if connection is None:
            raise await self.book.missing(name)
        revoked = connection.method != "api_token"
        try:
            await self._revoke(connection)
        except ActionError:
            if not force:
                raise
            revoked = False
        await self.register.erase(connection, by, revoked=revoked, force=force)
        self._live.pop(connection.name, None)
        return revoked

    # What is known

    async def frozen(self) -> Frozen | None:
        """The freeze that holds now in every process of the store, if one does."""
        return Frozen.of(await self.book.remembered(CHOICE))

    async def describe(self, name: str | None = None) -> dict[str, Any]:
        """What is connected, as whom, and what needs attention; for people and models, so without any secret."""
        connection = await self.current(name)
        frozen = await self.frozen()
        stopped = {"frozen": str(frozen)} if frozen is not None else {}
        if connection is None:
            missing = await self.book.missing(name)
            return {"connected": False, "next_step": missing.next_step, **stopped}
        warnings = connection.warnings
        lacks = scopes_lacking(self._settings, connection, await self.book.option(name))
        if lacks is not None:
            warnings = [*warnings, f"{lacks.told} {lacks.next_step}"]
        if elsewhere := await self.book.default_elsewhere():
            warnings = [
                f"The default connection is now “{elsewhere}”; this server keeps “{connection.name}”, with which it "
                "started, until it is restarted.",
                *warnings,
            ]
        return {
            "connected": connection.needs_sign_in is None,
            "connection": connection.name,
            "org_url": connection.org_url,
            "connected_as": connection.identity,
            "user_id": connection.user_id,
            "admin_roles": list(connection.roles) if connection.roles is not None else "not readable",
            "how": connection.how,
            "client_id": connection.client_id,
            "connected_since": connection.connected_since,
            "token_until": iso(connection.token_ends_at)
            if connection.token_ends_at and connection.token_ends_at < FOREVER
            else None,
            "scopes_granted": list(connection.scopes_granted),
            "scopes_not_granted": list(lacks.scopes) if lacks else [],
            "actions_without_scope": list(lacks.actions) if lacks else [],
            "warnings": warnings,
            **stopped,
        }

    async def aclose(self) -> None:
        for _, task in self._signing_in.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in self._signing_in.values()), return_exceptions=True)
        for _, keeper, client in self._live.values():
            await keeper.aclose()
            await client.aclose()
        self.book.close()

    async def app_of(self, connection: Connection) -> App:
        """The app of a connection, with its credentials from the vault."""
        credentials = await self._store.read(lambda database: read_credentials(database, connection.name))
        return App(connection.org_url, connection.client_id, credentials)


def _log_failure(task: "asyncio.Task[Connection]") -> None:
    """Log why a sign-in in the background failed: the caller that began it may be gone."""
    if not task.cancelled() and (failure := task.exception()) is not None:
        logger.warning("A sign-in failed: %s", str(failure).replace("\n", " "))
