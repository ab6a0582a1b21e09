"""Limits of a turn: rounds, tokens, and time, not counting the time in which a person is asked."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from tools.okta.errors import ActionError


@dataclass(frozen=True)
class TurnLimits:
    """Limits of one turn. `tokens` are as the model's server counts them; `seconds` exclude waiting for a person."""

    rounds: int
    tokens: int
    seconds: float


class OutOfBounds(ActionError):
    """The turn reached one of its limits before the model had answered."""

    code = "turn_limit"

    def __init__(self, what: str, setting: str) -> None:
        super().__init__(
            f"The turn was ended after {what}, without an answer.",
            next_step=f"Ask for less at a time, or raise OKTA_ACTIONS_{setting}.",
        )


class Deadline:
    """Cancels what runs under it after some seconds, or when told to. It is paused while a person thinks."""

    def __init__(self) -> None:
        self._scope = anyio.CancelScope()
        self.stopped = False
        self._holding = 0
        self._left = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[anyio.CancelScope]:
        self.stopped = False
        self._scope = anyio.CancelScope(deadline=anyio.current_time() + seconds)
        with self._scope as scope:
            yield scope

    @contextmanager
    def held(self) -> Iterator[None]:
        """A person is being asked. Questions may overlap: the clock resumes when the last one is answered."""
        scope = self._scope
        if not self._holding:
            self._left = scope.deadline - anyio.current_time()
            scope.deadline = math.inf
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            if not self._holding:
                scope.deadline = anyio.current_time() + self._left

    def stop(self) -> None:
        self.stopped = True
        self._scope.cancel()
