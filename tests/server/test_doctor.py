"""Ten mistakes that newcomers make, and the line of the doctor's that leads to the repair of each."""

import json
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import httpx2
import pytest

from browser import Browser
from connected_org import Org
from server.connections.book import put_tokens, read_tokens
from server.connections.keys import dumped, generate, public
from server.connections.manager import App
from server.connections.models import Credentials
from server.connections.sign_in import DeviceSignIn
from server.desk.doctor import Finding, examine
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.faults import Fault
from server.sandbox.running import RunningSandbox
from server.settings import load
from server.store.database import Database
from surface import COMMAND, app_of, environment
from tools.catalogue import needed_scopes
from tools.okta.scopes import ROLES


async def problems(program: Program, app: App | None = None) -> dict[str, Finding]:
    found = [finding async for finding in examine(program, None, app, [])]
    assert all(finding.repair for finding in found if finding.state == "problem")
    return {finding.name: finding for finding in found if finding.state == "problem"}


@pytest.fixture
async def fresh(redirect_uri: str) -> AsyncIterator[Program]:
    async with Program(load()) as made:
        yield made


async def test_all_is_well(program: Program, org: Org) -> None:
    before = org.events()
    found = [finding async for finding in examine(program, None, None, [])]
    assert [finding.name for finding in found if finding.state != "ok"] == []
    assert {"store", "vault", "network", "clock", "client", "redirect URI", "scopes", "token", "admin role"} <= {
        finding.name for finding in found
    }
    assert org.events() == before


async def test_an_app_for_devices_needs_no_redirect_uri(fresh: Program, sandbox: RunningSandbox) -> None:
    id, _ = register_client(
        sandbox.org,
        "Device",
        grant_types=["refresh_token", DEVICE_CODE],
        scopes=(*needed_scopes(), ROLES),
        secret=False,
    )

    async def approve(begun: DeviceSignIn) -> None:
        with Browser.signed_in(sandbox) as browser:
            await anyio.to_thread.run_sync(lambda: browser.submit(browser.open(begun.complete_url), press="allow"))

    await fresh.connections.connect_on_device(App(sandbox.url, id), approve)
    assert await problems(fresh) == {}


async def test_nothing_is_connected(fresh: Program) -> None:
    assert "okta-actions connect" in str((await problems(fresh))["connection"].repair)


async def test_1_a_wrong_url(fresh: Program, sandbox: RunningSandbox) -> None:
    found = await problems(fresh, App("http://127.0.0.1:1", "id"))
    assert "cannot be reached" in found["network"].told


async def test_2_the_admin_consoles_url(fresh: Program) -> None:
    found = await problems(fresh, App("https://acme-admin.okta.com", "id"))
    assert found["org URL"].repair == "Use https://acme.okta.com"


async def test_3_a_missing_redirect_uri(fresh: Program, sandbox: RunningSandbox, redirect_uri: str) -> None:
    id, secret = register_client(sandbox.org, "App", redirect_uris=[redirect_uri + "/"], scopes=needed_scopes())
    found = await problems(fresh, App(sandbox.url, id, Credentials(client_secret=secret)))
    assert list(found) == ["redirect URI"]
    assert redirect_uri in str(found["redirect URI"].repair)


async def test_4_a_wrong_secret(fresh: Program, sandbox: RunningSandbox) -> None:
    found = await problems(fresh, replace(app_of(sandbox), credentials=Credentials(client_secret="wrong")))
    assert "Copy the client secret again" in str(found["client"].repair)


async def test_4_a_wrong_client_id(fresh: Program, sandbox: RunningSandbox) -> None:
    found = await problems(fresh, replace(app_of(sandbox), client_id="0oaNobody"))
    assert "Check the client ID" in str(found["client"].repair)


async def test_5_a_secret_where_a_key_is_needed(fresh: Program, sandbox: RunningSandbox) -> None:
    key = generate()
    id, _ = register_client(sandbox.org, "S", grant_types=["client_credentials"], jwks={"keys": [public(key)]})
    found = await problems(fresh, App(sandbox.url, id, Credentials(client_secret="secret")))
    assert "--private-key-file" in str(found["client"].repair)


async def test_6_a_scope_that_is_not_granted(program: Program) -> None:
    await program.store.run(
        lambda database: database.execute(
            database.connections.update().values(scopes_granted="openid okta.users.read okta.groups.read")
        )
    )
    found = await problems(program)
    assert "okta.users.manage" in found["scopes"].told
    assert "okta-actions connect --name default" in str(found["scopes"].repair)


async def test_7_a_missing_role(fresh: Program, sandbox: RunningSandbox) -> None:
    key = generate()
    id, _ = register_client(
        sandbox.org,
        "No role",
        grant_types=["client_credentials"],
        scopes=needed_scopes(),
        jwks={"keys": [public(key)]},
        role=None,
    )
    await fresh.connections.connect_service(App(sandbox.url, id, Credentials(private_key=dumped(key))))
    found = await problems(fresh)
    assert list(found) == ["admin role"]
    assert "Administrators" in str(found["admin role"].repair)


async def test_8_dpop_is_demanded(fresh: Program, sandbox: RunningSandbox, redirect_uri: str) -> None:
    id, secret = register_client(sandbox.org, "Bound", redirect_uris=[redirect_uri], scopes=needed_scopes(), dpop=True)
    app = App(sandbox.url, id, Credentials(client_secret=secret))
    found = {finding.name: finding async for finding in examine(fresh, None, app, [])}
    assert found["DPoP"].told == "The app demands it, and it is used."
    assert await problems(fresh, app) == {}


@pytest.mark.parametrize(("hours", "way"), [(1, "behind"), (-1, "ahead")])
async def test_9_a_clock_that_is_an_hour_off(program: Program, sandbox: RunningSandbox, hours: int, way: str) -> None:
    sandbox.org.clock = lambda: time.time() + 3600 * hours
    clock = (await problems(program))["clock"]
    assert clock.told == f"This machine's clock is 60 minutes {way} of Okta's."
    assert "NTP" in str(clock.repair)


async def test_10_a_revoked_token(program: Program, sandbox: RunningSandbox) -> None:
    def refresh_token(database: Database) -> str:
        tokens = read_tokens(database, "default")
        assert tokens is not None
        put_tokens(database, "default", replace(tokens, expires_at=0.0))
        return tokens.refresh_token or ""

    token = await program.store.run(refresh_token)
    demo = sandbox.demo
    revoked = httpx2.post(
        f"{sandbox.url}/oauth2/v1/revoke", data={"token": token}, auth=(demo.client_id, demo.client_secret)
    )
    assert revoked.status_code == 200
    found = await problems(program)
    assert "okta-actions connect --name default" in str(found["token"].repair)


def test_the_command_prints_a_line_each_and_has_an_exit_code(connected: None, sandbox: RunningSandbox) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [COMMAND, "doctor", *arguments]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)

    well = run()
    assert well.returncode == 0, well.stdout
    assert all(line.startswith("ok") for line in well.stdout.splitlines())
    found = json.loads(run("--json").stdout)
    assert {"name", "state", "told"} <= set(found[0])
    ill = run("--org-url", sandbox.url, "--client-id", "0oaNobody")
    assert ill.returncode == 1
    assert "FAIL  client" in ill.stdout
    assert "→ " in ill.stdout


async def test_who_is_an_administrator_must_be_readable(fresh: Program, sandbox: RunningSandbox) -> None:
    await fresh.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)
    assert await problems(fresh) == {}
    sandbox.org.faults.coming.append(Fault("status", status=403, method="GET", path="/api/v1/users/00u"))
    found = await problems(fresh)
    assert list(found) == ["administrators"]
    assert "OKTA_ACTIONS_ALLOW_ADMINISTRATORS" in (found["administrators"].repair or "")
