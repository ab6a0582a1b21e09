"""Tickets: one confirmation, one execution. Kept as hashes in the store, so that no process can spend one twice."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.store import Store

if TYPE_CHECKING:
    from server.database import Database

LIFETIME = 300.0
"""Seconds in which a question can be answered."""


@dataclass(frozen=True)
class Ticket:
    seal: str
    round: int


class Tickets:
    """Issues and spends tickets."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def issue(self, seal: str, round: int) -> str:
        """A new ticket for a question asked for the `round`th time."""
        ticket, now = secrets.token_urlsafe(24), time.time()
        row = {"ticket": _hash(ticket), "seal": seal, "round": round, "expires_at": now + LIFETIME}

        def write(database: "Database") -> None:
            tickets = database.tickets
            database.execute(tickets.delete().where(tickets.c.expires_at < now))
            database.execute(tickets.insert().values(row))

        await self._store.run(write)
        return ticket

    async def spend(self, ticket: str) -> Ticket | None:
        """Use a ticket up. None if there is no such ticket, or it was spent before, or has expired."""

        def take(database: "Database") -> Ticket | None:
            tickets = database.tickets
            spent = tickets.delete().where(tickets.c.ticket == _hash(ticket)).returning(tickets)
            row = database.execute(spent).one_or_none()
            return Ticket(row.seal, row.round) if row is not None and row.expires_at > time.time() else None

        return await self._store.run(take)


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
