"""An action run by its name is a call of that action: checked, asked, recorded and limited as one."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from mcp.types import ElicitResult

from connected_org import Org
from ledger import CALLER, JANE, ask, attempt, journaled, refuse, run
from server.door.door import Answer, Call, Question, Result
from server.program import Program
from surface import DECLINE, ERAS, YES, Person, call, over_stdio

DEACTIVATE = ("deactivate_user", {"user_id": JANE})
BY_NAME = ("run_action", {"name": DEACTIVATE[0], "arguments": DEACTIVATE[1]})


async def answered(program: Program, call: tuple[str, Mapping[str, Any]], answer: Answer) -> Any:
    return await program.door.call(Call(CALLER, *call, answer))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": JANE}, "dry_run": True}),
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": JANE, "dry_run": True}}),
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": JANE, "dry_run": True}, "dry_run": False}),
        ("run_action", {"name": "suspend_user", "arguments": {"user_id": JANE, "dry_run": False}, "dry_run": True}),
    ],
)
async def test_a_dry_run_is_one_wherever_it_is_said(
    program: Program, org: Org, name: str, arguments: dict[str, Any]
) -> None:
    before = org.events()
    assert (await run(program, name, **arguments))["dry_run"] is True
    assert org.events() == before


async def test_a_dry_run_of_a_read_is_the_read(program: Program) -> None:
    assert "changes" in await run(program, "run_action", name="list_changes", dry_run=True)


@pytest.mark.parametrize("name", ["run_read", "run_action"])
async def test_what_runs_others_is_not_run_by_name(program: Program, name: str) -> None:
    for inner in ("run_read", "run_action"):
        error = await refuse(program, name, name=inner, arguments={"name": "lookup_user"})
        assert f"{name} does not run {inner}" in str(error)


async def test_what_only_reads_runs_no_write(program: Program, org: Org) -> None:
    before = org.events()
    assert (await refuse(program, "run_read", name="suspend_user", arguments={"user_id": JANE})).code == "not_a_read"
    assert org.events() == before


@pytest.mark.parametrize(("asked", "then"), [(DEACTIVATE, BY_NAME), (BY_NAME, DEACTIVATE), (BY_NAME, BY_NAME)])
async def test_a_question_is_the_same_by_either_name(program: Program, org: Org, asked: Any, then: Any) -> None:
    question = await ask(program, asked[0], **asked[1])
    assert isinstance(await answered(program, then, Answer(question.ticket, "accepted", key=question.key)), Result)
    assert org.user(JANE)["status"] == "DEPROVISIONED"


async def test_one_yes_does_it_once_by_whichever_name(program: Program, org: Org) -> None:
    question = await ask(program, BY_NAME[0], **BY_NAME[1])
    yes = Answer(question.ticket, "accepted")
    outcomes = await asyncio.gather(answered(program, BY_NAME, yes), answered(program, DEACTIVATE, yes))
    assert len([one for one in outcomes if isinstance(one, Result) and one.content["changed"]]) == 1
    assert org.events(JANE).count("user.lifecycle.deactivate") == 1


async def test_a_no_is_recorded_for_the_action_itself(program: Program, org: Org) -> None:
    question = await ask(program, BY_NAME[0], **BY_NAME[1])
    outcome = await answered(program, BY_NAME, Answer(question.ticket, "declined"))
    assert outcome.content["answer"] == "declined"
    assert [(one["kind"], one["action"]) for one in await journaled(program)] == [("declined", "deactivate_user")]
    assert isinstance(await answered(program, BY_NAME, Answer(question.ticket, "accepted")), Question)
    assert org.user(JANE)["status"] == "ACTIVE"


@pytest.mark.parametrize("depth", [500, 5_000])
async def test_arguments_of_any_depth_are_refused(program: Program, depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"a": [deep]}
    for name, inner in (("run_read", "lookup_user"), ("run_action", "suspend_user")):
        outcome = await attempt(program, name, name=inner, arguments={"user_id": deep})
        assert outcome.error.code == "invalid_input"


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("reply", "status"), [(YES, "DEPROVISIONED"), (DECLINE, "ACTIVE")])
async def test_a_person_is_asked_over_mcp(
    connected: None, org: Org, era: str, reply: ElicitResult, status: str
) -> None:
    person = Person(reply)
    async with over_stdio(era, person) as client:
        answer = await call(client, BY_NAME[0], **BY_NAME[1])
    assert answer["changed"] is (status == "DEPROVISIONED")
    assert len(person.read) == 1
    assert org.user(JANE)["status"] == status
