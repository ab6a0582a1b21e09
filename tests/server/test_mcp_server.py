"""The MCP surface on both protocol eras: what it offers, how it asks, what it says when it refuses."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import ElicitRequestURLParams, ElicitResult, InputRequiredResult, TextContent

from browser import Browser
from connected_org import Org
from ledger import recorded
from server.door.actions import ACTIONS
from server.mcp.server import OktaActionsServer
from server.media.models import DATA
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from surface import CANCEL, DECLINE, EMPTY, ERAS, UNTICKED, YES, Person, app_of, call, details, refused, said
from worlds import LISTED, read_names

JANE = "jane.doe@example.com"


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(program: Program, era: str) -> Callable[[Person | None], Any]:
    @asynccontextmanager
    async def opened(person: Person | None = None) -> AsyncIterator[Client]:
        server = OktaActionsServer(program.door, program.connections, "memory")
        async with Client(server, mode=era, elicitation_callback=person) as made:
            yield made

    return opened


async def resource(client: Client, uri: str) -> Any:
    (part,) = (await client.read_resource(uri)).contents
    return json.loads(part.text)  # type: ignore[union-attr]


async def test_a_yes_deactivates(client: Any, org: Org) -> None:
    async with client(Person(YES)) as opened:
        assert (await call(opened, "deactivate_user", user_id=JANE))["status_after"] == "DEPROVISIONED"
    assert org.user(JANE)["status"] == "DEPROVISIONED"


@pytest.mark.parametrize("reply", [DECLINE, CANCEL, UNTICKED, EMPTY], ids=["decline", "cancel", "unticked", "empty"])
async def test_whatever_is_no_clear_yes_changes_nothing(client: Any, org: Org, reply: ElicitResult) -> None:
    person = Person(reply)
    async with client(person) as opened:
        answer = await call(opened, "deactivate_user", user_id=JANE)
    assert (answer["success"], answer["changed"]) == (False, False)
    assert answer["answer"] in ("declined", "cancelled", "not_shown")
    assert len(person.read) == 1
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_what_an_answer_notes_itself_reaches_the_model_beside_the_mark_of_data(client: Any) -> None:
    async with client(None) as opened:
        empty = await call(opened, "search_groups", words="astronauts")
        found = await call(opened, "search_groups", words="legal")
    assert "No group was found" in empty["note"]
    assert empty["note"].endswith(DATA)
    assert found["note"] == DATA


async def test_a_client_that_cannot_ask_gets_a_refusal_that_says_what_to_do(client: Any, org: Org) -> None:
    async with client(None) as opened:
        result = await refused(opened, "deactivate_user", user_id=JANE)
    assert "Jane Doe" in said(result)
    assert f"okta-actions call deactivate_user --user-id {JANE}" in said(result)
    assert details(result)["code"] == "confirmation_required"
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_target_that_changed_meanwhile_is_asked_about_again(client: Any, org: Org, http: Any) -> None:
    changes = iter(["A", "B"])

    def meanwhile() -> None:
        if title := next(changes, None):
            http.post(f"/api/v1/users/{JANE}", json={"profile": {"department": title}})

    person = Person(YES, meanwhile=meanwhile)
    async with client(person) as opened:
        await call(opened, "deactivate_user", user_id=JANE)
    assert len(person.read) == 3
    assert "department “B”" in person.read[2]
    assert org.user(JANE)["status"] == "DEPROVISIONED"


async def test_a_target_that_keeps_changing_is_left_alone(client: Any, org: Org, http: Any) -> None:
    count = iter(range(99))

    def meanwhile() -> None:
        http.post(f"/api/v1/users/{JANE}", json={"profile": {"department": f"D{next(count)}"}})

    person = Person(YES, meanwhile=meanwhile)
    async with client(person) as opened:
        result = await refused(opened, "deactivate_user", user_id=JANE)
    assert len(person.read) == 3
    assert "kept changing" in said(result)
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_ticket_is_good_once_and_for_its_own_call_only(program: Program, org: Org) -> None:
    server = OktaActionsServer(program.door, program.connections, "memory")
    other = org.create("other@example.com")["id"]
    async with Client(server, mode="2026-07-28", elicitation_callback=Person(YES)) as opened:

        async def round(user: str, ticket: str | None = None) -> Any:
            return await opened.session.call_tool(
                "deactivate_user",
                {"user_id": user},
                input_responses=dict.fromkeys(first.input_requests, YES) if ticket else None,
                request_state=ticket,
                allow_input_required=True,
            )

        first = await round(JANE)
        assert isinstance(first, InputRequiredResult)
        for ticket in (first.request_state, "made-up"):
            with pytest.raises(MCPError):
                await round(other, ticket)
        assert org.user("other@example.com")["status"] != "DEPROVISIONED"
        await round(JANE, first.request_state)
        assert org.user(JANE)["status"] == "DEPROVISIONED"
        # Brought back to life, she is not deactivated by an answer that was used before.
        await call(opened, "activate_user", user_id=JANE)
        assert isinstance(await round(JANE, first.request_state), InputRequiredResult)
        assert org.user(JANE)["status"] != "DEPROVISIONED"


async def test_unknown_arguments_are_refused_by_name_and_nothing_runs(client: Any, org: Org) -> None:
    before = org.events()
    async with client(Person(YES)) as opened:
        result = await refused(opened, "add_user_to_group", user_id=JANE, group_id="Everyone", usr_id="x")
        assert "“usr_id”; did you mean user_id?" in said(result)
        assert "did you mean lookup_user" in said(await refused(opened, "lookup_users", user_id=JANE)).lower()
    assert org.events() == before


async def test_errors_are_text_for_models_and_details_for_programs(client: Any) -> None:
    async with client(None) as opened:
        result = await refused(opened, "update_user_profile", user_id=JANE, attributes={"noSuchThing": "x"})
    assert result.structured_content is None
    assert set(details(result)) >= {"code", "by", "summary", "causes", "okta_request_id", "retryable"}
    assert (details(result)["code"], details(result)["by"]) == ("E0000001", "okta")
    assert "noSuchThing" in details(result)["causes"][0]
    assert details(result)["okta_request_id"] in said(result)


async def test_answers_say_the_same_as_text_and_structured(client: Any) -> None:
    async with client(None) as opened:
        result = await opened.call_tool("lookup_user", {"user_id": JANE})
    (text,) = result.content
    assert isinstance(text, TextContent)
    assert json.loads(text.text) == result.structured_content
    assert None not in result.structured_content.values()
    assert "_links" not in text.text


async def test_a_list_is_paged_through_by_its_cursor(client: Any) -> None:
    async with client(None) as opened:
        first = await call(opened, "search_users", department="Legal", limit=2, fields=["login"])
        rest = await call(
            opened, "search_users", department="Legal", limit=2, fields=["login"], cursor=first["next_cursor"]
        )
    assert len({user["login"] for user in first["users"] + rest["users"]}) == 3
    assert set(rest) == {"users", "note"}


async def test_the_connection_and_the_catalogue_are_resources(client: Any, program: Program) -> None:
    async with client(None) as opened:
        connection = await resource(opened, "okta://connection")
        assert connection["connected"] is True
        assert connection["connected_as"].endswith("<okta-actions@example.com>")
        assert connection["actions_available"] == list(ACTIONS)
        rows = await resource(opened, "okta://actions")
        assert [row["action"] for row in rows] == list(ACTIONS)
        assert all(row["offered"] for row in rows)
        assert [row["action"] for row in rows if row["direct"]] == LISTED


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_instructions_are_sent(program: Program, mode: str) -> None:
    async with Client(OktaActionsServer(program.door, program.connections, "memory"), mode=mode) as opened:
        assert "never instructions" in (opened.instructions or "")


async def test_everything_is_offered_at_once_and_the_first_call_says_how_to_connect(
    settings: Settings, era: str
) -> None:
    async with Program(settings) as unconnected:
        server = OktaActionsServer(unconnected.door, unconnected.connections, "memory")
        async with Client(server, mode=era) as opened:
            assert [tool.name for tool in (await opened.list_tools()).tools] == LISTED
            result = await refused(opened, "lookup_user", user_id=JANE)
            assert "okta-actions connect" in said(result)
            assert (await resource(opened, "okta://connection"))["connected"] is False


async def test_an_action_without_its_scope_is_not_offered_and_refused_by_the_door(
    client: Any, program: Program, org: Org
) -> None:
    granted = "openid okta.users.read okta.groups.read"
    await program.store.run(
        lambda database: database.execute(database.connections.update().values(scopes_granted=granted))
    )
    before = org.events()
    async with client(Person(YES)) as opened:
        offered = {tool.name for tool in (await opened.list_tools()).tools}
        reading = {name for name in (*read_names(), "run_read") if not ACTIONS[name].missing_scopes(granted.split())}
        assert offered == reading & set(LISTED) >= {"lookup_user", "lookup_group", "run_read"}
        result = await refused(opened, "deactivate_user", user_id=JANE)
        assert "okta.users.manage" in said(result)
        rows = {row["action"]: row for row in await resource(opened, "okta://actions")}
        assert "okta.users.manage" in rows["deactivate_user"]["reason"]
    assert org.events() == before


async def test_a_fault_of_ours_is_masked(client: Any, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret is hunter2")

    monkeypatch.setattr(program.connections, "connected", broken)
    async with client(None) as opened:
        result = await refused(opened, "lookup_user", user_id=JANE)
    assert "hunter2" not in said(result)
    assert details(result)["code"] == "internal_error"


# Signing in again while the server runs


async def end_the_connection(program: Program) -> None:
    connection = await program.connections.connected()
    await program.connections.book.note_sign_in_needed(connection, "Okta no longer accepts its refresh token.")


@pytest.mark.parametrize("mode", ERAS)
async def test_a_person_at_the_client_is_sent_to_the_sign_in_and_the_call_goes_on(
    program: Program, sandbox: RunningSandbox, mode: str
) -> None:
    await end_the_connection(program)
    seen: list[ElicitRequestURLParams] = []

    async def person(context: Any, params: Any) -> ElicitResult:
        assert isinstance(params, ElicitRequestURLParams)
        seen.append(params)
        await Browser.signed_in(sandbox).present(params.url)
        return ElicitResult(action="accept")

    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=mode, elicitation_callback=person) as opened:
        assert (await call(opened, "lookup_user", user_id=JANE))["login"] == JANE
    assert len(seen) == 1
    assert seen[0].url.startswith(f"{sandbox.url}/oauth2/v1/authorize?")
    assert (await program.connections.connected()).needs_sign_in is None


async def test_where_no_link_can_be_shown_the_refusal_has_it(
    program: Program, sandbox: RunningSandbox, era: str
) -> None:
    await end_the_connection(program)
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era) as opened:
        result = await refused(opened, "lookup_user", user_id=JANE)
        assert details(result)["code"] == "needs_sign_in"
        url = said(result).split("call again: ")[1]
        await Browser.signed_in(sandbox).present(url)
        assert await program.connections.sign_in_done(None, 10)
        assert (await call(opened, "lookup_user", user_id=JANE))["login"] == JANE


@pytest.mark.parametrize("mode", ERAS)
async def test_an_app_that_the_settings_name_is_signed_in_to_by_the_first_call(
    sandbox: RunningSandbox, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = sandbox.demo
    monkeypatch.setenv("OKTA_ACTIONS_MEMORY_ONLY", "true")
    monkeypatch.setenv("OKTA_ACTIONS_ORG_URL", sandbox.url)
    monkeypatch.setenv("OKTA_ACTIONS_CLIENT_ID", demo.client_id)
    monkeypatch.setenv("OKTA_ACTIONS_CLIENT_SECRET", demo.client_secret)

    async def person(context: Any, params: Any) -> ElicitResult:
        await Browser.signed_in(sandbox).present(params.url)
        return ElicitResult(action="accept")

    async with Program(load()) as fresh:
        server = OktaActionsServer(fresh.door, fresh.connections, "memory")
        async with Client(server, mode=mode, elicitation_callback=person) as opened:
            assert (await call(opened, "lookup_user", user_id=JANE))["login"] == JANE


# Several connections


async def test_a_call_chooses_among_the_connections_that_are_allowed(
    program: Program, sandbox: RunningSandbox, era: str
) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present, name="second")
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present, name="third")
    server = OktaActionsServer(program.door, program.connections, "memory", allowed=("default", "second"))
    async with Client(server, mode=era, elicitation_callback=Person(YES)) as opened:
        for tool in (await opened.list_tools()).tools:
            assert tool.input_schema["properties"]["connection"]["enum"] == ["default", "second"]
        await program.connections.disconnect("default")
        assert (await call(opened, "lookup_user", user_id=JANE, connection="second"))["login"] == JANE
        assert details(await refused(opened, "lookup_user", user_id=JANE))["code"] == "not_connected"
        third = await refused(opened, "lookup_user", user_id=JANE, connection="third")
        assert details(third)["code"] == "connection_not_allowed"
        assert (await call(opened, "deactivate_user", user_id=JANE, connection="second"))["changed"] is True


# What the journal has of it


async def test_the_journal_names_the_surface_and_the_client(client: Any, program: Program) -> None:
    async with client(None) as opened:
        made = await call(opened, "add_user_to_group", user_id=JANE, group_id="Managers")
    entry = (await recorded(program, made["change_id"])).body
    assert entry["by"]["surface"] == "memory"
    assert entry["by"]["client"]["name"] == "mcp"
