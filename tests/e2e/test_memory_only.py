"""A program that keeps nothing on the disk records what it does in its log, or does nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from connected_org import Org
from server.connections.keys import dumped, generate, public
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from surface import COMMAND, call, details, environment, refused
from tools.catalogue import needed_scopes

JANE = "jane.doe@example.com"


@pytest.fixture
def unattended(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service app that the settings alone name."""
    key = generate()
    client_id, _ = register_client(
        sandbox.org,
        "A service",
        jwks={"keys": [public(key)]},
        grant_types=["client_credentials"],
        scopes=needed_scopes(),
    )
    monkeypatch.setenv("OKTA_ACTIONS_MEMORY_ONLY", "true")
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_ADMINISTRATORS", "true")
    monkeypatch.setenv("OKTA_ACTIONS_ORG_URL", sandbox.url)
    monkeypatch.setenv("OKTA_ACTIONS_CLIENT_ID", client_id)
    monkeypatch.setenv("OKTA_ACTIONS_PRIVATE_KEY", dumped(key))


@asynccontextmanager
async def logging_to(place: str) -> AsyncIterator[Client]:
    """A server over stdio whose standard error goes there, as a shell writes it."""
    command = ["-c", f'exec "$0" serve {place}', COMMAND]
    async with Client(StdioServerParameters(command="sh", args=command, env=environment()), mode="legacy") as client:
        yield client


@pytest.mark.parametrize("place", ["2>/dev/full", "2>&-"], ids=["full", "closed"])
async def test_what_its_log_cannot_take_is_not_done(unattended: None, org: Org, place: str) -> None:
    async with logging_to(place) as client:
        # That it connects is to be recorded too.
        for name in ("lookup_user", "suspend_user", "suspend_user"):
            refusal = details(await refused(client, name, user_id=JANE))
            assert refusal["code"] == "log_unwritable"
    assert org.user(JANE)["status"] == "ACTIVE"
    assert org.events(JANE) == []


async def test_what_its_log_takes_is_done(unattended: None, org: Org, tmp_path: Any) -> None:
    async with logging_to(f"2>{tmp_path}/log") as client:
        await call(client, "suspend_user", user_id=JANE)
    assert org.user(JANE)["status"] == "SUSPENDED"
    recorded = (tmp_path / "log").read_text()
    assert [kind for kind in ("intent", "done") if f'"kind":"{kind}"' in recorded] == ["intent", "done"]
