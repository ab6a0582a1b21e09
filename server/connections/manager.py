"""The connection manager: signs in by every way Okta has, and hands out a client for each connection."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from server.connections.auth import ConnectionAuth, FixedAuth
from server.connections.book import DEFAULT, Book, read_credentials, read_tokens
from server.connections.keeper import TokenKeeper
from server.connections.models import (
    OPENID_SCOPES,
    ROLES_SCOPE,
    ClientAuth,
    Connection,
    Credentials,
    Method,
    NeedsSignIn,
    Tokens,
    checked_name,
    iso,
)
from server.connections.network import network
from server.connections.sign_in import SignInFailed
from server.settings import Settings
from server.store import Store
from tools.catalogue import needed_scopes
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, InvalidInput
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from server.connections.oauth import AuthorizationServer
    from server.connections.sign_in import DeviceSignIn

Present = Callable[[str], Awaitable[None]]
"""Takes a person to a URL, and returns without waiting for them."""
Show = Callable[["DeviceSignIn"], Awaitable[None]]
"""Shows a person the code to enter on another device."""
FOREVER = 1e11


@dataclass(frozen=True)
class App:
    """The app to connect through, and what proves that we are it."""

    org_url: str
    client_id: str
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def client_auth(self) -> ClientAuth:
        if self.credentials.private_key:
            return "private_key_jwt"
        return "client_secret" if self.credentials.client_secret else "none"


class ConnectionManager:
    """One process's view of the connections. The store is shared: what another process does to it is seen here."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self.book = Book(settings, store)
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
        if connection.needs_sign_in:
            raise NeedsSignIn(connection, connection.needs_sign_in)
        return connection

    async def _connected_by_settings(self, name: str | None) -> Connection | None:
        """The service app that the settings name, connected now; None where they name none, or something exists.

        So a server in a container, or one that keeps everything in memory, needs no command before it.
        """
        app = app_of_settings(self._settings)
        if app is None or not app.credentials.private_key or name or await self.book.all():
            return None
        async with self._connecting:
            return await self.current() or await self.connect_service(app)

    async def client(self, connection: Connection) -> OktaClient:
        """The client for Okta of a connection; one, with its pool, as long as the connection is the same."""
        _, client = await self.live(connection)
        await self.book.note_use(connection)
        return client

    async def access_token(self, connection: Connection) -> str:
        """A valid access token of a connection."""
        keeper, _ = await self.live(connection)
        return (await keeper.tokens()).access_token

    async def live(self, connection: Connection) -> tuple[TokenKeeper, OktaClient]:
        """What keeps the tokens of a connection, and its client: made when first asked for."""
        live = self._live.get(connection.name)
        if live is None or live[0] != connection.connected_at:
            if live is not None:
                await live[1].aclose()
                await live[2].aclose()
            keeper = TokenKeeper(connection, self.book, self._store, self._server_of)
            client = OktaClient(connection.org_url, ConnectionAuth(keeper), **network(self._settings))
            live = self._live[connection.name] = (connection.connected_at, keeper, client)
        return live[1], live[2]

    # Every way in

    async def connect(
        self,
        app: App,
        present: Present,
        note: Callable[[str], None] = lambda text: None,
        *,
        name: str | None = None,
        scopes: tuple[str, ...] = (),
    ) -> Connection:
        """Sign in through a browser that `present` takes a person to, and keep what comes of it.

        Raises:
            ActionError: it did not come to that; whatever was connected before stays as it was.
        """
        from server.connections.callback import Callback

        app = _checked(app)
        scopes = self._asked(scopes)
        async with self.server_of(app) as server:
            begun = await server.begin(scopes)
            async with Callback(self._settings.redirect_uri, self._settings.sign_in_timeout, note) as callback:
                arriving = asyncio.ensure_future(callback.returned(begun.state))
                await asyncio.sleep(0)  # so that the state is known before anybody can come back with it
                try:
                    await present(begun.url)
                    returned = await arriving
                finally:
                    arriving.cancel()
            tokens, user_id = await server.finish(begun, returned)
            app = replace(app, credentials=server.credentials)
        return await self._keep(app, "authorization_code", tokens, scopes, user_id, name)

    async def connect_on_device(
        self, app: App, show: Show, *, name: str | None = None, scopes: tuple[str, ...] = ()
    ) -> Connection:
        """Sign in on another device: `show` tells the person the code. Raises as `connect` does."""
        app = _checked(app)
        scopes = self._asked(scopes)
        async with self.server_of(app) as server:
            begun = await server.begin_on_device(scopes)
            await show(begun)
            tokens, user_id = await server.finish_on_device(begun)
            app = replace(app, credentials=server.credentials)
        return await self._keep(app, "device_code", tokens, scopes, user_id, name)

    async def connect_service(self, app: App, *, name: str | None = None, scopes: tuple[str, ...] = ()) -> Connection:
        """Connect a service app by its private key, without a person. Raises as `connect` does."""
        app = _checked(app)
        if not app.credentials.private_key:
            raise InvalidInput(
                "A service app proves itself with a private key; none was given.",
                code="missing_private_key",
                next_step="Give --private-key-file FILE. To make a key: okta-actions keygen",
            )
        wanted = scopes or needed_scopes(read_only=self._settings.read_only)
        scopes = tuple(dict.fromkeys((*wanted, ROLES_SCOPE)))
        async with self.server_of(app) as server:
            try:
                tokens = await server.as_itself(scopes)
            except SignInFailed as error:
                # Okta gives an app all that it asks for or nothing; what tells administrators apart may be missing.
                if error.error not in ("invalid_scope", "consent_required") or ROLES_SCOPE in wanted:
                    raise
                tokens = await server.as_itself(wanted)
            app = replace(app, credentials=server.credentials)
        return await self._keep(app, "client_credentials", tokens, scopes, app.client_id, name)

    async def connect_api_token(self, org_url: str, api_token: str, *, name: str | None = None) -> Connection:
        """Connect by an API token, where that is allowed. Raises as `connect` does."""
        if not self._settings.allow_api_token:
            raise InvalidInput(
                "API tokens are off: one has all rights of whoever made it, and Okta advises against them.",
                code="api_token_not_allowed",
                next_step="Connect an app instead; if you must, set OKTA_ACTIONS_ALLOW_API_TOKEN=true.",
            )
        app = App(checked_org_url(org_url), "")
        tokens = Tokens(api_token, None, FOREVER, (), FOREVER, "SSWS")
        okta = OktaClient(app.org_url, FixedAuth(tokens), **network(self._settings))
        try:
            await okta.get("users", limit=1)
        finally:
            await okta.aclose()
        # Okta does not tell whose a token is.
        return await self._keep(app, "api_token", tokens, (), "the owner of the API token", name)

    async def _keep(
        self,
        app: App,
        method: Method,
        tokens: Tokens,
        scopes: tuple[str, ...],
        user_id: str,
        name: str | None,
    ) -> Connection:
        """Find out as whom we are connected, and write it all down."""
        from server.connections.dpop import prover_of
        from server.connections.identity import read_identity

        prover = prover_of(app.credentials) if tokens.kind == "DPoP" else None
        okta = OktaClient(app.org_url, FixedAuth(tokens, prover), **network(self._settings))
        try:
            identity = await read_identity(okta, user_id, service=method == "client_credentials")
        finally:
            await okta.aclose()
        connection = Connection(
            name=self._name_of(None, name),
            org_url=app.org_url,
            client_id=app.client_id,
            user_id=user_id,
            login=identity.login,
            person=identity.person,
            service_account=identity.service_account,
            roles=identity.roles,
            scopes_requested=scopes,
            scopes_granted=tokens.scopes if method == "api_token" else tokens.scopes or scopes,
            connected_at=time.time(),
            method=method,
            client_auth=app.client_auth,
            dpop=tokens.kind == "DPoP",
            token_ends_at=tokens.expires_at,
        )
        await self.book.keep(connection, app.credentials, replace(tokens, scopes=connection.scopes_granted))
        return connection

    # Signing in again, in the running server

    async def begin_sign_in(self, name: str | None = None) -> str | None:
        """The URL where a person signs in again to a connection; the sign-in completes in the background.

        None where that takes more than a browser on this machine.
        """
        connection = await self.current(name)
        scopes: tuple[str, ...] = ()
        if connection is None:
            app = app_of_settings(self._settings)
            if app is None or app.credentials.private_key or name not in (None, self._settings.connection):
                return None
        elif connection.method == "authorization_code":
            app = await self.app_of(connection)
            scopes = tuple(scope for scope in connection.scopes_requested if scope not in OPENID_SCOPES)
        else:
            return None
        key = self._name_of(connection, name)
        if (begun := self._signing_in.get(key)) is not None and not begun[1].done():
            return begun[0]
        url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def present(address: str) -> None:
            url.set_result(address)

        task = asyncio.create_task(self.connect(app, present, name=key, scopes=scopes))
        await asyncio.wait((task, url), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        self._signing_in[key] = (url.result(), task)
        return url.result()

    def _name_of(self, connection: Connection | None, name: str | None) -> str:
        """The name of a connection, or of the one that a sign-in would make."""
        return connection.name if connection else checked_name(name or self._settings.connection or DEFAULT)

    async def sign_in_done(self, name: str | None, seconds: float) -> bool:
        """Wait for a sign-in that runs in the background. Whether it was completed."""
        connection = await self.current(name)
        begun = self._signing_in.get(self._name_of(connection, name))
        if begun is None:
            return False
        done, _ = await asyncio.wait((begun[1],), timeout=seconds)
        return bool(done) and begun[1].exception() is None

    def _asked(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """What a person is asked to grant: who they are, a refresh token, and what the actions and the guard need."""
        wanted = scopes or needed_scopes(read_only=self._settings.read_only)
        return tuple(dict.fromkeys((*OPENID_SCOPES, *wanted, ROLES_SCOPE)))

    # Ending it

    async def disconnect(self, name: str | None = None, *, force: bool = False) -> Connection:
        """Revoke the tokens at Okta, then forget them. With `force` they are forgotten even if Okta did not answer.

        Raises:
            NotConnected: there is nothing to disconnect. ActionError: the tokens could not be revoked; nothing changed.
        """
        connection = await self.current(name)
        if connection is None:
            raise await self.book.missing(name)
        try:
            if connection.method != "api_token":
                await self._revoke(connection)
        except ActionError as error:
            if not force:
                error.next_step = (
                    "Try again, or forget the tokens without revoking them: okta-actions disconnect --force"
                )
                raise
        await self.book.forget(connection)
        self._live.pop(connection.name, None)
        return connection

    async def _revoke(self, connection: Connection) -> None:
        credentials = await self._store.read(lambda database: read_credentials(database, connection.name))
        tokens = await self._store.read(lambda database: read_tokens(database, connection.name))
        if tokens is None:
            return
        async with self._server_of(connection, credentials) as server:
            if tokens.refresh_token:
                await server.revoke(tokens.refresh_token, "refresh_token")
            await server.revoke(tokens.access_token, "access_token")

    # What is known

    async def describe(self, name: str | None = None) -> dict[str, Any]:
        """What is connected, as whom, and what needs attention; for people and models, so without any secret."""
        connection = await self.current(name)
        if connection is None:
            return {"connected": False, "next_step": (await self.book.missing(name)).next_step}
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
            "scopes_not_granted": list(connection.scopes_refused),
            "warnings": connection.warnings,
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
        """The app of a connection, with what the vault keeps for it."""
        credentials = await self._store.read(lambda database: read_credentials(database, connection.name))
        return App(connection.org_url, connection.client_id, credentials)

    def server_of(self, app: App) -> "AuthorizationServer":
        """The authorization server of an app's org, as that app sees it."""
        from server.connections.oauth import AuthorizationServer

        return AuthorizationServer(app.org_url, app.client_id, app.credentials, self._settings)

    def _server_of(self, connection: Connection, credentials: Credentials) -> "AuthorizationServer":
        return self.server_of(App(connection.org_url, connection.client_id, credentials))


def app_of_settings(settings: Settings) -> App | None:
    """The app that the settings name, with what they prove it by; None if they name none.

    Raises:
        InvalidInput: its private key is none.
    """
    if not settings.org_url or not settings.client_id:
        return None
    secret = settings.client_secret.get_secret_value() if settings.client_secret else None
    key = None
    if settings.private_key:
        from server.connections.keys import dumped, load

        key = dumped(load(settings.private_key.get_secret_value()))
    return App(settings.org_url, settings.client_id, Credentials(client_secret=secret, private_key=key))


def _checked(app: App) -> App:
    return replace(app, org_url=checked_org_url(app.org_url))
