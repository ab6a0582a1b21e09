"""What the journal costs: an entry more in a short one and in a long one, and verifying all of it."""

import statistics
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.entries import About, fill, matter
from server.journal.recording import Recorder
from server.journal.verifying import verify
from server.settings import load
from server.store.store import Store

SHORT, LONG = 1_000, 1_000_000
TIMES = 300
UNLIMITED = {"changes_per_minute": 1_000_000, "changes_per_hour": 1_000_000}


@dataclass(frozen=True)
class Journaling:
    append_short: float
    """Seconds, p50, to add an entry to a journal of a thousand, down to the disk."""
    append_long: float
    """The same in one of a million."""
    verified: float
    """Entries a second, of a million."""


async def journaling() -> Journaling:
    with TemporaryDirectory() as folder:
        store = Store(settings := load(data_dir=Path(folder) / "data", vault_key_source="file"))
        recorder = Recorder(store, settings)
        await recorder.run(partial(fill, until=SHORT))
        short = await _append(recorder)
        await recorder.run(partial(fill, until=LONG))
        long = await _append(recorder)
        began = time.perf_counter()
        verdict = await recorder.read(verify)
        seconds = time.perf_counter() - began
        assert verdict.whole
        await store.aclose()
    return Journaling(short, long, verdict.entries / seconds)


async def _append(recorder: Recorder) -> float:
    entry = matter(About()).entry("declined")
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await recorder.run(lambda database, chain: chain.append(database, entry))
        times.append(time.perf_counter() - began)
    return statistics.median(times)
