"""What is measured against: an org in a process of its own, and a connection to it in a folder of its own."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import httpx2

from server.connections.manager import App
from server.connections.models import Credentials
from server.program import Program
from server.settings import load

COMMAND = str(Path(sys.executable).with_name("okta-actions"))
SERVE = [COMMAND, "serve"]
BARE = [sys.executable, "-m", "benchmarks.bare"]
BARE_LOOKUP = [sys.executable, "-m", "benchmarks.bare_lookup"]
PERSON = "dana.whitfield@example.com"
"""Who has no manager, so that one GET looks them up."""


@dataclass(frozen=True)
class World:
    url: str
    api_token: str
    user_id: str
    environment: dict[str, str]
    service: dict[str, str]
    """Settings that name the org's service app."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], environment: dict[str, str], until: str) -> Iterator[tuple[Any, str]]:
    """A process, from when it has printed a line that begins with `until`."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        printed = ""
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith(until):
            if not line:
                raise RuntimeError(f"{command[0]} ended: {printed}")
            printed += line
        yield process, printed
    finally:
        process.terminate()
        process.wait()


@contextmanager
def http_server(command: list[str], world: World) -> Iterator[tuple[str, dict[str, str], int]]:
    """A server over HTTP, the bare one or ours: its URL, the headers to send, its process id."""
    port = free_port()
    if command[-1] == "serve":
        with running([*command, "--http", "--port", str(port)], world.environment, "Stop with") as (process, printed):
            token = printed.split("Bearer ")[1].split('"')[0]
            yield f"http://127.0.0.1:{port}/mcp", {"authorization": f"Bearer {token}"}, process.pid
        return
    with listening([*command, str(port)], port, world) as process_id:
        yield f"http://127.0.0.1:{port}/mcp", {}, process_id


@contextmanager
def listening(command: list[str], port: int, world: World) -> Iterator[int]:
    """The id of a process, from when it listens on the port."""
    process = subprocess.Popen(command, env=world.environment, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def world(people: int | None = None) -> Iterator[World]:
    """A sandbox, filled up to so many people, and an okta-actions connected to it."""
    with TemporaryDirectory() as folder:
        private = Path(folder) / "data"
        os.environ |= {"OKTA_ACTIONS_DATA_DIR": str(private), "OKTA_ACTIONS_VAULT_KEY_SOURCE": "file"}
        environment = dict(os.environ)
        port = free_port()
        command = [COMMAND, "sandbox", "--port", str(port), *(["--users", str(people)] if people else [])]
        with running(command, environment, "Stop with") as (_, printed):
            told = {name.strip(): value.strip() for name, _, value in (s.partition(":") for s in printed.splitlines())}
            url, token = f"http://127.0.0.1:{port}", told["API token"]
            login, password = told["Administrator"].split(", password ")
            anyio.run(_connect, url, told["Client ID"], told["Client secret"], login, password)
            user = httpx2.get(f"{url}/api/v1/users/{PERSON}", headers={"authorization": f"SSWS {token}"})
            app, key = re.fullmatch(r"(\S+), private key (.+), kid \S+", told["Service app"]).groups()  # type: ignore[union-attr]
            service = {
                "OKTA_ACTIONS_ORG_URL": url,
                "OKTA_ACTIONS_CLIENT_ID": app,
                "OKTA_ACTIONS_PRIVATE_KEY": Path(key).read_text(),
            }
            yield World(url, token, user.json()["id"], environment, service)


@contextmanager
def elsewhere(world: World, checkout: Path) -> Iterator[tuple[list[str], World]]:
    """The server of another checkout, with a store of its own that is connected to the same org, as its service app."""
    command = [str(checkout / ".venv" / "bin" / "okta-actions")]
    with TemporaryDirectory() as folder:
        environment = {**world.environment, **world.service, "OKTA_ACTIONS_DATA_DIR": folder}
        call = [*command, "call", "lookup_user", "--user-id", world.user_id]
        subprocess.run(call, env=environment, stdout=subprocess.DEVNULL, check=True)
        yield [*command, "serve"], replace(world, environment=environment)


async def _connect(url: str, client_id: str, secret: str, login: str, password: str) -> None:
    async def present(address: str) -> None:
        async with httpx2.AsyncClient(follow_redirects=True) as browser:
            page = await browser.get(address)
            back = page.text.split('name="return_to" value="')[1].split('"')[0].replace("&amp;", "&")
            form = {"username": login, "password": password, "return_to": back}
            await browser.post(f"{url}/login", data=form)

    async with Program(load()) as program:
        await program.connections.connect(App(url, client_id, Credentials(client_secret=secret)), present)
