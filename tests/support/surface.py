"""The server as clients reach it, as a process over stdio or HTTP, with a person at the client or without."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count, islice
from pathlib import Path
from typing import Any, Self

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitResult

from browser import Browser
from server.connections.manager import App
from server.connections.models import Credentials
from server.program import Program
from server.sandbox.running import RunningSandbox

COMMAND = str(Path(sys.executable).with_name("okta-actions"))
ERAS = ("legacy", "2026-07-28")


class Person:
    """Who sits at the client: reads each question, does something meanwhile if told to, and answers."""

    def __init__(self, *replies: ElicitResult, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._replies = list(replies)
        self._meanwhile = meanwhile
        self.read: list[str] = []

    async def __call__(self, context: Any, params: Any) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        self.read.append(params.message)
        self._meanwhile()
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return _typed(params.requested_schema) if reply is YES else reply


def _typed(form: dict[str, Any]) -> ElicitResult:
    """A yes to a form: with what its title has a person type, if it does."""
    asked = re.search("“(.*)”", str(form["properties"]["confirm"].get("title")))
    return ElicitResult(action="accept", content={"confirm": asked[1]}) if asked else YES


YES = ElicitResult(action="accept", content={"confirm": True})
UNTICKED = ElicitResult(action="accept", content={"confirm": False})
EMPTY = ElicitResult(action="accept", content={})
DECLINE = ElicitResult(action="decline")
CANCEL = ElicitResult(action="cancel")


def app_of(sandbox: RunningSandbox) -> App:
    """The sandbox's app, as a program connects through it."""
    demo = sandbox.demo
    return App(sandbox.url, demo.client_id, Credentials(client_secret=demo.client_secret))


async def connect_as_administrator(program: Program, sandbox: RunningSandbox) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)


def free_port() -> int:
    """A port that is free, and stays so until it is used and between two uses.

    The system picks none of these for an outgoing connection or for port 0, another worker has other ones, and each
    comes again only after all the others.
    """
    for port in islice(_PORTS, 1_500):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("all of them are taken")


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    first = 20_000 + 1_500 * worker
    start = random.randrange(1_500)
    yield from (first + (start + step) % 1_500 for step in count())


_PORTS = _own_ports()


def environment() -> dict[str, str]:
    """What a started process inherits: the settings of this test, and where programs are."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("OKTA_ACTIONS_", "OPENAI_", "OTEL_", "PATH", "HOME"))
    }


class HttpServer:
    """`okta-actions serve --http` as a process, its announcement read."""

    def __init__(self, port: int, *options: str, descriptors: int | None = None) -> None:
        """`descriptors`: how many files and sockets the process may have open."""
        self.url = f"http://127.0.0.1:{port}/mcp"
        self.port = port
        self._command = [COMMAND, "serve", "--http", "--port", str(port), *options]
        if descriptors is not None:
            self._command = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh", *self._command]
        self.announced = ""
        self.token: str | None = None

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.announced += line
            if "Bearer " in line:
                self.token = line.split("Bearer ")[1].split('"')[0]
            if line.startswith("Stop with"):
                break
        else:
            raise AssertionError(self.process.communicate(timeout=10))
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        killer = threading.Timer(20, self.process.kill)
        killer.start()
        self.rest, self.errors = self.process.communicate()
        killer.cancel()
        return self.process.returncode


@asynccontextmanager
async def over_stdio(era: str, person: Person | None = None, *options: str) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=COMMAND, args=["serve", *options], env=environment())
    async with Client(server, mode=era, elicitation_callback=person) as client:
        yield client


@asynccontextmanager
async def over_http(server: HttpServer, era: str, person: Person | None = None) -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {server.token}"} if server.token else {}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(server.url, http_client=http)
        async with Client(transport, mode=era, elicitation_callback=person) as client:
            yield client


async def call(client: Client, name: str, /, **arguments: Any) -> dict[str, Any]:
    """The answer of an action that is expected to succeed."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, said(result)
    answer: dict[str, Any] = result.structured_content or {}
    return answer


async def refused(client: Client, name: str, /, **arguments: Any) -> CallToolResult:
    """The result of an action that is expected to be refused."""
    result = await client.call_tool(name, arguments)
    assert result.is_error, result.structured_content
    return result


def details(result: CallToolResult) -> dict[str, Any]:
    assert result.meta is not None
    return dict(result.meta)


def said(result: CallToolResult) -> str:
    return "\n".join(getattr(part, "text", "") for part in result.content)
