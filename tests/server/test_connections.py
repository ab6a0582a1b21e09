"""Signing in through the org's own pages, and keeping a valid token at hand whatever happens afterwards."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import anyio
import httpx2
import pytest

from browser import Browser
from connected_org import Org
from peer import Peer, answer
from server.connections.manager import App
from server.connections.models import Credentials, NeedsSignIn, NotConnected, Tokens
from server.connections.sign_in import SignInFailed
from server.door.door import Call, Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from server.store.database import Database
from tools.catalogue import needed_scopes
from tools.okta.errors import ActionError, Unreachable

CALLER = Caller(Principal("tests", "tester"), "tests")


async def connect(program: Program, sandbox: RunningSandbox, present: Any, **more: Any) -> Any:
    demo = sandbox.demo
    note = more.pop("note", lambda text: None)
    secret = more.pop("client_secret", demo.client_secret)
    app = App(sandbox.url, more.pop("client_id", demo.client_id), Credentials(client_secret=secret))
    return await program.connections.connect(app, present, note, **more)


async def stored(program: Program) -> Tokens:
    kept = await program.store.run(lambda database: database.vault.get("default", "tokens"))
    assert kept is not None
    return Tokens(**json.loads(kept))


async def keep(program: Program, tokens: Tokens) -> None:
    def write(database: Database) -> None:
        database.vault.put("default", "tokens", json.dumps(asdict(tokens)).encode())

    await program.store.run(write)


async def lookup(program: Program) -> Result | Refusal:
    outcome = await program.door.call(Call(CALLER, "lookup_user", {"user_id": "jane.doe@example.com"}))
    assert isinstance(outcome, Result | Refusal)
    return outcome


def grants(http: httpx2.Client) -> int:
    listed = http.get("/api/v1/logs", params={"limit": 1000, "filter": 'eventType sw "app.oauth2.token.grant.access"'})
    return len(listed.json())


def revoke(sandbox: RunningSandbox, token: str | None) -> None:
    demo = sandbox.demo
    sent = httpx2.post(
        f"{sandbox.url}/oauth2/v1/revoke", data={"token": token or ""}, auth=(demo.client_id, demo.client_secret)
    )
    assert sent.status_code == 200


PASSWORD = "Correct-Horse-7"


def make_administrator(http: httpx2.Client, login: str, first: str, last: str) -> str:
    """A person of the org who may sign in and administer it; their id."""
    profile = {"firstName": first, "lastName": last, "login": login, "email": login}
    body = {"profile": profile, "credentials": {"password": {"value": PASSWORD}}}
    id: str = http.post("/api/v1/users", json=body).json()["id"]
    http.post(f"/api/v1/users/{id}/roles", json={"type": "SUPER_ADMIN"})
    return id


def as_somebody(login: str) -> Any:
    """A browser in which this person signs in, and allows what is asked for."""

    def click(url: str) -> None:
        with Browser() as browser:
            page = browser.submit(browser.open(url), username=login, password=PASSWORD)
            if "Allow" in page.text:
                browser.submit(page, press="allow")

    return lambda url: anyio.to_thread.run_sync(click, url)


# Signing in


async def test_a_person_signs_in_and_consents_page_by_page(sandbox: RunningSandbox, redirect_uri: str) -> None:
    id, secret = register_client(sandbox.org, "Fresh app", redirect_uris=[redirect_uri], scopes=needed_scopes())
    seen: list[str] = []

    def click(url: str) -> None:
        with Browser() as browser:
            wrong = browser.submit(browser.open(url), username=sandbox.demo.admin_login, password="wrong")
            assert "Unable to sign in" in wrong.text
            consent = browser.sign_in(wrong, sandbox)
            seen.append(consent.text)
            seen.append(browser.submit(consent, press="allow").text)

    async with Program(load()) as program:
        connection = await connect(
            program, sandbox, lambda url: anyio.to_thread.run_sync(click, url), client_id=id, client_secret=secret
        )
        assert "okta.users.manage" in seen[0]
        assert "Signed in" in seen[1]
        assert connection.login == sandbox.demo.admin_login
        assert set(connection.scopes_granted) == {"openid", "offline_access", *needed_scopes()}
        assert isinstance(await lookup(program), Result)


async def test_what_is_connected_is_still_there_in_the_next_process(program: Program, settings: Settings) -> None:
    async with Program(settings) as next_one:
        assert isinstance(await lookup(next_one), Result)


async def test_a_person_who_denies_leaves_everything_as_it_was(sandbox: RunningSandbox, redirect_uri: str) -> None:
    id, secret = register_client(sandbox.org, "Denied", redirect_uris=[redirect_uri], scopes=["okta.users.read"])

    def deny(url: str) -> None:
        with Browser.signed_in(sandbox) as browser:
            assert "Not signed in" in browser.submit(browser.open(url), press="deny").text

    async with Program(load()) as program:
        with pytest.raises(SignInFailed, match="access_denied"):
            await connect(
                program, sandbox, lambda url: anyio.to_thread.run_sync(deny, url), client_id=id, client_secret=secret
            )
        assert await program.connections.current() is None


def rewritten(change: Callable[[dict[str, str]], dict[str, str]], redirect_uri: str, sandbox: RunningSandbox) -> Any:
    """A browser in which somebody changes what is brought back."""

    def go(url: str) -> None:
        name, value = sandbox.demo.session_cookie
        back = httpx2.get(url, headers={"cookie": f"{name}={value}"}).headers["location"]
        brought = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        parts = urlsplit(redirect_uri)
        httpx2.get(urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(change(brought)), "")))

    return lambda url: anyio.to_thread.run_sync(go, url)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"iss": "https://evil.example.com"}, "another authorization server"),
        ({"code": "made-up"}, "invalid_grant"),
        ({"error": "access_denied", "error_description": "User is not assigned"}, "not assigned"),
    ],
)
async def test_what_does_not_belong_to_the_sign_in_is_refused(
    sandbox: RunningSandbox, redirect_uri: str, change: dict[str, str], said: str
) -> None:
    async with Program(load()) as program:
        with pytest.raises(SignInFailed, match=said):
            await connect(program, sandbox, rewritten(lambda brought: brought | change, redirect_uri, sandbox))
        assert await program.connections.current() is None


async def test_an_id_token_of_another_sign_in_is_refused(sandbox: RunningSandbox) -> None:
    async def mixed_up(url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        await Browser.signed_in(sandbox).present(f"{url.partition('?')[0]}?{urlencode(asked | {'nonce': 'another'})}")

    async with Program(load()) as program:
        with pytest.raises(SignInFailed, match="cannot be trusted"):
            await connect(program, sandbox, mixed_up)
        assert await program.connections.current() is None


async def test_a_foreign_state_is_turned_away_and_waited_past(sandbox: RunningSandbox, redirect_uri: str) -> None:
    async def attacked(url: str) -> None:
        forged = await anyio.to_thread.run_sync(httpx2.get, f"{redirect_uri}?code=evil&state=guessed")
        assert forged.status_code == 400
        twice = await anyio.to_thread.run_sync(httpx2.get, f"{redirect_uri}?state=a&state=b&code=c")
        assert twice.status_code == 400
        elsewhere = await anyio.to_thread.run_sync(httpx2.get, redirect_uri.replace("/callback", "/other"))
        assert elsewhere.status_code == 404
        await Browser.signed_in(sandbox).present(url)

    async with Program(load()) as program:
        assert (await connect(program, sandbox, attacked)).login == sandbox.demo.admin_login


async def test_nobody_comes_back_in_time(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SIGN_IN_TIMEOUT", "0.3")

    async def nothing(url: str) -> None:
        pass

    async with Program(load()) as program:
        with pytest.raises(ActionError, match="Nobody signed in"):
            await connect(program, sandbox, nothing)


async def test_two_sign_ins_at_once_wait_for_one_another(sandbox: RunningSandbox) -> None:
    first, second = Program(load()), Program(load())
    said: list[str] = []

    async def slowly(url: str) -> None:
        await asyncio.sleep(0.6)
        await Browser.signed_in(sandbox).present(url)

    async with first, second:
        connections = await asyncio.gather(
            connect(first, sandbox, slowly, note=said.append, name="first"),
            connect(second, sandbox, slowly, note=said.append, name="second"),
        )
    assert [connection.name for connection in connections] == ["first", "second"]
    assert any("waiting" in text for text in said)


async def test_a_wrong_secret_is_refused_by_name(sandbox: RunningSandbox) -> None:
    async with Program(load()) as program:
        with pytest.raises(SignInFailed) as refused:
            await connect(program, sandbox, Browser.signed_in(sandbox).present, client_secret="not-the-secret")
        assert "invalid_client" in str(refused.value)
        assert "not-the-secret" not in str(refused.value)
        assert await program.connections.current() is None


async def test_an_org_that_says_it_is_another_is_refused(redirect_uri: str) -> None:
    metadata = {
        "issuer": "https://real.okta.com",
        "authorization_endpoint": "https://real.okta.com/oauth2/v1/authorize",
    }
    with Peer(answer(200, json.dumps(metadata))) as peer:
        async with Program(load()) as program:
            with pytest.raises(SignInFailed, match=r"identifies itself as https://real\.okta\.com"):
                await program.connections.connect(App(peer.url, "id", Credentials("secret")), Browser().present)


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"issuer": 7}'])
async def test_what_is_no_org_is_refused(redirect_uri: str, body: str) -> None:
    with Peer(answer(200, body)) as peer:
        async with Program(load()) as program:
            with pytest.raises(SignInFailed):
                await program.connections.connect(App(peer.url, "id", Credentials("secret")), Browser().present)


async def test_endpoints_elsewhere_get_no_secret(redirect_uri: str) -> None:
    with Peer() as thief, Peer() as peer:
        found = dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), f"{thief.url}/x")
        peer.then(answer(200, json.dumps({"issuer": peer.url, **found})))
        async with Program(load()) as program:
            with pytest.raises(SignInFailed, match="on another host"):
                await program.connections.connect(App(peer.url, "id", Credentials("secret")), Browser().present)
        assert thief.requests == []


# Keeping the token


async def test_a_token_about_to_end_is_replaced_once_for_all_who_wait(program: Program, http: httpx2.Client) -> None:
    await keep(program, replace(await stored(program), expires_at=time.time() + 30))
    before = grants(http)
    outcomes = await asyncio.gather(*(lookup(program) for _ in range(20)))
    assert all(isinstance(outcome, Result) for outcome in outcomes)
    assert grants(http) == before + 1


async def test_a_token_that_okta_refuses_is_replaced_once(program: Program, http: httpx2.Client) -> None:
    await keep(program, replace(await stored(program), access_token="no-longer-valid"))
    before = grants(http)
    outcomes = await asyncio.gather(*(lookup(program) for _ in range(10)))
    assert all(isinstance(outcome, Result) for outcome in outcomes)
    assert grants(http) == before + 1


async def test_the_new_tokens_are_kept_for_the_next_process(program: Program, settings: Settings) -> None:
    old = await stored(program)
    await keep(program, replace(old, expires_at=0.0))
    await lookup(program)
    new = await stored(program)
    assert new.access_token != old.access_token
    assert new.refresh_token != old.refresh_token
    async with Program(settings) as next_one:
        assert isinstance(await lookup(next_one), Result)
    assert await stored(program) == new


async def test_a_caller_that_gives_up_takes_no_refresh_with_it(program: Program, org: Org, settings: Settings) -> None:
    await keep(program, replace(await stored(program), expires_at=0.0))
    org.trouble({"kind": "delay", "seconds": 0.5, "path": "/oauth2/v1/token"})
    call = asyncio.create_task(lookup(program))
    await asyncio.sleep(0.3)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert isinstance(await lookup(program), Result)
    assert (await stored(program)).expires_at > time.time()


async def test_a_revoked_connection_says_how_to_repair_it_and_keeps_the_rest(
    program: Program, sandbox: RunningSandbox
) -> None:
    revoke(sandbox, (await stored(program)).refresh_token)
    outcome = await lookup(program)
    assert isinstance(outcome, Refusal)
    assert isinstance(outcome.error, NeedsSignIn)
    assert f"okta-actions connect --name default --org-url {sandbox.url} --client-id {sandbox.demo.client_id}" in str(
        outcome.error
    )
    described = await program.connections.describe()
    assert described["connected"] is False
    assert described["org_url"] == sandbox.url
    # Signed in again, all is well.
    await connect(program, sandbox, Browser.signed_in(sandbox).present)
    assert isinstance(await lookup(program), Result)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "drop_before"}, {"kind": "drop_after"}])
async def test_oktas_bad_moment_costs_no_connection(program: Program, org: Org, fault: dict[str, Any]) -> None:
    await keep(program, replace(await stored(program), expires_at=time.time() + 20))
    org.trouble({**fault, "path": "/oauth2/v1/token", "times": 9})
    assert isinstance(await lookup(program), Result)
    connection = await program.connections.connected()
    assert connection.needs_sign_in is None


async def test_an_ended_token_survives_an_outage_that_passes(program: Program, org: Org) -> None:
    await keep(program, replace(await stored(program), expires_at=0.0))
    org.trouble({"kind": "drop_before", "path": "/oauth2/v1/token"})
    assert isinstance(await lookup(program), Result)


async def test_an_ended_token_and_an_outage_that_lasts_are_an_error_that_can_be_retried(
    program: Program, org: Org
) -> None:
    await keep(program, replace(await stored(program), expires_at=0.0))
    org.trouble({"kind": "drop_before", "path": "/oauth2/v1/token", "times": 99})
    outcome = await lookup(program)
    assert isinstance(outcome, Refusal)
    assert isinstance(outcome.error, Unreachable)
    assert outcome.error.retryable
    assert (await program.connections.connected()).needs_sign_in is None


@pytest.mark.parametrize("fault", [{"kind": "drop_before"}, {"kind": "status", "status": 503}])
async def test_calls_during_an_outage_do_not_each_ask_for_a_token(
    program: Program, org: Org, sandbox: RunningSandbox, fault: dict[str, Any]
) -> None:
    await keep(program, replace(await stored(program), expires_at=0.0))
    org.trouble({**fault, "path": "/oauth2/v1/token", "times": 99})
    outcomes = [await lookup(program) for _ in range(12)]
    assert {type(one) for one in outcomes} == {Refusal}
    texts = {str(one.error) for one in outcomes if isinstance(one, Refusal)}
    assert len({text.partition(" (Okta")[0] for text in texts}) == 1
    assert 99 - sandbox.org.faults.coming[0].times <= 6
    sandbox.org.faults.coming.clear()
    keeper, _ = await program.connections.live(await program.connections.connected())
    keeper._quiet_until = 0.0
    assert isinstance(await lookup(program), Result)


async def test_a_token_without_successor_ends_in_a_new_sign_in(program: Program) -> None:
    await keep(program, replace(await stored(program), expires_at=0.0, refresh_token=None))
    outcome = await lookup(program)
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "needs_sign_in"


# What is known of it, and its end


async def test_nothing_connected_says_how_to_connect(settings: Settings) -> None:
    async with Program(settings) as program:
        outcome = await lookup(program)
        assert isinstance(outcome, Refusal)
        assert isinstance(outcome.error, NotConnected)
        assert "okta-actions connect" in str(outcome.error)
        assert (await program.connections.describe())["connected"] is False
        with pytest.raises(NotConnected):
            await program.connections.disconnect()


async def test_disconnecting_revokes_the_tokens_at_okta_then_forgets_them(
    program: Program, sandbox: RunningSandbox, settings: Settings
) -> None:
    tokens = await stored(program)
    await program.connections.disconnect()
    assert await program.connections.current() is None
    used = httpx2.get(f"{sandbox.url}/api/v1/users/me", headers={"authorization": f"Bearer {tokens.access_token}"})
    assert used.status_code == 401
    demo = sandbox.demo
    sent = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token or ""}
    spent = httpx2.post(f"{sandbox.url}/oauth2/v1/token", data=sent, auth=(demo.client_id, demo.client_secret))
    assert spent.json()["error"] == "invalid_grant"
    assert await program.store.run(lambda database: database.vault.get("default", "tokens")) is None


async def test_tokens_that_could_not_be_revoked_are_kept_unless_forced(program: Program, org: Org) -> None:
    org.trouble({"kind": "drop_before", "path": "/oauth2/v1/revoke", "times": 2})
    with pytest.raises(ActionError, match="--force"):
        await program.connections.disconnect()
    assert await program.connections.current() is not None
    await program.connections.disconnect(force=True)
    assert await program.connections.current() is None


async def test_a_persons_own_account_is_warned_about(
    program: Program, sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    assert (await program.connections.describe())["warnings"] == []
    make_administrator(http, "ada@example.com", "Ada", "Byron")
    connection = await connect(program, sandbox, as_somebody("ada@example.com"), name="own")
    assert connection.identity == "Ada Byron <ada@example.com>"
    assert any("person's own account" in warning for warning in connection.warnings)


async def test_scopes_that_were_not_granted_are_told(sandbox: RunningSandbox, redirect_uri: str) -> None:
    id, secret = register_client(sandbox.org, "Reader", redirect_uris=[redirect_uri], scopes=["okta.users.read"])

    def click(url: str) -> None:
        with Browser.signed_in(sandbox) as browser:
            browser.submit(browser.open(url), press="allow")

    async with Program(load()) as program:
        connection = await connect(
            program, sandbox, lambda url: anyio.to_thread.run_sync(click, url), client_id=id, client_secret=secret
        )
        assert "okta.users.manage" in connection.scopes_refused
        offered = {offer.action.name for offer in await program.door.offers() if offer.reason is None}
        assert offered == {
            "lookup_user",
            "search_users",
            "count_users",
            "export_users",
            "list_user_groups",
            "list_factors",
            "list_user_grants",
            "list_changes",
            "read_export",
            "find_actions",
            "run_read",
        }
        assert isinstance(await program.door.call(Call(CALLER, "search_users", {"words": "jane"})), Result)
        of_a_group = await program.door.call(Call(CALLER, "search_users", {"group_id": "Sales"}))
        assert isinstance(of_a_group, Refusal)
        assert "okta.groups.read" in str(of_a_group.error)
        refused = await program.door.call(
            Call(
                CALLER,
                "create_user",
                {"first_name": "A", "last_name": "B", "login": "a.b@example.com", "email": "a.b@example.com"},
            )
        )
        assert isinstance(refused, Refusal)
        assert refused.error.code == "missing_scope"
        assert "okta.users.manage" in str(refused.error)
