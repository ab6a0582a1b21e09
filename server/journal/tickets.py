"""Tickets: one confirmation, one execution. Kept as hashes in the store, so that no process can spend one twice.

A request is the same for a person who is not at the client: a call that waits until somebody approves it. What both
are about is kept under the journal's seal.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from server.journal import limits
from server.journal.chain import Entry, dumped
from server.journal.matter import Matter
from server.store.schema import StoreError

if TYPE_CHECKING:
    from server.journal.chain import Chain
    from server.store.database import Database

Unanswered = Literal["declined", "cancelled", "not_shown", "expired", "abandoned"]
"""How a question that was not accepted ended: refused, closed, not shown by the client, not answered in time, or
answered in another call."""
LIFETIME = 300.0
"""Seconds within which a question can be answered or a request approved."""


@dataclass(frozen=True)
class Ticket:
    """An open question: what a confirmation is bound to, how often it was asked, and since when."""

    seal: str
    round: int
    asked_at: float
    matter: Matter

    @property
    def seconds(self) -> float:
        """How long it has been open."""
        return max(0.0, time.time() - self.asked_at)


def issue(database: "Database", chain: "Chain", seal: str, round: int, matter: Matter) -> str:
    """A new ticket for a question asked for the `round`th time.

    Raises:
        PolicyRefusal: the caller has too many open questions.
    """
    limits.check_open(database, matter.caller)
    ticket = secrets.token_urlsafe(24)
    hashed, now = _hash(ticket), time.time()
    row = {
        "ticket": hashed,
        "seal": seal,
        "round": round,
        "asked_at": now,
        "expires_at": now + LIFETIME,
        **_counted(matter),
        "about": chain.seal(f"ticket {hashed}", matter.shortened().dumped()),
    }
    database.execute(database.tickets.insert().values(row))
    return ticket


def _counted(matter: Matter) -> dict[str, str]:
    return {"caller": matter.caller.everything, "client": limits.program(matter.caller)}


def look(database: "Database", chain: "Chain", ticket: str) -> Ticket | None:
    """What a ticket stands for. None if there is no such ticket, or it was spent before, or has expired."""
    row = database.execute(database.tickets.select().where(database.tickets.c.ticket == _hash(ticket))).one_or_none()
    if row is None or row.expires_at <= time.time():
        return None
    return Ticket(row.seal, row.round, row.asked_at, _matter(chain, "ticket", row.ticket, row.about))


def spend(database: "Database", ticket: str) -> bool:
    """Use up a ticket. Returns whether it was valid; one that has expired stays for `sweep` to record."""
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


def keep_request(database: "Database", chain: "Chain", matter: Matter, name: str, arguments: dict[str, Any]) -> str:
    """Keep a call for a person to approve. Returns the id to approve it by.

    Raises:
        PolicyRefusal: the caller has too many open requests.
    """
    limits.check_open(database, matter.caller)
    id = secrets.token_hex(4)
    row = {
        "id": id,
        "expires_at": time.time() + LIFETIME,
        **_counted(matter),
        "about": chain.seal(f"request {id}", matter.dumped()),
        "call": chain.seal(f"call {id}", dumped({"name": name, "arguments": arguments})),
    }
    database.execute(database.requests.insert().values(row))
    return id


def take_request(database: "Database", chain: "Chain", id: str) -> Request | None:
    """Take a call that waits for approval, which ends its wait. One that has expired stays for `sweep` to record."""
    requests = database.requests
    alive = (requests.c.id == id) & (requests.c.expires_at > time.time())
    row = database.execute(requests.delete().where(alive).returning(requests)).one_or_none()
    return _request(chain, row) if row is not None else None


def waiting(database: "Database", chain: "Chain") -> list[Request]:
    """The calls that wait for approval, the oldest first."""
    rows = database.execute(database.requests.select().order_by(database.requests.c.expires_at)).all()
    return [_request(chain, row) for row in rows if row.expires_at > time.time()]


def _request(chain: "Chain", row: Any) -> Request:
    call = json.loads(chain.unseal(f"call {row.id}", row.call))
    return Request(row.id, row.expires_at - time.time(), _matter(chain, "request", row.id, row.about), **call)


def _matter(chain: "Chain", kind: str, id: str, about: bytes) -> Matter:
    return Matter.loaded(chain.unseal(f"{kind} {id}", about))


def sweep(database: "Database", chain: "Chain") -> None:
    """Record expired questions and requests without their details, and delete them."""
    now = time.time()
    for kind, table, key in (("ticket", database.tickets, "ticket"), ("request", database.requests, "id")):
        expired = table.delete().where(table.c.expires_at <= now).returning(table.c[key], table.c.about)
        for id, about in database.execute(expired).all():
            try:
                entry = _matter(chain, kind, id, about).bare_entry("expired")
            except StoreError:  # altered from outside: what it was about is lost, and it must not block the others
                entry = Entry("expired", body={"altered": True})
            chain.append(database, entry)


def forget(database: "Database", chain: "Chain", tells: Callable[[Matter], bool]) -> None:
    """Delete the questions and requests that are about something, without a word in the journal."""
    for kind, table, key in (("ticket", database.tickets, "ticket"), ("request", database.requests, "id")):
        for row in database.execute(table.select()).all():
            id = getattr(row, key)
            if tells(_matter(chain, kind, id, row.about)):
                database.execute(table.delete().where(table.c[key] == id))


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
