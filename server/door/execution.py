"""The second half of a write: question, intent, run, outcome. Nothing is done without being recorded."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import anyio

from server.door.attempt import Attempt
from server.door.call import Answer
from server.door.guard import Guard
from server.door.pace import TooManyUnasked
from server.door.preparing import Preparation, Prepared, answer_of
from server.door.question import Parts
from server.journal.matter import Matter
from server.journal.recording import Begun, Confirmation, Ending, Recorder, TicketSpent
from server.policy.caller import COMMAND_LINE
from tools.contract.action import Action
from tools.contract.definition import Definition
from tools.contract.outcomes import Outcome
from tools.contract.record import UndoneBy
from tools.okta.client import Writes, noting_writes
from tools.okta.errors import ActionError, HalfDone, InvalidInput
from tools.text.lines import readable

if TYPE_CHECKING:
    from server.store.database import Database

logger = logging.getLogger(__name__)

MOST_ROUNDS = 3
"""Limit on questions about a target that keeps changing."""


READING_SECONDS = 1.0
"""Nobody reads a question faster than this: an earlier answer comes from a program."""


@dataclass(frozen=True)
class Question:
    """A question that a person must confirm, and the one-use ticket for the answer.

    `key` identifies the question by its target and state. The answer to another question has another key.
    """

    parts: Parts
    ticket: str
    matter: Matter
    key: str
    elsewhere: bool = False
    """Whether the connection is one of several, so that a command must name it."""

    @property
    def text(self) -> str:
        """The text for a form: one fact per line."""
        return self.parts.text()

    def accepted(self, by: str = "the client") -> Answer:
        """The answer of somebody who confirms it, without asking anybody."""
        return Answer(self.ticket, "accepted", by, typed=self.parts.must_type or None)

    @property
    def line(self) -> str:
        """The text for a refusal."""
        return self.parts.sentences()


class Execution:
    """Runs every write of every surface."""

    def __init__(self, guard: Guard, recorder: Recorder) -> None:
        self._rules = guard.rules
        self._guard = guard
        self._recorder = recorder
        self._preparation = Preparation(guard, recorder)

    async def write(self, attempt: Attempt, answer: Answer | None) -> Outcome | Question:
        """Do it and record it, report that it is already so or what it would do, or ask.

        Raises:
            ActionError: it was refused, or failed.
        """
        prepared = await self._preparation.prepare(attempt)
        if isinstance(prepared, Outcome):
            if not prepared.dry_run:
                await self._set_aside(attempt, answer)
            return prepared
        if not prepared.asks:
            await self._set_aside(attempt, answer)
            return await self.execute(prepared)
        confirmed = await self._confirmed(prepared, answer)
        if not isinstance(confirmed, Confirmation):
            return confirmed
        assert answer is not None
        return await self.execute(prepared, answer.ticket, confirmed)

    async def execute(
        self, prepared: Prepared, ticket: str | None = None, confirmation: Confirmation | None = None
    ) -> Outcome | Question:
        """Record the intent, use the ticket up with it, run the action, and record what came of it.

        It asks if the ticket was used up meanwhile, or the caller does too much of this to go on unasked.
        """
        attempt, pace = prepared.attempt, prepared.pace
        must_not_hurry = confirmation is None and self._guard.asks(attempt.action, [pace.told])

        chain = await self._recorder.chain()

        def admit(database: "Database") -> None:
            pace.spend(database, must_not_hurry=must_not_hurry)
            for challenge in prepared.challenges:
                challenge.admit(database, chain, self._rules)

        try:
            change = await self._recorder.begin(prepared.matter, ticket, confirmation, admit)
        except TicketSpent:
            return await self._ask(prepared, 1)
        except TooManyUnasked:
            return await self._ask(replace(prepared, parts=replace(prepared.parts, pace=pace.told)), 1)
        return await self._carry_out(attempt, prepared.matter, change)

    async def _ask(self, prepared: Prepared, round: int) -> Question:
        ticket = await self._recorder.ask(prepared.seal, round, prepared.matter, prepared.pace.check)
        key = _key(prepared.seal)
        return Question(prepared.parts, ticket, prepared.matter, key, elsewhere=bool(prepared.attempt.place))

    async def keep_request(self, question: Question, name: str, arguments: Mapping[str, Any]) -> str | None:
        """Keep the call that led to a question, in place of the question's ticket; see `Door.keep_request`."""
        if not self._rules.change_requests:
            await self._recorder.unanswered(question.ticket, "not_shown")
            return None
        return await self._recorder.keep_request(question.ticket, question.matter, name, dict(arguments))

    async def not_accepted(self, action: Definition, answer: Answer, arguments: Mapping[str, Any]) -> Outcome:
        """Record an answer other than yes, and report it. Whatever has changed since, a no is a no.

        If policy keeps requests, one is kept in case no person saw the question.
        """
        assert answer.verdict != "accepted"
        ticket = await self._recorder.unanswered(
            answer.ticket, answer.verdict, answered_by=answer.by, how=answer.how, said=answer.said
        )
        by_a_program = ticket is not None and ticket.seconds < READING_SECONDS and answer.how == "elicitation"
        told = _NOT_ACCEPTED[answer.verdict].format(by=answer.by)
        if answer.verdict == "declined" and answer.how == "elicitation":
            told += " Do not repeat it unless a person asks for it."
        if answer.said:
            told = f"{answer.said} {told}"
        if ticket is not None:
            told += f" The question was: {readable(ticket.matter.text)}"
        if by_a_program and answer.verdict != "not_shown":
            told += " It answered too fast for a person to have read the question."
        if self._rules.change_requests and ticket is not None and (by_a_program or answer.verdict != "declined"):
            id = await self._recorder.keep_request(answer.ticket, ticket.matter, action.name, dict(arguments))
            told += f" A person can still approve it within five minutes, in a terminal: okta-actions approve {id}"
        return answer_of(action, success=False, changed=False, answer=answer.verdict, message=told)

    async def _set_aside(self, attempt: Attempt, answer: Answer | None) -> None:
        """Use up the ticket of a yes that is not needed: it no longer fits, or there is nothing left to confirm."""
        if answer is not None:
            await self._recorder.set_aside(answer.ticket, attempt.caller, attempt.action.name, attempt.arguments)

    async def _confirmed(self, prepared: Prepared, answer: Answer | None) -> Confirmation | Question | Outcome:
        """The person's yes, if its ticket is unspent and the target has not changed since; else a question.

        If something else was typed than the question wants, nothing is done.
        """
        asked = 0
        if answer is not None:
            ticket = await self._recorder.look(answer.ticket)
            if ticket is not None and ticket.seal == prepared.seal and answer.key in (None, _key(prepared.seal)):
                if not prepared.parts.is_confirmed(answer.typed):
                    mistyped = replace(answer, verdict="not_shown", said=_mistyped(prepared.parts))
                    attempt = prepared.attempt
                    return await self.not_accepted(attempt.action, mistyped, attempt.arguments)
                return Confirmation(answer.how, answer.by)
            if ticket is not None:
                await self._set_aside(prepared.attempt, answer)
                asked = ticket.round
        if asked >= MOST_ROUNDS:
            raise InvalidInput(
                "Not done: the target kept changing while it was being confirmed.",
                code="target_keeps_changing",
                next_step="Look it up, and try again when nobody else is changing it.",
            )
        return await self._ask(prepared, asked + 1)

    async def _carry_out(self, attempt: Attempt, matter: Matter, change: Begun) -> Outcome:
        """Run it between its intent and its outcome, whatever happens meanwhile."""
        began = time.monotonic()
        with noting_writes(idempotent=attempt.action.idempotent) as writes:
            try:
                outcome = await attempt.action.run(attempt.request, attempt.okta, attempt.before)
            except BaseException as error:
                kind = _how_it_failed(error, writes)
                ending = Ending(kind, writes.ids, time.monotonic() - began, error=_told(error))
                await self._end_failed(change, matter, ending)
                if isinstance(error, ActionError):
                    error.change_id, error.ended = change.id, kind
                    if kind == "unknown":
                        if not error.maybe_done:
                            error.causes = (*error.causes, _ALL_THE_SAME[writes.repeated])
                        error.retryable = False
                        error.next_step = (
                            f"Check whether it was done before you try again, or run: okta-actions journal reconcile "
                            f"(change {change.id})"
                        )
                raise
        assert isinstance(outcome, Outcome)
        ending = Ending("done", writes.ids, time.monotonic() - began, outcome.facts(), _made(attempt.action, outcome))
        try:
            with anyio.CancelScope(shield=True):
                await self._recorder.end(change.sequence, matter, ending)
        except ActionError as error:
            failure = ActionError(
                f"It was done, as change {change.id}, but the journal could not record that: {error.summary}",
                code="outcome_not_recorded",
                next_step="Do not repeat it. An administrator runs: okta-actions journal reconcile",
            )
            failure.change_id, failure.ended = change.id, "unknown"
            raise failure from error
        return outcome.model_copy(update={"change_id": change.id, "message": self._told(attempt, outcome, change)})

    def _told(self, attempt: Attempt, outcome: Outcome, change: Begun) -> str:
        """What was done to whom, where, and how to undo it."""
        undid = f"Undid change {attempt.undoes.id}." if attempt.undoes else ""
        where = f"It was done in the org {attempt.connection.org_url.partition('://')[2]}." if outcome.changed else ""
        undoable = isinstance(attempt.action.undo, UndoneBy) and self._guard.may_undo(attempt.connection)
        undo = _how_to_undo(attempt, change) if outcome.changed and undoable else ""
        return " ".join(part for part in (undid, outcome.message, where, undo) if part)

    async def _end_failed(self, change: Begun, matter: Matter, ending: Ending) -> None:
        """Record the outcome even if nobody waits for the answer any more."""
        try:
            with anyio.CancelScope(shield=True):
                await self._recorder.end(change.sequence, matter, ending)
        except ActionError:
            # The intent then stays without an outcome, an unknown for reconcile to settle.
            logger.exception("The outcome of change %d could not be written to the journal", change.number)


_ALL_THE_SAME = {
    False: "Part of it may have been done anyway",
    True: "Okta had not answered the same request before, and may have done it then",
}
"""Why a refusal is not conclusive, by whether the refused request had been sent before."""


def _how_to_undo(attempt: Attempt, change: Begun) -> str:
    if attempt.caller.surface == COMMAND_LINE:
        return f"To undo it, run: okta-actions undo {change.id}"
    return f"To undo it, call undo_change with change_id {change.id}."


_NOT_ACCEPTED = {
    "declined": "Declined ({by}): nothing was changed.",
    "cancelled": "The question was closed without an answer ({by}): nothing was changed.",
    "not_shown": "No valid confirmation was received ({by}): nothing was changed.",
}


def _mistyped(parts: Parts) -> str:
    if parts.must_type:
        return f"It is confirmed by typing “{parts.must_type}”, and that was not typed."
    return "The form was submitted without a valid answer."


def _made(action: Action, outcome: Outcome) -> tuple[str, str, str] | None:
    """Kind, id and name of the created object, if any."""
    if action.creates is None or (made := outcome.made()) is None:
        return None
    return (action.creates.name, *made)


def _key(seal: str) -> str:
    """A question's name among those sent to a client."""
    return f"confirmation-{seal[:16]}"


def _how_it_failed(error: BaseException, writes: Writes) -> Literal["failed", "partly", "unknown"]:
    """Whether it was not done, was partly done, or may have been done.

    What was sent decides, not the error alone: the error may come from a check afterwards, or from a retry.
    """
    if isinstance(error, HalfDone):
        return "partly"
    refused = isinstance(error, ActionError) and not error.maybe_done
    return "failed" if refused and not writes.maybe_done else "unknown"


def _told(error: BaseException) -> ActionError:
    if isinstance(error, ActionError):
        return error
    if isinstance(error, asyncio.CancelledError):
        return ActionError("The call was cancelled while it ran.", code="cancelled")
    return ActionError("A bug in okta-actions while it ran.", code="internal_error")
