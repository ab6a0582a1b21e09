"""What the journal costs: an entry more in a short one and in a long one, verifying all of it, and a whole write."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.world import World
from server.door.door import Call, Result
from server.door.guard import Guard
from server.journal.chain import COLUMNS, FORMAT, Chain, Head, Row, dumped
from server.journal.matter import Matter
from server.journal.recording import Recorder
from server.journal.verifying import verify
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import load
from server.store.store import Store
from tools.catalogue import CATALOGUE
from tools.contract.action import Action
from tools.contract.resolving import resolve
from tools.contract.validation import validate
from tools.okta.client import OktaClient

if TYPE_CHECKING:
    from server.store.database import Database

SHORT, LONG = 1_000, 1_000_000
TIMES = 300
USER, GROUP = "00uABCDEFGHIJKLMNOPQ", "00gABCDEFGHIJKLMNOPQ"
CALLER = Caller(Principal("benchmarks", "someone"), "stdio")
UNLIMITED = {"changes_per_minute": 1_000_000, "changes_per_hour": 1_000_000}


@dataclass(frozen=True)
class Journaling:
    append_short: float
    """Seconds, p50, to add an entry to a journal of a thousand, down to the disk."""
    append_long: float
    """The same in one of a million."""
    verified: float
    """Entries a second, of a million."""


def _matter() -> Matter:
    return Matter(
        caller=CALLER,
        connection="default",
        org="https://example.okta.com",
        identity="Admin <admin@example.com>",
        action="add_user_to_group",
        arguments={"user_id": USER, "group_id": GROUP},
        targets=(("user", USER, "Jane Doe <jane.doe@example.com>"), ("group", GROUP, "“Engineering”")),
        before={"member": False},
        wanted={"member": True},
        text="Add Jane Doe <jane.doe@example.com>, ACTIVE, to “Engineering”.",
    )


def _filled(chain: Chain, head: Head, until: int) -> Iterator[Row]:
    """Entries as the chain would add them, intents and outcomes in turn, without a transaction for each."""
    intent = _matter().entry("intent", process="4711:123456")
    body, details, targets = dumped(intent.body), dumped(intent.details), " ".join(intent.targets)
    digest, outcome, nothing = chain.digest(details), dumped({"ms": 12.3, "requests": ["reqABCDEFGHIJKLMNOPQ"]}), "{}"
    empty, mac, at = chain.digest(nothing), head.mac, time.time() - 86400
    for sequence in range(head.sequence + 1, until + 1):
        common = (intent.caller, intent.connection, intent.action, targets)
        if sequence % 2:
            row = Row(sequence, at, "intent", None, *common, body, digest, details, b"", number=(sequence + 1) // 2)
        else:
            row = Row(sequence, at, "done", sequence - 1, *common, outcome, empty, nothing, b"")
        row = row._replace(format=FORMAT, org=intent.org)
        mac = chain.mac(mac, row)
        yield row._replace(mac=mac)


def _fill(database: "Database", chain: Chain, until: int) -> None:
    driver = database.driver
    marks = ", ".join("?" * len(Row._fields))
    driver.executemany(f"INSERT INTO journal ({COLUMNS}) VALUES ({marks})", _filled(chain, chain.head(database), until))
    sequence, mac = driver.execute("SELECT sequence, mac FROM journal ORDER BY sequence DESC LIMIT 1").fetchone()
    chain._set_head(database, Head(sequence, mac, (sequence + 1) // 2))


async def journaling() -> Journaling:
    with TemporaryDirectory() as folder:
        store = Store(settings := load(data_dir=Path(folder) / "data", vault_key_source="file"))
        recorder = Recorder(store, settings)
        await recorder.run(partial(_fill, until=SHORT))
        short = await _append(recorder)
        await recorder.run(partial(_fill, until=LONG))
        long = await _append(recorder)
        began = time.perf_counter()
        verdict = await recorder.read(verify)
        seconds = time.perf_counter() - began
        assert verdict.whole
        await store.aclose()
    return Journaling(short, long, verdict.entries / seconds)


async def _append(recorder: Recorder) -> float:
    entry = _matter().entry("declined")
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await recorder.run(lambda database, chain: chain.append(database, entry))
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@dataclass(frozen=True)
class Write:
    """Seconds, p50, of adding somebody to a group or removing them."""

    bare: float
    """Resolving the two, looking whether they are a member, and the write itself."""
    with_roles: float
    """The same with what the guard asks Okta: whether the person is an administrator, or the group grants it."""
    ours: float
    """Through the door."""


async def write(world: World) -> Write:
    """In turn, so that whatever else the machine does hits all three alike."""
    async with Program(load(**UNLIMITED)) as program:
        connection = await program.connections.connected()
        okta = await program.connections.client(connection)
        (group, *_) = await okta.get("groups", q="Engineering", limit=1)
        arguments = {"user_id": world.user_id, "group_id": group["id"]}

        async def bare(action: Action, guard: Guard | None = None) -> None:
            request, targets = await resolve(action, validate(action, arguments), okta)
            reads: list[Awaitable[Any]] = [action.observe(request, okta, targets)]
            if guard is not None:
                reads.append(guard.standing(okta, action, targets))
            before, *_ = await asyncio.gather(*reads)
            await action.run(request, okta, before)

        async def with_roles(action: Action) -> None:
            await bare(action, program.guard)

        async def ours(action: Action) -> None:
            done = await program.door.call(Call(CALLER, action.name, arguments))
            assert isinstance(done, Result), done
            assert done.content["changed"], done

        ways: tuple[Callable[[Action], Awaitable[None]], ...] = (bare, with_roles, ours)
        times: dict[Any, list[float]] = {way: [] for way in ways}
        await _remove(okta, arguments)
        for _ in range(TIMES // 2):
            for way in ways:
                for name in ("add_user_to_group", "remove_user_from_group"):
                    began = time.perf_counter()
                    await way(CATALOGUE[name])
                    times[way].append(time.perf_counter() - began)
    return Write(*(statistics.median(times[way]) for way in ways))


async def _remove(okta: OktaClient, arguments: dict[str, str]) -> None:
    await okta.delete("groups", arguments["group_id"], "users", arguments["user_id"])
