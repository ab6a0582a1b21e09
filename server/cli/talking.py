"""A person and an agent at one terminal: the agent runs in its own thread, and the person has the main thread.

Ctrl-C reaches a question only in the main thread, where it stops the turn at any point.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import Any, TypeVar

import typer
from anyio.from_thread import BlockingPortal, start_blocking_portal

from server.agent.opening import ChosenServer, open_model, with_tools
from server.agent.turn import Agent, Stopped
from server.cli.screen import Screen
from server.settings import Settings

T = TypeVar("T")


@dataclass
class _Question:
    text: str
    prompt: str
    answer: "Future[bool | str]" = field(default_factory=Future)


class Talk:
    """An open agent and the person it asks."""

    def __init__(self, portal: BlockingPortal, screen: Screen, inbox: "Queue[_Question | None]") -> None:
        self.agent: Agent
        self.screen = screen
        self._portal = portal
        self._inbox = inbox

    def run(self, do: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Run one of the agent's turns or calls to completion and answer its questions; Ctrl-C stops it."""
        return self._finish(self._started(do, *arguments), lambda: self._portal.call(self.agent.stop))

    def look(self, do: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Run a read-only task.

        Raises:
            Stopped: the person pressed Ctrl-C while waiting.
        """
        running = self._started(do, *arguments)
        try:
            return self._finish(running, running.cancel)
        except CancelledError:
            raise Stopped from None

    def _started(self, do: Callable[..., Awaitable[T]], *arguments: Any) -> "Future[T]":
        running = self._portal.start_task_soon(do, *arguments)
        running.add_done_callback(lambda _: self._inbox.put(None))
        return running

    def _finish(self, running: "Future[T]", stop: Callable[[], object]) -> T:
        while True:
            try:
                if (question := self._next()) is None:
                    return running.result()
                answer = self._answer(question)
                with suppress(InvalidStateError):  # nobody is waiting for it any more
                    question.answer.set_result(answer)
            except (KeyboardInterrupt, typer.Abort):
                with suppress(KeyboardInterrupt):
                    self.screen.interrupted()
                    stop()

    def _answer(self, question: _Question) -> bool | str:
        if question.prompt:
            return self.screen.answered(question.text, question.prompt)
        return self.screen.confirmed(question.text)

    def asked(self, question: str) -> bool:
        """Whether the person says yes to a question of the program's own; leaving it counts as no."""
        try:
            return self.screen.confirmed(question)
        except (KeyboardInterrupt, typer.Abort):
            self.screen.interrupted()
            return False

    def _next(self) -> _Question | None:
        while True:
            # In slices, for on Windows no signal ends a wait.
            with suppress(Empty):
                return self._inbox.get(timeout=0.5)


@contextmanager
def talking(settings: Settings, server: ChosenServer, surface: str, screen: Screen, *, can_ask: bool) -> Iterator[Talk]:
    """A conversation. Without `can_ask`, calls that need a person's confirmation are refused."""
    inbox: Queue[_Question | None] = Queue()

    async def ask(text: str, prompt: str = "") -> bool | str:
        question = _Question(text, prompt)
        inbox.put(question)
        return await asyncio.wrap_future(question.answer)

    with start_blocking_portal() as portal:
        talk = Talk(portal, screen, inbox)
        # A separate task closes the model: a server that breaks off cancels only the task that holds its session, and
        # the current turn can still end with a report.
        with portal.wrap_async_context_manager(aclosing(open_model(settings))) as model:
            opened = with_tools(model, settings, server, surface, ask if can_ask else None)
            talked = False
            try:
                with portal.wrap_async_context_manager(opened) as talk.agent:
                    yield talk
                    talked = True
            except CancelledError:
                if not talked:
                    raise
