"""Every way in, each to its end: a sign-in on another device, service apps with keys, bound tokens, API tokens."""

import asyncio
import json
import stat
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey

from browser import Browser
from peer import Peer, answer
from server.connections.book import put_tokens, read_tokens
from server.connections.explained import explained
from server.connections.keys import dumped, generate, load, public
from server.connections.manager import App
from server.connections.models import Connection, Credentials
from server.connections.moving import packed, unpacked
from server.connections.sign_in import DeviceSignIn, SignInFailed
from server.door.actions import ACTIONS
from server.door.door import Call, Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.running import RunningSandbox
from server.settings import load as load_settings
from surface import app_of
from tools.catalogue import needed_scopes
from tools.okta.errors import InvalidInput

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "okta-wire" / "ref" / "oauth2-error-codes.json"
CALLER = Caller(Principal("tests", "tester"), "tests")
JANE = "jane.doe@example.com"


@pytest.fixture
async def fresh(redirect_uri: str) -> AsyncIterator[Program]:
    """A program that is not connected."""
    async with Program(load_settings()) as made:
        yield made


async def works(program: Program) -> Connection:
    """The connection, having looked somebody up, with a token as it came and with a refreshed one."""
    for _ in range(2):
        outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
        assert isinstance(outcome, Result), outcome
        connection = await program.connections.connected()
        await age(program, connection)
    return connection


async def age(program: Program, connection: Connection) -> None:
    """Let the access token be at its end."""

    def write(database: Any) -> None:
        tokens = read_tokens(database, connection.name)
        assert tokens is not None
        put_tokens(database, connection.name, replace(tokens, expires_at=0.0 if tokens.kind != "SSWS" else 1e11))

    await program.store.run(write)
    program.connections._live.clear()


def service(sandbox: RunningSandbox, key: Any, **more: Any) -> App:
    settings = {"grant_types": ["client_credentials"], "scopes": needed_scopes(), **more}
    id, _ = register_client(sandbox.org, "A service", jwks={"keys": [public(key)]}, **settings)
    return App(sandbox.url, id, Credentials(private_key=dumped(key)))


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
@pytest.mark.parametrize("kind", ["EC", "RSA"])
async def test_a_service_app_by_its_key(fresh: Program, sandbox: RunningSandbox, kind: str, dpop: bool) -> None:
    await fresh.connections.connect_service(service(sandbox, generate(kind), dpop=dpop))
    connection = await works(fresh)
    assert (connection.method, connection.client_auth, connection.dpop) == (
        "client_credentials",
        "private_key_jwt",
        dpop,
    )
    assert "private key" in connection.how
    assert ("DPoP" in connection.how) is dpop


@pytest.mark.parametrize("public_app", [False, True], ids=["secret", "public"])
@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
async def test_a_sign_in_in_the_browser(
    fresh: Program, sandbox: RunningSandbox, redirect_uri: str, public_app: bool, dpop: bool
) -> None:
    id, secret = register_client(
        sandbox.org, "Web", redirect_uris=[redirect_uri], scopes=needed_scopes(), secret=not public_app, dpop=dpop
    )

    def click(url: str) -> None:
        with Browser.signed_in(sandbox) as browser:
            browser.submit(browser.open(url), press="allow")

    app = App(sandbox.url, id, Credentials(client_secret=secret))
    await fresh.connections.connect(app, lambda url: anyio.to_thread.run_sync(click, url))
    connection = await works(fresh)
    assert connection.dpop is dpop
    assert connection.client_auth == ("none" if public_app else "client_secret")


async def test_a_sign_in_on_another_device(fresh: Program, sandbox: RunningSandbox) -> None:
    id, secret = register_client(
        sandbox.org, "Headless", grant_types=["refresh_token", DEVICE_CODE], scopes=needed_scopes()
    )
    shown: list[DeviceSignIn] = []

    def approve(begun: DeviceSignIn) -> None:
        with Browser.signed_in(sandbox) as browser:
            page = browser.submit(browser.open(begun.url), user_code=begun.user_code)
            assert "Device connected" in browser.submit(page, press="allow").text

    async def show(begun: DeviceSignIn) -> None:
        shown.append(begun)
        await anyio.to_thread.run_sync(approve, begun)

    await fresh.connections.connect_on_device(App(sandbox.url, id, Credentials(client_secret=secret)), show)
    connection = await works(fresh)
    assert connection.method == "device_code"
    assert connection.login == sandbox.demo.admin_login
    assert shown[0].device_code not in repr(shown[0])


async def test_a_denied_device_is_an_error_in_words(fresh: Program, sandbox: RunningSandbox) -> None:
    async def show(begun: DeviceSignIn) -> None:
        with Browser.signed_in(sandbox) as browser:
            await anyio.to_thread.run_sync(lambda: browser.submit(browser.open(begun.complete_url), press="deny"))

    with pytest.raises(SignInFailed) as refused:
        await fresh.connections.connect_on_device(app_of(sandbox), show)
    assert refused.value.error == "access_denied"
    assert refused.value.next_step
    assert await fresh.connections.current() is None


async def test_api_tokens_are_off_unless_allowed(
    fresh: Program, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="OKTA_ACTIONS_ALLOW_API_TOKEN"):
        await fresh.connections.connect_api_token(sandbox.url, sandbox.demo.api_token)
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_API_TOKEN", "true")
    async with Program(load_settings()) as program:
        await program.connections.connect_api_token(sandbox.url, sandbox.demo.api_token)
        connection = await works(program)
        assert any("API token has all rights" in warning for warning in connection.warnings)
        offered = [offer for offer in await program.door.offers() if offer.reason is None]
        assert len(offered) == len(ACTIONS)


async def test_an_api_token_that_ends_needs_a_person(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_API_TOKEN", "true")
    async with Program(load_settings()) as program:
        await program.connections.connect_api_token(sandbox.url, sandbox.demo.api_token)
        sandbox.org.database.run("DELETE FROM api_tokens")
        outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
        assert isinstance(outcome, Refusal)
        assert outcome.error.code == "needs_sign_in"
        assert "--api-token" in str(outcome.error)


# What is refused, and why


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"scopes": ["okta.devices.read"]}, "Okta API Scopes"),
        ({"grant_types": ["authorization_code"]}, "Allow this grant"),
    ],
)
async def test_a_service_app_that_is_set_up_wrong_is_explained(
    fresh: Program, sandbox: RunningSandbox, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(SignInFailed) as refused:
        await fresh.connections.connect_service(service(sandbox, generate(), **more))
    assert said in str(refused.value)
    assert await fresh.connections.current() is None


async def test_a_service_app_connects_with_what_it_was_granted(fresh: Program, sandbox: RunningSandbox) -> None:
    app = service(sandbox, generate(), scopes=["okta.users.read"])
    connection = await fresh.connections.connect_service(app)
    assert connection.scopes_granted == ("okta.users.read",)
    assert "okta.users.manage" in connection.scopes_refused
    assert (await works(fresh)).scopes_granted == ("okta.users.read",)
    offered = {offer.action.name for offer in await fresh.door.offers() if offer.reason is None}
    assert "lookup_user" in offered
    assert "create_user" not in offered


@pytest.mark.parametrize(
    ("kid", "explained"),
    [("its own", "has no public key of this key's ID"), ("the same", "does not belong to a public key of the app")],
)
async def test_another_key_than_the_apps_is_explained(
    fresh: Program, sandbox: RunningSandbox, kid: str, explained: str
) -> None:
    key, other = generate(), generate().as_dict(private=True)
    app = service(sandbox, key)
    other |= {"kid": str(key.kid)} if kid == "the same" else {}
    wrong = replace(app, credentials=Credentials(private_key=json.dumps(other)))
    with pytest.raises(SignInFailed, match=explained):
        await fresh.connections.connect_service(wrong)


async def test_a_secret_where_a_key_is_needed_is_explained(fresh: Program, sandbox: RunningSandbox) -> None:
    app = service(sandbox, generate(), redirect_uris=[])
    wrong = replace(app, credentials=Credentials(client_secret="a-secret"))
    with pytest.raises(SignInFailed, match="--private-key-file"):
        await fresh.connections.connect_on_device(wrong, lambda begun: asyncio.sleep(0))


async def test_a_clock_that_is_an_hour_off_is_made_up_for(fresh: Program, sandbox: RunningSandbox) -> None:
    # The org's clock is an hour ahead of ours: assertions and proofs are dated by its `Date`.
    sandbox.org.clock = lambda: time.time() + 3600
    await fresh.connections.connect_service(service(sandbox, generate(), dpop=True))
    connection = await fresh.connections.connected()
    assert connection.dpop
    # A keeper of its own knows nothing of the org's clock yet, and learns it from the first refusal.
    okta = await fresh.connections.client(connection)
    assert (await okta.get("users", JANE))["status"] == "ACTIVE"


@pytest.mark.parametrize("text", ["", "nonsense", "{}", '{"kty": "oct", "k": "AA"}', "-----BEGIN KEY-----"])
def test_what_is_no_private_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(text)
    assert "nonsense" not in str(refused.value)


@pytest.mark.parametrize("key", [generate("EC"), generate("RSA")], ids=["EC", "RSA"])
def test_keys_are_read_in_every_form_and_their_public_half_holds_no_secret(key: Any) -> None:
    for text in (dumped(key), json.dumps({"keys": [json.loads(dumped(key))]}), key.as_pem(private=True).decode()):
        assert load(text).thumbprint() == key.thumbprint()
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(public(key))
    half = (RSAKey if key.key_type == "RSA" else ECKey).import_key(key.as_dict(private=False))
    with pytest.raises(InvalidInput, match="only the public key"):
        load(json.dumps(half.as_dict(private=False)))


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="Okta's list of errors is not beside this folder")
def test_every_error_of_the_token_endpoint_has_a_next_step() -> None:
    listed = json.loads(OFFICIAL.read_text())["errors"]
    assert len(listed) > 400
    for error in listed:
        assert 15 < len(explained(error["errorCode"], error["errorDescription"])) < 120


async def test_a_proxy_is_gone_through(redirect_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Peer(answer(502)) as proxy:
        monkeypatch.setenv("OKTA_ACTIONS_PROXY", proxy.url)
        async with Program(load_settings()) as program:
            with pytest.raises(SignInFailed):
                await program.connections.connect(App("http://127.0.0.1:9", "id"), lambda url: asyncio.sleep(0))
        assert proxy.requests[0].startswith(b"GET http://127.0.0.1:9/.well-known/openid-configuration ")


async def test_a_file_of_certificates_that_is_none_is_refused(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    async with Program(load_settings()) as program:
        with pytest.raises(InvalidInput, match="OKTA_ACTIONS_CA_BUNDLE"):
            await program.connections.connect(App("https://x.okta.com", "id"), lambda url: asyncio.sleep(0))


# The bound token


async def test_a_bound_token_is_worth_nothing_without_its_key(fresh: Program, sandbox: RunningSandbox) -> None:
    await fresh.connections.connect_service(service(sandbox, generate(), dpop=True))
    token = await fresh.connections.access_token(await fresh.connections.connected())
    for scheme in ("Bearer", "DPoP"):
        answer = httpx2.get(f"{sandbox.url}/api/v1/users/{JANE}", headers={"authorization": f"{scheme} {token}"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("DPoP algs=")


# Several connections


async def test_connections_side_by_side(sandbox: RunningSandbox, fresh: Program) -> None:
    await fresh.connections.connect_service(service(sandbox, generate()), name="prod")
    await fresh.connections.connect_service(service(sandbox, generate()), name="test")
    book = fresh.connections.book
    assert set(await book.all()) == {"prod", "test"}
    refused = await fresh.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
    assert isinstance(refused, Refusal)
    assert "prod, test" in str(refused.error)
    await book.choose("test")
    assert (await fresh.connections.connected()).name == "test"
    assert (await fresh.connections.connected("prod")).name == "prod"
    await fresh.connections.disconnect("test")
    assert set(await book.all()) == {"prod"}
    assert isinstance(await fresh.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)


async def test_a_row_that_points_to_another_org_gives_no_token_away(program: Program) -> None:
    connection = await program.connections.connected()
    table = "connections"
    await program.store.run(
        lambda database: database.connection.exec_driver_sql(f"UPDATE {table} SET org_url = 'http://127.0.0.1:1'")
    )
    # A process that used it before sees that it leads elsewhere; one that starts now cannot open what is kept for it.
    outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "connection_changed"
    async with Program(program.settings) as next_one:
        outcome = await next_one.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "wrong_vault_key"
    assert "tampered" in str(outcome.error)
    assert connection.org_url != "http://127.0.0.1:1"


async def test_connections_move_house_under_a_passphrase(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await packed(program.connections, program.store, "a long passphrase")
    token = await program.connections.access_token(await program.connections.connected())
    assert token.encode() not in sealed
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", str(tmp_path / "elsewhere"))
    async with Program(load_settings()) as other:
        with pytest.raises(InvalidInput, match="passphrase"):
            await unpacked(other.connections, sealed, "another passphrase")
        with pytest.raises(InvalidInput):
            await unpacked(other.connections, sealed[:-1] + b"x", "a long passphrase")
        assert await unpacked(other.connections, sealed, "a long passphrase") == ["default"]
        assert isinstance(await other.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)
        with pytest.raises(InvalidInput, match="--replace"):
            await unpacked(other.connections, sealed, "a long passphrase")


async def test_a_vault_is_sealed_anew_and_still_opens(program: Program) -> None:
    from server.store import vault_key

    file = program.settings.data_dir / "vault.key"
    before = file.read_text()
    source, key = await program.store.run(lambda database: database.vault.rotate())
    # Cut short here, both keys are at hand; so it opens before and after the new one has taken the old one's place.
    async with Program(program.settings) as between:
        assert isinstance(await between.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)
    vault_key.settle(program.settings, source, key)
    assert file.read_text() != before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with Program(program.settings) as after:
        assert isinstance(await after.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)


async def test_nothing_is_on_the_disk_in_memory_only_mode(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_MEMORY_ONLY", "true")
    settings = load_settings()
    async with Program(settings) as program:
        await program.connections.connect_service(service(sandbox, generate()))
        await works(program)
    assert not settings.data_dir.exists()


async def test_a_service_app_may_be_named_by_the_settings_alone(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = generate("RSA")
    app = service(sandbox, key, dpop=True)
    monkeypatch.setenv("OKTA_ACTIONS_MEMORY_ONLY", "true")
    monkeypatch.setenv("OKTA_ACTIONS_ORG_URL", app.org_url)
    monkeypatch.setenv("OKTA_ACTIONS_CLIENT_ID", app.client_id)
    monkeypatch.setenv("OKTA_ACTIONS_PRIVATE_KEY", key.as_pem(private=True).decode())
    async with Program(load_settings()) as program:
        outcomes = await asyncio.gather(
            *(program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})) for _ in range(5))
        )
        assert all(isinstance(outcome, Result) for outcome in outcomes), outcomes
        assert len(await program.connections.book.all()) == 1


async def test_a_key_from_a_command(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.write_text("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY_COMMAND", f"cat {held}")
    async with Program(load_settings()) as program:
        await program.connections.connect_service(service(sandbox, generate()))
        await works(program)
    held.unlink()
    async with Program(load_settings()) as program:
        outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}))
        assert isinstance(outcome, Refusal)
        assert "OKTA_ACTIONS_VAULT_KEY_COMMAND" in str(outcome.error)
