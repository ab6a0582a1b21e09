"""An org that is far away, connected, with what the tests know of it: what each action finds or changes."""

import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[1] / "tests" / "support"))

import anyio
import httpx2

from api_token import ApiToken
from benchmarks.slow_proxy import DELAY, Chain, SlowProxy, chain
from browser import Browser
from connected_org import API_TOKEN, Org
from server.connections.manager import App
from server.connections.models import Credentials
from server.door.door import Call, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import free_port
from tools.contract.action import Action
from tools.contract.resolving import resolve
from tools.contract.validation import validate
from tools.okta.client import OktaClient
from worlds import ROOM, reads, word, worlds

CALLER = Caller(Principal("benchmarks", "someone"), "stdio")
JANE = "jane.doe@example.com"
"""Who has a manager."""

Arguments = dict[str, Any]


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

    async def made(self, action: Action, *, ids: bool) -> Arguments:
        """The arguments of a call that has something to do or to find, which is made anew."""
        made = (reads()[action.name] if action.name in reads() else worlds()[action.name].make)(self.org, word())
        return await self.with_ids(action, made) if ids else made


@asynccontextmanager
async def started(place: Place) -> AsyncIterator[Program]:
    """A program that has a token and an open connection, and knows nothing of the org."""
    async with Program(load(**ROOM)) as program:
        id = place.org.user(JANE)["id"]
        done = await program.door.call(Call(CALLER, "lookup_user", {"user_id": id}))
        assert isinstance(done, Result), done
        yield program


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
