"""The loop: the model answers, its calls are made and their results returned to it, until it has finished."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from itertools import groupby
from typing import Any

import anyio

from server.agent.backoff import Again, persistently
from server.agent.limits import Deadline, OutOfBounds, TurnLimits
from server.agent.model import Item, Model, ModelError, Reply, Returned, Said, ToolCall
from server.agent.session import CHANGES, UNDO, CallOutcome, Made, Session
from server.media.models import marked
from tools.okta.errors import ActionError

JOURNAL_SECONDS = 10.0
"""Time limit for reading the journal after a turn; the server may be what ended the turn."""


@dataclass(frozen=True)
class Text:
    """A piece of what the model says."""

    piece: str


@dataclass(frozen=True)
class Started:
    made: Made


@dataclass(frozen=True)
class Finished:
    made: Made


Event = Text | Started | Finished | Again


@dataclass
class Report:
    """The outcome of a turn.

    `error` is why there is no answer. `changes` are the turn's changes in the journal; None if nothing was to be
    changed, or the server has no journal to show.
    """

    answer: str = ""
    calls: list[Made] = field(default_factory=list)
    changes: list[dict[str, Any]] | None = None
    error: ActionError | None = None
    stopped: bool = False
    rounds: int = 0
    tokens: int = 0


class Stopped(ActionError):
    """The person ended the turn."""

    code = "stopped"

    def __init__(self) -> None:
        super().__init__("The turn was stopped.")


class Agent:
    """A conversation with a model that has the tools of an MCP session. It runs one turn at a time."""

    def __init__(self, model: Model, session: Session, limits: TurnLimits, deadline: Deadline) -> None:
        """`deadline` is shared with the code that asks the person, which pauses it meanwhile."""
        self.model = model
        self.session = session
        self._limits = limits
        self._deadline = deadline
        self._items: list[Item] = []
        self.changes: list[str] = []
        """The ids of the changes made in the turns so far, oldest first."""

    def reset(self) -> None:
        """Forget the conversation."""
        self._items = []

    def stop(self) -> None:
        """End the current turn and cancel its calls."""
        self._deadline.stop()

    async def turn(self, request: str, tell: Callable[[Event], None]) -> Report:
        """Answer a request. Never raises for errors of the model or the tools: the report holds them."""
        began = datetime.now(UTC)
        report = Report()
        self._items.append(Said(request))
        with self._deadline.within(self._limits.seconds) as scope:
            try:
                await self._rounds(report, tell)
            except ActionError as error:
                report.error = error
            except Exception as error:  # whatever the SDK raises: what was done is still reported
                report.error = _unforeseen(error)
        if scope.cancelled_caught:
            report.stopped = self._deadline.stopped
            seconds = f"{self._limits.seconds:g} seconds"
            report.error = Stopped() if report.stopped else OutOfBounds(seconds, "MODEL_SECONDS")
        self._settle()
        with anyio.move_on_after(JOURNAL_SECONDS), suppress(Exception):
            report.changes = await self._changes(report, began)
        self.changes += [str(change.get("id")) for change in report.changes or ()]
        return report

    async def look(self, name: str, **arguments: Any) -> Made:
        """Make a call that changes nothing and that the model need not know of."""
        made = self.session.prepare(ToolCall("", name, json.dumps(arguments)))
        with self._deadline.within(self._limits.seconds):
            await self._run(made, lambda _: None)
        return made

    async def call(self, name: str, tell: Callable[[Event], None], **arguments: Any) -> Made:
        """Make a call that the person asked for without the model, and tell the model about it."""
        made = self.session.prepare(ToolCall("", name, json.dumps(arguments)))
        with self._deadline.within(self._limits.seconds):
            await self._run(made, tell)
        self._items.append(Said(f"(I ran {name} {json.dumps(arguments)} myself: {made.outcome}.)"))
        return made

    async def _changes(self, report: Report, began: datetime) -> list[dict[str, Any]] | None:
        """The turn's writes in the journal, oldest first; if a write did not report, all the caller's
        changes since the turn began.

        None if there is nothing to look for, or no journal.
        """
        writes = [made for made in report.calls if made.write]
        if not writes or not self.session.has(CHANGES):
            return None
        reported = {made.change_id for made in writes}
        unknown = [made for made in writes if made.uncertain and made.change_id is None]
        caller = (await self.session.describe()).get("caller") if unknown else None
        since = began.isoformat(timespec="milliseconds")
        changes: list[dict[str, Any]] = []
        async with aclosing(self.session.changes(since=since, limit=100)) as found:
            async for change in found:
                if change.get("id") in reported or (unknown and _is_by(change, caller)):
                    changes.insert(0, change)
        _identify(unknown, [change for change in changes if change.get("id") not in reported])
        return changes

    async def _rounds(self, report: Report, tell: Callable[[Event], None]) -> None:
        instructions = _instructions(self.session)
        functions = self.session.functions()
        unusable_before = False
        while report.rounds < self._limits.rounds:
            reply = await self._ask(instructions, functions, tell)
            report.rounds += 1
            report.tokens += reply.tokens
            report.answer = reply.text
            self._items.append(reply)
            if not reply.calls:
                return
            if report.tokens >= self._limits.tokens:
                raise OutOfBounds(f"{report.tokens} tokens", "MODEL_TOKENS")
            unusable = await self._make(reply, report, tell)
            if unusable and unusable_before:
                raise ModelError(
                    "The model keeps making invalid calls.",
                    next_step="Rephrase the request, or use a model that is better with tools.",
                )
            unusable_before = unusable
        raise OutOfBounds(f"{report.rounds} rounds", "MODEL_ROUNDS")

    async def _ask(self, instructions: str, functions: list[Any], tell: Callable[[Event], None]) -> Reply:
        reply = None
        async with aclosing(persistently(self.model, instructions, self._items, functions)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Reply):
                    reply = piece
                else:
                    tell(Text(piece) if isinstance(piece, str) else piece)
        assert reply is not None, "a model's last piece is its reply"
        return reply

    async def _make(self, reply: Reply, report: Report, tell: Callable[[Event], None]) -> bool:
        """Make the calls of a reply in order: adjacent reads at once, writes one after the other.

        Returns whether some could not even be tried.
        """
        calls = [(call, self.session.prepare(call)) for call in reply.calls]
        for write, group in groupby(calls, lambda pair: pair[1].write):
            batch = list(group)
            for together in [[pair] for pair in batch] if write else [batch]:
                report.calls += [made for _, made in together]
                try:
                    async with anyio.create_task_group() as tasks:
                        for _, made in together:
                            tasks.start_soon(self._run, made, tell)
                finally:
                    self._items += [Returned(call, marked(made.text)) for call, made in together]
        return any(made.outcome is CallOutcome.UNUSABLE for _, made in calls)

    async def _run(self, made: Made, tell: Callable[[Event], None]) -> None:
        try:
            if made.outcome is CallOutcome.RUNNING:
                tell(Started(made))
                await self.session.run(made)
        finally:
            if made.outcome is CallOutcome.RUNNING:
                made.outcome = CallOutcome.STOPPED
                made.text = "Stopped while running; it may or may not have been done."
            tell(Finished(made))

    def _settle(self) -> None:
        """Leave a conversation that can be continued: every call in it has an answer."""
        answered = []
        for item in reversed(self._items):
            if isinstance(item, Returned):
                answered.append(item.call)
            elif isinstance(item, Reply):
                unanswered = [call for call in item.calls if call not in answered]
                self._items += [Returned(call, "Not called: the turn had ended.") for call in unanswered]
                break


def _unforeseen(error: Exception) -> ModelError:
    inner: BaseException = error
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return ModelError(
        f"The model's round failed unexpectedly ({type(inner).__name__}: {inner}).",
        next_step="Check what was changed before you ask again.",
    )


def _identify(unknown: Sequence[Made], changes: Sequence[dict[str, Any]]) -> None:
    """Match calls that did not report with unreported changes, both oldest first: the outcome of each call."""
    left = list(changes)
    for made in unknown:
        undoes = str(made.arguments.get("change_id")) if made.name == UNDO else None
        for change in left:
            if change.get("undoes") == undoes and (undoes or change.get("action") == made.name):
                made.details["change_id"] = change["id"]
                left.remove(change)
                break


def _instructions(session: Session) -> str:
    own = resources.files("prompts").joinpath("agent.md").read_text("utf-8")
    return f"{own}\n{session.instructions}".strip()


def _is_by(change: Mapping[str, Any], caller: str | None) -> bool:
    """Whether a change is the caller's, through any program; the server may not say who the caller is."""
    by = str(change.get("by"))
    return caller is None or by == caller or by.startswith(f"{caller} (")
