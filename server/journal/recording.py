"""Records actions: the intent before, the outcome after, and people's answers to questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from server.journal import limits, tickets
from server.journal.chain import INTENT, Chain, Entry, rows
from server.journal.limits import Bucket
from server.journal.matter import Matter, shortened
from server.journal.tickets import Request, Ticket, Unanswered
from server.machine.processes import this_process
from server.policy.caller import Caller, operating_system_user
from server.policy.hidden import Hidden
from server.policy.rules import Rules
from server.store.freezing import check_not_frozen
from server.store.store import Store, T
from tools.contract.facts import Facts
from tools.okta.errors import ActionError

if TYPE_CHECKING:
    from server.store.database import Database


@dataclass(frozen=True)
class Confirmation:
    """A confirmation: how it was given, and by whom, as far as that is known."""

    how: str
    by: str

    def told(self) -> dict[str, str]:
        return {"outcome": "accepted", "how": self.how, "by": self.by}


@dataclass(frozen=True)
class Begun:
    """A recorded intent: its place in the journal, and its number among the changes."""

    sequence: int
    number: int

    @property
    def id(self) -> str:
        """The id of the change for people and models."""
        return str(self.number)


@dataclass(frozen=True)
class Ending:
    """How a change went: `done`, `failed`, `partly` or `unknown`; or, found out later, `settled`."""

    kind: str
    requests: Sequence[str] = ()
    """Okta's ids of the requests that changed something."""
    seconds: float = 0.0
    after: Facts | None = None
    made: tuple[str, str, str] | None = None
    """Kind, id and name of what was created."""
    error: ActionError | None = None
    verdict: str | None = None
    """The later verdict and its reason, only if `settled`."""
    reason: str = ""

    def entry(self, change: int, matter: Matter) -> Entry:
        body: dict[str, Any] = {"requests": list(self.requests), "ms": round(self.seconds * 1000, 1)}
        if self.verdict is not None:
            body = {"verdict": self.verdict}
        made = (self.made,) if self.made else ()
        details: dict[str, Any] = {
            "after": self.after,
            "targets": {id: name for _, id, name in made},
            "finding": self.reason,
        }
        if self.error is not None:
            body["code"] = self.error.code
            details["error"] = str(self.error)
        entry = replace(matter, targets=(*matter.targets, *made), undoes=change).bare_entry(self.kind)
        return replace(entry, body=body, details={name: value for name, value in details.items() if value})


MOST_REFUSALS = 60
"""Maximum number of refusals per program and minute that are recorded individually."""


def event(
    kind: str,
    caller: Caller,
    *,
    connection: str = "",
    org: str = "",
    details: Mapping[str, Any] | None = None,
    **body: Any,
) -> Entry:
    """An entry about an operation on this server itself."""
    told = {"by": caller.told(), "os_user": operating_system_user(), **body}
    return Entry(
        kind,
        caller=str(caller.principal),
        connection=connection,
        org=org,
        body={name: value for name, value in told.items() if value is not None},
        details=dict(details) if details else None,
    )


Admit = Callable[["Database"], None]
"""Lets something be recorded, or raises."""


class TicketSpent(Exception):
    """The ticket has just been used by somebody else."""


class Recorder:
    """Writes the journal. An action that cannot be recorded is not carried out."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._chain: Chain | None = None
        self._unrecorded: dict[str, int] = {}

    async def chain(self) -> Chain:
        """The journal under its key, which is read once.

        Raises:
            StoreError: the key is not available, or the journal was tampered with.
        """
        if self._chain is None:
            chain = await self._store.run(Chain.opened)
            chain.hides = Hidden(self._rules.hidden_attributes)
            self._chain = chain
        return self._chain

    async def run(self, work: "Callable[[Database, Chain], T]") -> T:
        """Work on the journal, in one transaction."""
        chain = await self.chain()
        return await self._store.run(lambda database: work(database, chain))

    async def read(self, work: "Callable[[Database, Chain], T]") -> T:
        """Read the journal in one transaction that does not block writers."""
        chain = await self.chain()
        return await self._store.read(lambda database: work(database, chain))

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
    ) -> T:
        """Do something with this server itself, such as `connected` or `rotated`, and record it: both, or neither.

        `details` are the personal data.
        """
        entry = event(kind, caller, connection=connection, org=org, details=details, **body)

        def write(database: "Database", chain: Chain) -> T:
            done = work(database)
            chain.append(database, entry)
            return done

        return await self.run(write)

    # Questions

    async def ask(self, seal: str, round: int, matter: Matter, admit: "Admit | None" = None) -> str:
        """A ticket for a question that is about to be asked.

        Raises:
            PolicyRefusal: the caller has too many questions open. And whatever `admit` raises.
        """

        def write(database: "Database", chain: Chain) -> str:
            tickets.sweep(database, chain)
            if admit is not None:
                admit(database)
            return tickets.issue(database, chain, seal, round, matter)

        return await self.run(write)

    async def look(self, ticket: str) -> Ticket | None:
        return await self.read(lambda database, chain: tickets.look(database, chain, ticket))

    async def set_aside(self, ticket: str, caller: Caller, action: str, arguments: dict[str, Any]) -> None:
        """Use up a ticket that its call does not need. If it was for another call, it counts as abandoned."""

        def write(database: "Database", chain: Chain) -> None:
            found = tickets.look(database, chain, ticket)
            if found is None or not tickets.spend(database, ticket):
                return
            asked = (found.matter.caller, found.matter.action, found.matter.arguments)
            if asked != (caller, action, shortened(arguments)):
                chain.append(database, found.matter.bare_entry("abandoned"))

        await self.run(write)

    async def unanswered(self, ticket: str, outcome: Unanswered, **body: Any) -> Ticket | None:
        """Record the end of a question that was not accepted. Returns the ticket if it was open."""

        def write(database: "Database", chain: Chain) -> Ticket | None:
            found = tickets.look(database, chain, ticket)
            if found is None or not tickets.spend(database, ticket):
                return None
            answered = outcome in ("declined", "cancelled")
            entry = found.matter.entry if answered else found.matter.bare_entry
            chain.append(database, entry(outcome, **body))
            return found

        return await self.run(write)

    async def keep_request(self, ticket: str, matter: Matter, name: str, arguments: dict[str, Any]) -> str:
        """Keep a call until a person approves it, in place of a ticket. Returns its id.

        Raises:
            PolicyRefusal: the caller has too many open requests.
        """

        def write(database: "Database", chain: Chain) -> str:
            tickets.sweep(database, chain)
            tickets.spend(database, ticket)
            return tickets.keep_request(database, chain, matter, name, arguments)

        return await self.run(write)

    async def take_request(self, id: str) -> Request | None:
        """A call that waits for approval, which is now in the hands of whoever took it."""

        def take(database: "Database", chain: Chain) -> Request | None:
            tickets.sweep(database, chain)
            return tickets.take_request(database, chain, id)

        return await self.run(take)

    async def waiting(self) -> list[Request]:
        """The calls that wait for approval."""

        def look(database: "Database", chain: Chain) -> list[Request]:
            tickets.sweep(database, chain)
            return tickets.waiting(database, chain)

        return await self.run(look)

    # Refusals

    async def refused(self, refusal: Entry, caller: Caller) -> None:
        """Write down that a call was refused. Frequent refusals of a program are only counted."""

        def write(database: "Database", chain: Chain) -> None:
            bucket = Bucket(f"{limits.program(caller)} refused")
            if not limits.has_room(database, bucket, MOST_REFUSALS):
                self._unrecorded[bucket.name] = self._unrecorded.get(bucket.name, 0) + 1
                return
            limits.count(database, (bucket,))
            before = self._unrecorded.pop(bucket.name, 0)
            body = {**refusal.body, **({"unrecorded_before": before} if before else {})}
            chain.append(database, replace(refusal, body=body))

        await self.run(write)

    # Changes

    async def begin(
        self, matter: Matter, ticket: str | None, confirmation: Confirmation | None, admit: "Admit | None" = None
    ) -> Begun:
        """Write the intent down, and use the ticket up with it. `admit` has the last word, in the same transaction.

        Raises:
            PolicyRefusal: everything is frozen. TicketSpent: the ticket was used up by somebody else. And whatever
                `admit` raises.
        """
        told = confirmation.told() if confirmation else None
        entry = matter.entry(INTENT, confirmation=told, process=this_process(), os_user=operating_system_user())

        def write(database: "Database", chain: Chain) -> Begun:
            check_not_frozen(database)
            if ticket is not None and not tickets.spend(database, ticket):
                raise TicketSpent
            if admit is not None:
                admit(database)
            row = chain.append(database, entry)
            assert row.number is not None
            return Begun(row.sequence, row.number)

        return await self.run(write)

    async def settle(self, change: int, matter: Matter, ending: Ending) -> None:
        """Record a later finding, unless a better one was recorded in the meantime.

        `change` is the sequence of the intent.
        """

        def write(database: "Database", chain: Chain) -> None:
            known = "change = ? AND kind IN ('done', 'failed', 'partly', 'settled')"
            if next(rows(database, known, (change,)), None) is None:
                chain.append(database, ending.entry(change, matter))

        await self.run(write)

    async def end(self, change: int, matter: Matter, ending: Ending) -> None:
        """Record the outcome of the change whose intent has that sequence."""
        await self.run(lambda database, chain: chain.append(database, ending.entry(change, matter)))
