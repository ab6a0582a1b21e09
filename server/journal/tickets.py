"""Tickets: one confirmation, one execution. Kept as hashes in the store, so that no process can spend one twice.

A request is the same for a person who is not at the client: a call that waits until somebody approves it.
"""

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.journal.chain import dumped
from server.journal.matter import Matter

if TYPE_CHECKING:
    from server.database import Database
    from server.journal.chain import Chain

LIFETIME = 300.0
"""Seconds in which a question can be answered, and a request approved."""


@dataclass(frozen=True)
class Ticket:
    seal: str
    round: int
    matter: Matter


def issue(database: "Database", seal: str, round: int, matter: Matter) -> str:
    """A new ticket for a question asked for the `round`th time."""
    ticket = secrets.token_urlsafe(24)
    row = {"ticket": _hash(ticket), "seal": seal, "round": round, "expires_at": time.time() + LIFETIME}
    database.execute(database.tickets.insert().values(**row, about=matter.dumped()))
    return ticket


def look(database: "Database", ticket: str) -> Ticket | None:
    """What a ticket stands for. None if there is no such ticket, or it was spent before, or has expired."""
    row = database.execute(database.tickets.select().where(database.tickets.c.ticket == _hash(ticket))).one_or_none()
    if row is None or row.expires_at <= time.time():
        return None
    return Ticket(row.seal, row.round, Matter.loaded(row.about))


def spend(database: "Database", ticket: str) -> bool:
    """Use a ticket up. Whether it was there to be used; one that has expired stays for `sweep` to record."""
    tickets = database.tickets
    alive = (tickets.c.ticket == _hash(ticket)) & (tickets.c.expires_at > time.time())
    return database.execute(tickets.delete().where(alive).returning(tickets.c.ticket)).one_or_none() is not None


@dataclass(frozen=True)
class Request:
    """A call that waits for a person's approval, as it was made, and what it is about."""

    id: str
    seconds_left: float
    matter: Matter
    name: str
    arguments: dict[str, Any]


def keep_request(database: "Database", matter: Matter, name: str, arguments: dict[str, Any]) -> str:
    """Keep a call for a person to approve; the id to approve it by."""
    id = secrets.token_hex(4)
    call = dumped({"name": name, "arguments": arguments})
    row = {"id": id, "expires_at": time.time() + LIFETIME, "about": matter.dumped(), "call": call}
    database.execute(database.requests.insert().values(row))
    return id


def take_request(database: "Database", id: str) -> Request | None:
    """A call that waits for approval; it waits no longer. One that has expired stays for `sweep` to record."""
    requests = database.requests
    alive = (requests.c.id == id) & (requests.c.expires_at > time.time())
    row = database.execute(requests.delete().where(alive).returning(requests)).one_or_none()
    return _request(row) if row is not None else None


def waiting(database: "Database") -> list[Request]:
    """The calls that wait for approval, the oldest first."""
    rows = database.execute(database.requests.select().order_by(database.requests.c.expires_at)).all()
    return [_request(row) for row in rows if row.expires_at > time.time()]


def _request(row: Any) -> Request:
    return Request(row.id, row.expires_at - time.time(), Matter.loaded(row.about), **json.loads(row.call))


def sweep(database: "Database", chain: "Chain") -> None:
    """Record what nobody came back for, and forget it."""
    now = time.time()
    for table in (database.tickets, database.requests):
        for row in database.execute(table.delete().where(table.c.expires_at <= now).returning(table.c.about)).all():
            chain.append(database, Matter.loaded(row.about).entry("abandoned"))


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
