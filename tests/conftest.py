"""What every test stands on: a sandbox on a socket, a program connected to it, and nothing of the person's own."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import httpx2
import hypothesis
import pytest

from browser import Browser
from org import API_TOKEN, Org
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from surface import app_of, free_port

# No test is timed, and neither are the examples that Hypothesis makes.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test, nor any process that one starts, sees the settings, the store or the keyring of the machine."""
    for name in [name for name in os.environ if name.startswith(("OKTA_ACTIONS_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY_SOURCE", "file")


@pytest.fixture
def redirect_uri(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address of this test's own to come back to, set for it and for the processes that it starts."""
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    monkeypatch.setenv("OKTA_ACTIONS_REDIRECT_URI", uri)
    return uri


@pytest.fixture
def sandbox(redirect_uri: str) -> Iterator[RunningSandbox]:
    with RunningSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        yield running


@pytest.fixture
def http(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    """The org's API, called with the API token."""
    with httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield client


@pytest.fixture
def org(http: httpx2.Client) -> Org:
    """The org, to be asked what happened."""
    return Org(http)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return load()


@pytest.fixture
def connected(settings: Settings, sandbox: RunningSandbox) -> None:
    """A store in which the sandbox is connected, for the processes that a test starts."""

    async def connect() -> None:
        async with Program(settings) as made:
            await connect_as_administrator(made, sandbox)

    anyio.run(connect)


async def connect_as_administrator(program: Program, sandbox: RunningSandbox) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)


@pytest.fixture
async def program(settings: Settings, sandbox: RunningSandbox) -> AsyncIterator[Program]:
    """A program connected to the sandbox, as its administrator."""
    async with Program(settings) as made:
        await connect_as_administrator(made, sandbox)
        yield made
