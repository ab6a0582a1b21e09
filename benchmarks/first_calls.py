"""The first call after a start, over stdio: a token and connections are there by then, or the call waits for them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.counted import AFTER_A_PAUSE, FIRST_READ, FIRST_WRITE, Aim, Measured
from benchmarks.far_org import Arguments, Place
from server.connections.book import put_tokens, read_tokens
from server.connections.keys import dumped, generate, public
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.settings import load
from surface import over_stdio
from tools.catalogue import CATALOGUE, needed_scopes
from tools.okta.scopes import ROLES

PAUSE = 35.0
"""Seconds of an assistant's pause, after which its next call should still find the connections open."""
WARMING = 1.0
"""Seconds between `tools/list` and the first call: a person has to type first."""
READ, WRITE = CATALOGUE["lookup_user"], CATALOGUE["add_user_to_group"]


async def measure(place: Place, *, pause: bool) -> list[Measured]:
    found = []
    for case, prepared in (
        ("after a start, by id", _connected),
        ("after a start, token run out, by id", _token_run_out),
        ("after a start, service app never connected, by id", _never_connected),
    ):
        for action, aim in ((READ, FIRST_READ), (WRITE, FIRST_WRITE)):
            async with prepared(place):
                arguments = await place.made(action, ids=True)
                found.append(await _first(place, case, action.name, arguments, aim))
    if pause:
        read = await place.made(READ, ids=True)
        case = f"after a pause of {PAUSE:.0f} s, by id"
        found.append(await _first(place, case, READ.name, read, AFTER_A_PAUSE, pause=PAUSE))
    return found


async def _first(place: Place, case: str, name: str, arguments: Arguments, aim: Aim, *, pause: float = 0.0) -> Measured:
    """The first call after a start, or the second one, after a pause."""
    async with over_stdio("legacy") as client:
        await client.list_tools()
        await asyncio.sleep(WARMING)
        if pause:
            await client.call_tool(name, arguments)
            await asyncio.sleep(pause)
        result, taken = await place.call(client.call_tool(name, arguments))
        assert not result.is_error, result
    return Measured(name, case, taken, aim)


@asynccontextmanager
async def _connected(place: Place) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _token_run_out(place: Place) -> AsyncIterator[None]:
    async with Program(load()) as program:
        connection = await program.connections.connected()
        tokens = await program.store.read(lambda database: read_tokens(database, connection.name))
        assert tokens is not None
        old = replace(tokens, expires_at=time.time() - 60)
        await program.store.run(lambda database: put_tokens(database, connection.name, old))
    yield


@asynccontextmanager
async def _never_connected(place: Place) -> AsyncIterator[None]:
    """A service app with DPoP that only the settings name, as in a container that starts with an empty store."""
    key = generate("RSA")
    settings: dict[str, Any] = {"grant_types": ["client_credentials"], "scopes": (*needed_scopes(), ROLES)}
    id, _ = register_client(place.sandbox.org, "A service", jwks={"keys": [public(key)]}, dpop=True, **settings)
    before = dict(os.environ)
    with TemporaryDirectory() as folder:
        os.environ |= {
            "OKTA_ACTIONS_DATA_DIR": folder,
            "OKTA_ACTIONS_ORG_URL": place.proxy.url,
            "OKTA_ACTIONS_CLIENT_ID": id,
            "OKTA_ACTIONS_PRIVATE_KEY": dumped(key),
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ |= before
