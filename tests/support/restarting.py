"""The days after the first: `python tests/support/restarting.py --times 100`.

A server starts on a store that is there, again and again; it changes the org, and so do commands beside it. Afterwards
the org's own log is held against the journal.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402
import httpx2  # noqa: E402

from browser import Browser  # noqa: E402
from connected_org import Org  # noqa: E402
from ledger import entries, recorded, verdict  # noqa: E402
from server.program import Program  # noqa: E402
from server.sandbox.running import RunningSandbox  # noqa: E402
from server.settings import load  # noqa: E402
from surface import COMMAND, HttpServer, app_of, call, environment, free_port, over_http, over_stdio  # noqa: E402

API_TOKEN = "00-the-api-token-of-the-restarts"
JANE = "jane.doe@example.com"
TRANSPORTS = ("stdio", "http")


def command(*arguments: str) -> str:
    """What a command prints that runs beside the server."""
    ran = subprocess.run([COMMAND, *arguments], env=environment(), capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@dataclass
class Days:
    """What was changed from both sides: by number of each change, the title that it gave."""

    told: dict[str, str] = field(default_factory=dict)

    async def _by_server(self, client: Any) -> None:
        title = f"Title {len(self.told)}"
        answer = await call(client, "update_user_profile", user_id=JANE, title=title)
        self._note(answer, title)

    async def _by_command(self) -> None:
        title = f"Title {len(self.told)}"
        arguments = ("call", "update_user_profile", "--user-id", JANE, "--title", title, "--json")
        self._note(json.loads(await anyio.to_thread.run_sync(command, *arguments)), title)

    def _note(self, answer: dict[str, Any], title: str) -> None:
        assert answer["changed"], answer
        assert answer["change_id"] not in self.told, f"change {answer['change_id']} twice"
        self.told[answer["change_id"]] = title

    async def day(self, transport: str, *, beside: bool = True, killed: bool = False) -> None:
        """Start a server and change something through it, and beside it by turns; then stop it, or kill it."""
        work = self._by_turns if beside else self._by_server
        if transport == "stdio":
            async with over_stdio("legacy") as client:
                await work(client)
            return
        with HttpServer(free_port()) as server:
            async with over_http(server, "legacy") as client:
                await work(client)
            server.end(signal.SIGKILL if killed else signal.SIGTERM)

    async def _by_turns(self, client: Any) -> None:
        await self._by_server(client)
        await self._by_command()
        await self._by_server(client)
        listed = json.loads(await anyio.to_thread.run_sync(command, "journal", "list", "--json"))
        assert listed[0]["id"] == list(self.told)[-1], "a command does not see what the server changed"
        await self._by_command()
        await self._by_server(client)

    async def check(self, org: Org) -> int:
        """How many changes there were.

        Raises:
            AssertionError: the org made others than the journal has, or the journal is not whole.
        """
        async with Program(load()) as program:
            assert (await verdict(program)).problems == []
            journaled = {}
            for entry in await entries(program):
                if entry.kind == "intent":
                    change = await recorded(program, entry.number or 0)
                    assert change.outcome == "done", (change.id, change.outcome)
                    journaled[change.id] = change.wanted["title"]
        assert journaled == self.told
        assert org.events(JANE).count("user.account.update_profile") == len(self.told)
        assert org.user(JANE)["profile"]["title"] == list(self.told.values())[-1]
        return len(self.told)


async def restart(org: Org, times: int) -> int:
    """So many days, over one transport and the other, some ended by a kill; how many changes were made."""
    days = Days()
    for number in range(times):
        await days.day(TRANSPORTS[number % 2], killed=number % 4 == 3)
    return await days.check(org)


async def connect(sandbox: RunningSandbox) -> None:
    async with Program(load()) as program:
        await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100)
    given = parser.parse_args()
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        os.environ |= {"OKTA_ACTIONS_CHANGES_PER_MINUTE": "100000", "OKTA_ACTIONS_CHANGES_PER_HOUR": "100000"}
        os.environ |= {"OKTA_ACTIONS_ASK_FROM": "100000"}
        os.environ |= {"OKTA_ACTIONS_REDIRECT_URI": uri}
        with RunningSandbox(api_token=API_TOKEN, redirect_uris=[uri]) as sandbox:
            sandbox.org.limits.per_minute = 10_000_000
            anyio.run(connect, sandbox)
            headers = {"authorization": f"SSWS {API_TOKEN}"}
            with httpx2.Client(base_url=sandbox.url, headers=headers, timeout=20) as http:
                made = anyio.run(restart, Org(http), given.times)
    print(f"{given.times} starts, {made} changes from both sides: the org's log and the journal say the same.")


if __name__ == "__main__":
    main()
