"""Runs scenarios: each in its own world, several at a time."""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import anyio
import httpx2
from pydantic import TypeAdapter

from server.agent.opening import ChosenServer, open_agent
from server.agent.scripted import Round
from server.agent.turn import Event, Report, Text
from server.evaluation.judging import FailedCheck, Seen, judge
from server.evaluation.person import ScriptedPerson
from server.evaluation.results import Results, Run
from server.evaluation.scenario import Scenario
from server.evaluation.world import World, a_world
from server.settings import Settings
from tools.okta.errors import ActionError

Script = Literal["good", "bad"]


@dataclass
class _Talk:
    """A conversation: all that the model said, each turn's report, and the error that broke it off."""

    said: str = ""
    reports: list[Report] = field(default_factory=list)
    broken: str | None = None
    seconds: float = 0.0

    def tell(self, event: Event) -> None:
        if isinstance(event, Text):
            self.said += event.piece

    @property
    def broken_off(self) -> bool:
        return self.broken is not None or any(report.error.retryable for report in self.reports if report.error)

    @property
    def errors(self) -> list[str]:
        found = [str(report.error) for report in self.reports if report.error]
        return [" ".join(text.split()) for text in (*found, *([self.broken] if self.broken else []))]


def model_name(settings: Settings, script: Script | None) -> str:
    """The model under evaluation, with its server and settings: the same name elsewhere may be another model."""
    if script:
        return f"script {script}"
    if settings.model_api == "script":
        return settings.model
    address = urlsplit(os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1")
    return f"{settings.model} ({settings.model_api}, {address.netloc.rpartition('@')[2]})"


async def evaluate(
    scenarios: Sequence[Scenario],
    settings: Settings,
    results: Results,
    *,
    script: Script | None = None,
    repeat: int = 1,
    parallel: int = 1,
    tell: Callable[[Run], None] = lambda run: None,
) -> None:
    """Run every scenario `repeat` times, `parallel` at a time, except for runs that the results already hold.

    Raises:
        InvalidInput: a scenario's org cannot be created.
    """
    model = model_name(settings, script)
    turns = anyio.Semaphore(parallel)
    mistakes: list[ActionError] = []

    async def one(scenario: Scenario, attempt: int) -> None:
        async with turns:
            try:
                run = await run_once(scenario, settings, script, attempt)
            except ActionError as error:
                error.summary = f"{scenario.full_name}: {error.summary}"
                mistakes.append(error)
                tasks.cancel_scope.cancel()
                return
            except (OSError, httpx2.HTTPError) as error:
                run = _without_a_world(scenario, model, attempt, error)
        results.add(run)
        tell(run)

    async with anyio.create_task_group() as tasks:
        for attempt in range(1, repeat + 1):
            for scenario in scenarios:
                if results.find(scenario, model, attempt) is None:
                    tasks.start_soon(one, scenario, attempt)
    if mistakes:
        raise mistakes[0]


async def run_once(scenario: Scenario, settings: Settings, script: Script | None = None, attempt: int = 1) -> Run:
    """One run of a scenario in its own world.

    Raises:
        InvalidInput: the scenario's org cannot be created.
    """
    person = ScriptedPerson(scenario)
    async with a_world(scenario.org, settings) as world:
        before = world.state()
        talk = await _talk(await _with_script(world, scenario, script), person)
        calls = [made for report in talk.reports for made in report.calls]
        seen = Seen(
            before=before,
            after=world.state(),
            journal=await world.journal(),
            asked=person.asked,
            said=talk.said,
            answers=[report.answer for report in talk.reports],
            told="\n".join(f"{json.dumps(made.arguments)} {made.text}" for made in calls),
            secrets=world.secrets,
            calls=len(calls),
            errors=talk.errors,
        )
    return Run(
        scenario=scenario.full_name,
        edition=scenario.edition,
        model=model_name(settings, script),
        attempt=attempt,
        failures=judge(scenario, seen),
        broken_off=talk.broken_off,
        calls=len(calls),
        rounds=sum(report.rounds for report in talk.reports),
        tokens=sum(report.tokens for report in talk.reports),
        seconds=round(talk.seconds, 2),
    )


def _without_a_world(scenario: Scenario, model: str, attempt: int, error: Exception) -> Run:
    """A run whose world broke: it says nothing about the model, and another try may succeed."""
    return Run(
        scenario=scenario.full_name,
        edition=scenario.edition,
        model=model,
        attempt=attempt,
        failures=[FailedCheck(kind="error", text=f"{type(error).__name__}: {' '.join(str(error).split())}")],
        broken_off=True,
        calls=0,
        rounds=0,
        tokens=0,
        seconds=0.0,
    )


async def _talk(settings: Settings, person: ScriptedPerson) -> _Talk:
    """The whole conversation. It includes any error that breaks it off: one run must not end all the others."""
    talk = _Talk()
    began = time.monotonic()
    try:
        async with open_agent(settings, ChosenServer(), "eval", person.confirm) as agent:
            says = person.next()
            while says is not None:
                report = await agent.turn(says, talk.tell)
                talk.reports.append(report)
                says = person.next(report.answer) if report.error is None else None
    except Exception as error:
        talk.broken = f"{type(error).__name__}: {error}"
    talk.seconds = time.monotonic() - began
    return talk


async def _with_script(world: World, scenario: Scenario, script: Script | None) -> Settings:
    """The world's settings. If there is a script, it plays the model, from a file like any script.

    `{secret.access_token}` and the like stand for the world's secrets, so that a script can demonstrate a leak.
    """
    if script is None:
        return world.settings
    rounds = scenario.good if script == "good" else scenario.bad.plays
    text = TypeAdapter(list[Round]).dump_json(rounds).decode()
    for name, secret in world.secrets.items():
        text = text.replace(f"{{secret.{name}}}", json.dumps(secret)[1:-1])
    file = world.settings.data_dir / "script.json"
    await anyio.Path(file).write_text(text, "utf-8")
    return world.settings.model_copy(update={"model_api": "script", "model": str(file)})
