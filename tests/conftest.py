"""What every test stands on: a sandbox on a socket, a program connected to it, and nothing of the person's own."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx2
import hypothesis
import pytest

import keeping  # noqa: F401 - it writes what others read
import only_sqlite
import sampling
from browser import Browser
from certificates import make_certificate, make_encrypted_key
from connected_org import API_TOKEN, Org
from server.connection_names import Owner
from server.program import Program
from server.sandbox import story
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from server.store.database import Database
from surface import connect_as_administrator, free_port
from tools.off import OFF

# No test is timed, and neither are the examples that Hypothesis makes.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("stress", hypothesis.settings.get_profile("untimed"), max_examples=5000)
hypothesis.settings.load_profile("untimed")

only_sqlite.forbid()

for name in [name for name in os.environ if name.startswith(("OKTA_ACTIONS_", "OPENAI_", "OTEL_"))]:
    del os.environ[name]  # they are of the person who runs the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sample", action="store_true", help="Of large tables of cases, play a part only.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sample"):
        config.hook.pytest_deselected(items=sampling.thin(items))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test, nor any process that one starts, sees the settings, the store or the keyring of the machine."""
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY_SOURCE", "file")
    # What is off by default is tested like everything else.
    monkeypatch.setenv("OKTA_ACTIONS_ENABLE_TOOLSETS", ",".join(OFF))


@pytest.fixture
def redirect_uri(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address of this test's own to come back to, set for it and for the processes that it starts."""
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    monkeypatch.setenv("OKTA_ACTIONS_REDIRECT_URI", uri)
    return uri


@dataclass(frozen=True)
class Template:
    """An org, and the data of a program that signed in to it: made once, and copied for each test."""

    org: Path
    data: Path
    port: int


def begin_the_journal_anew(database: Database) -> None:
    """Each test counts entries of its own, and not the one of the template's sign-in."""
    for table in ("journal", "journal_head"):
        database.driver.execute(f"DELETE FROM {table}")
    database.driver.execute("DELETE FROM secrets WHERE owner = ?", (Owner.JOURNAL,))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("template")
    made = Template(folder / "org.db", folder / "data", free_port())
    uri = f"http://localhost:{free_port()}/authorization-code/callback"
    settings = load(data_dir=made.data, vault_key_source="file", redirect_uri=uri)

    async def connect() -> None:
        async with Program(settings) as program:
            await connect_as_administrator(program, running)
            await program.store.run(begin_the_journal_anew)

    with RunningSandbox(made.org, port=made.port, api_token=API_TOKEN, redirect_uris=[uri]) as running:
        anyio.run(connect)
        running.org.database.run("DELETE FROM events")
        story.forget(running.org)
    return made


@pytest.fixture
def sandbox(
    template: Template, redirect_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSandbox]:
    # Always at the same address: to that one the program of the template is connected.
    copy = Path(shutil.copy(template.org, tmp_path_factory.mktemp("org") / "org.db"))
    with RunningSandbox(copy, port=template.port, api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
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
def certificate(tmp_path: Path) -> tuple[str, str]:
    """Files of a certificate for okta.example.com and of its key."""
    return make_certificate(tmp_path)


@pytest.fixture
def encrypted_key(tmp_path: Path) -> str:
    return make_encrypted_key(tmp_path)


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return load()


@pytest.fixture
def connected(template: Template, settings: Settings) -> None:
    """A store in which the sandbox is connected, for the processes that a test starts."""
    shutil.copytree(template.data, settings.data_dir)


@pytest.fixture
async def program(connected: None, settings: Settings) -> AsyncIterator[Program]:
    """A program connected to the sandbox, as its administrator."""
    async with Program(settings) as made:
        yield made
