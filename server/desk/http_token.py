"""The token that HTTP clients send. It survives restarts, so that their configuration stays valid."""

import secrets
from typing import TYPE_CHECKING

from server.connection_names import Owner
from server.desk.shown import Shown
from server.journal.recording import event
from server.policy.caller import Caller
from server.program import Program
from server.settings import Settings
from server.store.schema import StoreError
from server.store.watch import Watch
from tools.okta.errors import ActionError, InvalidInput

if TYPE_CHECKING:
    from server.journal.chain import Chain
    from server.store.database import Database

NAME = "token"


class Token(Shown):
    """The token; anybody who holds it can administer the org."""

    token: str


class TokenReplaced(Shown):
    """Whether there was a token, which is refused from now on."""

    replaced: bool


def check_shared(settings: Settings) -> None:
    """Raises InvalidInput if each process has its own token."""
    if settings.memory_only:
        raise InvalidInput(
            "With OKTA_ACTIONS_MEMORY_ONLY each server has a token of its own.",
            code="memory_only",
            next_step="Use the token that the server printed; a restart replaces it.",
        )


async def show(program: Program) -> Token:
    """The token, created if there is none."""
    return Token(token=await program.store.run(_read_or_make))


async def rotate(program: Program, by: Caller) -> TokenReplaced:
    """Replace the existing token, which is refused from now on. If there is none, none is created."""

    def replace(database: "Database", chain: "Chain") -> bool:
        if _read(database) is None:
            return False
        _make(database)
        chain.append(database, event("rotated", by, what="HTTP token"))
        return True

    return TokenReplaced(replaced=await program.recorder.run(replace))


class Admitting:
    """The token that a running server accepts: looked up whenever the store has changed since the last request, so that
    a replaced one is refused."""

    def __init__(self, program: Program, first: str) -> None:
        self._store = program.store
        self._last = first
        # Of a table that is small; its list is another one after each change of the store.
        settings = program.settings
        self._changes = Watch(settings.store_file, "choices") if not settings.memory_only else None
        self._seen: object = None

    async def __call__(self) -> str:
        """Raises ActionError if somebody took the token out of the store."""
        seen = self._changes.rows() if self._changes else None
        if seen is not None and seen is self._seen:
            return self._last
        self._seen = None
        try:
            kept: str | None = await self._store.read(_read)
        except StoreError:
            # Nothing can be done through a store that cannot be read, and the call itself explains it best.
            kept = self._last
        if kept is None:
            raise ActionError(
                "The server's token is gone from its store.", code="no_token", next_step="Start the server again."
            )
        self._last, self._seen = kept, seen
        return kept


def _read(database: "Database") -> str | None:
    """The token; None if no HTTP server was ever started."""
    kept = database.vault.get(Owner.HTTP, NAME)
    return kept.decode() if kept is not None else None


def _read_or_make(database: "Database") -> str:
    return _read(database) or _make(database)


def _make(database: "Database") -> str:
    token = secrets.token_urlsafe(32)
    database.vault.put(Owner.HTTP, NAME, token.encode())
    return token
