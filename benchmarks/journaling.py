"""What the journal costs: an entry more in a short one and in a long one, and verifying all of it."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from server.journal.chain import COLUMNS, FORMAT, Chain, Head, Row, dumped
from server.journal.matter import Matter
from server.journal.recording import Recorder
from server.journal.verifying import verify
from server.policy.caller import Caller, Principal
from server.settings import load
from server.store.store import Store

if TYPE_CHECKING:
    from server.store.database import Database

SHORT, LONG = 1_000, 1_000_000
TIMES = 300
USER, GROUP = "00uABCDEFGHIJKLMNOPQ", "00gABCDEFGHIJKLMNOPQ"
CALLER = Caller(Principal("benchmarks", "someone"), "stdio")


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
