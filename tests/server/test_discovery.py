"""Actions that are no tools of their own: found by words, run by name, and then in every way what they are."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client

from browser import Browser
from connected_org import Org
from ledger import CALLER, JANE, ask, attempt, do, forbidden, journaled, refuse, run
from server.desk.approvals import approvals
from server.desk.freezing import freeze
from server.door.actions import ACTIONS
from server.door.door import Answer, Call, Question, Result
from server.mcp.server import OktaActionsServer
from server.policy.caller import at_the_command_line
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import (
    DECLINE,
    ERAS,
    YES,
    HttpServer,
    Person,
    app_of,
    call,
    details,
    free_port,
    over_http,
    over_stdio,
    refused,
    said,
)
from tools.contract.definition import Effect
from worlds import LISTED, read_names, reads, ready, word, write_names

pytestmark = pytest.mark.anyio
DEACTIVATE = {"name": "deactivate_user", "arguments": {"user_id": JANE}}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def client_of(program: Program, era: str, person: Person | None = None, *allowed: str) -> AsyncIterator[Client]:
    server = OktaActionsServer(program.door, program.connections, "memory", allowed=allowed)
    async with Client(server, mode=era, elicitation_callback=person) as client:
        yield client


@pytest.fixture
def client(program: Program, era: str) -> Callable[[Person | None], Any]:
    def opened(person: Person | None = None) -> Any:
        return client_of(program, era, person)

    return opened


# What is listed, and what can be called


async def test_few_actions_are_listed_and_those_that_find_and_run_come_last(client: Any) -> None:
    async with client() as opened:
        listed = [tool.name for tool in (await opened.list_tools()).tools]
    assert listed == LISTED
    assert listed[-3:] == ["find_actions", "run_read", "run_action"]
    assert len(listed) <= 20
    assert set(ACTIONS) - set(listed) >= {"list_changes", "unsuspend_user", "list_group_members"}


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_what_is_not_listed_is_called_by_its_own_name_all_the_same(
    connected: None, org: Org, era: str, transport: str
) -> None:
    async def calls(client: Client) -> None:
        assert "list_user_groups" not in [tool.name for tool in (await client.list_tools()).tools]
        assert (await call(client, "list_user_groups", user_id=JANE))["groups"]
        assert (await call(client, "unsuspend_user", user_id=JANE))["changed"] is False

    if transport == "stdio":
        async with over_stdio(era) as client:
            await calls(client)
    else:
        with HttpServer(free_port()) as server:
            async with over_http(server, era) as client:
                await calls(client)


@pytest.mark.parametrize(
    ("rule", "listed"),
    [
        ((), ["find_actions", "run_read", "run_action"]),
        (("list_changes", "lookup_user"), ["lookup_user", "list_changes", "find_actions", "run_read", "run_action"]),
        (("run_read",), ["find_actions", "run_read", "run_action"]),
    ],
)
async def test_a_rule_says_what_is_listed(connected: None, era: str, rule: tuple[str, ...], listed: list[str]) -> None:
    async with Program(load(direct_actions=rule)) as program, client_of(program, era) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == listed
        assert (await call(client, "lookup_group", group_id="Legal"))["name"] == "Legal"
        rows = json.loads((await client.read_resource("okta://actions")).contents[0].text)  # type: ignore[union-attr]
    assert [row["action"] for row in rows if row["direct"]] == listed
    assert len(rows) == len(ACTIONS)


async def test_none_in_a_variable_leaves_find_and_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_DIRECT_ACTIONS", "none")
    assert load().direct_actions == ()


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ({"allow_toolsets": ("applications",)}, ["find_actions", "run_read", "run_action"]),
        ({"allow_actions": ("list_group_members",)}, ["find_actions", "run_read"]),
        ({"read_only": True, "direct_actions": ()}, ["find_actions", "run_read"]),
        ({"deny_toolsets": ("discovery",)}, [name for name in LISTED if name not in LISTED[-3:]]),
        ({"deny_actions": ("run_action",)}, [name for name in LISTED if name != "run_action"]),
    ],
    ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else "",
)
async def test_lists_of_what_is_allowed_need_not_name_what_finds_and_runs_it(
    connected: None, era: str, rules: dict[str, Any], left: list[str]
) -> None:
    async with Program(load(**rules)) as program, client_of(program, era) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == left


# Finding


async def test_what_is_found_says_what_it_is_and_how_it_is_called(program: Program) -> None:
    found = await run(program, "find_actions", query="who is in a group", limit=3)
    first, *rest = found["actions"]
    assert (first["name"], first["effect"]) == ("list_group_members", "read")
    assert first["description"] == " ".join(ACTIONS["list_group_members"].description.split())
    assert first["input_schema"] == ACTIONS["list_group_members"].input_schema
    assert len(rest) <= 2
    assert not any("reason" in row for row in found["actions"])


async def test_what_is_done_elsewhere_is_told_with_the_place(program: Program) -> None:
    found = await run(program, "find_actions", query="create an API token")
    assert found["actions"] == []
    assert "Security, API, Tokens" in found["not_here"][0]


async def test_it_needs_neither_a_connection_nor_a_scope(settings: Any) -> None:
    async with Program(settings) as unconnected:
        found = await run(unconnected, "find_actions", query="unassign somebody from an application")
    assert found["actions"][0]["name"] == "unassign_user_from_application"
    assert "reason" not in found["actions"][0]


async def test_what_is_withheld_says_by_which_rule_or_scope(connected: None, program: Program) -> None:
    async with Program(load(deny_actions=("list_group_members",))) as ruled:
        (row,) = (await run(ruled, "find_actions", query="list_group_members", limit=1))["actions"]
        assert "deny_actions" in row["reason"]
        assert "input_schema" not in row
    async with Program(load(read_only=True)) as reading:
        (row,) = (await run(reading, "find_actions", query="unsuspend_user", limit=1))["actions"]
        assert "read_only" in row["reason"]
    await program.store.run(
        lambda database: database.execute(
            database.connections.update().values(scopes_granted="openid okta.users.read okta.roles.read")
        )
    )
    (row,) = (await run(program, "find_actions", query="lookup_application", limit=1))["actions"]
    assert "okta.apps.read" in row["reason"]


async def test_what_no_tool_can_run_says_so(connected: None) -> None:
    async with Program(load(deny_actions=("run_action",))) as ruled:
        (found,) = (await run(ruled, "find_actions", query="unsuspend_user", limit=1))["actions"]
        (direct,) = (await run(ruled, "find_actions", query="suspend_user", limit=1))["actions"]
    assert "run_action" in found["reason"]
    assert "reason" not in direct


async def test_a_rule_may_deny_finding(connected: None) -> None:
    async with Program(load(deny_actions=("find_actions",))) as ruled:
        assert (await forbidden(ruled, "find_actions", query="x")).rule == "deny_actions"


@pytest.mark.parametrize("limit", [0, 11])
async def test_a_limit_has_bounds(program: Program, limit: int) -> None:
    assert (await refuse(program, "find_actions", query="groups", limit=limit)).code == "invalid_input"


# Running by name


@pytest.mark.parametrize("name", [name for name in read_names() if name != "find_actions"])
async def test_a_read_by_its_name_answers_as_itself(program: Program, org: Org, name: str) -> None:
    arguments = reads()[name](org, word())
    by_name = await run(program, "run_read", name=name, arguments=arguments)
    itself = await run(program, name, **arguments)
    for told in (by_name, itself):  # every export is one of its own
        if name.startswith("export_"):
            del told["id"], told["read"]
    assert by_name == itself


@pytest.mark.parametrize("name", write_names())
async def test_a_write_by_its_name_asks_and_is_recorded_as_itself(program: Program, org: Org, name: str) -> None:
    write = await ready(name, org)
    arguments = {"name": name, "arguments": write.arguments}
    before = len(await journaled(program))
    outcome = await attempt(program, "run_action", **arguments)
    if ACTIONS[name].effect is Effect.DESTRUCTIVE:
        assert isinstance(outcome, Question)
    if isinstance(outcome, Question):
        assert not write.is_done
        itself = await ask(program, name, **write.arguments)
        assert outcome.parts.lines == itself.parts.lines
        outcome = await program.door.call(Call(CALLER, "run_action", arguments, outcome.accepted()))
    assert isinstance(outcome, Result)
    assert write.is_done
    told = [one for one in (await journaled(program))[before:] if one["kind"] in ("intent", "done")]
    assert [one["kind"] for one in told] == ["intent", "done"]
    assert told[0]["action"] in (name, "unsuspend_user" if name == "undo_change" else name)


@pytest.mark.parametrize("outside", [True, False], ids=["outside", "inside"])
async def test_a_dry_run_may_be_asked_for_on_either_level(program: Program, org: Org, outside: bool) -> None:
    before = org.events()
    inside = {"user_id": JANE} if outside else {"user_id": JANE, "dry_run": True}
    beside = {"dry_run": True} if outside else {}
    told = await run(program, "run_action", name="suspend_user", arguments=inside, **beside)
    assert told == await run(program, "suspend_user", user_id=JANE, dry_run=True)
    assert told["dry_run"] is True
    assert org.events() == before


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "suspend_user", "arguments": json.dumps({"user_id": JANE})},
        {"name": "suspend_user", "user_id": JANE},
        {"name": "suspend_user", "arguments": {}, "user_id": JANE},
        {"name": " suspend_user ", "arguments": {"user_id": JANE}},
        {"name": "suspend_user", "arguments": {"user_id": JANE}, "sessionId": "7"},
    ],
    ids=["text", "beside", "beside and empty", "blanks", "flow builder"],
)
async def test_what_a_model_means_is_understood(program: Program, org: Org, sent: dict[str, Any]) -> None:
    assert (await do(program, "run_action", **sent))["changed"] is True
    assert org.user(JANE)["status"] == "SUSPENDED"


@pytest.mark.parametrize(
    ("runner", "sent", "said"),
    [
        ("run_read", {"name": "suspend_user", "arguments": {"user_id": JANE}}, "Call run_action"),
        ("run_read", {"name": "undo_change", "arguments": {"change_id": "1"}}, "Call run_action"),
        ("run_action", {"name": "run_action", "arguments": DEACTIVATE}, "Name the action itself"),
        ("run_read", {"name": "run_read", "arguments": {"name": "lookup_user"}}, "Name the action itself"),
        ("run_action", {"name": "suspnd_user", "arguments": {"user_id": JANE}}, "Did you mean suspend_user?"),
        ("run_action", {"name": "revoke_api_token", "arguments": {}}, "Security, API, Tokens"),
        ("run_action", {"arguments": {"user_id": JANE}}, "name"),
        ("run_action", {"name": "suspend_user", "arguments": {"user": JANE}}, "Unknown argument “user”"),
        ("run_action", {"name": "suspend_user", "arguments": [JANE]}, "arguments"),
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": "nobody.at.all"}}, "nobody.at.all"),
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": JANE}, "why": "because"}, "why"),
    ],
)
async def test_what_cannot_be_run_is_refused_and_nothing_is_done(
    program: Program, org: Org, runner: str, sent: dict[str, Any], said: str
) -> None:
    before = org.events()
    error = await refuse(program, runner, **sent)
    assert said in str(error)
    assert len(str(error).splitlines()) <= 2
    assert org.events() == before


async def test_its_refusals_are_those_of_the_action(program: Program) -> None:
    arguments = {"user_id": "okta-actions@example.com"}
    by_name = await refuse(program, "run_action", name="suspend_user", arguments=arguments)
    itself = await refuse(program, "suspend_user", **arguments)
    assert (str(by_name), by_name.details()) == (str(itself), itself.details())
    entries = [one for one in await journaled(program) if one["kind"] == "refused"]
    assert [one["action"] for one in entries] == ["suspend_user", "suspend_user"]
    assert entries[0]["details"]["arguments"] == arguments


@pytest.mark.parametrize(
    "rules",
    [
        {"deny_actions": ("suspend_user",)},
        {"deny_toolsets": ("lifecycle",)},
        {"allow_actions": ("run_action", "lookup_user", "create_user")},
        {"read_only": True},
        {"protected_users": (JANE,)},
        {"managed_users": ("*@elsewhere.example.com",)},
        {"changes_per_hour": 0},
        {"require_reason": {"write": "INC"}},
    ],
    ids=lambda rules: str(next(iter(rules))),
)
async def test_every_rule_holds_as_if_the_action_were_called(connected: None, org: Org, rules: dict[str, Any]) -> None:
    before = org.events()
    async with Program(load(**rules)) as program:
        by_name = await refuse(program, "run_action", name="suspend_user", arguments={"user_id": JANE})
        itself = await refuse(program, "suspend_user", user_id=JANE)
    assert str(by_name) == str(itself)
    assert org.events() == before


async def test_a_freeze_stops_what_runs_by_name_and_not_what_only_finds(program: Program, org: Org) -> None:
    await freeze(program, at_the_command_line(), "an incident", reads=True)
    for runner, name in (("run_action", "suspend_user"), ("run_read", "lookup_user")):
        assert (await forbidden(program, runner, name=name, arguments={"user_id": JANE})).rule == "frozen"
    assert (await run(program, "find_actions", query="suspend"))["actions"]


async def test_who_may_not_run_by_name_may_still_call_the_action(connected: None, org: Org) -> None:
    async with Program(load(deny_actions=("run_action",))) as program:
        error = await forbidden(program, "run_action", name="suspend_user", arguments={"user_id": JANE})
        assert "run_action is denied" in str(error)
        assert (await do(program, "suspend_user", user_id=JANE))["changed"] is True


# Over MCP


async def test_the_person_is_asked_about_the_action_and_a_yes_does_it(client: Any, program: Program, org: Org) -> None:
    person = Person(YES)
    async with client(person) as opened:
        answer = await call(opened, "run_action", **DEACTIVATE)
    assert answer["status_after"] == org.user(JANE)["status"] == "DEPROVISIONED"
    (question,) = person.read
    assert "Jane Doe" in question
    assert "run_action" not in question
    intent, outcome = [one for one in await journaled(program) if one["action"] == "deactivate_user"]
    assert (intent["kind"], outcome["kind"]) == ("intent", "done")
    assert intent["body"]["confirmation"]


async def test_a_no_is_recorded_as_one_to_the_action(client: Any, program: Program, org: Org) -> None:
    async with client(Person(DECLINE)) as opened:
        answer = await call(opened, "run_action", **DEACTIVATE)
    assert (answer["success"], answer["changed"]) == (False, False)
    assert org.user(JANE)["status"] == "ACTIVE"
    assert [one["action"] for one in await journaled(program) if one["kind"] == "declined"] == ["deactivate_user"]


async def test_a_ticket_for_one_call_opens_no_other(program: Program, org: Org) -> None:
    yes = Answer((await ask(program, "run_action", **DEACTIVATE)).ticket, "accepted")
    other = org.create("other@example.com")["id"]
    sent = {**DEACTIVATE, "arguments": {"user_id": other}}
    assert not isinstance(await program.door.call(Call(CALLER, "run_action", sent, yes)), Result)
    assert "DEPROVISIONED" not in (org.user(other)["status"], org.user(JANE)["status"])


async def test_a_client_that_cannot_ask_is_told_the_command_of_the_action(client: Any, org: Org) -> None:
    async with client() as opened:
        result = await refused(opened, "run_action", **DEACTIVATE)
    assert f"okta-actions call deactivate_user --user-id {JANE}" in said(result)
    assert details(result)["code"] == "confirmation_required"
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_request_that_waits_for_approval_is_one_for_the_action(connected: None, org: Org, era: str) -> None:
    async with Program(load(change_requests=True)) as program:
        async with client_of(program, era) as opened:
            result = await refused(opened, "run_action", **DEACTIVATE)
        (waiting,) = await approvals(program)
    assert said(result).endswith(f"okta-actions approve {waiting.id}")
    assert (waiting.action, waiting.arguments) == ("deactivate_user", {"user_id": JANE})


async def test_what_was_put_right_is_noted_for_both_levels(client: Any) -> None:
    async with client() as opened:
        result = await opened.call_tool(
            "run_read", {"name": "search_users", "arguments": json.dumps({"status": "active", "limit": "1"})}
        )
    assert not result.is_error
    notes = said(result).rpartition("Note: ")[2]
    assert all(one in notes for one in ("arguments was sent as JSON text", "status", "limit"))


async def test_the_connection_may_be_named_on_either_level(program: Program, sandbox: RunningSandbox, era: str) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present, name="second")
    async with client_of(program, era, None, "default", "second") as client:
        inside = {"name": "lookup_user", "arguments": {"user_id": JANE, "connection": "second"}}
        outside = {"name": "lookup_user", "arguments": {"user_id": JANE}, "connection": "second"}
        for sent in (inside, outside, {**outside, **inside}, {**inside, "arguments": json.dumps(inside["arguments"])}):
            assert (await call(client, "run_read", **sent))["connection"].startswith("second")
        first = await call(client, "run_read", name="lookup_user", arguments={"user_id": JANE})
        assert first["connection"].startswith("default")
        both = await refused(client, "run_read", **{**inside, "connection": "default"})
        assert "two connections" in said(both)
        assert "third" not in said(await refused(client, "run_read", **{**outside, "connection": "third"}))
