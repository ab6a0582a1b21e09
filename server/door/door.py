"""The only way in: every surface runs actions through `Door.call`, and through nothing else.

The door is re-entrant and waits for nobody. If a person must confirm, it returns a `Question`; the surface asks and
calls again with the `Answer`. It knows nothing of MCP, terminals or HTTP.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from server.connections.manager import ConnectionManager
from server.connections.models import Connection, iso
from server.door.execution import Answer, Attempt, Execution, Question
from server.door.guard import Guard, Offer
from server.door.hiding import Hiding
from server.door.managed import ManagedPeople
from server.door.reason import checked_reason
from server.journal.history import History, read
from server.journal.matter import shortened
from server.journal.reconciling import conflict, facts_now
from server.journal.recording import Recorder, event
from server.policy.caller import Caller
from server.policy.rules import PolicyRefusal
from tools.catalogue import CATALOGUE
from tools.contract.action import Action, Effect
from tools.contract.arguments import ActionInput
from tools.contract.record import Change
from tools.contract.resolving import Found, resolve
from tools.contract.sight import Sight, seeing
from tools.contract.targets import Targets
from tools.contract.validation import Accepted, accept, validate
from tools.find import meant
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError, InvalidInput, MissingScope, NotFound
from tools.text.lines import readable
from tools.text.quoting import quote

__all__ = ["Answer", "Caller", "Door", "Question", "Refusal", "Result"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """The action ran, its end state was there already, or it was not confirmed.

    `connection` is the connection with its org, if a person must be told which of several it was.
    """

    answer: BaseModel
    connection: str = ""
    notes: tuple[str, ...] = ()
    """What was corrected in the arguments, and what the rules leave out."""
    hiding: Hiding | None = None
    """Hides attributes from readers of the answer."""

    @property
    def content(self) -> dict[str, Any]:
        told = {"connection": self.connection} if self.connection else {}
        answer = self.answer.model_dump(mode="json", exclude_none=True)
        return {**(self.hiding.without(answer) if self.hiding else answer), **told}


@dataclass(frozen=True)
class Refusal:
    """The action did not run, or it failed; the error says why and what to do next."""

    error: ActionError


class Door:
    """Validates, permits, resolves, then reads or writes: once, for every surface and every action."""

    def __init__(self, connections: ConnectionManager, guard: Guard, recorder: Recorder) -> None:
        self._connections = connections
        self._guard = guard
        self._recorder = recorder
        self._writer = Execution(guard, recorder)

    async def offers(self, caller: Caller, connection: str | None = None) -> list[Offer]:
        """Every action, with the reason why this caller cannot run it now, if any."""
        return self._guard.offers(CATALOGUE.values(), await self._connections.current(connection))

    async def call(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        answer: Answer | None = None,
        connection: str | None = None,
        *,
        must_ask: bool = False,
        reason: str | None = None,
    ) -> Result | Refusal | Question:
        """Run an action, refuse it, or ask. Never raises for anything that an action or Okta may do.

        It uses the connection of that name, or the default one. With `must_ask` a write asks even
        if the rules do not require it. `reason` is why a write is wanted, in the caller's words.
        """
        try:
            return await self._call(caller, name, arguments, answer, connection, must_ask, reason)
        except ActionError as error:
            if isinstance(error, PolicyRefusal | MissingScope):
                await self._record_refusal(caller, name, arguments, connection, error, reason)
            return Refusal(await self._placed(error, connection))
        except Exception:
            # Internal errors go to the log; a model gets no text that nobody chose to show it.
            logger.exception("%s failed unexpectedly", name[:80])
            action = CATALOGUE.get(name)
            reads = action is not None and action.effect is Effect.READ
            return Refusal(
                ActionError(
                    f"{name[:80]} failed because of a bug in okta-actions"
                    + ("." if reads else "; it may or may not have been done."),
                    code="internal_error",
                    by="okta-actions",
                    next_step="Look the target up before you try again, and report the traceback in the server's log.",
                )
            )

    async def keep_request(self, question: Question, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Keep a call that nobody at the client can confirm, for a person to approve; returns its id.

        None if policy has no such requests.
        """
        return await self._writer.keep_request(question, name, arguments)

    async def _placed(self, error: ActionError, through: str | None) -> ActionError:
        """The error with the connection it is about, if there are several."""
        with suppress(ActionError):  # the error itself may be about a problem with the store
            if connection := await self._connections.current(through):
                error.place = await self._connections.book.place(connection)
        return error

    async def _record_refusal(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        through: str | None,
        error: ActionError,
        reason: str | None,
    ) -> None:
        """Record a refusal. It stays a refusal even if the journal cannot be written."""
        try:
            connection = await self._connections.current(through)
            entry = event(
                "refused",
                caller,
                connection=connection.name if connection else through or "",
                org=connection.org_url if connection else "",
                details={
                    "arguments": shortened(dict(arguments)),
                    "error": str(error),
                    "text": error.summary,
                    **({"reason": shortened(reason)} if reason else {}),
                },
                identity=connection.identity if connection else None,
                code=error.code,
                rule=error.rule if isinstance(error, PolicyRefusal) else None,
            )
            await self._recorder.refused(replace(entry, action=name), caller)
        except ActionError:
            logger.exception("The refusal of %s could not be written to the journal", name[:80])

    async def _call(
        self,
        caller: Caller,
        name: str,
        arguments: Mapping[str, Any],
        answer: Answer | None,
        through: str | None,
        must_ask: bool,
        reason: str | None,
    ) -> Result | Question:
        action = find(name)
        if answer is not None and answer.verdict != "accepted" and action.effect is not Effect.READ:
            return Result(await self._writer.not_accepted(action, answer, arguments))
        accepted = accept(action, arguments)
        try:
            outcome = await self._run(caller, action, accepted, answer, through, must_ask, reason)
        except InvalidInput as error:
            # The cause may be an argument that was corrected.
            error.causes = (*error.causes, *accepted.notes)
            raise
        return replace(outcome, notes=(*accepted.notes, *outcome.notes)) if isinstance(outcome, Result) else outcome

    async def _run(
        self,
        caller: Caller,
        action: Action,
        accepted: Accepted,
        answer: Answer | None,
        through: str | None,
        must_ask: bool,
        reason: str | None,
    ) -> Result | Question:
        connection = await self._permitted(action, await self._connections.connected(through))
        self._guard.permit_now(action, await self._connections.frozen())
        given = accepted.request
        named = [name for name in action.references if getattr(given, name) is not None]
        self._guard.permit_named(action, named, connection)
        okta = await self._connections.client(connection)
        history = History(self._recorder, connection)
        place = await self._connections.book.place(connection)
        managed = self._guard.managed(okta, connection, fresh=answer is not None)
        self._guard.hiding.check(action, given)
        seen = Sight(
            people=managed.ids if managed else None,
            hides=self._guard.hiding.everywhere,
            hides_sent=action.becomes is not None,
        )
        with seeing(seen):
            request, targets = await resolve(action, given, okta, history, *_found_as(managed))
            if action.effect is Effect.READ:
                read = await action.run(request, okta, await action.observe(request, okta, targets))
                notes = (*_left_out(managed, read), *self._guard.hiding.notes(request, read))
                return Result(read, place, notes, self._guard.hiding)
            if action.becomes is not None:
                attempt = await self._undoing(caller, connection, okta, action, request, targets, managed)
            else:
                attempt = Attempt(caller, connection, okta, action, request, targets)
            attempt = replace(
                attempt,
                dry_run=accepted.dry_run,
                must_ask=must_ask,
                reason=checked_reason(reason),
                place=f"Connection: {place}." if place else "",
                managed=managed,
            )
            outcome = await self._writer.write(attempt, answer)
            if isinstance(outcome, Question):
                return outcome
            if action.becomes is not None:
                answered = await action.run(request, okta, (attempt.loses, outcome))
                return Result(answered, place, self._guard.hiding.notes(request, answered), self._guard.hiding)
            return Result(outcome, place, self._guard.hiding.notes(request, outcome), self._guard.hiding)

    async def _permitted(self, action: Action, connection: Connection) -> Connection:
        """The connection, if the action may run through it. Scopes granted to its app only recently count too.

        Raises:
            PolicyRefusal: a rule forbids it. MissingScope: the connection was not granted a scope that it needs.
        """
        while True:
            try:
                self._guard.permit(action, connection)
            except MissingScope as lacks:
                wider = await self._connections.with_scope(connection, lacks.scope)
                if wider is None:
                    raise
                connection = wider
            else:
                return connection

    async def _undoing(
        self,
        caller: Caller,
        connection: Connection,
        okta: OktaClient,
        action: Action,
        request: ActionInput,
        targets: Targets,
        managed: ManagedPeople | None,
    ) -> Attempt:
        """The call that performs an undo.

        Raises:
            InvalidInput: it cannot be undone, or somebody has since changed what the change had changed.
        """
        assert action.becomes is not None
        undo = action.becomes(request, targets)
        id = targets.the(Change).id
        change = await self._recorder.read(lambda database, chain: read(database, chain, int(id)))
        if change is None:
            raise NotFound(f"Change {id} is no longer in the journal.")
        inner = find(undo.action)
        connection = await self._permitted(inner, connection)
        history = History(self._recorder, connection)
        # Check the person first: nothing may be told about people who may not be named.
        wanted, resolved = await resolve(inner, validate(inner, undo.arguments), okta, history, *_found_as(managed))
        if moved := conflict(change, await facts_now(change, okta, history)):
            raise InvalidInput(
                f"Change {change.id} was not undone, because somebody has changed the same thing since: {moved}.",
                code="changed_since",
                next_step="Look at the current state. To change it anyway, use the action itself.",
            )
        return Attempt(
            caller,
            connection,
            okta,
            inner,
            wanted,
            resolved,
            undoes=change,
            preface=f"Undo change {change.id} of {iso(change.row.at)}.",
            about=f"Change {change.id} was: {quote(change.summary, 200)}",
            loses=undo.loses,
        )


def _left_out(managed: ManagedPeople | None, answer: BaseModel) -> tuple[str, ...]:
    """What the rules leave out of a list. This is said whether or not anybody was left out: nobody may learn that."""
    if managed is None or "users" not in type(answer).model_fields:
        return ()
    return ("The rule managed_users limits this list to people whom this server manages.",)


def _found_as(managed: ManagedPeople | None) -> tuple[Found, ...]:
    return (managed.found,) if managed is not None else ()


def find(name: str) -> Action:
    """The action with this name.

    Raises:
        InvalidInput: there is none; the nearest name is suggested.
    """
    if action := CATALOGUE.get(name):
        return action
    shown = readable(name[:60])
    nearest = get_close_matches(name[:100], CATALOGUE, n=1, cutoff=0.85)
    if not nearest and (elsewhere := meant(name)) is not None:
        raise InvalidInput(
            f"There is no action “{shown}”. {elsewhere}",
            code="unknown_action",
            next_step="Tell the person where it is done.",
        )
    nearest = nearest or get_close_matches(name[:100], CATALOGUE, n=1)
    raise InvalidInput(
        f"There is no action “{shown}”.",
        code="unknown_action",
        next_step=f"Did you mean {nearest[0]}?" if nearest else f"Available: {', '.join(CATALOGUE)}.",
    )
