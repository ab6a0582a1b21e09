"""Processes that die in the middle of a write: `python tests/support/crashing.py --times 40 --random 50`.

Each does its one write to a person of its own, so that what the journal says of it can be held against the org.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402
import httpx2  # noqa: E402

from browser import Browser  # noqa: E402
from connected_org import Org  # noqa: E402
from ledger import do, entries, recorded, verdict  # noqa: E402
from server.journal import tickets  # noqa: E402
from server.journal.reconciling import reconcile  # noqa: E402
from server.journal.recording import Recorder  # noqa: E402
from server.policy.caller import Caller, Principal  # noqa: E402
from server.program import Program  # noqa: E402
from server.sandbox.faults import Fault  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from server.settings import load  # noqa: E402
from surface import app_of  # noqa: E402
from tools.okta.client import OktaClient  # noqa: E402

API_TOKEN = "00-the-api-token-of-the-crashes"
POINTS = ("ticket spent", "intent written", "request sent", "answer received", "outcome written")
WRITES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "add_user_to_group": ((), {"group_id": "Team"}),
    "remove_user_from_group": (("join",), {"group_id": "Team"}),
    "suspend_user": ((), {}),
    "unsuspend_user": (("suspend",), {}),
    "activate_user": (("deactivate",), {}),
    "deactivate_user": ((), {}),
    "update_user_profile": ((), {"title": "Chief", "email": "new@example.com"}),
    "create_user": ((), {}),
    "undo_change": ((), {}),
}
"""Every write that can be undone: the steps to the person it is done to, and its arguments."""


def die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


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
class World:
    """An org with a program connected to it, and what was tried on whom."""

    sandbox: RunningSandbox
    org: Org
    http: httpx2.Client
    tried: dict[str, str] = field(default_factory=dict)
    """By login of each person, the write that was to be done to them."""
    _numbers: Iterator[int] = field(default_factory=count)
    _names: Iterator[str] = field(default_factory=lambda: cycle(WRITES))

    def prepare(self) -> None:
        self.sandbox.org.limits.per_minute = 10_000_000
        self.org.create_group("Team")
        anyio.run(self._connect)

    async def _connect(self) -> None:
        async with Program(load()) as program:
            await program.connections.connect(app_of(self.sandbox), Browser.signed_in(self.sandbox).present)

    def kill(self, point: str) -> str:
        """Let a process die at a point of the next kind of write, or at any moment for `random`; on whom it died."""
        name = next(self._names)
        login, (steps, given) = f"victim.{next(self._numbers)}@example.com", WRITES[name]
        arguments = dict(given)
        if name == "create_user":
            arguments = {"first_name": "Vic", "last_name": "Tim", "login": login, "email": login}
        else:
            arguments["user_id"] = id = self.org.create(login, password="Secret-1234")["id"]
            for step in steps:
                self._bring(id, step)
        if name == "undo_change":
            arguments = {"change_id": anyio.run(self._suspended, login)}
        self.tried[login] = name
        if point == "request sent":
            for method in ("POST", "PUT", "DELETE"):
                self.sandbox.org.faults.coming.append(Fault("delay_after", 99, method, "/api/v1/", 0.4))
        self._let_die(point, name, arguments)
        if point == "request sent":
            time.sleep(0.4)
        self.sandbox.org.faults.coming.clear()
        return login

    def _let_die(self, point: str, name: str, arguments: dict[str, str]) -> None:
        told = [f"{key}={value}" for key, value in arguments.items()]
        command = [sys.executable, __file__, "--victim", point, name, *told]
        victim = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert victim.stdout is not None
        victim.stdout.readline()
        if point == "random":
            time.sleep(random.uniform(0, 0.4))
            victim.kill()
        victim.wait(timeout=60)
        victim.stdout.close()
        assert victim.returncode == -signal.SIGKILL or point == "random", (point, name, victim.returncode)

    def _bring(self, id: str, step: str) -> None:
        if step == "join":
            assert self.http.put(f"/api/v1/groups/{self.org.group_id('Team')}/users/{id}").status_code == 204
        else:
            self.org.lifecycle(id, step)

    async def _suspended(self, login: str) -> str:
        async with Program(load()) as program:
            return str((await do(program, "suspend_user", user_id=login))["change_id"])

    def check(self) -> dict[str, str]:
        """What the journal says became of each write, once reconciled: `done`, `not_done`, or `not begun`.

        Raises:
            AssertionError: it is not whole, or does not say of everybody what the org says.
        """
        told = {**dict.fromkeys(self.tried, "not begun"), **anyio.run(self._journaled)}
        for login, name in self.tried.items():
            assert (told[login] == "done") == self._is_done(login, name), (login, name, told[login])
        return told

    async def _journaled(self) -> dict[str, str]:
        """By login, what the journal says; it is whole before it is reconciled, and after."""
        found: dict[str, str] = {}
        async with Program(load()) as program:
            assert (await verdict(program)).problems == []
            # The sandbox shows at once what was done.
            await reconcile(program.recorder, program.connections, settled_after=0)
            assert (await verdict(program)).problems == []
            for entry in await entries(program):
                if entry.kind == "intent":
                    change = await recorded(program, entry.number or 0)
                    (login,) = (login for login in self.tried if login in str(change.details))
                    # Of an undo's victim the first change is the one to undo, and the second one the undo.
                    if (self.tried[login] == "undo_change") == (entry.change is not None):
                        found[login] = change.outcome
        return found

    def _is_done(self, login: str, name: str) -> bool:
        """Whether the org is as the write wants it."""
        if name == "create_user":
            return self.org.has_user(login)
        user = self.org.user(login)
        member = "Team" in self.org.groups_of(user["id"])
        done: dict[str, bool] = {
            "add_user_to_group": member,
            "remove_user_from_group": not member,
            "suspend_user": user["status"] == "SUSPENDED",
            "unsuspend_user": user["status"] == "ACTIVE",
            "activate_user": user["status"] == "ACTIVE",
            "deactivate_user": user["status"] == "DEPROVISIONED",
            "update_user_profile": user["profile"].get("title") == "Chief",
            "undo_change": user["status"] == "ACTIVE",
        }
        return done[name]


def crash(world: World, point: str, times: int) -> Counter[str]:
    """Let so many processes die at a point, and count what the journal says of their writes."""
    victims = [world.kill(point) for _ in range(times)]
    told = world.check()
    return Counter(told[login] for login in victims)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--random", type=int, default=50)
    parser.add_argument("--victim", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.victim:
        point, name, *told = given.victim
        arm(point)
        anyio.run(write, name, dict(argument.split("=", 1) for argument in told))
        return
    uri = "http://localhost:8765/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        os.environ |= {"OKTA_ACTIONS_CONFIRM": "destructive,escalation,write"}
        os.environ |= {"OKTA_ACTIONS_CHANGES_PER_MINUTE": "100000", "OKTA_ACTIONS_CHANGES_PER_HOUR": "100000"}
        with RunningSandbox(api_token=API_TOKEN, redirect_uris=[uri]) as sandbox:
            headers = {"authorization": f"SSWS {API_TOKEN}"}
            with httpx2.Client(base_url=sandbox.url, headers=headers, timeout=20) as http:
                world = World(sandbox, Org(http), http)
                world.prepare()
                for point, times in (*((point, given.times) for point in POINTS), ("random", given.random)):
                    ends = crash(world, point, times)
                    print(f"{point}: {times} died, whole, true: {', '.join(f'{n} {end}' for end, n in ends.items())}")


if __name__ == "__main__":
    main()
