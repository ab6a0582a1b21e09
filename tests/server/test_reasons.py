"""Why a write is wanted: taken on every surface, shown to whoever confirms it, recorded, and demanded by a rule."""

import json
import subprocess
from typing import Any

import pytest
from mcp import Client

from connected_org import Org
from ledger import CALLER, JANE, details, entries
from server.door.door import Answer, Call, Question, Refusal, Result
from server.mcp.server import OktaActionsServer
from server.program import Program
from server.settings import load
from surface import COMMAND, ERAS, YES, Person, environment, said
from tools.okta.errors import InvalidInput

WHY = "INC0012345: her manager asked for it"


async def test_a_reason_is_shown_in_the_question_and_kept_with_the_change(program: Program) -> None:
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, reason=WHY))
    assert isinstance(question, Question)
    assert f"Reason given: “{WHY}”." in question.text
    yes = Answer(question.ticket, "accepted")
    done = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes, reason=WHY))
    assert isinstance(done, Result)
    assert details((await entries(program))[0])["reason"] == WHY
    listed = await program.door.call(Call(CALLER, "list_changes", {}))
    assert isinstance(listed, Result)
    assert listed.content["changes"][0]["reason"] == WHY


async def test_a_reason_is_kept_with_a_refusal(connected: None) -> None:
    async with Program(load(protected_users=JANE)) as program:
        refusal = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}, reason=WHY))
        assert isinstance(refusal, Refusal)
        (entry,) = [entry for entry in await entries(program) if entry.kind == "refused"]
        assert details(entry)["reason"] == WHY


async def test_a_yes_is_good_for_the_reason_that_was_shown(program: Program, org: Org) -> None:
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, reason=WHY))
    assert isinstance(question, Question)
    yes = Answer(question.ticket, "accepted")
    again = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes, reason="something else"))
    assert isinstance(again, Question)
    assert org.user(JANE)["status"] == "ACTIVE"


@pytest.mark.parametrize("name", ["okta-actions/reason", "reason"])
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_gives_it_in_meta(program: Program, era: str, name: str) -> None:
    person = Person(YES)
    meta: Any = {name: WHY}
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era, elicitation_callback=person) as client:
        result = await client.call_tool("deactivate_user", {"user_id": JANE}, meta=meta)
    assert not result.is_error
    assert WHY in person.read[0]
    assert details((await entries(program))[0])["reason"] == WHY


@pytest.mark.parametrize("era", ERAS)
async def test_a_reason_that_is_no_text_is_refused(program: Program, org: Org, era: str) -> None:
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era, elicitation_callback=Person(YES)) as client:
        for told in (12345, ["INC1"], {"text": "INC1"}, False):
            meta: Any = {"okta-actions/reason": told}
            result = await client.call_tool("suspend_user", {"user_id": JANE}, meta=meta)
            assert result.is_error
            assert "not a string" in said(result)
    assert org.user(JANE)["status"] == "ACTIVE"


def test_a_person_gives_it_as_an_option(connected: None, org: Org) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([COMMAND, *words], env=environment(), capture_output=True, text=True, timeout=60)

    done = run("call", "suspend_user", "--user-id", JANE, "--reason", WHY, "--json")
    assert done.returncode == 0, done.stderr
    change = json.loads(done.stdout)["change_id"]
    assert json.loads(run("journal", "show", change, "--json").stdout)["reason"] == WHY
    undone = run("undo", change, "--reason", "a mistake")
    assert undone.returncode == 0, undone.stderr
    assert json.loads(run("journal", "show", "2", "--json").stdout)["reason"] == "a mistake"


async def test_a_reason_is_one_line_that_nobody_can_break_out_of(program: Program) -> None:
    evil = "ok”. Nothing happens.\n\n\x1b[2JYes, “do it\u202e"
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, reason=evil))
    assert isinstance(question, Question)
    assert all(line.isprintable() for line in question.text.split("\n"))
    assert question.text.endswith("Reason given: “ok'. Nothing happens. \\u001b[2JYes, 'do it\\u202e”.")
    refusal = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, reason="x" * 501))
    assert isinstance(refusal, Refusal)
    assert "501 characters" in str(refusal.error)


# A rule demands it


@pytest.mark.parametrize(
    ("rule", "name", "reason", "passes"),
    [
        ({"destructive": "INC[0-9]+"}, "deactivate_user", None, False),
        ({"destructive": "INC[0-9]+"}, "deactivate_user", "because", False),
        ({"destructive": "INC[0-9]+"}, "deactivate_user", WHY, True),
        ({"destructive": "INC[0-9]+"}, "suspend_user", None, True),
        ({"write": "."}, "suspend_user", None, False),
        ({"write": "."}, "suspend_user", "so", True),
        ({"write": "(INC[0-9]+)?"}, "suspend_user", None, False),
        ({"write": ".*"}, "suspend_user", "   ", False),
        ({"write": ".*"}, "suspend_user", "so", True),
        ({"escalation": "INC"}, "update_user_profile", None, False),
        ({"escalation": "INC"}, "update_user_profile", "INC1", True),
    ],
)
async def test_a_rule_demands_a_reason_by_effect(
    connected: None, org: Org, rule: dict[Any, str], name: str, reason: str | None, passes: bool
) -> None:
    arguments = {"user_id": JANE, **({"email": "new@example.com"} if name == "update_user_profile" else {})}
    async with Program(load(require_reason=rule)) as program:
        before = org.events()
        outcome = await program.door.call(Call(CALLER, name, arguments, reason=reason))
        if passes:
            assert not isinstance(outcome, Refusal)
            return
        assert isinstance(outcome, Refusal)
        assert outcome.error.details()["rule"] == "require_reason"
        assert "--reason" in str(outcome.error)
        assert org.events() == before
        # A dry run and what changes nothing need none.
        dry = await program.door.call(Call(CALLER, name, {**arguments, "dry_run": True}))
        assert isinstance(dry, Result)
        same = await program.door.call(Call(CALLER, "unsuspend_user", {"user_id": JANE}))
        assert isinstance(same, Result)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("INC[0-9]+", {"write": "INC[0-9]+"}),
        ("destructive=INC[0-9]+", {"destructive": "INC[0-9]+"}),
        ("destructive=INC[0-9]+; write=.", {"destructive": "INC[0-9]+", "write": "."}),
        ("a=b", {"write": "a=b"}),
        ("none", {}),
    ],
)
def test_a_variable_sets_it(monkeypatch: pytest.MonkeyPatch, text: str, rule: dict[str, str]) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_REQUIRE_REASON", text)
    assert load().require_reason == rule


def test_what_is_no_pattern_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_REQUIRE_REASON", "destructive=INC[0-9")
    with pytest.raises(InvalidInput, match="REQUIRE_REASON"):
        load()
