"""Whoever holds a lease, or runs a change, is named with the host: nobody takes it for dead from another one."""

import os
import subprocess
import sys
import time
from typing import Any

import anyio
import pytest

from appending import matter
from ledger import outcome_of
from server.connections import lease
from server.journal.history import LONGEST
from server.machine.processes import alive, this_process
from server.program import Program
from server.settings import load

ELSEWHERE = "999999999:1@other-host/0a1b2c3d/4026531836"


def ended() -> str:
    """A process of this host that is gone, as it named itself."""
    code = "from server.machine.processes import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_process_of_this_host_lives_until_it_ends() -> None:
    gone = ended()
    assert (alive(this_process()), alive(f"{this_process()}:0a1b2c3d")) == (True, True)
    assert (alive(gone), alive(f"{gone}:0a1b2c3d")) == (False, False)


def test_an_id_that_was_given_again_is_not_the_same_process() -> None:
    number, _, place = this_process().partition("@")
    assert not alive(f"{number.partition(':')[0]}:1@{place}")


def test_a_process_of_another_host_or_container_is_taken_for_alive() -> None:
    gone = ended()
    own = f"{os.getpid()}:1@other-host"
    for holder in (ELSEWHERE, f"{ELSEWHERE}:0a1b2c3d", own, gone.replace("@", "@another-"), f"{gone}0", "x@other-host"):
        assert alive(holder), holder


def test_holders_of_earlier_versions_are_of_this_host() -> None:
    number = ended().partition("@")[0]
    assert (alive(number), alive(f"{number}:0a1b2c3d"), alive(number.partition(":")[0])) == (False, False, False)
    mine = this_process().partition("@")[0]
    assert (alive(mine), alive(f"{mine}:0a1b2c3d"), alive(str(os.getpid()))) == (True, True, True)


@pytest.mark.parametrize(("by", "taken"), [("another host", False), ("this host", True)])
async def test_a_lease_of_another_host_holds_until_its_time_is_over(by: str, taken: bool) -> None:
    holder = ELSEWHERE if by == "another host" else await anyio.to_thread.run_sync(ended)
    async with Program(load()) as program:

        def begin(database: Any) -> bool:
            row = {"connection": "default", "holder": f"{holder}:0a1b2c3d", "until": time.time() + 10}
            database.put(database.leases, row)
            return lease.take(database, "default", lease.new_holder())

        def later(database: Any) -> bool:
            database.execute(database.leases.update().values(until=time.time() - 1))
            return lease.take(database, "default", lease.new_holder())

        assert await program.store.run(begin) is taken
        assert await program.store.run(later)


async def test_a_change_of_another_host_runs_until_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Program(load()) as program:
        gone = await anyio.to_thread.run_sync(ended)
        begun = {}
        for name, process in {"here": this_process(), "elsewhere": ELSEWHERE, "gone": gone}.items():
            entry = matter("somebody").entry("intent", process=process)

            def begin(database: Any, chain: Any, entry: Any = entry) -> int:
                return int(chain.append(database, entry).number)

            begun[name] = await program.recorder.run(begin)
        outcomes = {name: await outcome_of(program, change) for name, change in begun.items()}
        assert outcomes == {"here": "running", "elsewhere": "running", "gone": "unknown"}
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + LONGEST + 1)
        assert {await outcome_of(program, change) for change in begun.values()} == {"unknown"}
