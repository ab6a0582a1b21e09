"""The only way in: every surface runs actions through `Door.call`, and through nothing else.

The door is re-entrant and waits for nobody. If a person must confirm, it returns a `Question`; the surface asks and
calls again with the `Answer`. It knows nothing of MCP, terminals or HTTP.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from pydantic import BaseModel

from server.connections.manager import ConnectionManager
from server.connections.models import Connection
from server.door.actions import ACTIONS, FINDER, find
from server.door.ahead import EarlyReads
from server.door.call import Answer, Call
from server.door.cutting import fitted, narrowed
from server.door.discovery import StandIn, inner
from server.door.execution import Execution, Question
from server.door.guard import Guard, Offer
from server.door.keeping import Exports
from server.door.knowledge import consulting
from server.door.managed import ManagedPeople
from server.door.own import Here, OwnAction
from server.door.passage import Passage
from server.door.results import Refusal, Result
from server.door.telemetry import Telling
from server.journal.matter import shortened
from server.journal.recording import Recorder, event
from server.journal.verifications import newest_call
from server.policy.caller import Caller
from server.policy.rules import PolicyRefusal
from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect
from tools.contract.exported import ExportMade
from tools.contract.listing import ListedAction
from tools.contract.recalling import Recall, Recalled, recalling
from tools.contract.revealing import revealing
from tools.contract.sight import Sight, seeing
from tools.contract.validation import Accepted, accept
from tools.find import Findings
from tools.okta.errors import ActionError, InvalidInput, MissingScope
from tools.okta.reads import one_pass

__all__ = ["Answer", "Call", "Caller", "Door", "Question", "Refusal", "Result"]

logger = logging.getLogger(__name__)


class Door:
    """Validates, permits, resolves, then reads or writes: once, for every surface and every action."""

    def __init__(self, connections: ConnectionManager, guard: Guard, recorder: Recorder, exports: Exports) -> None:
        self.exports = exports
        self._connections = connections
        self._guard = guard
        self._recorder = recorder
        self._execution = Execution(guard, recorder)
        self._ahead = EarlyReads(guard.knowledge)

    async def offers(self, connection: str | None = None) -> list[Offer]:
        """Every action, with the reason why it cannot be run now through this connection, if any."""
        return self._guard.offers(await self._connections.current(connection))

    def find(self, query: str, limit: int) -> Findings:
        """The actions that do what is asked for in words, or where it is done."""
        return FINDER.find(query, limit)

    def is_direct(self, action: ListedAction) -> bool:
        """Whether MCP clients see it as a tool of its own. The others are found, and run by name."""
        return action.neutral or action.name in self._guard.rules.direct_actions

    async def call(self, call: Call) -> Result | Refusal | Question:
        """Run an action, refuse it, or ask. Never raises for anything that an action or Okta may do."""
        with Telling(call.action) as telling:
            outcome = await self._answered(call, telling)
            match outcome:
                case Result(answer=answer):
                    telling.answered(answer)
                case Refusal(error=error):
                    telling.refused(error)
                case Question():
                    telling.asked()
            return outcome

    async def _answered(self, call: Call, telling: Telling) -> Result | Refusal | Question:
        try:
            called = ACTIONS.get(call.action)
            call, notes = self._inner(call)
            telling.named(call.action)
            if isinstance(called, StandIn):
                # The rules about the action come first: its refusal says more than that of what runs it.
                self._guard.permit(find(call.action), None)
                self._guard.permit(called, None)
            outcome = await self._call(call)
        except ActionError as error:
            if isinstance(error, PolicyRefusal | MissingScope):
                await self._record_refusal(call, error)
            return Refusal(await self._placed(error, call.connection))
        except Exception:
            # Internal errors go to the log; a model gets no text that nobody chose to show it.
            logger.exception("%s failed unexpectedly", call.action[:80])
            action = ACTIONS.get(call.action)
            reads = action is not None and action.effect is Effect.READ
            return Refusal(
                ActionError(
                    f"{call.action[:80]} failed because of a bug in okta-actions"
                    + ("." if reads else "; it may or may not have been done."),
                    code="internal_error",
                    by="okta-actions",
                    next_step="Look the target up before you try again, and report the traceback in the server's log.",
                )
            )
        return replace(outcome, notes=(*notes, *outcome.notes)) if isinstance(outcome, Result) else outcome

    def _inner(self, call: Call) -> tuple[Call, tuple[str, ...]]:
        """The call of the action itself, where it is run by its name."""
        stand_in = ACTIONS.get(call.action)
        return inner(call, stand_in, find) if isinstance(stand_in, StandIn) else (call, ())

    def named(self, call: Call) -> Call:
        """The call as it is recorded and repeated: of the action itself, where it is run by its name.

        Raises:
            ActionError: there is none.
        """
        return self._inner(call)[0]

    async def keep_request(self, question: Question, call: Call) -> str | None:
        """Keep a call that nobody at the client can confirm, for a person to approve; returns its id.

        None if policy has no such requests.
        """
        call = self.named(call)
        return await self._execution.keep_request(question, call.action, call.arguments)

    async def _placed(self, error: ActionError, through: str | None) -> ActionError:
        """The error with the connection it is about, if there are several."""
        with suppress(ActionError):  # the error itself may be about a problem with the store
            if connection := await self._connections.current(through):
                error.place = await self._connections.book.place(connection)
        return error

    async def _record_refusal(self, call: Call, error: ActionError) -> None:
        """Record a refusal. It stays a refusal even if the journal cannot be written."""
        try:
            connection = await self._connections.current(call.connection)
            entry = event(
                "refused",
                call.caller,
                connection=connection.name if connection else call.connection or "",
                org=connection.org_url if connection else "",
                details={
                    "arguments": shortened(dict(call.arguments)),
                    "error": str(error),
                    "text": error.summary,
                    **({"reason": shortened(call.reason)} if call.reason else {}),
                },
                identity=connection.identity if connection else None,
                code=error.code,
                rule=error.rule if isinstance(error, PolicyRefusal) else None,
            )
            await self._recorder.refused(replace(entry, action=call.action), call.caller)
        except ActionError:
            logger.exception("The refusal of %s could not be written to the journal", call.action[:80])

    async def _call(self, call: Call) -> Result | Question:
        action = find(call.action)
        if call.answer is not None and call.answer.verdict != "accepted" and action.effect is not Effect.READ:
            return Result(await self._execution.not_accepted(action, call.answer, call.arguments))
        accepted = accept(action, call.arguments)
        try:
            outcome = await self._run(call, action, accepted)
        except InvalidInput as error:
            # The cause may be an argument that was corrected.
            error.causes = (*error.causes, *accepted.notes)
            raise
        return replace(outcome, notes=(*accepted.notes, *outcome.notes)) if isinstance(outcome, Result) else outcome

    async def _run(self, call: Call, action: Definition, accepted: Accepted) -> Result | Question:
        if isinstance(action, OwnAction):
            self._guard.permit(action, None)
            here = Here(call, action, self, dry_run=accepted.dry_run)
            if action.effect is not Effect.READ:
                answer = await action.run(accepted.request, here)
                return (
                    answer
                    if isinstance(answer, Question)
                    else narrowed(await self._of_own(here, accepted.request, answer))
                )
            return await self._short(call, accepted.request, lambda wanted: self._read_own(here, wanted))
        assert isinstance(action, Action)
        if call.reveal is not None and not action.reveals:
            raise InvalidInput(f"{action.name} has no secret to show.", code="nothing_to_reveal")
        async with self.passage(call, action, accepted.request) as passage:
            if action.effect is Effect.READ:
                return await self._short(call, accepted.request, lambda wanted: self._read(passage, action, wanted))
            seen = await passage.look(action, accepted.request)
            written = await passage.write(action, seen, dry_run=accepted.dry_run)
            if isinstance(written, Question):
                return written
            return narrowed(self._result(seen.request, written, passage.place))

    async def _read(self, passage: Passage, action: Action, request: ActionInput) -> Result:
        read = await passage.read(action, request)
        if isinstance(read, ExportMade):
            read = await self.exports.keep(passage.call.caller, passage.connection, action, read)
        return self._result(request, read, passage.place, _left_out(passage.managed, read))

    async def _read_own(self, here: Here, request: ActionInput) -> Result:
        answer = await here.action.run(request, here)
        assert isinstance(answer, BaseModel)  # a read asks nothing
        return await self._of_own(here, request, answer)

    async def _of_own(self, here: Here, request: ActionInput, answer: BaseModel) -> Result:
        connection = await self._connections.current(here.call.connection)
        place = await self._connections.book.place(connection) if connection else ""
        return self._result(request, answer, place)

    async def _short(
        self, call: Call, request: ActionInput, read: Callable[[ActionInput], Awaitable[Result]]
    ) -> Result:
        """What a read answers, as long as whoever called takes it."""
        return await (read(request) if call.whole else fitted(request, read))

    def _result(self, request: ActionInput, answer: BaseModel, place: str = "", notes: tuple[str, ...] = ()) -> Result:
        hiding = self._guard.hiding
        return Result(answer, place, (*notes, *hiding.notes(request, answer)), hiding)

    @asynccontextmanager
    async def passage(self, call: Call, action: Definition, request: ActionInput) -> AsyncIterator[Passage]:
        """The way of a call through its connection, if the action may run there.

        Raises:
            ActionError: nothing is connected, a rule forbids the action, or it is frozen.
        """
        connection = await self._permitted(action, await self._connections.connected(call.connection))
        self._guard.permit_now(action, await self._connections.frozen())
        named = [name for name in action.references if getattr(request, name) is not None]
        self._guard.permit_named(action, named, connection)
        okta = await self._connections.client(connection)
        # What a person's yes rests on is asked for after it came; all else may be known already.
        since = time.monotonic() if call.answer is not None else 0.0
        managed = self._guard.managed(okta, connection, since=since)
        self._guard.hiding.check(action, request)
        seen = Sight(
            people=managed.ids if managed else None,
            hides=self._guard.hiding.everywhere,
            hides_any=bool(self._guard.hiding.everywhere),
            hides_sent=not isinstance(action, Action),
        )
        place = await self._connections.book.place(connection)
        with (
            seeing(seen),
            revealing(call.reveal),
            recalling(self._recall(call, connection)),
            one_pass() as reads,
            consulting() as facts,
        ):
            passage = Passage(
                call=call,
                connection=connection,
                okta=okta,
                since=since,
                place=place,
                managed=managed,
                recorder=self._recorder,
                guard=self._guard,
                execution=self._execution,
                ahead=self._ahead,
                reads=reads,
                facts=facts,
                permitted=self._permitted,
            )
            if call.answer is not None:
                self._ahead.again(okta, connection, action, request, since)
            try:
                yield passage
            finally:
                if action.effect is not Effect.READ:
                    self._ahead.learn(connection, action, request, passage.asked)

    def _recall(self, call: Call, connection: Connection) -> Recall:
        """What the record has of the caller's own calls through this connection."""

        async def recall(action: str, target: str) -> Recalled | None:
            found = await self._recorder.read(
                lambda database, chain: newest_call(database, chain, connection.org_url, action, target, call.caller)
            )
            return Recalled(found.age, found.told) if found is not None else None

        return recall

    async def _permitted(self, action: Definition, connection: Connection) -> Connection:
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


def _left_out(managed: ManagedPeople | None, answer: BaseModel) -> tuple[str, ...]:
    """What the rules leave out of a list. This is said whether or not anybody was left out: nobody may learn that."""
    lists = isinstance(answer, ExportMade) or {"users", "looked_at"} & type(answer).model_fields.keys()
    if managed is None or not lists:
        return ()
    return ("The rule managed_users limits this list to people whom this server manages.",)
