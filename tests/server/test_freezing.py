"""`okta-actions freeze`: every process of the store stops, whatever it is doing, and goes on when that is lifted."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, journaled
from server.desk.freezing import freeze, unfreeze
from server.door.door import Answer, Call, Question, Refusal, Result
from server.policy.caller import at_the_command_line
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import load
from surface import COMMAND, HttpServer, call, environment, free_port, over_http, over_stdio, refused, said
from terminal import Terminal
from tools.okta.errors import InvalidInput
from worlds import read_names, reads, ready, word, write_names

WRITING = Path(__file__).parents[1] / "support" / "writing.py"
LOGINS = (JANE, "oscar.lind@example.com", "maya.goldberg@example.com")
MOST_SECONDS = 2.0


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment() | more, input="", capture_output=True, text=True, timeout=60
    )


async def refusal(program: Program, name: str, arguments: dict[str, Any], answer: Answer | None = None) -> Any:
    outcome = await program.door.call(Call(CALLER, name, arguments, answer))
    assert isinstance(outcome, Refusal), outcome
    return outcome.error


@pytest.mark.parametrize("name", write_names())
async def test_every_write_is_refused_with_who_and_why(program: Program, org: Org, name: str) -> None:
    write = await ready(name, org)
    before = org.events()
    await freeze(program, at_the_command_line(), "an incident", reads=False)
    error = await refusal(program, name, write.arguments)
    assert isinstance(error, PolicyRefusal)
    assert (error.rule, error.code) == ("frozen", "refused_by_policy")
    assert " stopped all writes at 20" in str(error)
    assert "“an incident”" in str(error)
    assert str(error).splitlines()[1].endswith("okta-actions unfreeze")
    assert org.events() == before


async def test_reads_go_on_unless_they_are_stopped_too(program: Program, org: Org) -> None:
    await freeze(program, at_the_command_line(), None, reads=False)
    assert isinstance(await program.door.call(Call(CALLER, "lookup_user", {"user_id": JANE})), Result)
    await freeze(program, at_the_command_line(), None, reads=True)
    for name in (name for name in read_names() if name not in ("find_actions", "read_export")):
        assert (await refusal(program, name, reads()[name](org, word()))).rule == "frozen", name
    assert (await refusal(program, "read_export", {})).rule == "frozen"


async def test_lifted_all_of_it_goes_on(program: Program, org: Org) -> None:
    await freeze(program, at_the_command_line(), None, reads=True)
    frozen = await unfreeze(program, at_the_command_line())
    assert frozen is not None
    assert frozen.reads is True
    outcome = await program.door.call(Call(CALLER, "add_user_to_group", {"user_id": JANE, "group_id": "Legal"}))
    assert isinstance(outcome, Result)
    assert "Legal" in org.groups_of(JANE)
    assert await unfreeze(program, at_the_command_line()) is None


async def test_an_answer_an_undo_and_a_request_that_waits_are_refused(connected: None, org: Org) -> None:
    async with Program(load(change_requests=True)) as program:
        added = await program.door.call(Call(CALLER, "add_user_to_group", {"user_id": JANE, "group_id": "Legal"}))
        assert isinstance(added, Result)
        question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}))
        assert isinstance(question, Question)
        asked = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}))
        assert isinstance(asked, Question)
        waiting = await program.door.keep_request(asked, Call(CALLER, "deactivate_user", {"user_id": JANE}))
        assert waiting is not None
        before = org.events()
        await freeze(program, at_the_command_line(), None, reads=False)
        yes = Answer(question.ticket, "accepted")
        assert (await refusal(program, "deactivate_user", {"user_id": JANE}, yes)).rule == "frozen"
        undo = {"change_id": added.content["change_id"]}
        assert (await refusal(program, "undo_change", undo)).rule == "frozen"
    undone = run("undo", added.content["change_id"])
    assert (undone.returncode, "the rule frozen" in undone.stderr) == (1, True)
    with Terminal("approve", waiting) as terminal:
        assert terminal.end() == 1
        assert "the rule frozen forbids it" in " ".join(terminal.screen.split())
    assert org.events() == before


async def test_what_passed_the_door_a_moment_before_does_not_begin(program: Program, org: Org) -> None:
    """The freeze comes between the look at it and the intent."""
    before = org.events()
    begin = program.recorder.begin

    async def frozen_meanwhile(*given: Any, **more: Any) -> Any:
        await freeze(program, at_the_command_line(), None, reads=False)
        return await begin(*given, **more)

    program.recorder.begin = frozen_meanwhile  # type: ignore[method-assign]
    assert (await refusal(program, "add_user_to_group", {"user_id": JANE, "group_id": "Legal"})).rule == "frozen"
    assert org.events() == before


async def test_both_are_journaled_with_who_and_why(program: Program) -> None:
    await freeze(program, at_the_command_line(), "an incident", reads=True)
    await unfreeze(program, at_the_command_line(), "all is well")
    told = [one for one in await journaled(program) if one["kind"] in ("frozen", "unfrozen")]
    assert [one["kind"] for one in told] == ["frozen", "unfrozen"]
    assert [one["details"]["reason"] for one in told] == ["an incident", "all is well"]
    assert told[0]["body"]["reads"] is True
    assert all(one["body"]["by"]["surface"] == "command line" for one in told)


async def test_a_record_of_it_that_cannot_be_read_stops_everything(program: Program) -> None:
    await program.store.run(
        lambda database: database.put(database.choices, {"name": "frozen", "value": "not what we wrote"})
    )
    assert (await refusal(program, "lookup_user", {"user_id": JANE})).rule == "frozen"


async def test_where_nothing_is_shared_there_is_nothing_to_freeze(connected: None) -> None:
    async with Program(load(memory_only=True)) as program:
        with pytest.raises(InvalidInput, match="memory_only"):
            await freeze(program, at_the_command_line(), None, reads=False)


def test_status_says_it(connected: None, org: Org) -> None:
    assert run("freeze", "--reason", "an incident").returncode == 0
    shown = run("status")
    assert (shown.returncode, "“an incident”" in shown.stderr) == (0, True)
    assert json.loads(run("status", "--json").stdout)["frozen"]["reason"] == "an incident"
    listed = run("journal", "list").stdout
    assert "frozen" in listed
    assert run("unfreeze").returncode == 0
    assert json.loads(run("status", "--json").stdout)["frozen"] is None
    again = run("unfreeze")
    assert (again.returncode, "Nothing was frozen" in again.stderr) == (0, True)


def test_processes_that_write_without_end_stop_within_two_seconds(connected: None, org: Org) -> None:
    processes = [
        subprocess.Popen([sys.executable, WRITING, login], env=environment(), stdout=subprocess.PIPE, text=True)
        for login in LOGINS
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            for _ in range(3):
                assert process.stdout.readline().startswith("done")
        began = time.time()
        assert run("freeze", "--reason", "an incident").returncode == 0
        frozen = time.time()
        lines: list[list[str]] = []
        for process in processes:
            assert process.stdout is not None
            said: list[str] = []
            while sum(line.startswith("refused_by_policy") for line in said) < 5:
                said.append(process.stdout.readline())
            lines.append(said)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    for said in lines:
        codes = [line.split()[0] for line in said]
        first = codes.index("refused_by_policy")
        assert set(codes[first:]) == {"refused_by_policy"}
        last = max((float(line.split()[2]) for line in said[:first]), default=began)
        print(f"the last write ended {last - frozen:+.3f} s after freeze did")
        assert last - frozen < MOST_SECONDS


@pytest.mark.parametrize("era", ["2026-07-28"])
async def test_servers_that_run_stop_and_go_on(connected: None, org: Org, era: str) -> None:
    group = {"user_id": JANE, "group_id": "Legal"}
    with HttpServer(free_port()) as server:
        async with over_stdio(era) as stdio, over_http(server, era) as http:
            for client in (stdio, http):
                await call(client, "lookup_user", user_id=JANE)
            assert run("freeze", "--reads", "--reason", "an incident").returncode == 0
            for client in (stdio, http):
                for name, arguments in (("add_user_to_group", group), ("lookup_user", {"user_id": JANE})):
                    assert "“an incident”" in said(await refused(client, name, **arguments))
            assert run("unfreeze").returncode == 0
            for client in (stdio, http):
                await call(client, "lookup_user", user_id=JANE)
    assert "Legal" not in org.groups_of(JANE)
