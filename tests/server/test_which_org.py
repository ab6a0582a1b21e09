"""The right org under the right name: what a connection's name stands for changes only where a person says so."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import anyio
import httpx2
import pytest

from browser import Browser
from connected_org import API_TOKEN, Org
from peer import Peer, answer
from server.connection_names import Owner, checked_name
from server.connections.book import read_tokens
from server.connections.keys import dumped, generate, public
from server.connections.manager import App
from server.connections.models import Connection, Credentials, Tokens, repair
from server.connections.moving import MAGIC, NONCE_BYTES, SALT_BYTES, _cipher, packed, unpacked
from server.connections.oauth import AuthorizationServer
from server.connections.sameness import AnotherIdentity, ConnectedMeanwhile, NameTaken
from server.connections.sign_in import SignIn, SignInFailed
from server.door.door import Call, Refusal, Result
from server.journal.chain import Row, rows
from server.policy.caller import LOCAL, Caller, Principal
from server.program import Program
from server.sandbox.authorization.clients import register_client
from server.sandbox.authorization.tables import kept
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from server.store.schema import StoreError
from surface import app_of
from tools.catalogue import needed_scopes
from tools.okta.errors import ActionError, InvalidInput


def somebody_called(name: str) -> Caller:
    return Caller(Principal(LOCAL, name), "tests")


CALLER = somebody_called("tester")
JANE = "jane.doe@example.com"
PASSWORD = "Correct-Horse-7"
NAMES_OF_OURS = ["*journal", "*mcp", "http", "sandbox"]
NO_NAMES = [*NAMES_OF_OURS, "", " ", "a b", "-x", ".x", "a/b", "a\n", "prod\u200b", "\u3164", "прод", "x" * 65, "$X"]


def service(sandbox: RunningSandbox, **more: Any) -> App:
    key = generate()
    settings = {"grant_types": ["client_credentials"], "scopes": needed_scopes(), **more}
    id, _ = register_client(sandbox.org, "A service", jwks={"keys": [public(key)]}, **settings)
    return App(sandbox.url, id, Credentials(private_key=dumped(key)))


def somebody(http: httpx2.Client, login: str) -> str:
    """An administrator of the org, who can sign in; their id."""
    profile = {"firstName": "Ada", "lastName": "Byron", "login": login, "email": login}
    body = {"profile": profile, "credentials": {"password": {"value": PASSWORD}}}
    id: str = http.post("/api/v1/users", json=body).json()["id"]
    http.post(f"/api/v1/users/{id}/roles", json={"type": "SUPER_ADMIN"})
    return id


async def sign_in(url: str, login: str) -> None:
    def click() -> None:
        with Browser() as browser:
            page = browser.submit(browser.open(url), username=login, password=PASSWORD)
            if "Allow" in page.text:
                browser.submit(page, press="allow")

    await anyio.to_thread.run_sync(click)


async def tokens_of(program: Program, name: str = "default") -> Tokens:
    found = await program.store.run(lambda database: read_tokens(database, name))
    assert found is not None
    return found


async def journal(program: Program) -> list[Row]:
    return await program.recorder.read(lambda database, _: list(rows(database)))


def accepted(sandbox: RunningSandbox, tokens: Tokens) -> bool:
    headers = {"authorization": f"{tokens.kind} {tokens.access_token}"}
    return httpx2.get(f"{sandbox.url}/api/v1/users/me", headers=headers).status_code == 200


@pytest.fixture
async def other(program: Program) -> AsyncIterator[Program]:
    """Another process beside the first one, on the same store."""
    async with Program(program.settings) as made:
        yield made


# Names


@pytest.mark.parametrize("name", NO_NAMES)
async def test_no_connection_is_called_so(program: Program, sandbox: RunningSandbox, name: str) -> None:
    before = await program.connections.book.all()
    with pytest.raises(InvalidInput):
        await program.connections.connect_service(service(sandbox), name=name or " ")
    assert await program.connections.book.all() == before


async def test_no_two_names_differ_in_capitals_only(program: Program, other: Program, sandbox: RunningSandbox) -> None:
    before = await program.connections.book.all()
    with pytest.raises(InvalidInput, match="“Default” and “default” differ only in case"):
        await program.connections.connect_service(service(sandbox), name="Default")
    connection, tokens = await program.connections.connected(), await tokens_of(program)
    row = {"credentials": asdict(Credentials()), "tokens": {**asdict(tokens), "scopes": list(tokens.scopes)}}
    for names in (["moved", "DEFAULT"], ["moved", "Moved"]):
        rows = [{"connection": connection.model_copy(update={"name": name}).model_dump(), **row} for name in names]
        with pytest.raises(InvalidInput, match="differ only in case"):
            await unpacked(other.connections, packed_rows(rows), "a long passphrase", replace=True)
    assert await program.connections.book.all() == before


def packed_rows(rows: list[dict[str, Any]]) -> bytes:
    """What `export` would write of these, whatever they are."""
    salt, nonce = bytes(SALT_BYTES), bytes(NONCE_BYTES)
    sealed: bytes = _cipher("a long passphrase", salt).encrypt(nonce, json.dumps(rows).encode(), MAGIC)
    return MAGIC + salt + nonce + sealed


@pytest.mark.parametrize("name", ["a", "prod-eu.2", "A_1", "x" * 64, "0"])
def test_letters_digits_and_three_marks_make_a_name(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", [name for name in NO_NAMES if name not in ("", " ", "sandbox")])
def test_the_setting_names_no_connection_that_cannot_be(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CONNECTION", name)
    with pytest.raises(InvalidInput, match="OKTA_ACTIONS_CONNECTION"):
        load()


@pytest.mark.parametrize("owner", list(Owner))
async def test_what_the_program_itself_owns_in_the_vault_no_connection_reaches(program: Program, owner: Owner) -> None:
    await journal(program)
    secret = {Owner.JOURNAL: "key", Owner.MCP: "request state", Owner.HTTP: "token", Owner.EXPORTS: "key"}[owner]
    await program.store.run(lambda database: database.vault.put(owner, secret, b"ours"))
    name = str(owner.value)
    for work in (
        lambda database: database.vault.forget(name),
        lambda database: database.vault.forget(owner),
        lambda database: database.vault.put(name, secret, b"theirs"),
        lambda database: database.vault.get(name, secret),
    ):
        with pytest.raises(StoreError, match="itself"):
            await program.store.run(work)
    assert await program.store.run(lambda database: database.vault.get(owner, secret)) == b"ours"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("name", name) for name in NAMES_OF_OURS if name != "sandbox"),
        ("name", "../x"),
        ("name", "-x"),
        ("org_url", "http://evil.example.com"),
        ("org_url", "https://dev-1-admin.okta.com"),
        ("org_url", "https://user@dev-1.okta.com"),
        ("org_url", "https://dev-1.okta.com/path"),
        ("org_url", "https://DEV-1.okta.com"),
        ("client_id", "0oa1\x1b[2J"),
        ("method", "by magic"),
    ],
)
async def test_a_file_with_what_connect_would_not_make_is_not_imported(
    program: Program, other: Program, monkeypatch: pytest.MonkeyPatch, column: str, value: str
) -> None:
    connection = await program.connections.connected()
    altered = connection.model_copy(update={"name": "moved", column: value})

    async def forged(name: str | None = None) -> dict[str, Connection]:
        return {altered.name: altered}

    tokens = await tokens_of(program)
    with monkeypatch.context() as patched:
        patched.setattr(program.connections.book, "all", forged)
        patched.setattr("server.connections.moving.read_tokens", lambda database, name: tokens)
        patched.setattr("server.connections.moving.read_credentials", lambda database, name: Credentials())
        sealed = await packed(program.connections, program.store, "a long passphrase")
    before, entries = await other.connections.book.all(), await journal(other)
    with pytest.raises(InvalidInput, match=r"[Nn]othing was imported"):
        await unpacked(other.connections, sealed, "a long passphrase", replace=True)
    assert await other.connections.book.all() == before
    assert await journal(other) == entries


@pytest.mark.parametrize(
    ("part", "column", "value"),
    [
        ("connection", "client_id", "${CLIENT_ID}"),
        ("connection", "connected_at", float("nan")),
        ("connection", "connected_at", 1e300),
        ("connection", "last_used", -1e300),
        ("connection", "token_ends_at", float("inf")),
        ("connection", "roles", "SUPER_ADMIN"),
        ("credentials", "client_secret", 5),
        ("credentials", "private_key", ["x"]),
        ("tokens", "access_token", None),
        ("tokens", "access_token", "a\r\nX-Other: b"),
        ("tokens", "kind", "Bearer x\r\n"),
        ("tokens", "expires_at", "soon"),
        ("tokens", "scopes", [1, None]),
        ("tokens", "refresh_token", {"a": 1}),
    ],
)
async def test_nor_is_one_with_values_that_cannot_be(
    program: Program, other: Program, part: str, column: str, value: Any
) -> None:
    connection = (await program.connections.connected()).model_copy(update={"name": "moved"})
    tokens = await tokens_of(program)
    good = {
        "connection": connection.model_dump(),
        "credentials": asdict(Credentials()),
        "tokens": {**asdict(tokens), "scopes": list(tokens.scopes)},
    }
    rows = [
        {**good, "connection": {**good["connection"], "name": "good"}},
        {**good, part: {**good[part], column: value}},
    ]
    sealed = packed_rows(rows)
    before, entries = await other.connections.book.all(), await journal(other)
    with pytest.raises(InvalidInput, match="nothing was imported"):
        await unpacked(other.connections, sealed, "a long passphrase")
    assert await other.connections.book.all() == before
    assert await journal(other) == entries


# What `connect` writes


async def test_the_setting_does_not_name_what_connect_makes(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CONNECTION", "sandbox")
    async with Program(load()) as program:
        connection = await program.connections.connect_service(service(sandbox))
        assert connection.name == "default"
        assert set(await program.connections.book.all()) == {"default"}


async def test_another_app_takes_no_name_unless_it_is_told_to(program: Program, sandbox: RunningSandbox) -> None:
    before, app = await program.connections.connected(), service(sandbox)
    tokens = await tokens_of(program)
    with pytest.raises(NameTaken) as refused:
        await program.connections.connect_service(app)
    assert before.org_url in str(refused.value)
    assert "--replace" in str(refused.value)
    assert await program.connections.connected() == before
    assert accepted(sandbox, tokens)
    assert (await program.connections.connect_service(app, replacing=True)).client_id == app.client_id
    assert not accepted(sandbox, tokens)


async def test_what_is_replaced_stays_where_its_tokens_cannot_be_revoked(
    program: Program, sandbox: RunningSandbox, org: Org
) -> None:
    before = await program.connections.connected()
    org.trouble({"kind": "drop_before", "path": "/oauth2/v1/revoke", "times": 9})
    with pytest.raises(ActionError, match="disconnect default --force"):
        await program.connections.connect_service(service(sandbox), replacing=True)
    assert (await program.connections.book.all())["default"].client_id == before.client_id


async def test_somebody_else_does_not_take_a_connection_over(
    program: Program, sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    before, tokens = await program.connections.connected(), await tokens_of(program)
    id = somebody(http, "ada@example.com")
    with pytest.raises(AnotherIdentity) as refused:
        await program.connections.connect(app_of(sandbox), lambda url: sign_in(url, "ada@example.com"))
    assert before.identity in str(refused.value)
    assert "ada@example.com" in str(refused.value)
    assert "okta-actions connect --name default --replace" in str(refused.value)
    assert await program.connections.connected() == before
    assert await tokens_of(program) == tokens
    assert accepted(sandbox, tokens)
    replaced = await program.connections.connect(
        app_of(sandbox), lambda url: sign_in(url, "ada@example.com"), replacing=True
    )
    assert replaced.user_id == id
    assert not accepted(sandbox, tokens)


async def test_the_link_of_a_running_server_is_for_the_same_person_only(
    program: Program, sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    before = await program.connections.connected()
    await program.connections.book.note_sign_in_needed(before, "it ended.")
    somebody(http, "ada@example.com")
    url = await program.connections.begin_sign_in()
    assert url is not None
    await sign_in(url, "ada@example.com")
    with pytest.raises(AnotherIdentity):
        await program.connections.sign_in_done(None, 20)
    found = (await program.connections.book.all())["default"]
    assert (found.user_id, found.needs_sign_in) == (before.user_id, "it ended.")
    url = await program.connections.begin_sign_in()
    assert url is not None
    await Browser.signed_in(sandbox).present(url)
    assert await program.connections.sign_in_done(None, 20)
    assert (await program.connections.connected()).user_id == before.user_id


async def test_what_another_process_connects_meanwhile_is_left_alone(
    sandbox: RunningSandbox, settings: Settings
) -> None:
    async with Program(settings) as one, Program(settings) as other:

        async def meanwhile(url: str) -> None:
            await other.connections.connect_service(service(sandbox))
            await Browser.signed_in(sandbox).present(url)

        with pytest.raises(ConnectedMeanwhile):
            await one.connections.connect(app_of(sandbox), meanwhile)
        assert (await one.connections.connected()).method == "client_credentials"


async def test_an_import_that_replaces_revokes_what_was_there(
    program: Program, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    sealed = await packed(program.connections, program.store, "a long passphrase")
    monkeypatch.setenv("OKTA_ACTIONS_DATA_DIR", str(tmp_path / "elsewhere"))
    async with Program(load()) as elsewhere:
        await elsewhere.connections.connect_service(service(sandbox))
        ended = await tokens_of(elsewhere)
        await unpacked(elsewhere.connections, sealed, "a long passphrase", replace=True)
        assert not accepted(sandbox, ended)
        assert (await elsewhere.connections.connected()).client_id == sandbox.demo.client_id
        assert [row.kind for row in await journal(elsewhere)] == ["connected", "identity_changed"]


async def test_connecting_and_disconnecting_are_in_the_journal(
    sandbox: RunningSandbox, settings: Settings, http: httpx2.Client
) -> None:
    somebody(http, "ada@example.com")
    async with Program(settings) as program:
        connections, here = program.connections, Browser.signed_in(sandbox).present
        await connections.connect(app_of(sandbox), here, name="prod", by=somebody_called("ann"))
        await connections.connect(app_of(sandbox), here, name="prod", by=somebody_called("bob"))
        with pytest.raises(AnotherIdentity):
            await connections.connect(app_of(sandbox), lambda url: sign_in(url, "ada@example.com"), name="prod")
        await connections.connect_service(service(sandbox), name="prod", replacing=True, by=somebody_called("cyd"))
        await connections.disconnect("prod", by=somebody_called("dan"))
        entries = await journal(program)
    told = [(row.kind, row.caller, row.connection) for row in entries]
    assert told == [
        ("connected", "ann", "prod"),
        ("reauthorized", "bob", "prod"),
        ("identity_changed", "cyd", "prod"),
        ("disconnected", "dan", "prod"),
    ]
    assert all(row.org == sandbox.url for row in entries)


async def test_what_cannot_be_written_to_the_journal_connects_nothing(
    program: Program, sandbox: RunningSandbox
) -> None:
    await journal(program)
    await program.store.run(lambda database: database.driver.execute("UPDATE journal_head SET sequence = 77"))
    with pytest.raises(StoreError, match="journal"):
        await program.connections.connect_service(service(sandbox), name="second")
    assert set(await program.connections.book.all()) == {"default"}
    # To take the tokens back is more than to write it down.
    with pytest.raises(StoreError, match="journal"):
        await program.connections.disconnect()
    await program.connections.disconnect(force=True)
    assert await program.connections.book.all() == {}


# What a process keeps


async def test_another_default_moves_no_process_that_runs(
    program: Program, other: Program, sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await program.connections.connected()).name == "default"
    await other.connections.connect_service(service(sandbox), name="prod")
    await other.connections.book.choose("prod")
    with caplog.at_level(logging.WARNING):
        assert (await program.connections.connected()).name == "default"
        assert (await program.connections.connected()).name == "default"
    said = [record.getMessage() for record in caplog.records if "default connection is now prod" in record.getMessage()]
    assert len(said) == 1
    assert sandbox.url in said[0]
    described = await program.connections.describe()
    assert described["connection"] == "default"
    assert any("now “prod”" in warning for warning in described["warnings"])
    assert (await other.connections.connected()).name == "prod"
    async with Program(program.settings) as later:
        assert (await later.connections.connected()).name == "prod"


async def test_a_process_that_began_with_none_keeps_the_first(sandbox: RunningSandbox, settings: Settings) -> None:
    async with Program(settings) as running, Program(settings) as commands:
        assert await running.connections.current() is None
        await commands.connections.connect_service(service(sandbox), name="first")
        assert (await running.connections.connected()).name == "first"
        await commands.connections.connect_service(service(sandbox))
        assert (await running.connections.connected()).name == "first"
        await commands.connections.disconnect("first")
        with pytest.raises(ActionError, match=r"“first”.*\n.*default"):
            await running.connections.connected()


async def test_a_name_that_leads_elsewhere_now_is_not_followed(
    program: Program, other: Program, sandbox: RunningSandbox, org: Org
) -> None:
    assert isinstance(await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)
    await other.connections.connect_service(service(sandbox), replacing=True)
    outcome = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "connection_changed"
    assert org.user(JANE)["status"] == "ACTIVE"


# What refusals tell to type


@pytest.mark.parametrize("method", ["authorization_code", "device_code", "client_credentials", "api_token"])
def test_the_command_that_signs_in_again_names_the_connection_and_is_one_to_paste(method: Any) -> None:
    connection = Connection(
        name="prod",
        org_url="https://x.okta.com",
        client_id="" if method == "api_token" else "0oa; rm -rf ~",
        user_id="00u",
        login=None,
        person=None,
        service_account=False,
        scopes_requested=(),
        scopes_granted=(),
        connected_at=0.0,
        method=method,
    )
    command = repair(connection)
    assert command.startswith("okta-actions connect --name prod --org-url https://x.okta.com")
    assert "rm" not in command or "'0oa; rm -rf ~'" in command
    assert repair(connection.model_copy(update={"name": "sandbox", "org_url": "http://127.0.0.1:8322"})) == (
        "okta-actions serve --sandbox"
    )


async def test_refusals_that_say_to_connect_again_name_the_connection(
    sandbox: RunningSandbox, settings: Settings, org: Org
) -> None:
    async with Program(settings) as program:
        await program.connections.connect_service(service(sandbox), name="other")
        await program.connections.connect_service(service(sandbox, scopes=["okta.users.read"]), name="prod")
        lacking = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}, connection="prod"))
        org.trouble({"kind": "status", "status": 401, "path": f"/api/v1/users/{JANE}", "times": 9})
        ended = await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE}, connection="prod"))
    for refused in (lacking, ended):
        assert isinstance(refused, Refusal)
        assert "okta-actions connect --name prod " in str(refused.error), refused.error


# Whose an API token is


@pytest.fixture
async def by_token(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Program]:
    monkeypatch.setenv("OKTA_ACTIONS_ALLOW_API_TOKEN", "true")
    async with Program(load()) as made:
        yield made


async def test_the_owner_of_an_api_token_is_protected_as_own_identity(
    by_token: Program, sandbox: RunningSandbox, http: httpx2.Client
) -> None:
    owner = http.get("/api/v1/users/me")
    assert owner.status_code == 200
    connection = await by_token.connections.connect_api_token(sandbox.url, API_TOKEN)
    assert connection.user_id == owner.json()["id"]
    assert connection.login == owner.json()["profile"]["login"]
    refused = await by_token.door.call(Call(CALLER, "suspend_user", {"user_id": connection.user_id}))
    assert isinstance(refused, Refusal)
    assert "own_identity" in str(refused.error)


async def test_where_okta_does_not_tell_whose_it_is_that_is_said(
    by_token: Program, sandbox: RunningSandbox, org: Org
) -> None:
    org.trouble({"kind": "status", "status": 403, "path": "/api/v1/users/me", "times": 2})
    connection = await by_token.connections.connect_api_token(sandbox.url, API_TOKEN)
    assert connection.owner_unknown
    assert any("did not report the owner" in warning for warning in connection.warnings)
    # The same token again is the same person; another one may be anybody's.
    await by_token.connections.connect_api_token(sandbox.url, API_TOKEN)
    found = sandbox.org.database.one("SELECT user_id FROM api_tokens WHERE token = ?", kept(API_TOKEN))
    assert found is not None
    sandbox.org.database.run("INSERT INTO api_tokens VALUES (?, ?)", kept("00another"), found["user_id"])
    with pytest.raises(AnotherIdentity):
        await by_token.connections.connect_api_token(sandbox.url, "00another")


# An authorization answer says whose it is (RFC 9207)


@pytest.mark.parametrize("returned", [{}, {"iss": ""}, {"iss": "https://evil.example.com"}])
async def test_an_answer_without_the_issuer_that_was_announced_is_refused(
    settings: Settings, returned: dict[str, str]
) -> None:
    with Peer() as peer:
        said = {"issuer": peer.url, "authorization_response_iss_parameter_supported": True}
        peer.then(answer(200, json.dumps({**said, "token_endpoint": f"{peer.url}/token"})))
        async with AuthorizationServer(peer.url, "id", Credentials("secret"), settings) as server:
            begun = SignIn("", "state", "nonce", "verifier")
            with pytest.raises(SignInFailed, match="another authorization server"):
                await server.finish(begun, {"state": "state", "code": "code", **returned})
        assert len(peer.requests) == 1  # the code went nowhere
