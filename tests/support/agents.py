"""The agent as its surfaces use it, against a server of a model that plays a script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from openai_server import KEY, OpenAIServer
from server.agent.opening import Ask, ChosenServer, open_agent
from server.agent.turn import Agent, Event, Finished, Report, Started, Text
from server.settings import Settings


@asynccontextmanager
async def an_agent(
    settings: Settings,
    model: OpenAIServer,
    ask: Ask | None = None,
    server: ChosenServer | None = None,
    **more: Any,
) -> AsyncIterator[Agent]:
    """An agent whose model is the server on loopback; `more` are settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", model.url)
        patch.setenv("OPENAI_API_KEY", KEY)
        async with open_agent(settings.model_copy(update=more), server or ChosenServer(), "test", ask) as agent:
            yield agent


class Watcher:
    """Notes what a person would see."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def text(self) -> str:
        return "".join(event.piece for event in self.events if isinstance(event, Text))

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The calls as they began and ended."""
        kinds = {Started: "started", Finished: "finished"}
        return [(kinds[type(e)], e.made.name) for e in self.events if isinstance(e, Started | Finished)]


class Asked:
    """A person who always answers the same."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.questions: list[str] = []

    async def __call__(self, question: str, prompt: str = "") -> bool:
        self.questions.append(question)
        return self.answer


def outcomes(report: Report) -> list[tuple[str, str]]:
    return [(made.name, made.outcome.value) for made in report.calls]


def code(report: Report) -> str:
    assert report.error is not None
    return report.error.code


async def begun(agent: Agent, person: str) -> None:
    """Wait until the journal has a change of this person."""
    while True:
        async for _ in agent.session.changes(user_id=person):
            return
        await anyio.sleep(0.02)
