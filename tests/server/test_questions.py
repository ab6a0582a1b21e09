"""Questions, for every write: what each answer does to the org, what is answered, what the journal holds afterwards."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.types import InputRequiredResult

from connected_org import Org
from ledger import CALLER, JANE, NEW, journaled, stored
from server.door.door import Answer, Call, Question, Result
from server.mcp.request_state import SharedState
from server.mcp.server import OktaActionsServer
from server.policy.caller import operating_system_user
from server.program import Program
from server.settings import Settings, load
from surface import CANCEL, DECLINE, ERAS, YES, Person, call, details, refused, said
from terminal import Terminal
from worlds import ready, write_names

Opened = Callable[..., Any]

every_write = pytest.mark.parametrize("name", write_names())


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def asking(connected: None) -> AsyncIterator[Program]:
    """A program whose policy has a person confirm every write."""
    async with Program(load(confirm=("destructive", "escalation", "write"))) as program:
        yield program


@asynccontextmanager
async def client_of(program: Program, era: str, person: Person | None) -> AsyncIterator[Client]:
    server = OktaActionsServer(program.door, program.connections, "memory")
    async with Client(server, mode=era, elicitation_callback=person) as client:
        yield client


# Over MCP, on both eras


@every_write
async def test_a_yes_does_it_once_and_the_journal_tells_who_said_it(
    asking: Program, org: Org, era: str, name: str
) -> None:
    write = await ready(name, org)
    log, journal = org.events(), await journaled(asking)
    person = Person(YES)
    async with client_of(asking, era, person) as client:
        answer = await call(client, name, **write.arguments)
    assert (answer["success"], answer["changed"]) == (True, write.world.changes)
    assert org.events()[len(log) :].count(write.world.event) == 1
    assert write.is_done
    assert len(person.read) == 1
    assert write.text in person.read[0]
    intent, outcome = (await journaled(asking))[len(journal) :]
    assert (intent["kind"], outcome["kind"], outcome["change"]) == ("intent", "done", intent["sequence"])
    assert intent["body"]["confirmation"] == {
        "outcome": "accepted",
        "how": "elicitation",
        "by": "client mcp 0.1.0",
    }
    assert answer["change_id"] == str(intent["number"])


async def test_a_question_that_the_client_could_not_show_is_journaled_as_not_shown(asking: Program, org: Org) -> None:
    def crash() -> None:
        raise RuntimeError("the dialog could not be shown")

    log = org.events()
    async with client_of(asking, "legacy", Person(YES, meanwhile=crash)) as client:
        result = await refused(client, "suspend_user", user_id=JANE)
    assert details(result)["code"] == "confirmation_required"
    assert [entry["kind"] for entry in await journaled(asking)] == ["not_shown"]
    assert org.events() == log


@every_write
async def test_a_no_is_an_answer_and_journaled(asking: Program, org: Org, era: str, name: str) -> None:
    write = await ready(name, org)
    log, journal = org.events(), await journaled(asking)
    for reply in (DECLINE, CANCEL):
        async with client_of(asking, era, Person(reply)) as client:
            answer = await call(client, name, **write.arguments)
            assert (answer["success"], answer["changed"]) == (False, False)
            assert "nothing was changed" in answer["message"]
    assert org.events() == log
    declined, cancelled = (await journaled(asking))[len(journal) :]
    assert (declined["kind"], cancelled["kind"]) == ("declined", "cancelled")
    for entry in (declined, cancelled):
        assert entry["caller"] == operating_system_user()
        assert entry["body"]["by"]["surface"] == "memory"
        assert entry["body"]["by"]["client"] == {"name": "mcp", "version": "0.1.0"}
        assert entry["body"]["answered_by"] == "client mcp 0.1.0"
        assert entry["details"]["text"]


@every_write
async def test_where_nobody_can_be_asked_nothing_happens(asking: Program, org: Org, era: str, name: str) -> None:
    write = await ready(name, org)
    log, journal = org.events(), await journaled(asking)
    async with client_of(asking, era, None) as client:
        result = await refused(client, name, **write.arguments)
    assert details(result)["code"] == "confirmation_required"
    assert write.text in said(result)
    assert len(said(result).splitlines()) == 2
    assert org.events() == log
    (entry,) = (await journaled(asking))[len(journal) :]
    assert (entry["kind"], entry["details"]) == ("not_shown", {})
    assert await waiting_tickets(asking) == 0


@every_write
async def test_a_target_that_changed_meanwhile_is_asked_about_again(
    asking: Program, org: Org, era: str, name: str
) -> None:
    write = await ready(name, org)
    journal, log = await journaled(asking), []
    texts = iter(["Elsewhere"])

    def meanwhile() -> None:
        if text := next(texts, None):
            write.meddle(text)
            log.extend(org.events())

    person = Person(YES, DECLINE, meanwhile=meanwhile)
    async with client_of(asking, era, person) as client:
        assert (await call(client, name, **write.arguments))["success"] is False
    assert len(person.read) == 2
    assert org.events() == log
    assert not write.is_done
    (entry,) = (await journaled(asking))[len(journal) :]
    assert entry["kind"] == "declined"


async def waiting_tickets(program: Program) -> int:
    return await program.store.run(lambda database: len(database.execute(database.tickets.select()).all()))


# Where policy keeps requests, a person approves them at a terminal


@pytest.fixture
def with_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CHANGE_REQUESTS", "true")
    monkeypatch.setenv("OKTA_ACTIONS_CONFIRM", "destructive,escalation,write")


async def requested(name: str, arguments: dict[str, Any]) -> str:
    """Ask for a write through a client that cannot ask anybody; the id of the request that is kept."""
    async with Program(load()) as program, client_of(program, "2026-07-28", None) as client:
        result = await refused(client, name, **arguments)
    assert details(result)["code"] == "approval_required"
    return said(result).rpartition("okta-actions approve ")[2]


@every_write
async def test_a_request_is_shown_in_full_and_approved_exactly_once(
    with_requests: None, connected: None, org: Org, name: str
) -> None:
    write = await ready(name, org)
    log = org.events()
    async with Program(load()) as program:
        journal = await journaled(program)
        request = await requested(name, write.arguments)
        assert org.events() == log
        assert await journaled(program) == journal
        with Terminal("approve", request) as terminal:
            shown = terminal.asked()
            assert f"{operating_system_user()} over memory (mcp 0.1.0) asked for {name} through default" in shown
            assert json.dumps(write.arguments, ensure_ascii=False, sort_keys=True) in shown
            assert write.text in shown
            terminal.agree()
            assert terminal.end() == 0
        assert org.events()[len(log) :].count(write.world.event) == 1
        intent, outcome = (await journaled(program))[len(journal) :]
        assert (intent["kind"], outcome["kind"]) == ("intent", "done")
        assert (intent["caller"], intent["body"]["by"]["surface"]) == (operating_system_user(), "memory")
        assert intent["body"]["confirmation"]["how"] == "approval"
        assert intent["body"]["confirmation"]["by"]
        with Terminal("approve", request) as terminal:
            assert terminal.end() == 1
            assert f"No request {request} waits for approval" in terminal.screen
        assert org.events()[len(log) :].count(write.world.event) == 1


@pytest.mark.parametrize(("typed", "code", "kind"), [("n\n", 3, "declined"), ("\x03", 130, "cancelled")])
async def test_a_request_that_is_refused_is_used_up_and_journaled(
    with_requests: None, connected: None, org: Org, typed: str, code: int, kind: str
) -> None:
    request = await requested("suspend_user", {"user_id": JANE})
    with Terminal("approve", request) as terminal:
        terminal.until("[y/N]")
        terminal.type(typed)
        assert terminal.end() == code
    with Terminal("approve", request) as terminal:
        assert terminal.end() == 1
    assert org.events() == []
    async with Program(load()) as program:
        (entry,) = await journaled(program)
    assert entry["kind"] == kind


async def test_a_request_is_not_approvable_by_what_is_no_person(with_requests: None, connected: None, org: Org) -> None:
    """No tool takes the id, and a ticket it is not either."""
    request = await requested("deactivate_user", {"user_id": JANE})
    async with Program(load()) as program:
        yes = Answer(request, "accepted")
        assert isinstance(await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes)), Question)
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_request_that_nobody_approves_in_five_minutes_is_journaled_as_expired(
    with_requests: None, connected: None, org: Org
) -> None:
    request = await requested("suspend_user", {"user_id": JANE})
    async with Program(load()) as program:
        await five_minutes_pass(program)
        assert await program.recorder.take_request(request) is None
        assert [entry["kind"] for entry in await journaled(program)] == ["expired"]
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_request_is_kept_under_seal(with_requests: None, connected: None, settings: Settings) -> None:
    secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    async with Program(load()) as program, client_of(program, "2026-07-28", None) as client:
        result = await refused(client, "update_user_profile", user_id=JANE, title=secret)
        assert details(result)["code"] == "approval_required"
        (request,) = await program.recorder.waiting()
        assert request.arguments["title"] == secret
        await program.store.tidy()
    assert secret.encode() not in stored(settings)


async def five_minutes_pass(program: Program) -> None:
    """For what waits in the store."""

    def age(database: Any) -> None:
        for table in (database.tickets, database.requests):
            database.execute(table.update().values(expires_at=time.time() - 1))

    await program.store.run(age)


# Which ask by default, and when

ASKS: list[tuple[str, dict[str, Any], str]] = [
    ("deactivate_user", {"user_id": JANE}, "They are signed out and lose access at once; group memberships stay."),
    (
        "update_user_profile",
        {"user_id": JANE, "login": "other@example.com"},
        "Whoever controls the login “other@example.com” can",
    ),
    (
        "update_user_profile",
        {"user_id": JANE, "email": "other@example.com"},
        "Whoever controls the email “other@example.com” can",
    ),
    (
        "update_user_profile",
        {"user_id": JANE, "second_email": "o@example.com"},
        "controls the second_email “o@example.com” can",
    ),
    (
        "update_user_profile",
        {"user_id": JANE, "mobile_phone": "+1 555 0199"},
        "controls the mobile_phone “+1 555 0199” can",
    ),
    (
        "update_user_profile",
        {"user_id": JANE, "attributes": {"secondEmail": "o@example.com"}},
        "the second_email “o@example.com” can",
    ),
    ("update_user_profile", {"user_id": JANE, "clear": ["mobile_phone"]}, "mobile_phone “+1 555"),
    ("update_user_profile", {"user_id": JANE, "title": "T", "email": "o@example.com"}, "title “People Operations"),
    ("add_user_to_group", {"user_id": JANE, "group_id": "Night Desk"}, "“Night Desk” grants administration."),
    ("add_user_to_group", {"user_id": JANE, "group_id": "IT Administrators"}, "named like a group of administrators"),
    ("create_user", {**NEW, "group_ids": ["Legal", "Night Desk"]}, "“Night Desk” grants administration."),
]
DOES_NOT_ASK: list[tuple[str, dict[str, Any]]] = [
    ("update_user_profile", {"user_id": JANE, "title": "T", "manager": "M", "attributes": {"nickName": "N"}}),
    ("update_user_profile", {"user_id": JANE, "title": "T", "email": JANE, "login": JANE}),
    ("add_user_to_group", {"user_id": JANE, "group_id": "Legal"}),
    ("remove_user_from_group", {"user_id": JANE, "group_id": "People Operations"}),
    ("create_user", {**NEW, "group_ids": ["Legal"], "second_email": "o@example.com", "mobile_phone": "1"}),
    ("suspend_user", {"user_id": JANE}),
    ("unsuspend_user", {"user_id": "oscar.lind@example.com"}),
    ("activate_user", {"user_id": "theo.martin@example.com"}),
]


@pytest.mark.parametrize(("name", "arguments", "consequence"), ASKS, ids=lambda value: str(value)[:60])
async def test_these_ask_and_name_the_consequence(
    connected: None, org: Org, name: str, arguments: dict[str, Any], consequence: str
) -> None:
    async with Program(load(allow_administrators=True)) as program:
        question = await program.door.call(Call(CALLER, name, arguments))
    assert isinstance(question, Question)
    assert consequence in question.text
    assert NEW["login"] in question.text or (
        "“jane.doe@example.com”" in question.text and "name “Jane Doe”, status ACTIVE" in question.text
    )
    assert org.events() == []


@pytest.mark.parametrize(("name", "arguments"), DOES_NOT_ASK, ids=lambda value: str(value)[:60])
async def test_ordinary_writes_do_not_ask(program: Program, name: str, arguments: dict[str, Any]) -> None:
    outcome = await program.door.call(Call(CALLER, name, arguments))
    assert isinstance(outcome, Result)
    assert outcome.content["changed"] is True


async def test_an_undo_asks_if_it_does_not_bring_everything_back(program: Program, org: Org) -> None:
    org.create("staged@example.com", activate=False)
    done = await program.door.call(Call(CALLER, "activate_user", {"user_id": "staged@example.com"}))
    assert isinstance(done, Result)
    question = await program.door.call(Call(CALLER, "undo_change", {"change_id": done.content["change_id"]}))
    assert isinstance(question, Question)
    assert "Okta has no way back to STAGED" in question.text
    assert f"Undo change {done.content['change_id']} of " in question.text


async def test_a_question_is_the_sentence_that_a_person_can_judge_by(program: Program, org: Org) -> None:
    id = org.create("gone.soon@example.com", department="Engineering")["id"]
    for group in ("Engineering", "VPN Users"):
        added = await program.door.call(Call(CALLER, "add_user_to_group", {"user_id": id, "group_id": group}))
        assert isinstance(added, Result)
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": id}))
    assert isinstance(question, Question)
    assert question.text == (
        "Deactivate “gone.soon@example.com”. They are signed out and lose access at once; group memberships stay.\n"
        "Person: name “Test Person”, status PROVISIONED, department “Engineering”, in 2 groups besides Everyone.\n"
        "Added to the group “VPN Users” through this server (change 2).\n"
        "Added to the group “Engineering” through this server (change 1)."
    )


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (("add",), "Added to the group “Engineering” through this server (change 1)."),
        (("add", "remove"), ""),
        (("add", "remove", "add"), "Added to the group “Engineering” through this server (change 1)."),
        (("add", "undo"), ""),
    ],
)
async def test_a_membership_that_is_as_it_was_is_not_told(
    program: Program, org: Org, steps: tuple[str, ...], told: str
) -> None:
    org.create("to.and.fro@example.com")
    calls = {"add": "add_user_to_group", "remove": "remove_user_from_group"}
    for step in steps:
        arguments = {"user_id": "to.and.fro@example.com", "group_id": "Engineering"}
        if step == "undo":
            assert isinstance(await program.door.call(Call(CALLER, "undo_change", {"change_id": "1"})), Result)
        else:
            assert isinstance(await program.door.call(Call(CALLER, calls[step], arguments)), Result)
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": "to.and.fro@example.com"}))
    assert isinstance(question, Question)
    assert ([line for line in question.text.splitlines() if "Engineering" in line] or [""]) == [told]


# One confirmation, one execution


async def test_a_no_is_a_no_even_if_nobody_would_be_asked_any_more(
    program: Program, org: Org, http: httpx2.Client
) -> None:
    wanted = {"user_id": JANE, "title": "Chief", "email": "other@example.com"}
    question = await program.door.call(Call(CALLER, "update_user_profile", wanted))
    assert isinstance(question, Question)
    http.post(f"/api/v1/users/{JANE}", json={"profile": {"email": "other@example.com"}})
    outcome = await program.door.call(Call(CALLER, "update_user_profile", wanted, Answer(question.ticket, "declined")))
    assert isinstance(outcome, Result)
    assert (outcome.content["success"], outcome.content["answer"]) == (False, "declined")
    assert org.user(JANE)["profile"]["title"] != "Chief"
    assert [entry["kind"] for entry in await journaled(program)] == ["declined"]


async def test_a_yes_that_is_not_needed_any_more_is_not_called_abandoned(
    program: Program, org: Org, http: httpx2.Client
) -> None:
    wanted = {"user_id": JANE, "title": "Chief", "email": "other@example.com"}
    for left in ({"title": "Chief"}, {}):
        question = await program.door.call(Call(CALLER, "update_user_profile", wanted))
        assert isinstance(question, Question)
        http.post(f"/api/v1/users/{JANE}", json={"profile": {"email": "other@example.com", **left}})
        yes = Answer(question.ticket, "accepted")
        outcome = await program.door.call(Call(CALLER, "update_user_profile", wanted, yes))
        assert isinstance(outcome, Result)
        assert await waiting_tickets(program) == 0
        http.post(f"/api/v1/users/{JANE}", json={"profile": {"email": JANE, "title": "Before"}})
    assert [entry["kind"] for entry in await journaled(program)] == ["intent", "done"]


async def test_a_ticket_nobody_came_back_for_is_journaled_as_expired(program: Program, org: Org) -> None:
    question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}))
    assert isinstance(question, Question)
    assert await journaled(program) == []
    await five_minutes_pass(program)
    yes = Answer(question.ticket, "accepted")
    again = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, yes))
    assert isinstance(again, Question), "a yes is good for five minutes"
    (entry,) = await journaled(program)
    assert (entry["kind"], entry["action"]) == ("expired", "deactivate_user")
    assert entry["targets"] == f"user:{org.user(JANE)['id']}"
    assert org.user(JANE)["status"] == "ACTIVE"


async def sealed(client: Client, asked: InputRequiredResult | None = None) -> Any:
    return await client.session.call_tool(
        "deactivate_user",
        {"user_id": JANE},
        input_responses=dict.fromkeys(asked.input_requests or {}, YES) if asked else None,
        request_state=asked.request_state if asked else None,
        allow_input_required=True,
    )


async def test_a_state_is_good_in_another_process_over_the_same_store_and_good_once(connected: None, org: Org) -> None:
    async with Program(load()) as one, Program(load()) as other:
        first, second = (
            OktaActionsServer(program.door, program.connections, "HTTP", SharedState(program.store))
            for program in (one, other)
        )
        async with (
            Client(first, mode="2026-07-28", elicitation_callback=Person(YES)) as here,
            Client(second, mode="2026-07-28", elicitation_callback=Person(YES)) as there,
        ):
            asked = await sealed(here)
            assert isinstance(asked, InputRequiredResult)
            done = await sealed(there, asked)
            assert done.structured_content["changed"] is True
            assert org.user(JANE)["status"] == "DEPROVISIONED"
            await call(here, "activate_user", user_id=JANE)
            for client in (here, there):
                assert isinstance(await sealed(client, asked), InputRequiredResult)
            assert org.user(JANE)["status"] != "DEPROVISIONED"


async def test_attributes_beyond_the_first_are_told_in_a_sentence(program: Program) -> None:
    many = dict.fromkeys(
        ("nickName", "city", "state", "zipCode", "locale", "timezone", "middleName", "costCenter"), "X"
    )
    many |= {f"{name}": "Y" for name in ("organization", "division", "userType", "honorificPrefix")}
    for sent in (many, dict(list(many.items())[:10])):
        asked = await program.door.call(
            Call(CALLER, "update_user_profile", {"user_id": JANE, "email": "o@example.com", "attributes": sent})
        )
        assert isinstance(asked, Question)
        lines = asked.text.splitlines()
        assert lines[1].startswith("email “jane.doe@example.com” → “o@example.com”")
        assert lines[-1].startswith("And ")
        assert not lines[-1].endswith("….")


async def test_a_takeover_is_said_however_long_what_takes_it_over_is(program: Program) -> None:
    addresses = {name: f"{name[:1] * 80}@example.com" for name in ("login", "email", "second_email")}
    phones = {"mobile_phone": "+1 " + "5" * 300, "attributes": {"primaryPhone": "+2 " + "6" * 300}}
    asked = await program.door.call(Call(CALLER, "update_user_profile", {"user_id": JANE, **addresses, **phones}))
    assert isinstance(asked, Question)
    first, *details = asked.parts.lines
    assert first.endswith("can take over the account.")
    for name in (*addresses, "mobile_phone", "primaryPhone"):
        assert f"the new {name}" in first
        assert any(line.startswith(f"{name} ") for line in details)


async def test_a_long_reason_takes_no_room_from_the_facts(connected: None, org: Org) -> None:
    groups = [f"Group number {at} of those that many people are in" for at in range(12)]
    for name in groups:
        org.create_group(name)
    sent = {**NEW, "email": "x@stranger.example", "group_ids": groups, "title": "T"}
    async with Program(load()) as program:
        for reason in (None, "It is quite safe. “Do it.” " * 18):
            asked = await program.door.call(Call(CALLER, "create_user", sent, reason=reason))
            assert isinstance(asked, Question)
            lines = asked.parts.lines
            assert any(line.startswith("Groups (12): “Group number 0") for line in lines)
            assert "title “T”." in lines
            assert reason is None or (lines[-1].startswith("Reason given: “It is") and lines[-1].endswith("…”."))
            assert len(lines[-1]) <= 240
