"""Round trips to Okta, of every action: `python -m benchmarks.round_trips [NAME…] [--pause]`.

They are what a person feels, for Okta is 100 to 200 ms away. With names of actions, or FIRST for the first call after a
start, only those are measured, and their requests are listed, each with how many round trips it took until its answer.

What an action is called with comes from the tables at the top of its own tests (`tests/support/worlds.py`), so that a
new action is measured as soon as it is tested.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[1] / "tests" / "support"))

import anyio
import httpx2

from api_token import ApiToken
from benchmarks.slow_proxy import DELAY, Chain, SlowProxy, chain
from browser import Browser
from connected_org import API_TOKEN, Org
from server.connections.book import put_tokens, read_tokens
from server.connections.manager import App
from server.connections.models import Credentials
from server.door.door import Answer, Question, Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import free_port, over_stdio
from tools.catalogue import CATALOGUE
from tools.contract.action import Action, Effect
from tools.contract.record import UndoneBy
from tools.contract.resolving import resolve
from tools.contract.validation import validate
from tools.okta.client import OktaClient
from worlds import ROOM, reads, word, worlds

CALLER = Caller(Principal("benchmarks", "someone"), "stdio")
JANE = "jane.doe@example.com"
FIRST = "FIRST"
PAUSE = 35.0
"""Seconds of an assistant's pause, after which its next call should still find the connections open."""

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Aim:
    """The most round trips one after the other, and where there is a limit on them the most requests.

    `connecting`: round trips that opening connections takes count, too.
    """

    round_trips: int
    requests: int | None = None
    connecting: bool = False


@dataclass(frozen=True)
class Measured:
    """One call: `what` was called, in which `case`. Without an aim it was refused, for the reason `told`."""

    what: str
    case: str
    chain: Chain
    aim: Aim | None
    told: str = ""

    @property
    def is_missed(self) -> bool:
        if self.aim is None:
            return False
        taken = self.chain.round_trips + (self.chain.connecting if self.aim.connecting else 0)
        return taken > self.aim.round_trips or (
            self.aim.requests is not None and self.chain.requests > self.aim.requests
        )


# What is aimed at

BY_ID, NEW_NAMES, KNOWN_NAMES = "by id", "by name, first time", "by name, met before"
READ = {BY_ID: Aim(1), NEW_NAMES: Aim(2), KNOWN_NAMES: Aim(1)}
WRITE = {BY_ID: Aim(2), NEW_NAMES: Aim(3), KNOWN_NAMES: Aim(3)}
QUESTION = {BY_ID: Aim(1), NEW_NAMES: Aim(2), KNOWN_NAMES: Aim(1)}
YES = Aim(2)
UNDO, UNDO_QUESTION, UNDO_YES = Aim(2), Aim(1), Aim(2)
WITH_GROUPS = Aim(3)
FIRST_READ, FIRST_WRITE = Aim(2, connecting=True), Aim(4, connecting=True)
AFTER_A_PAUSE = Aim(1, connecting=True)
MEMBERSHIPS = ("add_user_to_group", "remove_user_from_group")
MEMBERSHIP_REQUESTS, UNDO_REQUESTS = 7, 6
"""The most requests of a membership by names and of its undo, with what is known of rules and groups at hand."""
COLD_ROUND_TRIPS, COLD_REQUESTS = 1, 2
"""How many more there may be where it is not."""


def cold(aim: Aim) -> Aim:
    more = None if aim.requests is None else aim.requests + COLD_REQUESTS
    return replace(aim, round_trips=aim.round_trips + COLD_ROUND_TRIPS, requests=more)


def same(aim: Aim) -> Aim:
    return aim


@dataclass(frozen=True)
class Place:
    """An org, and the slow way to it."""

    sandbox: RunningSandbox
    org: Org
    proxy: SlowProxy

    async def call(self, work: Awaitable[Any]) -> tuple[Any, Chain]:
        """What comes of a call, and what it asked Okta meanwhile."""
        await self.proxy.quiet()
        began = time.perf_counter()
        outcome = await work
        ended = time.perf_counter()
        await self.proxy.quiet()
        return outcome, chain(self.proxy.between(began, ended))

    async def with_ids(self, action: Action, arguments: Arguments) -> Arguments:
        """The arguments with ids instead of names, asked for beside the proxy."""
        okta = OktaClient(self.sandbox.url, ApiToken(API_TOKEN))
        try:
            request, _ = await resolve(action, validate(action, arguments), okta)
        finally:
            await okta.aclose()
        named = {name: getattr(request, name) for name in action.references if name in arguments}
        return {**arguments, **named}


# Actions, through the door of a program


@asynccontextmanager
async def started(place: Place) -> AsyncIterator[Program]:
    """A program that has a token and an open connection, and knows nothing of the org."""
    async with Program(load(**ROOM)) as program:
        id = place.org.user(JANE)["id"]
        done = await program.door.call(CALLER, "lookup_user", {"user_id": id})
        assert isinstance(done, Result), done
        yield program


class Measuring:
    """Collects what is measured of one action."""

    def __init__(self, place: Place, action: Action) -> None:
        self._place = place
        self._action = action
        self.found: list[Measured] = []

    def _add(self, what: str, case: str, chain: Chain, aim: Aim | None, told: str = "") -> None:
        self.found.append(Measured(what, case, chain, aim, told))

    async def read(self) -> None:
        make = reads()[self._action.name]
        async with started(self._place) as program:
            made = make(self._place.org, word())
            by_id = await self._place.with_ids(self._action, made)
            await self._read(program, by_id, BY_ID, warm=False)
            await self._read(program, by_id, BY_ID)
            if by_id != made:
                made = make(self._place.org, word())
                await self._read(program, made, NEW_NAMES)
                await self._read(program, made, KNOWN_NAMES)

    async def _read(self, program: Program, arguments: Arguments, case: str, *, warm: bool = True) -> None:
        outcome, taken = await self._place.call(program.door.call(CALLER, self._action.name, arguments))
        assert isinstance(outcome, Result), outcome
        aim = READ[case] if warm else cold(READ[case])
        self._add(self._action.name, case if warm else f"{case}, cold", taken, aim)

    async def write(self, change: Callable[[Arguments], Arguments] = dict, title: str = "") -> None:
        """`change` makes other arguments of what the action's world has made; `title` says which."""
        name = self._action.name
        make = worlds()[name].make

        async def made(*, ids: bool) -> Arguments:
            arguments = change(make(self._place.org, word()))
            return await self._place.with_ids(self._action, arguments) if ids else arguments

        by_name, by_id = await made(ids=False), await made(ids=True)
        async with started(self._place) as program:
            undone = await self._write(program, by_id, f"{title}{BY_ID}, cold", BY_ID, cold)
        async with started(self._place) as program:
            await self._undo(program, undone, f"{title}undo, cold", cold)
            if by_name.keys() & self._action.references.keys():
                await self._write(program, by_name, f"{title}{NEW_NAMES}, cold", NEW_NAMES, cold)
        async with started(self._place) as program:
            await self._write(program, await made(ids=True), None, BY_ID, same)  # for what it learns
            undone = await self._write(program, await made(ids=True), f"{title}{BY_ID}", BY_ID, same)
            await self._undo(program, undone, f"{title}undo", same)
            if not by_name.keys() & self._action.references.keys():
                return
            await self._write(program, await made(ids=False), f"{title}{NEW_NAMES}", NEW_NAMES, same)
            met = await made(ids=False)
            outcome = await program.door.call(CALLER, name, {**met, "dry_run": True})
            assert isinstance(outcome, Result), outcome
            await self._write(program, met, f"{title}{KNOWN_NAMES}", KNOWN_NAMES, same)

    async def _write(
        self, program: Program, arguments: Arguments, case: str | None, kind: str, more: Callable[[Aim], Aim]
    ) -> str:
        """The id of the change. Without a case it is made, and not noted."""
        name = self._action.name
        aim = WITH_GROUPS if len(arguments.get("group_ids") or ()) > 0 else WRITE[kind]
        if name in MEMBERSHIPS and kind is not BY_ID:
            aim = replace(aim, requests=MEMBERSHIP_REQUESTS)
        outcome = await self._ask_and_do(
            program, name, arguments, name, case, more(aim), more(replace(QUESTION[kind], requests=None)), YES
        )
        assert isinstance(outcome, Result), outcome
        assert outcome.content["changed"], outcome
        return str(outcome.content["change_id"])

    async def _undo(self, program: Program, change: str, case: str, more: Callable[[Aim], Aim]) -> None:
        if not isinstance(self._action.undo, UndoneBy):
            return
        aim = replace(UNDO, requests=UNDO_REQUESTS) if self._action.name in MEMBERSHIPS else UNDO
        arguments = {"change_id": change}
        what = self._action.name
        await self._ask_and_do(program, "undo_change", arguments, what, case, more(aim), more(UNDO_QUESTION), UNDO_YES)

    async def _ask_and_do(
        self,
        program: Program,
        name: str,
        arguments: Arguments,
        what: str,
        case: str | None,
        unasked: Aim,
        question: Aim,
        yes: Aim,
    ) -> Result | Refusal:
        """What comes of a call, with a yes to its question, each noted as a case of its own."""
        outcome, taken = await self._place.call(program.door.call(CALLER, name, arguments))
        assert isinstance(outcome, Result | Refusal | Question)
        if not isinstance(outcome, Question):
            refused = str(outcome.error.code) if isinstance(outcome, Refusal) else ""
            if case is not None:
                self._add(what, case, taken, None if refused else unasked, refused)
            return outcome
        if case is not None:
            self._add(what, f"{case}: question", taken, question)
        answer = Answer(outcome.ticket, "accepted")
        done, taken = await self._place.call(program.door.call(CALLER, name, arguments, answer))
        assert isinstance(done, Result | Refusal), done
        if case is not None:
            self._add(what, f"{case}: yes", taken, yes)
        return done


# The first call after a start, over stdio


async def first_calls(place: Place, *, pause: bool) -> list[Measured]:
    jane = {"user_id": place.org.user(JANE)["id"]}
    found = [await _first(place, "after a start, by id", "lookup_user", jane, FIRST_READ)]
    add = CATALOGUE["add_user_to_group"]
    made = await place.with_ids(add, worlds()[add.name].make(place.org, word()))
    found.append(await _first(place, "after a start, by id", add.name, made, FIRST_WRITE))
    await _let_the_token_run_out()
    found.append(await _first(place, "after a start, token run out, by id", "lookup_user", jane, FIRST_READ))
    await _let_the_token_run_out()
    made = await place.with_ids(add, worlds()[add.name].make(place.org, word()))
    found.append(await _first(place, "after a start, token run out, by id", add.name, made, FIRST_WRITE))
    if pause:
        case = f"after a pause of {PAUSE:.0f} s, by id"
        found.append(await _first(place, case, "lookup_user", jane, AFTER_A_PAUSE, pause=PAUSE))
    return found


async def _first(place: Place, case: str, name: str, arguments: Arguments, aim: Aim, *, pause: float = 0.0) -> Measured:
    """The first call a second after `tools/list`, or with a pause the second call."""
    async with over_stdio("legacy") as client:
        await client.list_tools()
        await asyncio.sleep(1)
        if pause:
            await client.call_tool(name, arguments)
            await asyncio.sleep(pause)
        result, taken = await place.call(client.call_tool(name, arguments))
        assert not result.is_error, result
    return Measured(name, case, taken, aim)


async def _let_the_token_run_out() -> None:
    async with Program(load()) as program:
        connection = await program.connections.connected()
        tokens = await program.store.read(lambda database: read_tokens(database, connection.name))
        assert tokens is not None
        old = replace(tokens, expires_at=time.time() - 60)
        await program.store.run(lambda database: put_tokens(database, connection.name, old))


# All of them


def _by_two_groups(org: Org) -> Callable[[Arguments], Arguments]:
    """The arguments of a creation, in two groups."""

    def change(made: Arguments) -> Arguments:
        return {**made, "group_ids": [*made["group_ids"], org.team(word())]}

    return change


async def measure(place: Place, names: Sequence[str] = (), *, pause: bool = False) -> list[Measured]:
    """What the actions of these names took, or all of them, in the order of the catalogue."""
    found: list[Measured] = []
    for action in CATALOGUE.values():
        if (names and action.name not in names) or action.becomes is not None:
            continue  # what becomes another call is measured as the undo of each write
        measuring = Measuring(place, action)
        if action.effect is Effect.READ:
            await measuring.read()
        else:
            await measuring.write()
        if action.name == "create_user":
            await measuring.write(_by_two_groups(place.org), "two groups, ")
        found += measuring.found
    if not names or FIRST in names:
        found += await first_calls(place, pause=pause)
    return found


@contextmanager
def connected(delay: float = DELAY) -> Iterator[Place]:
    """A sandbox behind the proxy, and a store of its own that is connected to it."""
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": f"{folder}/data", "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        os.environ |= {"OKTA_ACTIONS_REDIRECT_URI": uri}
        with (
            RunningSandbox(api_token=API_TOKEN, redirect_uris=[uri]) as sandbox,
            SlowProxy(sandbox.url, delay) as proxy,
            httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=20) as http,
        ):
            sandbox.org.limits.per_minute = 10_000_000

            async def connect() -> None:
                demo = sandbox.demo
                app = App(proxy.url, demo.client_id, Credentials(client_secret=demo.client_secret))
                async with Program(load()) as program:
                    await program.connections.connect(app, Browser.signed_in(sandbox).present)

            anyio.run(connect)
            yield Place(sandbox, Org(http), proxy)


def lines(found: Sequence[Measured]) -> Iterator[str]:
    """A table, one line a call."""
    width = max(len(one.case) for one in found)
    name = max(len(one.what) for one in found)
    yield f"{'action':{name}}  {'case':{width}}  requests  round trips  connecting  aim"
    for one in found:
        if one.aim is None:
            aim = f"refused: {one.told}"
        else:
            most = f", {one.aim.requests} requests" if one.aim.requests is not None else ""
            both = " in all" if one.aim.connecting else ""
            aim = f"≤ {one.aim.round_trips}{both}{most}  {'MISSED' if one.is_missed else '✓'}"
        more = f"+{one.chain.connecting}" if one.chain.connecting else ""
        yield (
            f"{one.what:{name}}  {one.case:{width}}  {one.chain.requests:8}  {one.chain.round_trips:11}  {more:>10}"
            f"  {aim}"
        )
    counted = [one for one in found if one.aim is not None]
    missed = sum(one.is_missed for one in counted)
    yield f"{len(counted)} cases, {sum(one.chain.round_trips for one in counted)} round trips, {missed} aims missed"


def listed(one: Measured) -> Iterator[str]:
    """The requests of a call, each with the round trips until its answer, and when it was under way."""
    yield f"\n{one.what}, {one.case}: {one.chain.requests} requests, {one.chain.round_trips} round trips"
    began = min((placed.request.came for placed in one.chain.placed), default=0.0)
    for placed in one.chain.placed:
        request = placed.request
        came, ended = (round((at - began) * 1e3) for at in (request.came, request.ended))
        new = "  on a new connection" if request.handshakes else ""
        yield f"  {placed.depth}  {came:5}–{ended:<5} ms  {request.method:6} {request.path}{new}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--pause", action="store_true", help=f"Also call after a pause of {PAUSE:.0f} s.")
    parser.add_argument("--list", action="store_true", help="List the requests, as with names.")
    parser.add_argument(
        "--delay", type=float, default=DELAY, help="Seconds that a request takes. [default: %(default)s]"
    )
    given = parser.parse_args()
    with connected(given.delay) as place:
        found = anyio.run(lambda: measure(place, given.names, pause=given.pause))
    if given.names or given.list:
        for one in found:
            print(*listed(one), sep="\n")
        print()
    print(*lines(found), sep="\n")
    sys.exit(any(one.is_missed for one in found))


if __name__ == "__main__":
    main()
