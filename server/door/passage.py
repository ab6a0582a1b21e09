"""The way of one call through one connection: what it names is found and observed, then it reads, writes or asks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from server.connections.models import Connection
from server.door.ahead import AskedBefore, EarlyReads
from server.door.attempt import Attempt
from server.door.call import Call
from server.door.execution import Execution, Question
from server.door.guard import Guard, Told
from server.door.knowledge import Fact
from server.door.managed import ManagedPeople
from server.door.reason import checked_reason
from server.journal.history import History
from server.journal.recording import Recorder
from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect
from tools.contract.outcomes import Outcome
from tools.contract.resolving import Found, observed, resolve
from tools.contract.targets import Pending, Targets
from tools.okta.client import OktaClient
from tools.okta.reads import Reads

Permitted = Callable[[Definition, Connection], Awaitable[Connection]]
"""The connection if an action may run through it, with scopes granted to it lately; or raises."""


@dataclass(frozen=True)
class Observation:
    """A request with ids in place of names, the objects that it names, what was observed, and what Okta told the
    guard."""

    request: Any
    targets: Targets
    observed: Any
    told: Told = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """A permitted call and the connection that it goes through.

    `since` is the earliest moment at which what it relies on may have been asked for. `place` is the connection with
    its org, if there are several.
    """

    call: Call
    connection: Connection
    okta: OktaClient
    since: float
    place: str
    managed: ManagedPeople | None
    recorder: Recorder
    guard: Guard
    execution: Execution
    ahead: EarlyReads
    reads: Reads
    facts: set[Fact]
    """What was wanted to know of the org, known already or not."""
    permitted: Permitted

    @property
    def history(self) -> History:
        """The record of changes made through this connection."""
        return History(self.recorder, self.connection)

    @property
    def asked(self) -> AskedBefore:
        """What was asked so far."""
        return AskedBefore(tuple(self.reads.urls), frozenset(self.facts))

    async def leading_to(self, action: Definition) -> "Passage":
        """The same passage for another action that this call comes down to.

        Raises:
            PolicyRefusal, MissingScope: that action may not run.
        """
        return replace(self, connection=await self.permitted(action, self.connection))

    async def resolve(self, action: Definition, request: Any) -> tuple[Any, Targets]:
        """The request with ids in place of names, and the objects that they name; see `resolve`."""
        found_as: tuple[Found, ...] = (self.managed.found,) if self.managed is not None else ()
        wanted, targets = await resolve(action, request, self.okta, *found_as)
        self.ahead.met(self.connection, action, request, wanted)
        return wanted, targets

    async def look(self, action: Action, request: ActionInput) -> Observation:
        """Find what the request names, observe it, and ask what the guard wants to know, all at the same time.

        Raises:
            NotFound, Ambiguous, InvalidInput, PolicyRefusal: see `resolve`. ActionError: Okta cannot be asked.
        """
        guess, pending = self.ahead.guess(self.connection, action, request), Pending()
        begun = self._observing(action, guess, pending) if guess is not None else None
        try:
            wanted, targets = await self.resolve(action, request)
            if begun is None or guess != wanted:
                _let_go(begun)
                begun = self._observing(action, wanted, pending := Pending())
            pending.found(targets)
            seen, told = await begun
        finally:
            _let_go(begun)
        return Observation(wanted, targets, seen, told)

    def _observing(self, action: Action, request: ActionInput, pending: Pending) -> "asyncio.Future[tuple[Any, Told]]":
        """What is read by ids alone, while names are being resolved."""
        if action.effect is Effect.READ:
            return asyncio.gather(observed(action, request, self.okta, pending), _nothing())
        self.ahead.likely(self.okta, self.connection, action, request, self.since)
        return asyncio.gather(
            observed(action, request, self.okta, pending),
            self.guard.asked(self.okta, self.connection, action, request),
        )

    async def read(self, action: Action, request: ActionInput) -> BaseModel:
        seen = await self.look(action, request)
        return await action.run(seen.request, self.okta, seen.observed)

    async def write(self, action: Action, seen: Observation, *, dry_run: bool, **undoes: Any) -> Outcome | Question:
        """Do it, say what it would do, or ask. `undoes`: what an `Attempt` that takes back a change says of that."""
        attempt = Attempt(
            self.call.caller,
            self.connection,
            self.okta,
            action,
            seen.request,
            seen.targets,
            seen.observed,
            self.guard.standings(action, seen.targets, seen.told),
            since=self.since,
            dry_run=dry_run,
            must_ask=self.call.must_ask,
            reason=checked_reason(self.call.reason),
            place=f"Connection: {self.place}." if self.place else "",
            managed=self.managed,
            **undoes,
        )
        try:
            return await self.execution.write(attempt, self.call.answer)
        finally:
            self.ahead.learn_likely(self.connection, action, seen.request, self.asked)


async def _nothing() -> Told:
    return {}


def _let_go(begun: "asyncio.Future[Any] | None") -> None:
    """End what is no longer wanted, however it ends."""
    if begun is None:
        return
    if not begun.done():
        begun.cancel()
    begun.add_done_callback(lambda done: done.cancelled() or done.exception())
