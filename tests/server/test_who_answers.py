"""Questions that nobody saw: what a client answers is told apart, and only a clear yes is one."""

import json
import subprocess
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import ElicitResult

from connected_org import Org
from ledger import JANE, journaled
from server.mcp.server import OktaActionsServer
from server.policy.caller import Principal
from server.program import Program
from server.settings import load
from surface import CANCEL, COMMAND, DECLINE, ERAS, UNTICKED, YES, Person, call, details, environment, refused, said

every_era = pytest.mark.parametrize("era", ERAS)


def accepted(**content: Any) -> ElicitResult:
    return ElicitResult(action="accept", content=content)


def server_of(program: Program, **more: Any) -> OktaActionsServer:
    return OktaActionsServer(program.door, program.connections, "memory", **more)


@every_era
@pytest.mark.parametrize("yes", [True, "true", "on"])
async def test_a_boolean_and_what_forms_send_is_a_yes(program: Program, org: Org, era: str, yes: Any) -> None:
    async with Client(server_of(program), mode=era, elicitation_callback=Person(accepted(confirm=yes))) as client:
        assert (await call(client, "deactivate_user", user_id=JANE))["changed"] is True


@every_era
@pytest.mark.parametrize(
    "reply",
    [
        ElicitResult(action="accept"),
        accepted(),
        accepted(confirm="yes"),
        accepted(confirm="True"),
        accepted(confirm=1),
        accepted(confirm="1"),
        accepted(confirm=["true"]),
        accepted(confirm=True, extra="field"),
        accepted(yes=True),
    ],
)
async def test_anything_else_is_no_answer(program: Program, org: Org, era: str, reply: ElicitResult) -> None:
    async with Client(server_of(program), mode=era, elicitation_callback=Person(reply)) as client:
        answer = await call(client, "deactivate_user", user_id=JANE)
    assert (answer["success"], answer["changed"], answer["answer"]) == (False, False, "not_shown")
    assert "No valid confirmation was received" in answer["message"]
    assert org.user(JANE)["status"] == "ACTIVE"
    (entry,) = await journaled(program)
    assert (entry["kind"], entry["details"]) == ("not_shown", {})


@pytest.mark.parametrize("reply", [{"action": "maybe"}, {}, {"action": "accept", "content": {"confirm": {"a": 1}}}])
async def test_nor_is_what_mcp_does_not_know(connected: None, org: Org, reply: dict[str, Any]) -> None:
    told = await anyio.to_thread.run_sync(answered_over_stdio, reply)
    assert told["structuredContent"]["answer"] == "not_shown"
    assert "without a valid answer" in told["structuredContent"]["message"]
    assert "pydantic" not in str(told)
    assert org.user(JANE)["status"] == "ACTIVE"
    async with Program(load()) as program:
        (entry,) = await journaled(program)
    assert entry["kind"] == "not_shown"


def answered_over_stdio(reply: dict[str, Any]) -> dict[str, Any]:
    """The result of a destructive call by a client that gives this reply to the question, whatever MCP says."""
    with subprocess.Popen(
        [COMMAND, "serve"], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def send(**message: Any) -> None:
            print(json.dumps({"jsonrpc": "2.0", **message}), file=server.stdin, flush=True)

        about = {"capabilities": {"elicitation": {}}, "clientInfo": {"name": "odd", "version": "1"}}
        send(id=1, method="initialize", params={"protocolVersion": "2025-06-18", **about})
        send(method="notifications/initialized")
        send(id=2, method="tools/call", params={"name": "deactivate_user", "arguments": {"user_id": JANE}})
        told: dict[str, Any] = {}
        for line in server.stdout:
            message = json.loads(line)
            if message.get("method") == "elicitation/create":
                send(id=message["id"], result=reply)
            elif message.get("id") == 2:
                told = message["result"]
                break
        server.stdin.close()
        return told


@every_era
@pytest.mark.parametrize(
    ("reply", "outcome", "words"),
    [
        (DECLINE, "declined", "Declined (client mcp 0.1.0)"),
        (CANCEL, "cancelled", "closed without an answer"),
        (UNTICKED, "declined", "The form was submitted without the confirmation."),
    ],
)
async def test_a_no_says_which_kind_it_was(
    program: Program, era: str, reply: ElicitResult, outcome: str, words: str
) -> None:
    async with Client(server_of(program), mode=era, elicitation_callback=Person(reply)) as client:
        answer = await call(client, "deactivate_user", user_id=JANE)
    assert answer["answer"] == outcome
    assert words in answer["message"]
    # The client answered at once, which no person can have done.
    assert "too fast for a person" in answer["message"]
    (entry,) = await journaled(program)
    assert entry["kind"] == outcome
    assert entry["body"]["answered_by"] == "client mcp 0.1.0"


@every_era
@pytest.mark.parametrize("reply", [DECLINE, CANCEL, UNTICKED, accepted()])
async def test_where_a_client_answers_by_itself_the_request_is_kept(
    connected: None, org: Org, era: str, reply: ElicitResult
) -> None:
    async with Program(load(change_requests=True)) as program:
        async with Client(server_of(program), mode=era, elicitation_callback=Person(reply)) as client:
            answer = await call(client, "deactivate_user", user_id=JANE)
        (request,) = await program.recorder.waiting()
    assert answer["message"].endswith(f"okta-actions approve {request.id}")
    assert (request.name, request.arguments) == ("deactivate_user", {"user_id": JANE})
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_an_old_yes_is_not_taken_for_the_answer_to_a_new_question(program: Program, org: Org, http: Any) -> None:
    """A client that begins a call anew when it resumes, and hands on the answers it has by their keys."""
    arguments = {"user_id": JANE}
    async with Client(server_of(program), mode="2026-07-28", elicitation_callback=Person(YES)) as client:

        async def send(**more: Any) -> Any:
            return await client.session.call_tool("deactivate_user", arguments, allow_input_required=True, **more)

        first = await send()
        assert org.groups_of(JANE)
        http.put(f"/api/v1/groups/{org.group_id('Legal')}/users/{org.user(JANE)['id']}")
        second = await send()
        assert first.input_requests.keys() != second.input_requests.keys()
        old = dict.fromkeys(first.input_requests, YES)
        third = await send(input_responses=old, request_state=second.request_state)
        assert org.user(JANE)["status"] == "ACTIVE"
        assert third.input_requests.keys() == second.input_requests.keys()
        done = await send(
            input_responses={**old, **dict.fromkeys(third.input_requests, YES)}, request_state=third.request_state
        )
    assert done.structured_content["changed"] is True


async def test_a_principal_of_the_surface_is_recorded(program: Program) -> None:
    server = server_of(program, principal=Principal("token", "http"))
    async with Client(server, mode="legacy", elicitation_callback=Person(YES)) as client:
        await call(client, "suspend_user", user_id=JANE)
        listed = await call(client, "list_changes")
    assert listed["changes"][0]["by"] == "holder of the token “http” over memory (mcp 0.1.0)"
    assert (await journaled(program))[0]["body"]["by"]["issuer"] == "token"


async def test_a_refusal_by_a_rule_is_written_down(connected: None, org: Org) -> None:
    async with Program(load(protected_users=(JANE,))) as program:
        async with Client(server_of(program), mode="legacy") as client:
            result = await refused(client, "suspend_user", user_id=JANE)
        assert details(result)["rule"] == "protected_users"
        (entry,) = await journaled(program)
    assert (entry["kind"], entry["action"], entry["connection"]) == ("refused", "suspend_user", "default")
    assert (entry["body"]["rule"], entry["body"]["code"]) == ("protected_users", "refused_by_policy")
    assert entry["details"]["arguments"] == {"user_id": JANE}
    assert entry["details"]["error"] == said(result)


async def test_refusals_without_end_do_not_fill_the_journal(connected: None) -> None:
    async with Program(load(protected_users=(JANE,))) as program:
        async with Client(server_of(program), mode="legacy") as client:
            for _ in range(70):
                await refused(client, "suspend_user", user_id=JANE)
        assert len(await journaled(program)) == 60
        # A minute later the next one says how many were not written down.
        await program.store.run(lambda database: database.connection.exec_driver_sql("DELETE FROM uses"))
        async with Client(server_of(program), mode="legacy") as client:
            await refused(client, "suspend_user", user_id=JANE)
        assert (await journaled(program))[-1]["body"]["unrecorded_before"] == 10
