"""Keeps one connection's access token valid, coordinated among all tasks and processes of this machine."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from copy import copy
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from server.connections import lease
from server.connections.book import Book, change, put_tokens, read_credentials, read_tokens
from server.connections.models import Connection, Credentials, NeedsSignIn, NotConnected, Tokens, repair
from server.connections.sameness import ConnectedMeanwhile
from server.connections.scopes import NOT_GRANTED, Choice, as_far_as_granted, something
from server.connections.sign_in import GrantRefused, SignInFailed
from server.store.store import Store
from tools.okta.errors import ActionError

if TYPE_CHECKING:
    from server.connections.dpop import Prover
    from server.connections.oauth import AuthorizationServer
    from server.store.database import Database

EARLY = 60.0
"""Seconds before its expiry at which an access token is replaced, or half-way through a short lifetime."""
BACKOFF = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds to wait after each failed refresh. A token that is still valid is used meanwhile; without one, calls fail at
once from the second failure on."""
POLL = 0.1
"""Seconds between two checks on another process."""
PATIENCE = 30.0
"""Maximum seconds that a call waits for a token."""
LOOKS = 5
LOOKS_SECONDS = 300.0
"""Okta is asked for a scope that an app lacked at most LOOKS times in this period."""

logger = logging.getLogger(__name__)

T = TypeVar("T")
Server = Callable[[Connection, Credentials], "AuthorizationServer"]


class TokenKeeper:
    """Hands out access tokens of one connection. A new sign-in under the same name creates a new keeper."""

    def __init__(
        self, connection: Connection, book: Book, store: Store, server: Server, wanted: tuple[str, ...] = ()
    ) -> None:
        """`server` makes the authorization server, which shares a pool with the connection's client.

        `wanted`: the scopes that are of use here, whether they were granted or not.
        """
        self.connection = connection
        self._wanted = wanted
        self._looks: deque[float] = deque(maxlen=LOOKS)
        self._looked: dict[str, float] = {}
        self._book = book
        self._store = store
        self._make_server = server
        self._server: AuthorizationServer | None = None
        self._tokens: Tokens | None = None
        self._fresh_until = 0.0
        self._credentials: Credentials | None = None
        self._prover: Prover | None = None
        self._renewing = asyncio.Lock()
        self._renewals: set[asyncio.Task[Any]] = set()
        self._failures = 0
        self._quiet_until = 0.0
        self._failed: ActionError | None = None

    async def tokens(self, rejected: str | None = None) -> Tokens:
        """Valid tokens, refreshed if necessary: once for any number of waiting callers.

        `rejected` is an access token that Okta has just refused, whatever its expiry says.

        Raises:
            NeedsSignIn: a person has to sign in. Unreachable, SignInFailed: no new token came now.
        """
        now = time.time()
        if now < self._fresh_until and self._tokens is not None and self._tokens.access_token != rejected:
            return self._tokens
        return await self._to_its_end(self._renewed(rejected))

    async def warm(self) -> float:
        """Refresh the tokens now if that is due, before a call needs them; returns the seconds until it is due again.

        Until the request that may use up a refresh token is sent, this can be cancelled.

        Raises:
            NeedsSignIn: a person has to sign in. Unreachable, SignInFailed: no new token came now.
        """
        if time.time() >= self._fresh_until:
            kept = await self._store.read(self._look)
            if isinstance(kept, ActionError):
                raise kept
            if not self._is_fresh(kept[0], None) and self.connection.method != "api_token":
                # The library is slow to import, and nobody is to wait for that.
                await asyncio.to_thread(import_module, "server.connections.oauth")
                await (await self._asked()).discover()
        await self.tokens()
        return self._fresh_until - time.time()

    async def with_scope(self, told: str, refused: str | None = None) -> Tokens | None:
        """Tokens of a service app with a scope that it has been granted by now; None if it has not, as far as we know.

        `told`: the scope, or several, any one of which is enough. `refused`: the access token that Okta says lacks it.
        """
        scope = next((scope for scope in told.split() if scope in self._wanted), None)
        if scope is None or self.connection.method != "client_credentials":
            return None
        try:
            return await self._to_its_end(self._with_scope(scope, refused))
        except ActionError as error:
            # The caller is told anyway that the scope was not available.
            logger.info("The scope %s was requested again: %s", scope, error.summary)
            return None

    async def ask_anew(self) -> Tokens:
        """Tokens with all wanted scopes that Okta grants now; for a person, those they agreed to.

        Raises:
            NeedsSignIn: a person has to sign in. Unreachable, SignInFailed: no new token came now.
        """
        if self.connection.method != "client_credentials":
            return await self.tokens(rejected=(await self.tokens()).access_token)
        return await self._to_its_end(self._ask_anew())

    async def _to_its_end(self, work: Coroutine[None, None, T]) -> T:
        """Finish a refresh even if its caller gives up: Okta may have used up the old token already."""
        renewal = asyncio.create_task(work)
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)
        return await asyncio.shield(renewal)

    async def prover(self) -> "Prover | None":
        """The prover for the key that the tokens are bound to, if they are."""
        if self.connection.dpop and self._prover is None:
            from server.connections.dpop import prover_of

            self._prover = prover_of(await self._credentials_kept())
        return self._prover

    async def aclose(self) -> None:
        await asyncio.gather(*self._renewals, return_exceptions=True)

    async def _credentials_kept(self) -> Credentials:
        if self._credentials is None:
            name = self.connection.name
            self._credentials = await self._store.read(lambda database: read_credentials(database, name))
        return self._credentials

    async def _renewed(self, rejected: str | None) -> Tokens:
        ends = time.monotonic() + PATIENCE
        async with self._renewing:
            while True:
                kept = await self._store.read(self._look)
                if isinstance(kept, ActionError):
                    raise kept
                tokens, free = kept
                if self._is_fresh(tokens, rejected):
                    return self._adopt(tokens)
                alive = _lives(tokens, rejected)
                if alive and (not free or time.monotonic() < self._quiet_until):
                    return tokens  # another process is refreshing, or Okta is failing, and the old token is still valid
                if free:
                    if self._failed is not None and self._failures > 1 and time.monotonic() < self._quiet_until:
                        raise copy(self._failed)  # otherwise every call would ask again during an outage of Okta
                    holder = lease.new_holder()
                    taken = await self._store.run(partial(self._take, holder, rejected))
                    if taken is not None:
                        return await self._refresh(taken, holder, rejected)
                elif time.monotonic() >= ends:
                    raise _busy()
                if not free:
                    await asyncio.sleep(POLL * random.uniform(0.5, 1.5))  # noqa: S311 - spreading, not secrecy

    def _look(self, database: "Database") -> tuple[Tokens, bool] | ActionError:
        """The tokens as stored now, and whether a refresh is under way."""
        table = database.connections
        row = database.execute(table.select().where(table.c.name == self.connection.name)).one_or_none()
        if row is None:
            return NotConnected(self.connection.name)
        if row.needs_sign_in:
            return NeedsSignIn(self.connection, row.needs_sign_in)
        tokens = read_tokens(database, self.connection.name)
        if tokens is None:
            return NeedsSignIn(self.connection, "its tokens are missing from the store.")
        return tokens, lease.is_free(database, self.connection.name)

    def _take(self, holder: str, rejected: str | None, database: "Database") -> Tokens | None:
        """Take the lease and read the tokens under it; None if somebody else was quicker."""
        if not lease.take(database, self.connection.name, holder):
            return None
        tokens = read_tokens(database, self.connection.name)
        if tokens is None or self._is_fresh(tokens, rejected):
            lease.give_back(database, self.connection.name, holder)
            return None
        return tokens

    async def _refresh(self, tokens: Tokens, holder: str, rejected: str | None) -> Tokens:
        """Ask Okta for new tokens and store them, while holding the lease."""
        try:
            fresh = await self._ask(tokens)
        except GrantRefused:
            why = {
                "api_token": "Okta no longer accepts its API token.",
                "client_credentials": "Okta no longer accepts the app.",
            }.get(self.connection.method, "Okta no longer accepts its refresh token.")
            if self.connection.method != "api_token" and tokens.refresh_token is None:
                why = "it was granted no refresh token (offline_access)."
            await self._store.run(lambda database: lease.give_back(database, self.connection.name, holder))
            return await self._signed_out(why)
        except ActionError as error:
            self._quiet_until = time.monotonic() + BACKOFF[min(self._failures, len(BACKOFF) - 1)]
            self._failures += 1
            await self._store.run(lambda database: lease.give_back(database, self.connection.name, holder))
            if _lives(tokens, rejected):
                return tokens
            if not error.retryable and self.connection.method == "client_credentials":
                return await self._signed_out(f"Okta refused the app: {error.summary}")
            error.summary = f"The connection “{self.connection.name}” got no new token: {error.summary}"
            if not error.retryable:
                error.next_step = f"{error.next_step or ''} Then run: {repair(self.connection)}".strip()
            self._failed = copy(error)
            raise

        def write(database: "Database") -> None:
            # Even if the lease has expired: tokens that Okta has issued must not be lost.
            put_tokens(database, self.connection.name, fresh)
            lease.give_back(database, self.connection.name, holder)

        await self._store.run(write)
        self._failures, self._failed = 0, None
        return self._adopt(fresh)

    async def _ask(self, tokens: Tokens) -> Tokens:
        if self.connection.method == "client_credentials":
            # The scopes that this app was granted when any process last asked.
            scopes = tokens.scopes or self.connection.scopes_granted
            return await self._asking(lambda server: as_far_as_granted(server, scopes))
        if (refresh_token := tokens.refresh_token) is None:
            raise GrantRefused("There is no refresh token.")
        return await self._asking(lambda server: server.refresh(refresh_token, tokens.scopes))

    async def _asked(self) -> "AuthorizationServer":
        """The authorization server, kept with what it has told about itself: its endpoints, its clock, its nonce."""
        if self._server is None:
            self._server = self._make_server(self.connection, await self._credentials_kept())
        return self._server

    async def _asking(self, work: "Callable[[AuthorizationServer], Awaitable[T]]") -> T:
        """Ask the authorization server. If it refuses, the reason may be that what is kept of it is out of date."""
        known = self._server is not None
        try:
            return await work(await self._asked())
        except SignInFailed as error:
            if not known or isinstance(error, GrantRefused) or error.retryable or error.error in NOT_GRANTED:
                raise
            self._server = None
        return await work(await self._asked())

    async def _with_scope(self, scope: str, refused: str | None) -> Tokens | None:
        came = time.monotonic()
        async with self._renewing:
            kept = await self._store.read(self._look)
            if isinstance(kept, ActionError):
                return None
            if scope in kept[0].scopes:
                # Another process has got it. A token that has it and is still refused lacks something else.
                return self._adopt(kept[0]) if kept[0].access_token != refused and _lives(kept[0], None) else None
            spent = len(self._looks) == LOOKS and came - self._looks[0] < LOOKS_SECONDS
            if spent or self._looked.get(scope, 0.0) > came:
                return None  # or another task has asked while this one waited
            self._looks.append(came)
            try:
                fresh = await self._ask_for(lambda held: (*held, scope), beside=True)
            finally:
                self._looked[scope] = time.monotonic()
            return fresh if scope in fresh.scopes else None

    async def _ask_anew(self) -> Tokens:
        async with self._renewing:
            return await self._ask_for(lambda held: something(self._wanted))

    async def _ask_for(self, choose: Choice, *, beside: bool = False) -> Tokens:
        """New tokens of a service app, with scopes chosen from those it has; `beside` these, or those it may have.

        Raises:
            ActionError: there are none now; the stored tokens stay.
        """
        holder = await self._leased()
        try:
            kept = await self._store.read(lambda database: read_tokens(database, self.connection.name))
            asked = choose(kept.scopes if kept else self.connection.scopes_granted)
            fresh = await self._asking(
                lambda server: server.as_itself(asked) if beside else as_far_as_granted(server, asked)
            )
        except ActionError:
            await self._store.run(lambda database: lease.give_back(database, self.connection.name, holder))
            raise
        if not await self._store.run(partial(self._put, fresh, holder, asked, beside)):
            raise ConnectedMeanwhile(self.connection.name)
        return self._adopt(fresh)

    def _put(self, fresh: Tokens, holder: str, asked: tuple[str, ...], beside: bool, database: "Database") -> bool:
        """Store tokens and the requested scopes. Returns whether the connection is still theirs."""
        lease.give_back(database, self.connection.name, holder)
        table = database.connections
        row = database.execute(table.select().where(table.c.name == self.connection.name)).one_or_none()
        if row is None or row.connected_at != self.connection.connected_at:
            return False
        put_tokens(database, self.connection.name, fresh)
        requested = dict.fromkeys((*row.scopes_requested.split(), *asked) if beside else asked)
        change(database, self.connection, scopes_requested=" ".join(requested), needs_sign_in=None)
        return True

    async def _leased(self) -> str:
        """The holder under which this task has the lease, once it is free.

        Raises:
            ActionError: another process has held it for too long.
        """
        ends, holder = time.monotonic() + PATIENCE, lease.new_holder()
        while not await self._store.run(lambda database: lease.take(database, self.connection.name, holder)):
            if time.monotonic() >= ends:
                raise _busy()
            await asyncio.sleep(POLL * random.uniform(0.5, 1.5))  # noqa: S311 - spreading, not secrecy
        return holder

    async def _signed_out(self, why: str) -> Tokens:
        """Remember that a person has to sign in again; everything else about the connection stays."""
        await self._book.note_sign_in_needed(self.connection, why)
        raise NeedsSignIn(self.connection, why)

    def _adopt(self, tokens: Tokens) -> Tokens:
        """Use these tokens from now on, until a time that differs between processes."""
        self._tokens = tokens
        early = _early(tokens) * random.uniform(1.0, 1.1)  # noqa: S311 - spreading, not secrecy
        self._fresh_until = tokens.expires_at - early
        return tokens

    def _is_fresh(self, tokens: Tokens, rejected: str | None) -> bool:
        return tokens.access_token != rejected and tokens.expires_at - _early(tokens) > time.time()


def _busy() -> ActionError:
    return ActionError(
        "Another process is taking too long to refresh the connection; nothing was sent.",
        code="refresh_busy",
        retryable=True,
        next_step="Try again.",
    )


def _early(tokens: Tokens) -> float:
    return min(EARLY, tokens.lifetime / 2)


def _lives(tokens: Tokens, rejected: str | None) -> bool:
    """Whether a token will surely still be valid when it arrives at Okta."""
    return tokens.access_token != rejected and tokens.expires_at - min(5.0, tokens.lifetime / 4) > time.time()
