"""Stores connections under the intended name, for the same identity, and records that in the journal."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from server.connection_names import DEFAULT, check_apart, checked_name, free_name, is_embedded
from server.connections.book import Book, forget, keep
from server.connections.models import Connection, Credentials, Tokens
from server.connections.sameness import AnotherIdentity, NameTaken, same, same_app
from server.policy.caller import Caller, local_principal
from server.store.schema import StoreError
from server.store.store import Store

if TYPE_CHECKING:
    from server.store.database import Database

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Journal(Protocol):
    """Records changes to connections in the journal."""

    async def do(
        self,
        kind: str,
        work: "Callable[[Database], T]",
        caller: Caller,
        *,
        connection: str = "",
        org: str = "",
        details: Mapping[str, Any] | None = None,
        **body: Any,
    ) -> T: ...


@dataclass(frozen=True)
class TakenName:
    """The name under which a sign-in will be stored, and the connection that has it now."""

    name: str
    before: Connection | None
    replacing: bool

    def check(self, connection: Connection) -> None:
        """Check that a connection may take this place.

        Raises:
            AnotherIdentity: somebody else signed in, and replacing the connection was not requested.
        """
        if self.before is not None and not self.replacing and not same(self.before, connection):
            raise AnotherIdentity(self.before, connection)

    def replaces(self, connection: Connection) -> Connection | None:
        """The connection that this one ends; None if there was none or it continues."""
        return None if self.before is None or same(self.before, connection) else self.before


class Register:
    """Finds the place for a connection and stores it there."""

    def __init__(self, book: Book, store: Store, journal: Journal) -> None:
        self._book = book
        self._store = store
        self._journal = journal

    async def place(
        self, name: str | None, org_url: str, client_id: str, *, replacing: bool = False, ours: bool = False
    ) -> TakenName:
        """The place of this name for a sign-in through this app. `ours`: this program itself wants it.

        Raises:
            InvalidInput: no connection may be called so. NameTaken: another connection is, and is not to be replaced.
        """
        name = name or DEFAULT
        found = await self._book.all()
        before = found.get(name)
        again = before is not None and same_app(before, org_url, client_id)
        if before is None or not again or is_embedded(name, org_url):
            (checked_name if ours else free_name)(name)
        if before is None:
            check_apart(name, found)
        if before is not None and not again and not replacing:
            raise NameTaken(before, org_url)
        return TakenName(name, before, replacing)

    async def write(
        self,
        place: TakenName,
        connection: Connection,
        credentials: Credentials,
        tokens: Tokens,
        by: Caller | None,
        **body: Any,
    ) -> None:
        """Store a connection in its place and record it in the journal: both, or neither."""
        before = place.before
        kind = "connected" if before is None else "identity_changed" if place.replaces(connection) else "reauthorized"
        if before is not None and kind == "identity_changed":
            body["before"] = described(before)
        work = partial(keep, connection=connection, credentials=credentials, tokens=tokens, before=before)
        await self._journal.do(
            kind,
            work,
            by or ourselves(),
            connection=connection.name,
            details={"identity": connection.identity},
            **described(connection),
            **body,
        )
        self._book.moved(connection.name)

    async def erase(self, connection: Connection, by: Caller | None, *, revoked: bool, force: bool = False) -> None:
        """Delete a connection and record that. With `force`, even if the journal cannot be written."""
        work = partial(forget, connection=connection)
        try:
            await self._journal.do(
                "disconnected",
                work,
                by or ourselves(),
                connection=connection.name,
                details={"identity": connection.identity},
                revoked=revoked,
                **described(connection),
            )
        except StoreError as error:
            if not force:
                raise
            logger.warning("The journal does not record that %s was disconnected: %s", connection.name, error.summary)
            await self._store.run(work)
        self._book.moved(connection.name)


def ourselves() -> Caller:
    """The caller if nobody requested a connection: this program itself."""
    return Caller(local_principal(), "okta-actions")


def described(connection: Connection) -> dict[str, Any]:
    """A connection as recorded in the journal: its org, app and identity."""
    return {
        "org": connection.org_url,
        "client_id": connection.client_id,
        "user_id": connection.user_id,
        "method": connection.method,
    }
