"""Scopes follow from what is allowed and granted: what is asked for, how often, and what is found out later."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import anyio
import httpx2
import pytest

from apps import let
from browser import Browser
from connected_org import API_TOKEN
from peer import Peer, answer
from server.connections.book import put_tokens, read_tokens
from server.connections.keeper import LOOKS
from server.connections.keys import dumped, generate, public
from server.connections.manager import App
from server.connections.models import OPENID_SCOPES, Credentials, NeedsSignIn
from server.connections.scopes import scopes_lacking, wanted_scopes
from server.connections.sign_in import SignInFailed
from server.door.actions import ACTIONS
from server.door.door import Call, Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.authorization.grants import DEVICE_CODE
from server.settings import load
from surface import COMMAND, app_of, environment
from tools.catalogue import CATALOGUE, needed_scopes
from tools.contract.definition import Effect
from tools.okta.errors import InvalidInput
from tools.okta.scopes import ROLES
from watched import WatchedSandbox

CALLER = Caller(Principal("tests", "tester"), "tests")
JANE = "jane.doe@example.com"
EVERYTHING = tuple(dict.fromkeys((*needed_scopes(), ROLES)))
READING = tuple(needed_scopes(action for action in ACTIONS.values() if action.effect is Effect.READ))
NEW_SCOPE = "okta.devices.read"
"""A scope that no action needs: an action of the next version may."""


@pytest.fixture
def org(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri], users=30) as running:
        yield running


@pytest.fixture
def admin(org: WatchedSandbox) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=org.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield client


@pytest.fixture
async def program(org: WatchedSandbox) -> AsyncIterator[Program]:
    async with Program(load()) as made:
        yield made


@pytest.fixture
def next_version() -> Iterator[None]:
    """From now on one of the actions needs a scope that none needed before, as after an upgrade."""
    told = ACTIONS["list_user_groups"], CATALOGUE.listed["list_user_groups"]
    before = told[0].scopes
    for one in told:
        object.__setattr__(one, "scopes", before | {NEW_SCOPE})
    yield
    for one in told:
        object.__setattr__(one, "scopes", before)


def service(org: WatchedSandbox, *scopes: str, **more: Any) -> App:
    key = generate()
    settings: dict[str, Any] = {"grant_types": ["client_credentials"], "scopes": scopes, **more}
    id, _ = register_client(org.org, "A service", jwks={"keys": [public(key)]}, **settings)
    return App(org.url, id, Credentials(private_key=dumped(key)))


def revoke(admin: httpx2.Client, app: App, scope: str) -> None:
    (grant,) = (g for g in admin.get(f"/api/v1/apps/{app.client_id}/grants").json() if g["scopeId"] == scope)
    assert admin.delete(f"/api/v1/apps/{app.client_id}/grants/{grant['id']}").status_code == 204


async def age(program: Program) -> None:
    """Let the access token be at its end, and forget the one in hand, as after an hour and a restart."""
    connection = await program.connections.current()
    assert connection is not None

    def write(database: Any) -> None:
        tokens = read_tokens(database, connection.name)
        assert tokens is not None
        put_tokens(database, connection.name, replace(tokens, expires_at=0.0))

    await program.store.run(write)
    program.connections._live.clear()


async def call(program: Program, action: str, **arguments: Any) -> Any:
    return await program.door.call(Call(CALLER, action, arguments))


async def works(program: Program) -> None:
    outcome = await call(program, "lookup_user", user_id=JANE)
    assert isinstance(outcome, Result), outcome


async def offered(program: Program) -> set[str]:
    return {offer.action.name for offer in await program.door.offers() if offer.reason is None}


def expected(*granted: str) -> set[str]:
    """The actions that these scopes are enough for; what is done to people takes the one for roles too."""
    writes = [action for action in ACTIONS.values() if action.effect is not Effect.READ]
    on_people = {action.name for action in writes if any(kind.protection.scope for kind in action.kinds)}
    names = {action.name for action in ACTIONS.values() if not action.missing_scopes(granted)}
    return names if ROLES in granted else names - on_people


async def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    def started() -> subprocess.CompletedProcess[str]:
        command = [COMMAND, *arguments]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)

    return await anyio.to_thread.run_sync(started)


# A service app


async def test_an_app_that_was_granted_everything_takes_one_request_a_token(
    program: Program, org: WatchedSandbox
) -> None:
    await program.connections.connect_service(service(org, *EVERYTHING))
    assert org.asked_for() == [" ".join(EVERYTHING)]
    await age(program)
    await works(program)
    assert len(org.asked_for()) == 2


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
@pytest.mark.parametrize(
    "granted",
    [("okta.users.read",), READING, (*READING, "okta.users.manage"), EVERYTHING[:-1], EVERYTHING[-1:], EVERYTHING[1:]],
    ids=" ".join,
)
async def test_an_app_connects_with_whichever_scopes_it_was_granted(
    program: Program, org: WatchedSandbox, granted: tuple[str, ...], dpop: bool
) -> None:
    connection = await program.connections.connect_service(service(org, *granted, dpop=dpop))
    assert set(connection.scopes_granted) == set(granted)
    assert await offered(program) >= {"list_changes"}
    running = {"undo_change", "run_action"}  # as far as any write may run
    assert await offered(program) - running == expected(*granted) - running
    # The proof that a bound token takes, and the nonce in it, are found out by the first two.
    assert len(org.asked_for()) <= len(EVERYTHING) + 1 + 2 * dpop
    org.forms.clear()
    await age(program)
    outcome = await call(program, "lookup_user", user_id=JANE)
    assert isinstance(outcome, Result) is ("okta.users.read" in granted or "okta.users.manage" in granted)
    if isinstance(outcome, Result):
        (asked,) = set(org.asked_for())
        assert set(asked.split()) == set(granted)
        assert len(org.asked_for()) <= 1 + dpop


async def test_an_app_that_was_granted_nothing_of_use_is_told_so(program: Program, org: WatchedSandbox) -> None:
    with pytest.raises(SignInFailed, match="Okta API Scopes"):
        await program.connections.connect_service(service(org, NEW_SCOPE))
    assert len(org.asked_for()) == len(EVERYTHING) + 1
    assert await program.connections.current() is None


async def test_what_the_answer_says_is_believed_and_not_what_was_asked_for(program: Program) -> None:
    token = {"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "scope": "okta.users.read"}
    with Peer() as okta:
        okta.then(answer(200, json.dumps({"issuer": okta.url, "token_endpoint": f"{okta.url}/token"})))
        okta.then(answer(400, json.dumps({"error": "consent_required"})))
        okta.then(answer(200, json.dumps(token)))
        for _ in EVERYTHING[1:]:
            okta.then(answer(400, json.dumps({"error": "consent_required"})))
        okta.then(answer(403, "{}"))
        app = App(okta.url, "a-service", Credentials(private_key=dumped(generate())))
        connection = await program.connections.connect_service(app)
    assert EVERYTHING[0] != "okta.users.read"
    assert connection.scopes_granted == ("okta.users.read",)


async def test_a_bad_moment_of_okta_is_not_taken_for_a_scope_that_was_not_granted(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, *EVERYTHING)
    await program.connections.connect_service(app)
    revoke(admin, app, "okta.groups.read")
    await age(program)
    fault = {"kind": "status", "status": 503, "path": "/oauth2/v1/token", "times": 1}
    admin.post("/sandbox/faults", json={"faults": [fault]})
    assert isinstance(await call(program, "lookup_user", user_id=JANE), Refusal)
    connection = await program.connections.connected()
    assert set(connection.scopes_granted) == set(EVERYTHING)


async def test_a_scope_that_is_taken_back_costs_no_connection(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, *EVERYTHING)
    await program.connections.connect_service(app)
    revoke(admin, app, "okta.users.manage")
    await age(program)
    org.forms.clear()
    await works(program)
    assert len(org.asked_for()) <= len(EVERYTHING) + 1
    left = [scope for scope in EVERYTHING if scope != "okta.users.manage"]
    assert await offered(program) - {"undo_change"} == expected(*left) - {"undo_change"}
    await age(program)
    org.forms.clear()
    await works(program)
    assert len(org.asked_for()) == 1


async def test_a_scope_granted_later_is_found_by_the_call_that_needs_it(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, *READING, ROLES)
    await program.connections.connect_service(app)
    refused = await call(program, "suspend_user", user_id=JANE)
    assert isinstance(refused, Refusal)
    assert refused.error.code == "missing_scope"
    let(admin, app.client_id, "okta.users.manage")
    org.forms.clear()
    suspended = await call(program, "suspend_user", user_id=JANE)
    assert isinstance(suspended, Result), suspended
    assert admin.get(f"/api/v1/users/{JANE}").json()["status"] == "SUSPENDED"
    assert len(org.asked_for()) == 1
    assert await offered(program) == expected(*READING, ROLES, "okta.users.manage")


async def test_a_scope_granted_later_is_found_where_okta_misses_it(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, "okta.users.read")
    await program.connections.connect_service(app)
    refused = await call(program, "search_users", group_id="Sales")
    assert isinstance(refused, Refusal)
    assert "okta.groups.read" in str(refused.error)
    let(admin, app.client_id, "okta.groups.read")
    assert isinstance(await call(program, "search_users", group_id="Sales"), Result)
    assert "lookup_group" in await offered(program)


async def test_what_one_process_finds_another_one_goes_on_with(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, *READING, ROLES)
    await program.connections.connect_service(app)
    async with Program(load()) as beside:
        await works(beside)
        let(admin, app.client_id, "okta.users.manage")
        await program.connections.refresh()
        org.forms.clear()
        suspended = await call(beside, "suspend_user", user_id=JANE)
        assert isinstance(suspended, Result), suspended
        assert org.asked_for() == []
        await age(beside)
        assert isinstance(await call(beside, "unsuspend_user", user_id=JANE), Result)
        assert "okta.users.manage" in org.asked_for()[0]


async def test_a_scope_that_is_never_granted_is_not_asked_for_at_every_call(
    program: Program, org: WatchedSandbox
) -> None:
    await program.connections.connect_service(service(org, "okta.users.read"))
    org.forms.clear()
    for _ in range(2 * LOOKS):
        assert isinstance(await call(program, "search_users", group_id="Sales"), Refusal)
        assert isinstance(await call(program, "lookup_group", group_id="Sales"), Refusal)
    assert len(org.asked_for()) == LOOKS


async def test_status_refresh_finds_what_was_granted_and_says_what_still_lacks(
    program: Program, org: WatchedSandbox, admin: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolsets = ("users", "lifecycle", "memberships", "groups")
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_TOOLSETS", ",".join(toolsets))
    app = service(org, "okta.users.read", "okta.users.manage")
    await program.connections.connect_service(app)
    before = await run("status")
    told = [line for line in before.stderr.splitlines() if line.startswith(("Not granted", "Grant"))]
    assert told == [
        "Not granted: okta.groups.manage, okta.groups.read, okta.logs.read, okta.roles.read, okta.schemas.read; "
        "off: 21 actions.",
        "Grant: Applications, app, Okta API Scopes; then okta-actions status --refresh",
    ]
    let(admin, app.client_id, "okta.roles.read", "okta.groups.read", "okta.logs.read", "okta.schemas.read")
    org.forms.clear()
    again = await run("status", "--refresh")
    assert len(org.asked_for()) <= len(EVERYTHING) + 1
    assert "Not granted: okta.groups.manage; off: add_user_to_group and 4 more." in again.stderr
    assert "suspend_user" in await offered(program)
    let(admin, app.client_id, "okta.groups.manage")
    org.forms.clear()
    last = await run("status", "--refresh", "--json")
    assert len(org.asked_for()) == 1
    shown = json.loads(last.stdout)
    shown = shown["connection"]
    assert (shown["scopes_not_granted"], shown["actions_without_scope"]) == ([], [])
    on = {action.name for action in ACTIONS.values() if action.toolset in toolsets or action.neutral}
    assert set(shown["actions_on"]) == on


async def test_status_refresh_revives_an_app_from_which_everything_was_taken_for_a_while(
    program: Program, org: WatchedSandbox, admin: httpx2.Client
) -> None:
    app = service(org, "okta.users.read")
    await program.connections.connect_service(app)
    revoke(admin, app, "okta.users.read")
    await age(program)
    refused = await call(program, "lookup_user", user_id=JANE)
    assert isinstance(refused, Refusal)
    assert isinstance(refused.error, NeedsSignIn)
    let(admin, app.client_id, "okta.users.read")
    assert (await run("status", "--refresh")).returncode == 0
    await works(program)


async def test_many_calls_at_once_ask_for_a_scope_once(program: Program, org: WatchedSandbox) -> None:
    await program.connections.connect_service(service(org, "okta.users.read"))
    org.forms.clear()
    refused = await asyncio.gather(*(call(program, "lookup_group", group_id="Sales") for _ in range(10)))
    assert all(isinstance(one, Refusal) for one in refused)
    assert len(org.asked_for()) == 1


async def test_status_refresh_of_a_person_shows_what_they_have_and_says_to_sign_in_again(
    program: Program, org: WatchedSandbox, redirect_uri: str
) -> None:
    id, secret = register_client(org.org, "Web", redirect_uris=[redirect_uri], scopes=["okta.users.read"])

    def click(url: str) -> None:
        with Browser.signed_in(org) as browser:
            browser.submit(browser.open(url), press="allow")

    app = App(org.url, id, Credentials(client_secret=secret))
    await program.connections.connect(app, lambda url: anyio.to_thread.run_sync(click, url), name="mine")
    org.forms.clear()
    shown = await run("status", "--refresh")
    assert (shown.returncode, len(org.forms)) == (0, 1)
    assert "Grant: Applications, app, Okta API Scopes; then okta-actions connect --name mine" in shown.stderr


async def test_status_refresh_says_what_is_wrong_where_nothing_can_be_asked(program: Program) -> None:
    refused = await run("status", "--refresh")
    assert refused.returncode != 0
    assert "No Okta org is connected" in refused.stderr


async def test_a_connection_made_for_reading_alone_is_given_no_more_by_itself(
    program: Program, org: WatchedSandbox
) -> None:
    app = service(org, *EVERYTHING)
    reading = wanted_scopes(program.settings.model_copy(update={"read_only": True}))
    await program.connections.connect_service(app, scopes=reading)
    assert isinstance(await call(program, "suspend_user", user_id=JANE), Refusal)
    connection = await program.connections.refresh()
    assert set(connection.scopes_granted) == {*READING, ROLES}
    lacks = scopes_lacking(program.settings, connection)
    assert lacks is not None
    assert lacks.next_step.endswith("okta-actions connect")


# An upgrade


async def test_an_upgrade_breaks_no_service_app(
    program: Program, org: WatchedSandbox, admin: httpx2.Client, request: pytest.FixtureRequest
) -> None:
    app = service(org, *EVERYTHING)
    await program.connections.connect_service(app)
    request.getfixturevalue("next_version")
    await age(program)
    org.forms.clear()
    await works(program)
    assert len(org.asked_for()) == 1
    assert await offered(program) == set(ACTIONS) - {"list_user_groups"}
    described = await program.connections.describe()
    assert described["scopes_not_granted"] == [NEW_SCOPE]
    assert described["actions_without_scope"] == ["list_user_groups"]
    let(admin, app.client_id, NEW_SCOPE)
    await program.connections.refresh()
    assert await offered(program) == set(ACTIONS)


async def test_an_upgrade_breaks_no_app_that_is_connected_for_the_first_time(
    program: Program, org: WatchedSandbox, next_version: None
) -> None:
    await program.connections.connect_service(service(org, *EVERYTHING))
    assert len(org.asked_for()) <= len(EVERYTHING) + 2
    assert await offered(program) == set(ACTIONS) - {"list_user_groups"}


async def test_an_upgrade_breaks_no_refresh_and_the_next_sign_in_asks_for_more(
    program: Program, org: WatchedSandbox, request: pytest.FixtureRequest
) -> None:
    await program.connections.connect(app_of(org), Browser.signed_in(org).present)
    request.getfixturevalue("next_version")
    await age(program)
    org.forms.clear()
    await works(program)
    assert org.asked_for() == [""], "a refresh goes on with what was granted"
    connection = await program.connections.connected()
    assert set(connection.scopes_granted) == {*OPENID_SCOPES, *EVERYTHING}
    assert await offered(program) == set(ACTIONS) - {"list_user_groups"}
    lacks = scopes_lacking(program.settings, connection)
    assert lacks is not None
    assert str(lacks.told) == f"Not granted: {NEW_SCOPE}; off: list_user_groups."
    assert lacks.next_step == "Grant: Applications, app, Okta API Scopes; then okta-actions connect"
    url = await program.connections.begin_sign_in()
    assert url is not None
    assert set(httpx2.URL(url).params["scope"].split()) == {*OPENID_SCOPES, *EVERYTHING, NEW_SCOPE}


# What is asked for


NARROW = [
    ({"ALLOW_TOOLSETS": "groups"}, {"okta.groups.read", "okta.groups.manage", "okta.logs.read", ROLES}),
    ({"ALLOW_TOOLSETS": "lifecycle"}, {"okta.users.manage", ROLES}),
    ({"ALLOW_TOOLSETS": "lifecycle", "ALLOW_ADMINISTRATORS": "true"}, {"okta.users.manage"}),
    ({"ALLOW_ACTIONS": "lookup_user"}, {"okta.users.read", ROLES}),
    ({"DENY_TOOLSETS": "memberships,groups"}, set(EVERYTHING) - {"okta.groups.manage"}),
    ({"DENY_ACTIONS": "add_user_to_group,remove_user_from_group"}, set(EVERYTHING)),
    ({"DENY_ACTIONS": "get_user_schema"}, set(EVERYTHING) - {"okta.schemas.read"}),
    ({"READ_ONLY": "true"}, {*READING, ROLES}),
    ({}, set(EVERYTHING)),
]


@pytest.mark.parametrize(("rules", "scopes"), NARROW, ids=[str(rules) for rules, _ in NARROW])
async def test_what_the_rules_allow_is_what_every_way_in_asks_for(
    org: WatchedSandbox, rules: dict[str, str], scopes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in rules.items():
        monkeypatch.setenv(f"OKTA_ACTIONS_{name}", value)
    id, secret = register_client(org.org, "Device", grant_types=["refresh_token", DEVICE_CODE], scopes=EVERYTHING)

    async def approve(begun: Any) -> None:
        def click() -> None:
            with Browser.signed_in(org) as browser:
                page = browser.submit(browser.open(begun.url), user_code=begun.user_code)
                browser.submit(page, press="allow")

        await anyio.to_thread.run_sync(click)

    async with Program(load()) as program:
        signing_in = program.connections
        await signing_in.connect_service(service(org, *EVERYTHING), name="service")
        assert set(org.asked_for()[0].split()) == scopes
        await signing_in.connect(app_of(org), Browser.signed_in(org).present, name="browser")
        asked = next(path for _, path in org.requests if path.startswith("/oauth2/v1/authorize?"))
        assert set(httpx2.URL(asked).params["scope"].split()) == {*OPENID_SCOPES, *scopes}
        await signing_in.connect_on_device(App(org.url, id, Credentials(client_secret=secret)), approve, name="device")
        (asked,) = org.asked_for("/oauth2/v1/device/authorize")
        assert set(asked.split()) == {*OPENID_SCOPES, *scopes}
        for name in ("service", "browser", "device"):
            connection = await signing_in.connected(name)
            assert scopes_lacking(program.settings, connection) is None
            assert set(connection.scopes_granted) - set(OPENID_SCOPES) == scopes


async def test_rules_that_allow_more_find_what_the_app_has_long_been_granted(
    org: WatchedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_TOOLSETS", "lifecycle")
    async with Program(load()) as narrow:
        await narrow.connections.connect_service(service(org, *EVERYTHING))
    monkeypatch.delenv("OKTA_ACTIONS_ALLOW_TOOLSETS")
    async with Program(load()) as wide:
        assert "lookup_user" in await offered(wide), "managing includes reading"
        assert "lookup_group" not in await offered(wide)
        assert isinstance(await call(wide, "lookup_group", group_id="Sales"), Result)


async def test_rules_that_allow_nothing_of_okta_connect_no_service_app(
    org: WatchedSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_TOOLSETS", "changes")
    async with Program(load()) as program:
        with pytest.raises(InvalidInput, match="The rules allow no action that needs Okta"):
            await program.connections.connect_service(service(org, *EVERYTHING))
    assert org.asked_for() == []
