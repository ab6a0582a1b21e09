"""Many processes on one refresh token that rotates without leeway: `python tests/support/refreshing.py --help`.

Whoever presents the token a second time ends the connection for all, so that a single slip shows.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402

from browser import Browser  # noqa: E402
from server.connections.keeper import TokenKeeper  # noqa: E402
from server.connections.manager import App  # noqa: E402
from server.connections.models import Credentials, Tokens  # noqa: E402
from server.program import Program  # noqa: E402
from server.sandbox.authorization.clients import register_client  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from server.settings import load  # noqa: E402
from tools.catalogue import needed_scopes  # noqa: E402

JANE = "jane.doe@example.com"


@dataclass(frozen=True)
class Outcome:
    """What happened. `rejected` counts tokens that were used after Okta had stopped accepting them."""

    calls: int
    failures: list[str]
    rejected: int
    refreshes: int
    seconds: float


async def work(tasks: int, seconds: float) -> None:
    """One process: calls through the connection for so long, then tells on stdout how it went.

    It begins when a line comes in: all of them do at once, however long the last one took to start.
    """
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.time() + seconds
    told: dict[str, Any] = {"calls": 0, "failures": [], "rejected": 0}
    ask = TokenKeeper.tokens
    patched: Any = TokenKeeper

    async def counted(keeper: TokenKeeper, rejected: str | None = None) -> Tokens:
        told["rejected"] += rejected is not None
        return await ask(keeper, rejected)

    patched.tokens = counted
    async with Program(load()) as program:

        async def task() -> None:
            while time.time() < until:
                try:
                    okta = await program.connections.client(await program.connections.connected())
                    await okta.get("users", JANE)
                    told["calls"] += 1
                except Exception as error:
                    told["failures"].append(f"{type(error).__name__}: {error}")
                    await asyncio.sleep(0.5)
                await asyncio.sleep(random.uniform(0.2, 0.8))

        async with anyio.create_task_group() as group:
            for _ in range(tasks):
                group.start_soon(task)
    print(json.dumps(told))


def stress(sandbox: RunningSandbox, redirect_uri: str, processes: int, tasks: int, seconds: float) -> Outcome:
    """Connect an app whose tokens live two seconds, and let processes loose on it."""
    id, secret = register_client(
        sandbox.org,
        "Short-lived",
        redirect_uris=[redirect_uri],
        scopes=needed_scopes(),
        rotates=True,
        leeway=0,
        access_lifetime=2,
    )
    sandbox.org.limits.per_minute = 10_000_000

    def click(url: str) -> None:
        with Browser.signed_in(sandbox) as browser:
            browser.submit(browser.open(url), press="allow")

    async def connect() -> None:
        async with Program(load()) as program:
            app = App(sandbox.url, id, Credentials(client_secret=secret))
            await program.connections.connect(app, lambda url: anyio.to_thread.run_sync(click, url))

    anyio.run(connect)
    before = _refreshes(sandbox, id)
    command = [sys.executable, __file__, "--work", str(tasks), str(seconds)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    started = [subprocess.Popen(command, env=os.environ, text=True, **pipes) for _ in range(processes)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    began = time.time()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    calls, failures, rejected = 0, [], 0
    for process in started:
        out, err = process.communicate(timeout=seconds + 120)
        if process.returncode != 0:
            failures.append(f"exit code {process.returncode}: {err[-500:]}")
            continue
        told = json.loads(out)
        calls, rejected = calls + told["calls"], rejected + told["rejected"]
        failures += told["failures"]
    return Outcome(calls, failures, rejected, _refreshes(sandbox, id) - before, time.time() - began)


def _refreshes(sandbox: RunningSandbox, client_id: str) -> int:
    row = sandbox.org.database.one("SELECT count(*) AS n FROM access_tokens WHERE client_id = ?", client_id)
    return int(row["n"]) if row else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--work", nargs=2, metavar=("TASKS", "SECONDS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        anyio.run(work, int(given.work[0]), float(given.work[1]))
        return
    uri = "http://localhost:8765/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        with RunningSandbox(redirect_uris=[uri]) as sandbox:
            outcome = stress(sandbox, uri, given.processes, given.tasks, given.seconds)
    print(f"{outcome.calls} calls, {len(outcome.failures)} failures, {outcome.rejected} tokens used too late,")
    print(f"{outcome.refreshes} refreshes in {outcome.seconds:.1f} s")
    print(*sorted(set(outcome.failures))[:10], sep="\n")


if __name__ == "__main__":
    main()
