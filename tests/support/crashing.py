"""Processes that die in the middle of a write: `python tests/support/crashing.py --times 40 --random 50`.

Each does one write in a world of its own, so that what the journal says of it can be held against the org.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402
import httpx2  # noqa: E402

from connected_org import Org  # noqa: E402
from killing import connect, die, let_die  # noqa: E402
from ledger import do, entries, recorded, verdict  # noqa: E402
from server.journal import tickets  # noqa: E402
from server.journal.reconciling import reconcile  # noqa: E402
from server.journal.recording import Recorder  # noqa: E402
from server.policy.caller import Caller, Principal  # noqa: E402
from server.program import Program  # noqa: E402
from server.sandbox.faults import Fault  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from server.settings import load  # noqa: E402
from tools.okta.client import OktaClient  # noqa: E402
from worlds import Ready, ready, write_names  # noqa: E402

API_TOKEN = "00-the-api-token-of-the-crashes"
POINTS = ("ticket spent", "intent written", "request sent", "answer received", "outcome written")


def arm(point: str) -> None:
    """Let this process die at a point of its next write. A ticket is spent where every write asks."""
    recorder: Any = Recorder
    client: Any = OktaClient
    kept_tickets: Any = tickets
    begin, end, exchange, spend = Recorder.begin, Recorder.end, OktaClient._exchange, tickets.spend

    def while_spending(*given: Any) -> bool:
        spent = spend(*given)
        if point == "ticket spent" and spent:
            die()
        return spent

    async def while_beginning(*given: Any, **more: Any) -> Any:
        change = await begin(*given, **more)
        return change if point != "intent written" else die()

    async def while_asking_okta(self: OktaClient, method: str, *given: Any, **more: Any) -> Any:
        asking = asyncio.ensure_future(exchange(self, method, *given, **more))
        if method != "GET" and point == "request sent":
            await asyncio.sleep(0.2)  # the org answers later than that
            die()
        answer = await asking
        return answer if method == "GET" or point != "answer received" else die()

    async def while_ending(*given: Any) -> None:
        await end(*given)
        if point == "outcome written":
            die()

    kept_tickets.spend, recorder.begin, recorder.end = while_spending, while_beginning, while_ending
    client._exchange = while_asking_okta


async def write(name: str, arguments: dict[str, Any]) -> None:
    """The victim: one write, with a yes to what it asks."""
    async with Program(load()) as program:
        await program.connections.client(await program.connections.connected())
        print("ready", flush=True)
        # Each is a caller of its own: a question that nobody could answer any more counts among its caller's.
        caller = Caller(Principal("tests", f"victim {os.getpid()}"), "tests")
        await do(program, name, caller, **arguments)


@dataclass
class Crashes:
    """An org with a program connected to it, and what was tried in it."""

    sandbox: RunningSandbox
    org: Org
    tried: list[Ready] = field(default_factory=list)
    _names: Iterator[str] = field(default_factory=lambda: cycle(write_names()))

    def prepare(self) -> None:
        self.sandbox.org.limits.per_minute = 10_000_000
        anyio.run(connect, self.sandbox)

    def kill(self, point: str) -> Ready:
        """Let a process die at a point of the next write, or at any moment for `random`; the write it died of."""
        attempt = anyio.run(ready, next(self._names), self.org)
        self.tried.append(attempt)
        if point == "request sent":
            for method in ("POST", "PUT", "DELETE"):
                self.sandbox.org.faults.coming.append(Fault("delay_after", 99, method, "/api/v1/", 0.4))
        let_die([sys.executable, __file__, "--victim", point, attempt.name, json.dumps(attempt.arguments)], point)
        if point == "request sent":
            time.sleep(0.4)
        self.sandbox.org.faults.coming.clear()
        return attempt

    def check(self) -> dict[str, str]:
        """By word of each write, what the journal says became of it: `done`, `not_done`, or `not begun`.

        What nobody can know, since Okta does not show it, is as it was.

        Raises:
            AssertionError: it is not whole, or does not say of every write what the org says.
        """
        told = {**{one.text: "not begun" for one in self.tried}, **anyio.run(self._journaled)}
        for one in self.tried:
            if told[one.text] == "unknowable" and not one.world.shows:
                told[one.text] = "done" if one.is_done else "not_done"
            assert (told[one.text] == "done") == one.is_done, (one.text, one.name, told[one.text])
        return told

    async def _journaled(self) -> dict[str, str]:
        """By word, what the journal says; it is whole before it is reconciled, and after."""
        found: dict[str, str] = {}
        async with Program(load()) as program:
            assert (await verdict(program)).problems == []
            # The sandbox shows at once what was done.
            await reconcile(program.recorder, program.connections, settled_after=0)
            assert (await verdict(program)).problems == []
            for entry in await entries(program):
                if entry.kind == "intent":
                    change = await recorded(program, entry.number or 0)
                    (tried,) = (one for one in self.tried if one.text in str(change.details))
                    # Where a write takes another one back, the first change is the one to undo.
                    if bool(tried.world.after) == (entry.change is not None):
                        found[tried.text] = change.outcome
        return found


def crash(crashes: Crashes, point: str, times: int) -> Counter[str]:
    """Let so many processes die at a point, and count what the journal says of their writes."""
    victims = [crashes.kill(point) for _ in range(times)]
    told = crashes.check()
    return Counter(told[one.text] for one in victims)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--random", type=int, default=50)
    parser.add_argument("--victim", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.victim:
        point, name, arguments = given.victim
        arm(point)
        anyio.run(write, name, json.loads(arguments))
        return
    uri = "http://localhost:8765/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        os.environ |= {"OKTA_ACTIONS_CONFIRM": "destructive,escalation,write"}
        os.environ |= {"OKTA_ACTIONS_CHANGES_PER_MINUTE": "100000", "OKTA_ACTIONS_CHANGES_PER_HOUR": "100000"}
        with RunningSandbox(api_token=API_TOKEN, redirect_uris=[uri]) as sandbox:
            headers = {"authorization": f"SSWS {API_TOKEN}"}
            with httpx2.Client(base_url=sandbox.url, headers=headers, timeout=20) as http:
                crashes = Crashes(sandbox, Org(http))
                crashes.prepare()
                for point, times in (*((point, given.times) for point in POINTS), ("random", given.random)):
                    ends = crash(crashes, point, times)
                    print(f"{point}: {times} died, whole, true: {', '.join(f'{n} {end}' for end, n in ends.items())}")


if __name__ == "__main__":
    main()
