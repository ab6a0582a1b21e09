"""All ways to connect: signing in by each method of Okta, finding out the identity, and storing the result."""

import asyncio
import shlex
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from server.connections.apps import App, checked
from server.connections.auth import FixedAuth
from server.connections.book import Book, read_credentials, read_tokens
from server.connections.identity import owner_of_token
from server.connections.models import (
    OPENID_SCOPES,
    UNKNOWN_OWNER,
    Connection,
    Credentials,
    Method,
    Tokens,
)
from server.connections.network import network
from server.connections.register import Journal, Register, TakenName
from server.connections.scopes import as_far_as_granted, something, wanted_scopes
from server.policy.caller import Caller
from server.settings import Settings
from server.store.store import Store
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, InvalidInput
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport

    from server.connections.oauth import AuthorizationServer
    from server.connections.sign_in import DeviceSignIn

Present = Callable[[str], Awaitable[None]]
"""Takes a person to a URL, and returns without waiting for them."""
Show = Callable[["DeviceSignIn"], Awaitable[None]]
"""Shows a person the code to enter on another device."""
FOREVER = 1e11
"""The expiry of an API token, in seconds since the epoch."""


class WaysIn:
    """Signs in, and stores the connection in its place if it may take that."""

    def __init__(self, settings: Settings, store: Store, journal: Journal) -> None:
        self._settings = settings
        self._store = store
        self.book = Book(settings, store)
        self.register = Register(self.book, store, journal)

    async def connect(
        self,
        app: App,
        present: Present,
        note: Callable[[str], None] = lambda text: None,
        *,
        name: str | None = None,
        scopes: tuple[str, ...] = (),
        replacing: bool = False,
        by: Caller | None = None,
        ours: bool = False,
    ) -> Connection:
        """Sign in through a browser that `present` takes a person to, and store the connection.

        `replacing`: if another org or identity has the name, it is replaced and its tokens are revoked. `by`: the
        caller, for the journal. `ours`: a reserved name may be taken.

        Raises:
            ActionError: it failed; an existing connection stays as it was.
        """
        from server.connections.callback import Callback

        app = checked(app)
        place = await self.register.place(name, app.org_url, app.client_id, replacing=replacing, ours=ours)
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
        return await self._keep(app, "authorization_code", tokens, scopes, user_id, place, by)

    async def connect_on_device(
        self,
        app: App,
        show: Show,
        *,
        name: str | None = None,
        scopes: tuple[str, ...] = (),
        replacing: bool = False,
        by: Caller | None = None,
    ) -> Connection:
        """Sign in on another device: `show` tells the person the code. Otherwise as `connect`."""
        app = checked(app)
        place = await self.register.place(name, app.org_url, app.client_id, replacing=replacing)
        scopes = self._asked(scopes)
        async with self.server_of(app) as server:
            begun = await server.begin_on_device(scopes)
            await show(begun)
            tokens, user_id = await server.finish_on_device(begun)
            app = replace(app, credentials=server.credentials)
        return await self._keep(app, "device_code", tokens, scopes, user_id, place, by)

    async def connect_service(
        self,
        app: App,
        *,
        name: str | None = None,
        scopes: tuple[str, ...] = (),
        replacing: bool = False,
        by: Caller | None = None,
    ) -> Connection:
        """Connect a service app by its private key, without a person, with its granted scopes. Else as `connect`."""
        app = checked(app)
        if not app.credentials.private_key:
            raise InvalidInput(
                "A service app needs a private key; none was given.",
                code="missing_private_key",
                next_step="Pass --private-key-file FILE. To create a key: okta-actions keygen",
            )
        place = await self.register.place(name, app.org_url, app.client_id, replacing=replacing)
        scopes = something(scopes or wanted_scopes(self._settings))
        async with self.server_of(app) as server:
            tokens = await as_far_as_granted(server, scopes)
            app = replace(app, credentials=server.credentials)
        return await self._keep(app, "client_credentials", tokens, scopes, app.client_id, place, by)

    async def connect_api_token(
        self,
        org_url: str,
        api_token: str,
        *,
        name: str | None = None,
        replacing: bool = False,
        by: Caller | None = None,
    ) -> Connection:
        """Connect by an API token, where that is allowed. Otherwise as `connect`."""
        if not self._settings.allow_api_token:
            raise InvalidInput(
                "API tokens are off: a token has all rights of its owner, and Okta advises against them.",
                code="api_token_not_allowed",
                next_step="Connect an app instead; if you must, set OKTA_ACTIONS_ALLOW_API_TOKEN=true.",
            )
        app = App(checked_org_url(org_url), "")
        place = await self.register.place(name, app.org_url, app.client_id, replacing=replacing)
        tokens = Tokens(api_token, None, FOREVER, (), FOREVER, "SSWS")
        okta = OktaClient(app.org_url, FixedAuth(tokens), **network(self._settings))
        try:
            owner = await owner_of_token(okta)
        finally:
            await okta.aclose()
        if place.before is not None and place.before.method == "api_token":
            kept = await self._store.read(lambda database: read_tokens(database, place.name))
            if kept is not None and kept.access_token == api_token:
                place = replace(place, replacing=True)  # the same token is the same person, whoever that is
        return await self._keep(app, "api_token", tokens, (), owner or UNKNOWN_OWNER, place, by)

    async def _keep(
        self,
        app: App,
        method: Method,
        tokens: Tokens,
        scopes: tuple[str, ...],
        user_id: str,
        place: TakenName,
        by: Caller | None,
    ) -> Connection:
        """Find out the connected identity, and store the connection in its place if it may take that."""
        from server.connections.dpop import prover_of
        from server.connections.identity import SignedIn, read_identity

        prover = prover_of(app.credentials) if tokens.kind == "DPoP" else None
        okta = OktaClient(app.org_url, FixedAuth(tokens, prover), **network(self._settings))
        try:
            known = user_id != UNKNOWN_OWNER
            service = method == "client_credentials"
            identity = await read_identity(okta, user_id, service=service) if known else SignedIn()
        finally:
            await okta.aclose()
        connection = Connection(
            name=place.name,
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
        try:
            place.check(connection)
            if ended := place.replaces(connection):
                await self._revoke(ended)
            await self.register.write(
                place, connection, app.credentials, replace(tokens, scopes=connection.scopes_granted), by
            )
        except ActionError:
            # These tokens will not be used.
            with suppress(ActionError):
                await self._give_back(connection, app.credentials, tokens)
            raise
        return connection

    async def take_in(
        self, connection: Connection, credentials: Credentials, tokens: Tokens, *, by: Caller | None
    ) -> None:
        """Store a connection made elsewhere, replacing one of the same name, whose tokens are revoked.

        Raises:
            InvalidInput: the name is not allowed for a connection. ActionError: the tokens could not be revoked.
        """
        place = await self.register.place(connection.name, connection.org_url, connection.client_id, replacing=True)
        if ended := place.replaces(connection):
            await self._revoke(ended)
        await self.register.write(place, connection, credentials, tokens, by, imported=True)

    def _asked(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """What a person is asked to grant: who they are, a refresh token, and what the actions and the guard need."""
        return tuple(dict.fromkeys((*OPENID_SCOPES, *(scopes or wanted_scopes(self._settings)))))

    async def _revoke(self, connection: Connection) -> None:
        """Revoke the stored tokens of a connection.

        Raises:
            ActionError: Okta did not revoke them; it says how to delete them all the same.
        """
        try:
            credentials = await self._store.read(lambda database: read_credentials(database, connection.name))
            tokens = await self._store.read(lambda database: read_tokens(database, connection.name))
            if tokens is not None:
                await self._give_back(connection, credentials, tokens)
        except ActionError as error:
            error.summary = f"The tokens of “{connection.name}” were not revoked: {error.summary}"
            error.next_step = (
                "Try again, or delete them without revoking: "
                f"okta-actions disconnect {shlex.quote(connection.name)} --force"
            )
            raise

    async def _give_back(self, connection: Connection, credentials: Credentials, tokens: Tokens) -> None:
        """Have Okta revoke tokens. An API token is only revoked by hand: it may be in use elsewhere."""
        if connection.method == "api_token":
            return
        async with self._server_of(connection, credentials) as server:
            if tokens.refresh_token:
                await server.revoke(tokens.refresh_token, "refresh_token")
            await server.revoke(tokens.access_token, "access_token")

    def server_of(self, app: App, transport: "AsyncBaseTransport | None" = None) -> "AuthorizationServer":
        """The authorization server of an app's org, as that app sees it; by default reached by a pool of its own."""
        from server.connections.oauth import AuthorizationServer

        return AuthorizationServer(app.org_url, app.client_id, app.credentials, self._settings, transport)

    def _server_of(
        self, connection: Connection, credentials: Credentials, transport: "AsyncBaseTransport | None" = None
    ) -> "AuthorizationServer":
        return self.server_of(App(connection.org_url, connection.client_id, credentials), transport)
