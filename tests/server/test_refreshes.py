"""A refresh goes the shortest way: over the client's own connections, and without asking again what is known."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from connected_org import API_TOKEN, Org
from server.connections.book import put_tokens, read_tokens
from server.connections.keys import dumped, generate, public
from server.connections.manager import App
from server.connections.models import Credentials
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.settings import load
from surface import connect_as_administrator
from tools.catalogue import needed_scopes
from tools.okta.errors import ActionError
from watched import WatchedSandbox

JANE = "jane.doe@example.com"
DISCOVERY = ("GET", "/.well-known/openid-configuration")
TOKEN = ("POST", "/oauth2/v1/token")
CALL = ("GET", "/api/v1/users/jane.doe%40example.com")


@pytest.fixture
def sandbox(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri], users=30) as running:
        yield running


@pytest.fixture
def org(sandbox: WatchedSandbox) -> Iterator[Org]:
    with httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield Org(client)


@pytest.fixture
async def program(sandbox: WatchedSandbox) -> AsyncIterator[Program]:
    async with Program(load()) as made:
        yield made


def service(sandbox: WatchedSandbox) -> App:
    """An app with a key, whose proofs need a nonce."""
    key = generate()
    id, _ = register_client(
        sandbox.org,
        "A service",
        jwks={"keys": [public(key)]},
        grant_types=["client_credentials"],
        scopes=needed_scopes(),
        dpop=True,
    )
    return App(sandbox.url, id, Credentials(private_key=dumped(key)))


async def expire(program: Program) -> None:
    """Let the access token be at its end, as after an hour."""
    connection = await program.connections.connected()

    def write(database: Any) -> None:
        tokens = read_tokens(database, connection.name)
        assert tokens is not None
        put_tokens(database, connection.name, replace(tokens, expires_at=0.0))

    await program.store.run(write)
    keeper, _ = await program.connections.live(connection)
    keeper._fresh_until = 0.0


async def requests_of_a_refresh(program: Program, sandbox: WatchedSandbox) -> list[tuple[str, str]]:
    """The requests of a call with an expired token."""
    await expire(program)
    sandbox.requests.clear()
    okta = await program.connections.client(await program.connections.connected())
    await okta.get("users", JANE)
    return list(sandbox.requests)


async def test_discovery_is_read_once_and_no_connection_is_opened_for_it(
    program: Program, sandbox: WatchedSandbox
) -> None:
    await connect_as_administrator(program, sandbox)
    assert await requests_of_a_refresh(program, sandbox) == [DISCOVERY, TOKEN, CALL]
    opened = set(sandbox.ports[-3:])
    assert len(opened) == 1
    assert await requests_of_a_refresh(program, sandbox) == [TOKEN, CALL]
    assert set(sandbox.ports[-2:]) == opened


async def test_the_nonce_of_proofs_is_kept(program: Program, sandbox: WatchedSandbox) -> None:
    await program.connections.connect_service(service(sandbox))
    assert await requests_of_a_refresh(program, sandbox) == [DISCOVERY, TOKEN, TOKEN, CALL]
    assert await requests_of_a_refresh(program, sandbox) == [TOKEN, CALL]


async def test_what_is_kept_is_read_again_if_okta_refuses_by_it(
    program: Program, sandbox: WatchedSandbox, org: Org
) -> None:
    await program.connections.connect_service(service(sandbox))
    await requests_of_a_refresh(program, sandbox)
    org.trouble({"kind": "status", "status": 404, "path": "/oauth2/v1/token"})
    assert await requests_of_a_refresh(program, sandbox) == [TOKEN, DISCOVERY, TOKEN, TOKEN, CALL]


async def test_a_refresh_token_that_okta_refuses_is_sent_once(program: Program, sandbox: WatchedSandbox) -> None:
    await connect_as_administrator(program, sandbox)
    await requests_of_a_refresh(program, sandbox)

    def spoil(database: Any) -> None:
        tokens = read_tokens(database, "default")
        assert tokens is not None
        put_tokens(database, "default", replace(tokens, refresh_token="no longer valid"))

    await program.store.run(spoil)
    with pytest.raises(ActionError, match="no longer accepts its refresh token"):
        await requests_of_a_refresh(program, sandbox)
    assert sandbox.requests == [TOKEN]
