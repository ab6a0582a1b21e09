"""Scenarios for tests, and what is needed to run one."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx2

from server.evaluation.results import Run
from server.evaluation.running import run_once
from server.evaluation.scenario import Scenario, load_scenarios
from server.evaluation.world import World
from server.settings import Settings

JANE = "jane.doe@example.com"


def model_settings(**more: Any) -> Settings:
    """Settings that nothing of the machine's has a part in."""
    return Settings.model_construct(**more)


def written(folder: Path, text: str, name: str = "tests.yaml") -> Path:
    """A folder with one file of scenarios."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(dedent(text), "utf-8")
    return folder


def scenario(plays: list[Any], **more: Any) -> Scenario:
    """A scenario in which nothing is wanted, played as told."""
    given = {"name": "a_test", "kind": "tests", "says": "Do it.", "calls": 5, "good": plays, **more}
    return Scenario.model_validate({"bad": {"fails": "missing", "plays": ["No."]}, **given})


def loaded(folder: Path) -> Scenario:
    (one,) = load_scenarios(folder)
    return one


async def outcome(plays: list[Any], **more: Any) -> Run:
    """The run of such a scenario."""
    return await run_once(scenario(plays, **more), model_settings(), "good")


def kinds(run: Run) -> list[str]:
    return [failure.kind for failure in run.failures]


def behind_the_back(world: World, method: str, path: str, root: str = "/api/v1", **more: Any) -> Any:
    """Something that is done in the world's org without okta-actions."""
    headers = {"authorization": f"SSWS {world.sandbox.demo.api_token}"}
    answer = httpx2.request(method, f"{world.sandbox.url}{root}{path}", headers=headers, timeout=10, **more)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
