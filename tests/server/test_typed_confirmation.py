"""Where a mistake cannot be taken back a yes is not enough: a person types what is meant, on every surface."""

import dataclasses
import json
from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitResult

from agents import Watcher, an_agent, outcomes
from connected_org import Org
from ledger import CALLER, ask, journaled
from openai_server import OpenAIServer, Says, calls
from server.door.door import Call, Result
from server.mcp.server import OktaActionsServer
from server.program import Program
from server.settings import Settings
from surface import ERAS, YES, Person, call
from terminal import Terminal

TEAM = "Team Ephemeral"
pytestmark = pytest.mark.anyio


@pytest.fixture
def team(connected: None, org: Org) -> str:
    return org.create_group(TEAM)


def stands(org: Org, id: str) -> bool:
    return org.http.get(f"/api/v1/groups/{id}").status_code == 200


def typed(text: Any) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": text})


@pytest.mark.parametrize("era", ERAS)
async def test_a_form_has_the_name_typed_and_its_message_says_so(
    program: Program, org: Org, team: str, era: str
) -> None:
    person = Person(YES)
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era, elicitation_callback=person) as client:
        answer = await call(client, "delete_group", group_id=TEAM)
    assert answer["changed"] is True
    assert f"To confirm it, a person types “{TEAM}”." in person.read[0]
    assert not stands(org, team)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("given", [True, "true", "on", "yes", "Team Ephemera", "Finance"])
async def test_a_tick_or_another_word_does_nothing(program: Program, org: Org, team: str, era: str, given: Any) -> None:
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era, elicitation_callback=Person(typed(given))) as client:
        answer = await call(client, "delete_group", group_id=TEAM)
    assert (answer["success"], answer["changed"]) == (False, False)
    assert f"It is confirmed by typing “{TEAM}”" in answer["message"]
    assert stands(org, team)
    assert (await journaled(program))[-1]["kind"] == "not_shown"


@pytest.mark.parametrize("given", ["team ephemeral", f" {TEAM} ", f"“{TEAM}”"])
async def test_case_and_quotation_marks_do_not_matter(program: Program, org: Org, team: str, given: str) -> None:
    question = await ask(program, "delete_group", group_id=team)
    yes = dataclasses.replace(question.accepted(), typed=given)
    done = await program.door.call(Call(CALLER, "delete_group", {"group_id": team}, yes))
    assert isinstance(done, Result)
    assert not stands(org, team)


@pytest.mark.parametrize(("answer", "code", "left"), [(TEAM, 0, False), ("y", 3, True), ("", 3, True)])
def test_at_a_terminal_it_is_typed_too(org: Org, team: str, answer: str, code: int, left: bool) -> None:
    with Terminal("call", "delete_group", team) as terminal:
        terminal.until(f"Type “{TEAM}” to confirm:")
        terminal.type(f"{answer}\n")
        assert terminal.end() == code
    assert stands(org, team) is left


@pytest.mark.parametrize(("answer", "outcome", "left"), [(TEAM, "done", False), ("", "declined", True)])
async def test_the_agent_has_the_person_type_it_and_the_model_sees_neither(
    settings: Settings, org: Org, team: str, answer: str, outcome: str, left: bool
) -> None:
    prompts: list[str] = []

    async def person(question: str, prompt: str) -> bool | str:
        prompts.append(prompt)
        return answer

    sent = {"name": "delete_group", "arguments": json.dumps({"group_id": team})}
    with OpenAIServer(calls(("run_action", sent)), Says("Done.")) as model:
        async with an_agent(settings, model, person) as agent:
            report = await agent.turn("Delete the team.", Watcher())
    assert prompts == [f"Type “{TEAM}” to confirm"]
    assert outcomes(report) == [("delete_group", outcome)]
    assert stands(org, team) is left
    assert "to confirm" not in json.dumps(model.requests, ensure_ascii=False)
