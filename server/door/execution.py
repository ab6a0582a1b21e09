"""The path of a write: guard, observe, question, intent, run, outcome. Nothing is done without being recorded."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio

from server.connections.models import Connection
from server.door.call import Answer
from server.door.guard import Guard
from server.door.managed import ManagedPeople
from server.door.question import Parts
from server.journal.chain import dumped
from server.journal.history import Recorded
from server.journal.lately import Lately, told_lately
from server.journal.limits import Bucket, buckets, paced
from server.journal.matter import Matter, kept
from server.journal.recording import Begun, Confirmation, Ending, Recorder, TicketSpent, TooManyUnasked
from server.policy.caller import COMMAND_LINE, Caller
from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition
from tools.contract.facts import holds
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.record import UndoneBy
from tools.contract.targets import Targets
from tools.okta.client import OktaClient, Writes, noting_writes
from tools.okta.errors import ActionError, HalfDone, InvalidInput
from tools.text.lines import capitalized, readable

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

    @property
    def line(self) -> str:
        """The text for a refusal."""
        return self.parts.sentences()


@dataclass(frozen=True)
class Attempt:
    """A requested write: what, on whom, through which connection, and which change it undoes."""

    caller: Caller
    connection: Connection
    okta: OktaClient
    action: Action
    request: ActionInput
    targets: Targets
    dry_run: bool = False
    undoes: Recorded | None = None
    preface: str = ""
    """What a person is told first."""
    about: str = ""
    """The change it undoes, in one line."""
    loses: str = ""
    """What an undo does not bring back: if set, a person must confirm it even if the action does not ask."""

    must_ask: bool = False
    """Whether a person must confirm it whatever the rules say."""

    reason: str | None = None
    """Why it is wanted, in the caller's words."""
    place: str = ""
    """The connection and org, if a person must be told which of several it is."""
    managed: ManagedPeople | None = None
    """The only people who may be changed, if a rule limits them."""

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as sent, with names resolved to ids."""
        return self.request.model_dump(mode="json", exclude_unset=True)

    def matter(self, preview: Preview) -> Matter:
        """The details to record."""
        return Matter(
            caller=self.caller,
            connection=self.connection.name,
            org=self.connection.org_url,
            identity=self.connection.identity,
            action=self.action.name,
            arguments=self.arguments,
            targets=tuple(
                (kind.name, one.id, one.label) for kind in self.action.kinds for one in self.targets.all(kind.type)
            ),
            before=kept(preview.before),
            wanted=kept(preview.after),
            text=preview.text,
            undoes=self.undoes.row.sequence if self.undoes else None,
            reason=self.reason,
        )

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """The limits it counts towards."""
        return buckets(self.caller, undoes=self._at_a_terminal)

    @property
    def paced(self) -> tuple[Bucket, ...]:
        """The limits on its own action that it counts towards."""
        return () if self._at_a_terminal else paced(self.caller, self.action.name)

    @property
    def _at_a_terminal(self) -> bool:
        """Whether a person is undoing something by a command."""
        return self.undoes is not None and self.caller.surface == COMMAND_LINE


class Execution:
    """Runs every write of every surface."""

    def __init__(self, guard: Guard, recorder: Recorder) -> None:
        self._rules = guard.rules
        self._guard = guard
        self._recorder = recorder
        self._pace = f"This was done {guard.rules.ask_from} times or more in the last minute, by one or more programs."

    async def write(self, attempt: Attempt, answer: Answer | None) -> Outcome | Question:
        """Do it and record it, report that it is already so or what it would do, or ask.

        Raises:
            ActionError: it was refused, or failed.
        """
        action, request = attempt.action, attempt.request
        standings, before = await asyncio.gather(
            self._guard.standing(attempt.okta, action, attempt.targets),
            action.observe(request, attempt.okta, attempt.targets),
        )
        lowers = action.lowers is not None and action.lowers(request)
        allowed = self._guard.protect(
            attempt.connection, action, attempt.targets, standings, lowers=lowers, undoes=attempt.undoes is not None
        )
        assert action.preview is not None
        preview = action.preview(request, before)
        if action.idempotent and not preview.conceals and holds(preview.before, preview.after):
            await self._set_aside(attempt, answer)
            if action.unchanged is None:
                return _outcome(action, success=True, changed=False)
            return action.unchanged(request, before)
        if attempt.managed is not None:
            # Before any answer reveals whether the login is taken.
            attempt.managed.require_newcomer(preview)
        if action.refuse is not None:
            action.refuse(request, before)
        self._guard.protect_names(preview)
        foreseen = await self._guard.foresee(
            attempt.okta, attempt.connection, attempt.targets, standings, preview, fresh=answer is not None
        )
        reasons = (*allowed, *foreseen)
        must_ask = bool(attempt.loses or (allowed and not self._rules.allow_administrators)) or attempt.must_ask
        lately = await told_lately(
            self._recorder,
            attempt.connection,
            attempt.targets,
            attempt.paced,
            self._rules.ask_from,
            attempt.undoes.row.sequence if attempt.undoes else None,
        )
        parts = self._parts(attempt, preview, reasons, lately)
        asks = must_ask or self._guard.asks(action, (*reasons, parts.pace))
        if attempt.dry_run or self._rules.dry_run:
            would = parts.sentences()
            return _outcome(action, success=True, changed=False, dry_run=True, would=would, asks=asks)
        self._guard.demand_reason(action, reasons, attempt.reason)
        matter = attempt.matter(preview)
        seal = _seal(attempt, before, parts.bound)
        confirmation = None
        if asks:
            asked = await self._confirm(attempt, seal, parts, matter, answer)
            if isinstance(asked, Question):
                return asked
            confirmation = asked
        else:
            await self._set_aside(attempt, answer)
        try:
            ticket = answer.ticket if answer and confirmation else None
            unasked = attempt.paced if self._guard.asks(action, [self._pace]) else ()
            change = await self._recorder.begin(
                matter, ticket, confirmation, attempt.buckets, paced=attempt.paced, unasked=unasked
            )
        except TicketSpent:
            return await self._ask(attempt, seal, 1, parts, matter)
        except TooManyUnasked:
            return await self._ask(attempt, seal, 1, replace(parts, pace=self._pace), matter)
        return await self._carry_out(attempt, before, matter, change)

    async def _ask(self, attempt: Attempt, seal: str, round: int, parts: Parts, matter: Matter) -> Question:
        ticket = await self._recorder.ask(seal, round, matter, attempt.buckets)
        return Question(parts, ticket, matter, _key(seal), elsewhere=bool(attempt.place))

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
        return _outcome(action, success=False, changed=False, answer=answer.verdict, message=told)

    async def _set_aside(self, attempt: Attempt, answer: Answer | None) -> None:
        """Use up the ticket of a yes that is not needed: it no longer fits, or there is nothing left to confirm."""
        if answer is not None:
            await self._recorder.set_aside(answer.ticket, attempt.caller, attempt.action.name, attempt.arguments)

    async def _confirm(
        self, attempt: Attempt, seal: str, parts: Parts, matter: Matter, answer: Answer | None
    ) -> Confirmation | Question:
        """The person's yes, if its ticket is unspent and the target has not changed since; else a question."""
        asked = 0
        if answer is not None:
            ticket = await self._recorder.look(answer.ticket)
            if ticket is not None and ticket.seal == seal and answer.key in (None, _key(seal)):
                return Confirmation(answer.how, answer.by)
            if ticket is not None:
                await self._set_aside(attempt, answer)
                asked = ticket.round
        if asked >= MOST_ROUNDS:
            raise InvalidInput(
                "Not done: the target kept changing while it was being confirmed.",
                code="target_keeps_changing",
                next_step="Look it up, and try again when nobody else is changing it.",
            )
        return await self._ask(attempt, seal, asked + 1, parts, matter)

    async def _carry_out(self, attempt: Attempt, before: Any, matter: Matter, change: Begun) -> Outcome:
        """Run it between its intent and its outcome, whatever happens meanwhile."""
        began = time.monotonic()
        with noting_writes(idempotent=attempt.action.idempotent) as writes:
            try:
                outcome = await attempt.action.run(attempt.request, attempt.okta, before)
            except BaseException as error:
                kind = _how_it_failed(error, writes)
                ending = Ending(kind, writes.ids, time.monotonic() - began, error=_told(error))
                await self._end_failed(change, matter, ending)
                if isinstance(error, ActionError):
                    error.change_id = change.id
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
            failure.change_id = change.id
            raise failure from error
        return outcome.model_copy(update={"change_id": change.id, "message": self._told(attempt, outcome, change)})

    def _parts(self, attempt: Attempt, preview: Preview, reasons: tuple[str, ...], lately: Lately) -> Parts:
        """The question for a person, or the result of a dry run."""
        return Parts(
            headline=f"{attempt.preface} {preview.headline or preview.text}".strip(),
            consequences=tuple(text for text in (preview.consequence, attempt.loses, *reasons) if text),
            place=attempt.place,
            details=(*preview.details, *([attempt.about] if attempt.about else [])),
            remaining=_sentence(preview.remaining),
            lately=lately.changes,
            pace=self._pace if lately.hurries else "",
            reason=f"Reason given: “{attempt.reason}”." if attempt.reason else "",
        )

    def _told(self, attempt: Attempt, outcome: Outcome, change: Begun) -> str:
        """What was done to whom, where, and how to undo it."""
        undid = f"Undid change {attempt.undoes.id}." if attempt.undoes else ""
        where = f"It was done in the org {attempt.connection.org_url.partition('://')[2]}."
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


def _sentence(words: str) -> str:
    return f"{capitalized(words)}{'.' * (not words.endswith('…'))}" if words else ""


def _how_to_undo(attempt: Attempt, change: Begun) -> str:
    if attempt.caller.surface == COMMAND_LINE:
        return f"To undo it, run: okta-actions undo {change.id}"
    return f"To undo it, call undo_change with change_id {change.id}."


_NOT_ACCEPTED = {
    "declined": "Declined ({by}): nothing was changed.",
    "cancelled": "The question was closed without an answer ({by}): nothing was changed.",
    "not_shown": "No valid confirmation was received ({by}): nothing was changed.",
}


def _made(action: Action, outcome: Outcome) -> tuple[str, str, str] | None:
    """Kind, id and name of the created object, if any."""
    if action.creates is None or (made := outcome.made()) is None:
        return None
    return (action.creates.name, *made)


def _key(seal: str) -> str:
    """A question's name among those sent to a client."""
    return f"confirmation-{seal[:16]}"


def _outcome(action: Definition, **values: Any) -> Outcome:
    made = action.output(**values)
    assert isinstance(made, Outcome)
    return made


def _how_it_failed(error: BaseException, writes: Writes) -> str:
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


def _seal(attempt: Attempt, before: Any, text: str) -> str:
    """What a yes is bound to: who asked, where, for what, and everything the person was shown."""
    connection, request = attempt.connection, attempt.request
    place = f"{connection.name} {connection.org_url} {connection.user_id}"
    state = before.seal() if before else ""
    undoes = attempt.undoes.id if attempt.undoes else ""
    bound = [attempt.caller.everything, place, attempt.action.name, request.model_dump_json(), state, text, undoes]
    return hashlib.sha256(dumped(bound).encode()).hexdigest()
