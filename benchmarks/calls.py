"""lookup_user, beside a bare server whose tool does the same GET and gives the same answer under the same schemas."""

import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from benchmarks.world import BARE_LOOKUP, SERVE, World, http_server
from server.program import Program
from server.settings import load
from tools.okta.bodies import ACCEPTED

CALLS = 400
ROUNDS = 10
"""In each, all servers are called in turn with many calls in flight."""
IN_FLIGHT = 32
PER_WORKER = 4
WARMING = 30
NAME = "lookup_user"

Call = Callable[[], Awaitable[Any]]


@dataclass
class Speed:
    """Seconds of each call, one after the other; and of each round of IN_FLIGHT × PER_WORKER calls at the same time."""

    times: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def together(self) -> float:
        """Seconds a call with 32 in flight."""
        return statistics.median(self.rounds) / (IN_FLIGHT * PER_WORKER)


async def speeds(calls: Sequence[Call]) -> list[Speed]:
    """Of each, measured in turn, so that whatever else the machine does hits all alike."""
    found = [Speed() for _ in calls]
    for call in calls:
        for _ in range(WARMING):
            await call()
    for _ in range(CALLS):
        for call, speed in zip(calls, found, strict=True):
            began = time.perf_counter()
            await call()
            speed.times.append(time.perf_counter() - began)
    for _ in range(ROUNDS):
        for call, speed in zip(calls, found, strict=True):
            began = time.perf_counter()
            async with anyio.create_task_group() as tasks:
                for _ in range(IN_FLIGHT):
                    tasks.start_soon(_several, call)
            speed.rounds.append(time.perf_counter() - began)
    return found


async def _several(call: Call) -> None:
    for _ in range(PER_WORKER):
        await call()


async def measure(world: World, others: Sequence[tuple[list[str], World]] = ()) -> dict[str, list[Speed]]:
    """By `stdio` and `http`: the bare server, ours, and others than ours, each in its own world."""
    told = await _told(world)
    found: dict[str, list[Speed]] = {}
    for name, opened in (("stdio", over_stdio), ("http", over_http)):
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(opened(command, where))
                for command, where in ((BARE_LOOKUP, told), (SERVE, world), *others)
            ]
            calls = [partial(client.call_tool, NAME, {"user_id": world.user_id}) for client in clients]
            bare, ours, *_ = [_content(await call()) for call in calls]
            if bare != ours:
                raise RuntimeError(f"The bare server does not give the same answer: {bare} instead of {ours}")
            found[name] = await speeds(calls)
    return found


async def get(world: World) -> Speed:
    """The GET alone."""
    async with httpx2.AsyncClient(base_url=world.url, headers=await _headers()) as http:
        (speed,) = await speeds([partial(http.get, f"/api/v1/users/{world.user_id}")])
    return speed


def _content(result: CallToolResult) -> dict[str, Any]:
    if result.is_error:
        raise RuntimeError(f"{NAME}: {result.content}")
    return result.structured_content or {}


async def _headers() -> dict[str, str]:
    """What ours sends."""
    async with Program(load()) as program:
        token = await program.connections.access_token(await program.connections.connected())
    return {"authorization": f"Bearer {token}", "accept": "application/json", "accept-encoding": ACCEPTED}


async def _told(world: World) -> World:
    """The world, with what the bare server's answer is made of: ours, and where in Okta's each part of it stands."""
    headers = await _headers()
    async with httpx2.AsyncClient(base_url=world.url, headers=headers) as http:
        person = (await http.get(f"/api/v1/users/{world.user_id}")).raise_for_status().json()
    async with over_stdio(SERVE, world) as client:
        answer = _content(await client.call_tool(NAME, {"user_id": world.user_id}))
        (tool,) = [one for one in (await client.list_tools()).tools if one.name == NAME]
    places = {value: [name] for name, value in person.items() if isinstance(value, str)}
    places |= {value: ["profile", name] for name, value in person["profile"].items() if isinstance(value, str)}
    fields = {name: places[value] for name, value in answer.items() if isinstance(value, str) and value in places}
    told = {
        "url": world.url,
        "headers": headers,
        "fields": fields,
        "fixed": {name: value for name, value in answer.items() if name not in fields},
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
    }
    return replace(world, environment={**world.environment, "BENCHMARKS_LOOKUP": json.dumps(told)})


@asynccontextmanager
async def over_stdio(command: list[str], world: World) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=command[0], args=command[1:], env=world.environment)
    async with Client(server) as client:
        yield client


@asynccontextmanager
async def over_http(command: list[str], world: World) -> AsyncIterator[Client]:
    with http_server(command, world) as (url, headers, _):
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            async with Client(streamable_http_client(url, http_client=http)) as client:
                yield client


async def memory(bare: list[str], world: World) -> tuple[float, float]:
    """MiB that are resident after 100 calls over HTTP: bare, ours."""
    found = []
    for command, name, arguments in ((bare, "echo", {"text": "x"}), (SERVE, NAME, {"user_id": world.user_id})):
        with http_server(command, world) as (url, headers, process_id):
            async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
                async with Client(streamable_http_client(url, http_client=http)) as client:
                    for _ in range(100):
                        await client.call_tool(name, arguments)
                    status = await anyio.Path(f"/proc/{process_id}/status").read_text()
        found.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    return found[0], found[1]
