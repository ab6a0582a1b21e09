"""A server makes ready for its first call while its client still thinks: what is at hand, and what never happens."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import pytest
from mcp import Client

from browser import Browser
from connected_org import API_TOKEN, Org
from server.connections import warmth
from server.connections.book import put_tokens, read_tokens
from server.connections.manager import App
from server.connections.models import Credentials, Tokens
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.settings import load
from surface import COMMAND, ERAS, HttpServer, call, environment, free_port, over_http, over_stdio, said
from tools.catalogue import needed_scopes
from watched import WatchedSandbox

JANE = "jane.doe@example.com"
OPENED = ("GET", "/.well-known/okta-organization")
DISCOVERY = ("GET", "/.well-known/openid-configuration")
TOKEN = ("POST", "/oauth2/v1/token")
CONNECTIONS = 6


@pytest.fixture
def sandbox(template: Any, redirect_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedSandbox]:
    copy = shutil.copy(template.org, tmp_path_factory.mktemp("org") / "org.db")
    given = {"port": template.port, "api_token": API_TOKEN, "redirect_uris": [redirect_uri]}
    with WatchedSandbox(data=copy, **given) as running:
        yield running


@asynccontextmanager
async def client_of(transport: str, era: str) -> AsyncIterator[Client]:
    """A client that has begun as clients do: it knows the tools."""
    if transport == "stdio":
        async with over_stdio(era) as client:
            await client.list_tools()
            yield client
    else:
        with HttpServer(free_port()) as server:
            async with over_http(server, era) as client:
                await client.list_tools()
                yield client


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(20):
        while not true():  # noqa: ASYNC110 - the org runs in a thread
            await anyio.sleep(0.02)


async def change_tokens(program: Program, change: Callable[[Tokens], Tokens]) -> None:
    def write(database: Any) -> None:
        tokens = read_tokens(database, "default")
        assert tokens is not None
        put_tokens(database, "default", change(tokens))

    await program.store.run(write)


async def expire(program: Program) -> None:
    await change_tokens(program, lambda tokens: replace(tokens, expires_at=0.0))


async def connect_with_short_tokens(sandbox: WatchedSandbox, redirect_uri: str, lifetime: int) -> None:
    id, secret = register_client(
        sandbox.org, "Short", redirect_uris=[redirect_uri], scopes=needed_scopes(), access_lifetime=lifetime
    )

    def click(url: str) -> None:
        with Browser.signed_in(sandbox) as browser:
            browser.submit(browser.open(url), press="allow")

    async with Program(load()) as program:
        app = App(sandbox.url, id, Credentials(client_secret=secret))
        await program.connections.connect(app, lambda url: anyio.to_thread.run_sync(click, url))
    sandbox.requests.clear()


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_the_first_call_sends_its_own_request_over_an_open_connection(
    program: Program, sandbox: WatchedSandbox, org: Org, transport: str, era: str
) -> None:
    jane = org.user(JANE)["id"]
    sandbox.requests.clear()
    sandbox.ports.clear()
    async with client_of(transport, era) as client:
        await until(lambda: sandbox.requests.count(OPENED) == CONNECTIONS)
        await anyio.sleep(0.2)  # for all answers to arrive
        opened = set(sandbox.ports)
        assert len(opened) == CONNECTIONS
        assert set(sandbox.requests) == {OPENED}
        sandbox.requests.clear()
        sandbox.ports.clear()
        await call(client, "lookup_user", user_id=jane)
        assert sandbox.requests[0] == ("GET", f"/api/v1/users/{jane}")
        assert all(path.startswith("/api/v1/") for _, path in sandbox.requests)
        assert set(sandbox.ports) <= opened


@pytest.mark.parametrize("era", ERAS)
async def test_a_token_that_ran_out_is_refreshed_before_the_first_call(
    program: Program, sandbox: WatchedSandbox, era: str
) -> None:
    await expire(program)
    sandbox.requests.clear()
    async with client_of("stdio", era) as client:
        await until(lambda: TOKEN in sandbox.requests)
        await anyio.sleep(0.3)
        sandbox.requests.clear()
        await call(client, "lookup_user", user_id=JANE)
        assert all(path.startswith("/api/v1/") for _, path in sandbox.requests)


async def test_nobody_is_asked_to_sign_in(program: Program, sandbox: WatchedSandbox, redirect_uri: str) -> None:
    await change_tokens(program, lambda tokens: replace(tokens, expires_at=0.0, refresh_token="no longer valid"))
    sandbox.requests.clear()
    async with client_of("stdio", "legacy") as client:
        await until(lambda: TOKEN in sandbox.requests)
        await anyio.sleep(0.5)
        assert {path for _, path in sandbox.requests} == {
            "/.well-known/okta-organization",
            "/.well-known/openid-configuration",
            "/oauth2/v1/token",
        }
        # Nobody waits for a browser to come back.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("localhost", int(redirect_uri.split(":")[2].split("/")[0])))
        # The call itself says so, and begins the sign-in.
        result = await client.call_tool("lookup_user", {"user_id": JANE})
        assert "/oauth2/v1/authorize" in said(result)


async def test_a_server_without_a_connection_asks_nobody_anything(sandbox: WatchedSandbox) -> None:
    async with client_of("stdio", "legacy"):
        await anyio.sleep(0.7)
    assert sandbox.requests == []


@pytest.mark.parametrize("expired", [False, True])
async def test_it_ends_at_once_while_it_makes_ready(
    program: Program, sandbox: WatchedSandbox, org: Org, expired: bool
) -> None:
    if expired:
        await expire(program)
    org.trouble({"kind": "delay", "seconds": 15, "path": "/.well-known", "times": 9})
    sandbox.requests.clear()

    def serve() -> tuple[int, str, float]:
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen([COMMAND, "serve"], env=environment(), text=True, **pipes)
        params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        while sandbox.requests.count(OPENED) < CONNECTIONS or (expired and DISCOVERY not in sandbox.requests):
            time.sleep(0.02)
        began = time.monotonic()
        _, err = process.communicate(timeout=20)
        return process.returncode, err, time.monotonic() - began

    status, err, seconds = await anyio.to_thread.run_sync(serve)
    assert (status, err) == (0, "")
    assert seconds < 5


async def test_a_token_is_refreshed_before_it_runs_out_though_nothing_is_called(
    sandbox: WatchedSandbox, redirect_uri: str
) -> None:
    await connect_with_short_tokens(sandbox, redirect_uri, lifetime=3)
    async with client_of("stdio", "2026-07-28") as client:
        await until(lambda: sandbox.requests.count(TOKEN) == 2)
        await anyio.sleep(0.3)
        sandbox.requests.clear()
        await call(client, "lookup_user", user_id=JANE)
        assert TOKEN not in sandbox.requests


async def test_a_server_that_all_have_forgotten_refreshes_nothing(
    sandbox: WatchedSandbox, redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connect_with_short_tokens(sandbox, redirect_uri, lifetime=2)
    monkeypatch.setattr(warmth, "ATTENDED", 3.0)
    async with Program(load()) as program:
        with program.warmth.message((), first=True):
            pass
        await until(lambda: sandbox.requests.count(TOKEN) >= 2)
        await anyio.sleep(3.0)
        sandbox.requests.clear()
        await anyio.sleep(2.0)
        assert sandbox.requests == []
        # The next message, whichever it is, makes it ready again.
        with program.warmth.message((), first=False):
            pass
        await until(lambda: sandbox.requests.count(TOKEN) >= 1)
