"""Searching 100,000 people over stdio: the first page, and what it takes to read them all."""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.calls import over_stdio
from benchmarks.world import SERVE, World

PEOPLE = 100_000
RUNS = 40
PAGE = 200
SEARCHES: dict[str, tuple[dict[str, Any], str]] = {
    # What is asked of us, and the search that Okta is asked for it.
    "nothing": ({}, "id pr"),
    "a department": ({"department": "Sales"}, 'profile.department eq "Sales"'),
    "a word": (
        {"words": "family42"},
        " or ".join(f'profile.{name} co "family42"' for name in ("firstName", "lastName", "login", "email")),
    ),
}


@dataclass(frozen=True)
class Streamed:
    """All people, 200 a page. Sizes are in MiB: of our process after the first tenth of the pages, and at the end."""

    people: int
    seconds: float
    resident_early: float
    resident_late: float


async def first_page(world: World) -> dict[str, tuple[float, float]]:
    """By what is searched for, the median seconds of a first page of 20, and those of Okta's own answer to it."""
    found = {}
    headers = {"authorization": f"SSWS {world.api_token}"}
    async with over_stdio(SERVE, world) as client, httpx2.AsyncClient(base_url=world.url, headers=headers) as http:
        for name, (arguments, search) in SEARCHES.items():
            ours, theirs = [], []
            for run in range(RUNS + 3):
                began = time.perf_counter()
                result = await client.call_tool("search_users", arguments)
                called = time.perf_counter()
                answer = await http.get("/api/v1/users", params={"search": search, "limit": 20})
                answered = time.perf_counter()
                if result.is_error or not answer.json():
                    raise RuntimeError(f"search_users: {result.content}")
                if run >= 3:
                    ours.append(called - began)
                    theirs.append(answered - called)
            found[name] = (statistics.median(ours), statistics.median(theirs))
    return found


async def everybody(world: World) -> Streamed:
    """Read all people by following the cursor."""
    before = set(_children())
    async with over_stdio(SERVE, world) as client:
        (server,) = set(_children()) - before
        ids: set[str] = set()
        arguments: dict[str, Any] = {"limit": PAGE}
        early, pages = 0.0, 0
        began = time.perf_counter()
        while True:
            page = (await client.call_tool("search_users", arguments)).structured_content or {}
            ids |= {user["id"] for user in page["users"]}
            pages += 1
            if pages == PEOPLE // PAGE // 10:
                early = _resident(server)
            if "next_cursor" not in page:
                break
            arguments["cursor"] = page["next_cursor"]
        return Streamed(len(ids), time.perf_counter() - began, early, _resident(server))


def _children() -> list[int]:
    """The processes that this one started."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _resident(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
