"""The agent's tests of a module share an org, for they are about conversations; each has a person of its own in it."""

import os
from collections.abc import Iterator
from uuid import uuid4

import anyio
import pytest

from browser import Browser
from connected_org import API_TOKEN, Org
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import PREFIX, Settings, load
from surface import app_of, free_port


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSandbox, dict[str, str]]]:
    """An org, and the variables of a program that is connected to it."""
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    given = {
        "DATA_DIR": str(tmp_path_factory.mktemp("world") / "data"),
        "VAULT_KEY_SOURCE": "file",
        "REDIRECT_URI": uri,
        "CHANGES_PER_MINUTE": "1000",
        "ASK_FROM": "1000",
    }
    variables = {PREFIX + name: value for name, value in given.items()}
    with RunningSandbox(api_token=API_TOKEN, redirect_uris=[uri]) as running:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(PREFIX)]:
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            anyio.run(_connect, running)
        yield running, variables


async def _connect(running: RunningSandbox) -> None:
    async with Program(load()) as program:
        await program.connections.connect(app_of(running), Browser.signed_in(running).present)


@pytest.fixture
def sandbox(world: tuple[RunningSandbox, dict[str, str]]) -> RunningSandbox:
    return world[0]


@pytest.fixture
def settings(world: tuple[RunningSandbox, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in world[1].items():
        monkeypatch.setenv(name, value)
    return load()


@pytest.fixture
def connected(settings: Settings, org: Org) -> Iterator[None]:
    yield
    org.trouble()


@pytest.fixture
def login() -> str:
    """The login of nobody yet."""
    return f"new.{uuid4().hex[:8]}@example.com"


@pytest.fixture
def jane(connected: None, org: Org) -> str:
    """The login of an active person whom nobody did anything to."""
    login = f"jane.{uuid4().hex[:8]}@example.com"
    org.create(login, password="Correct-Horse-1", firstName="Jane", lastName="Doe")
    return login
