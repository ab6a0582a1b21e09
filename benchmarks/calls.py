"""One call of lookup_user, beside its parts: a call of a tool that does nothing, and one GET."""

import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from benchmarks.world import BARE, SERVE, World, http_server

CALLS = 400
IN_FLIGHT = 32

Call = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Speed:
    p50: float
    """Seconds, one call after the other."""
    alone: float
    together: float
    """Calls in a second, one after the other and with 32 in flight."""


async def speed(call: Call) -> Speed:
    for _ in range(30):
        await call()
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await call()
        times.append(time.perf_counter() - began)

    async def worker() -> None:
        for _ in range(CALLS // IN_FLIGHT * 2):
            await call()

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(IN_FLIGHT):
            tasks.start_soon(worker)
    together = (CALLS // IN_FLIGHT * 2 * IN_FLIGHT) / (time.perf_counter() - began)
    return Speed(statistics.median(times), len(times) / sum(times), together)


async def measure(world: World) -> dict[str, Speed]:
    """By the names `get`, `echo stdio`, `lookup stdio`, `echo http`, `lookup http`."""
    found: dict[str, Speed] = {}
    async with AsyncExitStack() as stack:
        headers = {"authorization": f"SSWS {world.api_token}"}
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=world.url, headers=headers))
        found["get"] = await speed(partial(http.get, f"/api/v1/users/{world.user_id}"))
        for name, opened in (("stdio", over_stdio), ("http", over_http)):
            async with opened(BARE, world) as client:
                found[f"echo {name}"] = await speed(partial(client.call_tool, "echo", {"text": "x"}))
            async with opened(SERVE, world) as client:
                found[f"lookup {name}"] = await speed(
                    partial(client.call_tool, "lookup_user", {"user_id": world.user_id})
                )
    return found


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


async def memory(world: World) -> tuple[float, float]:
    """MiB that are resident after 100 calls over HTTP: bare, ours."""
    found = []
    for command, name, arguments in (
        (BARE, "echo", {"text": "x"}),
        (SERVE, "lookup_user", {"user_id": world.user_id}),
    ):
        with http_server(command, world) as (url, headers, process_id):
            async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
                async with Client(streamable_http_client(url, http_client=http)) as client:
                    for _ in range(100):
                        await client.call_tool(name, arguments)
                    status = await anyio.Path(f"/proc/{process_id}/status").read_text()
        found.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    return found[0], found[1]
