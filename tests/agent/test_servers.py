"""The agent in front of MCP servers of every kind: by command, by URL, and such as are none."""

import sys
from contextlib import ExitStack

import anyio
import pytest
from mcp.types import ElicitRequestFormParams
from pydantic import SecretStr

from agents import Asked, Watcher, an_agent, begun, outcomes
from connected_org import Org
from openai_server import OpenAIServer, Says, calls
from server.agent.limits import Deadline
from server.agent.opening import ChosenServer, Elicited
from server.agent.turn import Event, Started
from server.settings import Settings
from surface import COMMAND, HttpServer, free_port
from tools.okta.errors import ActionError
from worlds import LISTED

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]


def deactivating(jane: str, then: str = "We shall see.") -> tuple[Says, Says]:
    return calls(("deactivate_user", {"user_id": jane})), Says(then)


async def test_a_server_by_its_command(settings: Settings, org: Org, jane: str) -> None:
    person = Asked(True)
    with OpenAIServer(*deactivating(jane)) as model:
        async with an_agent(settings, model, person, ChosenServer(command=f"{COMMAND} serve")) as agent:
            report = await agent.turn("Deactivate Jane.", Watcher())
    assert (outcomes(report), len(person.questions)) == ([("deactivate_user", "done")], 1)
    assert org.user(jane)["status"] == "DEPROVISIONED"


async def test_a_server_by_its_url(settings: Settings, org: Org, jane: str) -> None:
    person = Asked(False)
    with HttpServer(free_port()) as http, OpenAIServer(*deactivating(jane)) as model:
        server, token = ChosenServer(url=http.url), SecretStr(http.token or "")
        async with an_agent(settings, model, person, server, mcp_token=token) as agent:
            report = await agent.turn("Deactivate Jane.", Watcher())
    assert (outcomes(report), len(person.questions)) == ([("deactivate_user", "declined")], 1)
    assert org.user(jane)["status"] == "ACTIVE"


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_it_finishes_the_story_over(settings: Settings, org: Org, transport: str) -> None:
    login = f"story.{transport}@example.com"
    person = {"first_name": "Nova", "last_name": "Lind", "login": login, "email": login}
    steps = (
        calls(("create_user", person)),
        calls(("add_user_to_group", {"user_id": login, "group_id": "Engineering"})),
        calls(("lookup_user", {"user_id": login})),
        Says("Nova is in Engineering."),
    )
    with ExitStack() as stack:
        model, token = stack.enter_context(OpenAIServer(*steps)), SecretStr("")
        server = ChosenServer(command=f"{COMMAND} serve")
        if transport == "http":
            http = stack.enter_context(HttpServer(free_port()))
            server, token = ChosenServer(url=http.url), SecretStr(http.token or "")
        async with an_agent(settings, model, server=server, mcp_token=token) as agent:
            assert set(LISTED) == set(agent.session.tools)
            report = await agent.turn("Create Nova Lind and put her into Engineering.", Watcher())
    assert outcomes(report) == [("create_user", "done"), ("add_user_to_group", "done"), ("lookup_user", "done")]
    assert [change["action"] for change in report.changes or ()] == ["create_user", "add_user_to_group"]
    assert "Engineering" in org.groups_of(login)


async def test_a_call_can_be_stopped_in_another_process(settings: Settings, org: Org, jane: str) -> None:
    org.trouble({"kind": "delay", "seconds": 30, "method": "POST", "path": "/api/v1/users"})
    with OpenAIServer(*deactivating(jane, "It may have been.")) as model:
        async with an_agent(settings, model, Asked(True), ChosenServer(command=f"{COMMAND} serve")) as agent:

            def stop_soon(event: Event) -> None:
                if isinstance(event, Started):
                    tasks.start_soon(stop)

            async def stop() -> None:
                await begun(agent, jane)
                agent.stop()

            async with anyio.create_task_group() as tasks:
                report = await agent.turn("Deactivate Jane.", stop_soon)
            assert (report.stopped, outcomes(report)) == (True, [("deactivate_user", "stopped")])
            assert (await agent.turn("Was she?", Watcher())).answer == "It may have been."


@pytest.mark.parametrize(
    "server",
    [
        ChosenServer(url="http://127.0.0.1:1/mcp"),
        ChosenServer(command="/nowhere/to/be/found"),
        ChosenServer(command="false"),
        ChosenServer(command=f"{sys.executable} -c print()"),
    ],
)
async def test_what_is_no_server_is_refused(settings: Settings, server: ChosenServer) -> None:
    with OpenAIServer() as model:
        with pytest.raises(ActionError, match="cannot be reached"):
            async with an_agent(settings, model, server=server):
                pass


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        ({"sure": {"type": "boolean"}}, "accept"),
        ({"password": {"type": "string"}}, "cancel"),
        ({"sure": {"type": "boolean"}, "why": {"type": "string"}}, "cancel"),
        ({}, "cancel"),
    ],
)
async def test_only_a_form_that_a_yes_fills_in_is_shown(fields: dict[str, object], action: str) -> None:
    person = Asked(True)
    form = ElicitRequestFormParams(message="Sure?", requested_schema={"type": "object", "properties": fields})
    reply = await Elicited(person, Deadline())(None, form)
    assert reply.action == action
    assert person.questions == (["Sure?"] if action == "accept" else [])
