"""The one way in: every surface runs actions through `Door.call`, and through nothing else.

The door is re-entrant and waits for nobody. Where a person must confirm it returns a `Question`; the surface asks and
calls again with the `Answer`. It knows no MCP, no terminal and no HTTP.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from server.connections.manager import ConnectionManager
from server.guard import Offer, offers, permit
from server.tickets import Tickets
from tools.action import Action, ActionInput
from tools.catalogue import CATALOGUE
from tools.models import Observed
from tools.okta.errors import ActionError, InvalidInput
from tools.references import resolve
from tools.validation import validate

logger = logging.getLogger(__name__)

MOST_ROUNDS = 3


@dataclass(frozen=True)
class Caller:
    """Who asks, and through which surface."""

    name: str
    surface: str

    def __str__(self) -> str:
        return f"{self.name} over {self.surface}"


@dataclass(frozen=True)
class Result:
    """The action ran, or its end state was there already, or a person declined it."""

    answer: BaseModel

    @property
    def content(self) -> dict[str, Any]:
        return self.answer.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True)
class Refusal:
    """The action did not run, or failed; the error says why and what to do next."""

    error: ActionError


@dataclass(frozen=True)
class Question:
    """What a person must confirm, and the one-use ticket to come back with."""

    text: str
    ticket: str


@dataclass(frozen=True)
class Answer:
    """A person's answer to a question."""

    ticket: str
    yes: bool


class Door:
    """Validate, guard, resolve, observe, ask, run, answer: once, for every surface and every action."""

    def __init__(self, connections: ConnectionManager, tickets: Tickets) -> None:
        self._connections = connections
        self._tickets = tickets

    async def offers(self, caller: Caller, connection: str | None = None) -> list[Offer]:
        """Every action, each with the reason why this caller cannot run it now, if there is one."""
        return offers(CATALOGUE.values(), await self._connections.current(connection))

    async def call(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        answer: Answer | None = None,
        connection: str | None = None,
    ) -> Result | Refusal | Question:
        """Run an action, or say why not, or ask. Never raises for anything that an action or Okta may do.

        It goes through the connection of that name, or through the default one.
        """
        try:
            return await self._call(caller, name, arguments, answer, connection)
        except ActionError as error:
            return Refusal(error)
        except Exception:
            # What went wrong inside is for the log; a model gets no text that nobody chose to show it.
            logger.exception("%s failed unexpectedly", name[:80])
            return Refusal(
                ActionError(
                    f"{name[:80]} failed because of a fault in okta-actions; it may or may not have been done.",
                    code="internal_error",
                    by="okta-actions",
                    next_step="Look the target up before trying again, and report the traceback in the server's log.",
                )
            )

    async def _call(
        self, caller: Caller, name: str, arguments: Mapping[str, Any], answer: Answer | None, through: str | None
    ) -> Result | Question:
        action = find(name)
        given = validate(action, arguments)
        connection = await self._connections.connected(through)
        permit(action, connection)
        okta = await self._connections.client(connection)
        request, targets = await resolve(action, given, okta)
        before = await action.observe(request, okta, targets)
        if done := action.already(request, before):
            return Result(done)
        if action.preview is not None and action.asks:
            text = action.preview(request, before)
            place = f"{connection.name} {connection.org_url} {connection.user_id}"
            confirmed = await self._confirm(_seal(caller, place, action, request, before, text), text, answer)
            if not isinstance(confirmed, bool):
                return confirmed
            if not confirmed:
                return Result(action.output.model_validate({"success": False, "changed": False}))
        return Result(await action.run(request, okta, before))

    async def _confirm(self, seal: str, text: str, answer: Answer | None) -> Question | bool:
        """The person's answer, if its ticket is unspent and the target is still what they were shown."""
        ticket = await self._tickets.spend(answer.ticket) if answer else None
        if answer and not answer.yes:
            return False
        if ticket and ticket.seal == seal:
            return True
        asked = ticket.round if ticket else 0
        if asked >= MOST_ROUNDS:
            raise InvalidInput(
                "Not done: the target kept changing while it was being confirmed.",
                code="target_keeps_changing",
                next_step="Look it up, and try again when nobody else is changing it.",
            )
        return Question(text, await self._tickets.issue(seal, asked + 1))


def find(name: str) -> Action:
    """The action of this name.

    Raises:
        InvalidInput: there is none; the nearest name is suggested.
    """
    if action := CATALOGUE.get(name):
        return action
    nearest = get_close_matches(name, CATALOGUE, n=1)
    raise InvalidInput(
        f"There is no action “{name[:60]}”.",
        code="unknown_action",
        next_step=f"Did you mean {nearest[0]}?" if nearest else f"There are: {', '.join(CATALOGUE)}.",
    )


def _seal(caller: Caller, place: str, action: Action, request: ActionInput, before: Observed | None, text: str) -> str:
    """What a yes is bound to: who asked, where, for what, and everything the person was shown."""
    state = before.seal() if before else ""
    bound = [str(caller), place, action.name, request.model_dump_json(), state, text]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()
