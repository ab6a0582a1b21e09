"""Reading the history of a million entries, by everything that list_changes takes, and writing beside such reads."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.entries import GROUP, ORG, USER, About, fill, matter
from server.connections.models import Connection
from server.journal.history import History
from server.journal.recording import Recorder
from server.journal.verifying import verify
from server.settings import load
from server.store.store import Store

ENTRIES = 1_000_000
PEOPLE, GROUPS = 20_000, 500
ACTIONS = ("add_user_to_group", "remove_user_from_group", "suspend_user", "unsuspend_user")
TIMES = 30
WRITES = 200
AT_ONCE = 50_000
"""How many entries are added in one transaction."""


@dataclass(frozen=True)
class Times:
    """Seconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Measured:
    lists: dict[str, float]
    """By what is asked for, the seconds of a page of 20, p50."""
    alone: Times
    """Of adding an entry, down to the disk."""
    beside_lists: Times
    """The same while lists are read one after the other."""
    beside_verifying: Times
    """The same while the whole journal is verified."""


def _about(number: int) -> About:
    """Who is changed how: everybody about as often, and every thousandth change through another connection."""
    return About(
        user=f"00u{number * 7919 % PEOPLE:017}",
        group=f"00g{number * 104_729 % GROUPS:017}",
        action=ACTIONS[number % len(ACTIONS)],
        connection="rare" if number % 1000 == 0 else "default",
    )


def _connection(name: str) -> Connection:
    return Connection(
        name=name,
        org_url=ORG,
        client_id="0oa",
        user_id="00u",
        login=None,
        person=None,
        service_account=True,
        scopes_requested=(),
        scopes_granted=(),
        connected_at=0.0,
    )


async def measure(entries: int = ENTRIES) -> Measured:
    with TemporaryDirectory() as folder:
        store = Store(settings := load(data_dir=Path(folder) / "data", vault_key_source="file"))
        recorder = Recorder(store, settings)
        for until in range(AT_ONCE, entries + 1, AT_ONCE):
            await recorder.run(partial(fill, until=until, about=_about))
        lists = {name: await _page(recorder, asked, name) for name, asked in _lists(entries).items()}
        alone = await _writes(recorder)
        beside_lists = await _beside(recorder, lambda: _ask(recorder, {"targets": (_about(4711).user,)}))
        beside_verifying = await _beside(recorder, lambda: recorder.read(verify))
        await store.aclose()
    return Measured(lists, alone, beside_lists, beside_verifying)


def _lists(entries: int) -> dict[str, dict[str, Any]]:
    some = _about(4711)
    day = datetime.fromtimestamp(time.time() - 86_400, UTC)
    month = datetime.fromtimestamp(time.time() - 30 * 86_400, UTC)
    return {
        "nothing": {},
        "a person": {"targets": (some.user,)},
        "a person who was never changed": {"targets": (USER,)},
        "a group": {"targets": (some.group,)},
        "a group that was never changed": {"targets": (GROUP,)},
        "a person and a group": {"targets": (some.user, some.group)},
        "a group and an action": {"targets": (some.group,), "action": some.action},
        "an action": {"action": "suspend_user"},
        "an action that was never called": {"action": "create_user"},
        "since a day ago": {"since": day},
        "since a month ago, the last page": {"since": month, "cursor": str(entries // 2 - 30 * 8640 + 10)},
        "since a month ago, a person": {"since": month, "targets": (some.user,)},
        "since now": {"since": datetime.now(UTC)},
        "the oldest page": {"cursor": "20"},
        "a connection that was rarely used": {"connection": "rare"},
        "a new connection": {"connection": "new"},
    }


async def _ask(recorder: Recorder, asked: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"targets": (), "change_id": None, "action": None, "since": None, "cursor": None}
    history = History(recorder, _connection(asked.get("connection", "default")))
    only = {name: value for name, value in asked.items() if name != "connection"}
    await history.recent(**{**plain, "limit": 20, **only})


async def _page(recorder: Recorder, asked: dict[str, Any], name: str) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await _ask(recorder, asked)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def _writes(recorder: Recorder) -> Times:
    entry = matter(About()).entry("declined")
    times = []
    for _ in range(WRITES):
        began = time.perf_counter()
        await recorder.run(lambda database, chain: chain.append(database, entry))
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    return Times(statistics.median(times), statistics.quantiles(times, n=20)[-1])


async def _beside(recorder: Recorder, read: Callable[[], Awaitable[object]]) -> Times:
    async def reading() -> None:
        while True:
            await read()

    task = asyncio.create_task(reading())
    try:
        return await _writes(recorder)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
