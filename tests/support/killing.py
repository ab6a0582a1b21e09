"""Processes that die in the middle of a refresh: `python tests/support/killing.py --times 40 --random 50`."""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402

from browser import Browser  # noqa: E402
from server.connections import keeper  # noqa: E402
from server.connections.book import put_tokens, read_tokens  # noqa: E402
from server.connections.keeper import TokenKeeper  # noqa: E402
from server.connections.models import NeedsSignIn  # noqa: E402
from server.program import Program  # noqa: E402
from server.sandbox.faults import Fault  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from server.settings import load  # noqa: E402
from surface import app_of  # noqa: E402

JANE = "jane.doe@example.com"
POINTS = ("lease taken", "request sent", "answer received", "before commit", "after commit")


def die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Let this process die at a point of its next refresh."""
    tokens_keeper: Any = TokenKeeper
    module: Any = keeper
    ask = TokenKeeper._ask

    async def while_asking(self: TokenKeeper, tokens: Any) -> Any:
        if point == "lease taken":
            die()
        asking = asyncio.ensure_future(ask(self, tokens))
        if point == "request sent":
            await asyncio.sleep(0.2)  # the org answers later than that
            die()
        answer = await asking
        if point == "answer received":
            die()
        return answer

    def while_writing(*given: Any) -> None:
        put_tokens(*given)
        die()

    tokens_keeper._ask = while_asking
    if point == "before commit":
        module.put_tokens = while_writing
    if point == "after commit":
        tokens_keeper._adopt = die


async def look_up() -> None:
    async with Program(load()) as program:
        print("ready", flush=True)
        okta = await program.connections.client(await program.connections.connected())
        await okta.get("users", JANE)


async def age() -> None:
    """Let the access token be at its end, so that the next call refreshes."""
    async with Program(load()) as program:

        def write(database: Any) -> None:
            tokens = read_tokens(database, "default")
            assert tokens is not None
            put_tokens(database, "default", replace(tokens, expires_at=0.0))

        await program.store.run(write)


async def survived() -> str:
    """How the connection is afterwards: `works`, or `needs sign-in`; anything else is raised."""
    async with Program(load()) as program:
        try:
            okta = await program.connections.client(await program.connections.connected())
            assert (await okta.get("users", JANE))["status"] == "ACTIVE"
        except NeedsSignIn:
            return "needs sign-in"
    return "works"


async def connect(sandbox: RunningSandbox) -> None:
    async with Program(load()) as program:
        await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)


def let_die(command: list[str], point: str) -> None:
    """Start a process that dies at a point of its work, or is killed at any moment of it for `random`."""
    victim = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    victim.stdout.readline()
    if point == "random":
        time.sleep(random.uniform(0, 0.4))
        victim.kill()
    victim.wait(timeout=60)
    victim.stdout.close()
    assert victim.returncode == -signal.SIGKILL or point == "random", (command, victim.returncode)


def kill(sandbox: RunningSandbox, point: str) -> str:
    """Let one process die at a point, or at any moment for `random`, and see what is left."""
    anyio.run(age)
    if point == "request sent":
        sandbox.org.faults.coming.append(Fault("delay_after", seconds=0.4, path="/oauth2/v1/token"))
    let_die([sys.executable, __file__, "--victim", point], point)
    if point == "request sent":
        time.sleep(0.4)
    after = anyio.run(survived)
    if after != "works":
        anyio.run(connect, sandbox)
    return after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--random", type=int, default=50)
    parser.add_argument("--victim", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.victim:
        arm(given.victim)
        anyio.run(look_up)
        return
    uri = "http://localhost:8765/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        with RunningSandbox(redirect_uris=[uri]) as sandbox:
            sandbox.org.limits.per_minute = 10_000_000
            anyio.run(connect, sandbox)
            for point, times in (*((point, given.times) for point in POINTS), ("random", given.random)):
                ends = [kill(sandbox, point) for _ in range(times)]
                print(f"{point}: {ends.count('works')} of {times} work, {ends.count('needs sign-in')} need a sign-in")


if __name__ == "__main__":
    main()
