"""What a write costs beside the requests that it sends: the guard, the journal with its two commits, and the rest."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import httpx2

from benchmarks.world import World
from server.door.door import Call, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import load

TIMES = 150
CALLER = Caller(Principal("benchmarks", "someone"), "stdio")
UNLIMITED = {"changes_per_minute": 1_000_000, "changes_per_hour": 1_000_000, "ask_from": 1_000_000}

Interval = tuple[float, float]


@dataclass(frozen=True)
class Write:
    """Seconds, p50, of adding somebody to a group or removing them, through the door."""

    whole: float
    waiting: float
    """The part in which one request or more was under way."""
    own: float
    """The rest."""


async def measure(world: World) -> Write:
    async with Program(load(**UNLIMITED)) as program:
        okta = await program.connections.client(await program.connections.connected())
        (group, *_) = await okta.get("groups", q="Engineering", limit=1)
        arguments = {"user_id": world.user_id, "group_id": group["id"]}
        await okta.delete("groups", group["id"], "users", world.user_id)
        found: list[tuple[float, float, float]] = []
        with _watched() as sent:
            for _ in range(TIMES):
                for name in ("add_user_to_group", "remove_user_from_group"):
                    sent.clear()
                    began = time.perf_counter()
                    done = await program.door.call(Call(CALLER, name, arguments))
                    whole = time.perf_counter() - began
                    assert isinstance(done, Result), done
                    assert done.content["changed"], done
                    found.append((whole, covered(sent), whole - covered(sent)))
    return Write(*(statistics.median(column) for column in zip(*found, strict=True)))


def covered(intervals: Sequence[Interval]) -> float:
    """The time that is in one interval or more."""
    whole, until = 0.0, float("-inf")
    for began, ended in sorted(intervals):
        whole += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return whole


@contextmanager
def _watched() -> Iterator[list[Interval]]:
    """When requests were under way, from now on."""
    send, sent = httpx2.AsyncClient.send, list[Interval]()

    async def watched(client: httpx2.AsyncClient, *given: Any, **more: Any) -> httpx2.Response:
        began = time.perf_counter()
        try:
            return await send(client, *given, **more)
        finally:
            sent.append((began, time.perf_counter()))

    with patch.object(httpx2.AsyncClient, "send", watched):
        yield sent
