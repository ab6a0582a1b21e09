"""The way of one call through one connection: what it names is found, then it reads, writes or asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from server.connections.models import Connection
from server.door.call import Call
from server.door.execution import Attempt, Execution, Question
from server.door.managed import ManagedPeople
from server.door.reason import checked_reason
from server.journal.history import History
from server.journal.recording import Recorder
from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition
from tools.contract.outcomes import Outcome
from tools.contract.resolving import Found, resolve
from tools.contract.targets import Targets
from tools.okta.client import OktaClient

Permitted = Callable[[Definition, Connection], Awaitable[Connection]]
"""The connection if an action may run through it, with scopes granted to it lately; or raises."""


@dataclass(frozen=True)
class Passage:
    """A permitted call and the connection that it goes through. `place` is the connection with its org, if there are
    several."""

    call: Call
    connection: Connection
    okta: OktaClient
    place: str
    managed: ManagedPeople | None
    recorder: Recorder
    execution: Execution
    permitted: Permitted

    @property
    def history(self) -> History:
        """The record of changes made through this connection."""
        return History(self.recorder, self.connection)

    async def leading_to(self, action: Definition) -> "Passage":
        """The same passage for another action that this call comes down to.

        Raises:
            PolicyRefusal, MissingScope: that action may not run.
        """
        return replace(self, connection=await self.permitted(action, self.connection))

    async def resolve(self, action: Definition, request: Any) -> tuple[Any, Targets]:
        """The request with ids in place of names, and the objects that they name; see `resolve`."""
        found_as: tuple[Found, ...] = (self.managed.found,) if self.managed is not None else ()
        return await resolve(action, request, self.okta, *found_as)

    async def read(self, action: Action, request: ActionInput) -> BaseModel:
        wanted, targets = await self.resolve(action, request)
        return await action.run(wanted, self.okta, await action.observe(wanted, self.okta, targets))

    async def write(
        self, action: Action, request: ActionInput, targets: Targets, *, dry_run: bool, **undoes: Any
    ) -> Outcome | Question:
        """Do it, say what it would do, or ask. `undoes`: what an `Attempt` that takes back a change says of that."""
        attempt = Attempt(
            self.call.caller,
            self.connection,
            self.okta,
            action,
            request,
            targets,
            dry_run=dry_run,
            must_ask=self.call.must_ask,
            reason=checked_reason(self.call.reason),
            place=f"Connection: {self.place}." if self.place else "",
            managed=self.managed,
            **undoes,
        )
        return await self.execution.write(attempt, self.call.answer)
