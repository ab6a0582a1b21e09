"""Writing down what is done: the intent before it, the outcome after it, and what people said to questions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.journal import tickets
from server.journal.chain import Chain, Entry, rows
from server.journal.matter import Matter
from server.journal.tickets import Request, Ticket
from server.policy import PolicyRefusal, Rules
from server.processes import this_process
from server.store import Store, T
from tools.okta.errors import ActionError
from tools.record import Facts
from tools.redaction import redacted_values

if TYPE_CHECKING:
    from server.database import Database


@dataclass(frozen=True)
class Confirmation:
    """How a person said yes, and who."""

    how: str
    by: str


@dataclass(frozen=True)
class Ending:
    """How a change went: `done`, `failed`, `partly` or `unknown`; or, found out later, `settled`."""

    kind: str
    requests: Sequence[str] = ()
    """Okta's ids of the requests that changed something."""
    seconds: float = 0.0
    after: Facts | None = None
    made: tuple[str, str] | None = None
    """Id and name of a person who was created."""
    error: ActionError | None = None
    verdict: str | None = None
    """What was found out later, and why; only of one that is `settled`."""
    reason: str = ""

    def entry(self, change: int, matter: Matter) -> Entry:
        body: dict[str, Any] = {"requests": list(self.requests), "ms": round(self.seconds * 1000, 1)}
        if self.verdict is not None:
            body = {"verdict": self.verdict}
        made = dict([self.made] if self.made else [])
        details: dict[str, Any] = {"after": self.after, "targets": made, "reason": self.reason}
        if self.error is not None:
            body["code"] = self.error.code
            details["error"] = str(self.error)
        return Entry(
            self.kind,
            caller=matter.caller,
            connection=matter.connection,
            action=matter.action,
            change=change,
            targets=(*(id for id, _ in matter.targets), *([self.made[0]] if self.made else [])),
            body=body,
            details=redacted_values({name: value for name, value in details.items() if value}),
        )


class TicketSpent(Exception):
    """Somebody used the ticket a moment ago."""


class Recorder:
    """Writes the journal. What it cannot write down does not happen."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._chain: Chain | None = None

    async def chain(self) -> Chain:
        """The journal under its key, which is read once.

        Raises:
            StoreError: the key cannot be had, or the journal was tampered with.
        """
        if self._chain is None:
            self._chain = await self._store.run(Chain.opened)
        return self._chain

    async def run(self, work: "Callable[[Database, Chain], T]") -> T:
        """Work on the journal, in one transaction."""
        chain = await self.chain()
        return await self._store.run(lambda database: work(database, chain))

    async def read(self, work: "Callable[[Database, Chain], T]") -> T:
        """Read the journal, in one transaction that nobody who writes waits for."""
        chain = await self.chain()
        return await self._store.read(lambda database: work(database, chain))

    async def note(
        self,
        kind: str,
        work: "Callable[[Database], T]",
        *,
        caller: str,
        connection: str = "",
        org: str = "",
        **details: Any,
    ) -> T:
        """Do something to the server itself, such as connecting an org, and write it down: both, or neither."""
        body = {"org": org, **details} if org else details
        entry = Entry(kind, caller=caller, connection=connection, body=body)

        def write(database: "Database", chain: Chain) -> T:
            done = work(database)
            chain.append(database, entry)
            return done

        return await self.run(write)

    # Questions

    async def ask(self, seal: str, round: int, matter: Matter) -> str:
        """A ticket for a question that is about to be asked.

        Raises:
            PolicyRefusal: the caller changed too much lately, so that a yes would be in vain.
        """

        def write(database: "Database", chain: Chain) -> str:
            tickets.sweep(database, chain)
            self._keep_to_limits(database, matter.caller)
            return tickets.issue(database, seal, round, matter)

        return await self.run(write)

    async def look(self, ticket: str) -> Ticket | None:
        return await self._store.read(lambda database: tickets.look(database, ticket))

    async def set_aside(self, ticket: str, caller: str, action: str, arguments: dict[str, Any]) -> None:
        """Use a ticket up that the call it came with has no use for. If it was for another call, it was abandoned."""

        def write(database: "Database", chain: Chain) -> None:
            found = tickets.look(database, ticket)
            if found is None or not tickets.spend(database, ticket):
                return
            if (found.matter.caller, found.matter.action, found.matter.arguments) != (caller, action, arguments):
                chain.append(database, found.matter.entry("abandoned"))

        await self.run(write)

    async def refused(self, ticket: str, verdict: str) -> None:
        """Write down that a person said no to a question: `declined`, or `cancelled` it."""

        def write(database: "Database", chain: Chain) -> None:
            found = tickets.look(database, ticket)
            if found is not None and tickets.spend(database, ticket):
                chain.append(database, found.matter.entry(verdict))

        await self.run(write)

    async def keep_request(self, ticket: str, matter: Matter, name: str, arguments: dict[str, Any]) -> str:
        """Keep a call until a person approves it, in place of a ticket; its id."""

        def write(database: "Database", chain: Chain) -> str:
            tickets.sweep(database, chain)
            tickets.spend(database, ticket)
            return tickets.keep_request(database, matter, name, arguments)

        return await self.run(write)

    async def withdraw(self, ticket: str) -> None:
        """Forget a question that nobody could be asked."""
        await self._store.run(lambda database: tickets.spend(database, ticket))

    async def take_request(self, id: str) -> Request | None:
        """A call that waits for approval, which is now in the hands of whoever took it."""

        def take(database: "Database", chain: Chain) -> Request | None:
            tickets.sweep(database, chain)
            return tickets.take_request(database, id)

        return await self.run(take)

    async def waiting(self) -> list[Request]:
        """The calls that wait for approval."""

        def look(database: "Database", chain: Chain) -> list[Request]:
            tickets.sweep(database, chain)
            return tickets.waiting(database)

        return await self.run(look)

    # Changes

    async def begin(self, matter: Matter, ticket: str | None, confirmation: Confirmation | None) -> int:
        """Write the intent down, and use the ticket up with it; the change's number.

        Raises:
            PolicyRefusal: the caller changed too much lately. TicketSpent: it was used up by somebody else.
        """
        told = {"how": confirmation.how, "by": confirmation.by} if confirmation else None
        entry = matter.entry("intent", confirmation=told, process=this_process())

        def write(database: "Database", chain: Chain) -> int:
            if ticket is not None and not tickets.spend(database, ticket):
                raise TicketSpent
            self._keep_to_limits(database, matter.caller)
            return chain.append(database, entry)

        return await self.run(write)

    def _keep_to_limits(self, database: "Database", caller: str) -> None:
        for rule, seconds in (("changes_per_minute", 60.0), ("changes_per_hour", 3600.0)):
            most = getattr(self._rules, rule)
            count, first = database.driver.execute(
                "SELECT count(*), min(at) FROM journal WHERE kind = 'intent' AND caller = ? AND at > ?",
                (caller, time.time() - seconds),
            ).fetchone()
            if count >= most:
                error = PolicyRefusal(rule, f"{caller} has made {count} changes in this time.")
                if first is not None:
                    error.retryable, error.retry_after = True, round(max(1.0, first + seconds - time.time()), 1)
                    error.next_step = f"Try again in {error.retry_after:.0f} s. {error.next_step}"
                raise error

    async def settle(self, change: int, matter: Matter, ending: Ending) -> None:
        """Write down what was found out later, unless somebody knew better in the meantime."""

        def write(database: "Database", chain: Chain) -> None:
            known = "change = ? AND kind IN ('done', 'failed', 'partly', 'settled')"
            if next(rows(database, known, (change,)), None) is None:
                chain.append(database, ending.entry(change, matter))

        await self.run(write)

    async def end(self, change: int, matter: Matter, ending: Ending) -> None:
        """Write down how a change went."""
        await self.run(lambda database, chain: chain.append(database, ending.entry(change, matter)))
