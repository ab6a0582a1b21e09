"""What the door tells OpenTelemetry of a call: its span and, once it has ended, its count and its duration."""

import time
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from pydantic import BaseModel

from server.connections.models import NeedsSignIn, NotConnected
from server.door.actions import LISTED
from server.policy.rules import PolicyRefusal
from tools.contract.outcomes import Outcome
from tools.okta.errors import ActionError, Ambiguous, InvalidInput, MissingScope, NotFound, OktaError
from tools.telemetry import OTHER, Span, code_of, meter

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, Meter

CallOutcome = Literal[
    "done",  # it changed something, or read
    "unchanged",  # there was nothing to change
    "dry_run",
    "question",  # a person is asked
    "declined",  # how the person answered, if not with yes
    "cancelled",
    "not_shown",
    "refused",  # by this server or by Okta; nothing was changed
    "failed",  # something is wrong; nothing was changed
    "partly",  # as the journal has it of a change that did not succeed
    "unknown",
    "abandoned",  # whoever called did not wait for the end
]
"""How a call ended: the values of `okta_actions.outcome`."""

ACTION = "okta_actions.action"
EFFECT = "okta_actions.effect"
OUTCOME = "okta_actions.outcome"
CODE = "okta_actions.code"
CHANGE_ID = "okta_actions.change_id"

_VERDICTS: dict[str | None, CallOutcome] = {
    "declined": "declined",
    "cancelled": "cancelled",
    "not_shown": "not_shown",
}
_FAILURES = ("failed", "partly", "unknown")
_REFUSALS = (InvalidInput, NotFound, Ambiguous, MissingScope, PolicyRefusal, NotConnected, NeedsSignIn)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""The boundaries that the semantic conventions give for durations of requests."""


class Telling(Span):
    """The span of one call. Of the name that was called, only one that an action has is told."""

    __slots__ = ("_began", "_called", "_ended")

    def __init__(self, name: str) -> None:
        super().__init__("door.call")
        self._called = name
        self._ended: tuple[CallOutcome, str | None] = ("abandoned", None)

    def __enter__(self) -> Self:
        super().__enter__()
        self._began = time.monotonic()
        return self

    def named(self, name: str) -> None:
        """Which action it is; of a call of an action by its name, that action."""
        self._called = name

    def asked(self) -> None:
        self._ended = ("question", None)

    def answered(self, answer: BaseModel) -> None:
        self._ended = (_outcome_of(answer), None)
        if isinstance(answer, Outcome):
            self.tell(CHANGE_ID, answer.change_id)

    def refused(self, error: ActionError) -> None:
        outcome = _outcome_of_error(error)
        self._ended = (outcome, code_of(error))
        self.tell(CHANGE_ID, error.change_id)
        if outcome in _FAILURES:
            self.fail(code_of(error))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        made = meter()
        if self.is_recorded or made is not None:
            outcome, code = self._ended
            action = LISTED.get(self._called)
            about = {ACTION: action.name, EFFECT: action.effect.value} if action is not None else {ACTION: OTHER}
            about |= {OUTCOME: outcome, **({CODE: code} if code is not None else {})}
            for name, value in about.items():
                self.tell(name, value)
            if made is not None:
                instruments = _instruments(made)
                instruments.calls.add(1, about)
                instruments.durations.record(time.monotonic() - self._began, about)
        super().__exit__(kind, error, traceback)


def _outcome_of(answer: BaseModel) -> CallOutcome:
    if not isinstance(answer, Outcome):
        return "done"
    if answer.dry_run:
        return "dry_run"
    return _VERDICTS.get(answer.answer, "done" if answer.changed else "unchanged")


def _outcome_of_error(error: ActionError) -> CallOutcome:
    if error.ended is not None:
        return error.ended
    by_okta = isinstance(error, OktaError) and 400 <= error.status < 500
    return "refused" if by_okta or isinstance(error, _REFUSALS) else "failed"


class _Instruments(NamedTuple):
    calls: "Counter"
    durations: "Histogram"


@cache
def _instruments(made: "Meter") -> _Instruments:
    return _Instruments(
        made.create_counter("okta_actions.calls", unit="{call}", description="Calls of actions"),
        made.create_histogram(
            "okta_actions.call.duration",
            unit="s",
            description="Duration of calls of actions",
            explicit_bucket_boundaries_advisory=_SECONDS,
        ),
    )
