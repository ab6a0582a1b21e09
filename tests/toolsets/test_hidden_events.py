"""What rules hide of the System Log: whom it tells of, where they were, and what a guess would confirm."""

import json
from typing import Any

import pytest

from connected_org import Org
from ledger import JANE, do, pages, refuse
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tests.toolsets.test_logs import HOME, OSCAR, actor, found, happened


@pytest.fixture
async def told(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    """Two people, of whom each did something, to each other too, and somebody nobody knows."""
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    happened(sandbox, "user.session.start", jane, ago=500)
    happened(sandbox, "user.session.start", oscar, ago=400, ip=HOME)
    happened(sandbox, "user.account.reset_password", oscar, jane, ago=300, ip=HOME)
    happened(sandbox, "user.account.reset_password", jane, oscar, ago=200)
    happened(sandbox, "group.lifecycle.create", oscar, ago=100, ip=HOME)
    unknown = {"id": "unknown", "type": "User", "alternateId": OSCAR, "displayName": "unknown"}
    happened(sandbox, "user.session.start", unknown, result="FAILURE", reason="VERIFICATION_ERROR")


def shows(events: list[dict[str, Any]], *words: str) -> bool:
    return any(word.casefold() in json.dumps(events).casefold() for word in words)


async def test_whoever_is_not_managed_is_in_no_event(told: None, connected: None, org: Org) -> None:
    hidden = ("oscar", "lind", HOME, org.user(OSCAR)["id"])
    for entry in (JANE, "group:People Operations", "department=people op*"):
        async with Program(load(managed_users=(entry,))) as program:
            events = await found(program, limit=100, with_ids=True)
            assert [one["type"] for one in events if one.get("actor", "").startswith("Jane")] == ["user.session.start"]
            (reset,) = [one for one in events if one["type"] == "user.account.reset_password"]
            assert reset["actor"] == "somebody whom this server does not manage"
            assert reset["targets"][0].startswith("Jane Doe")
            assert "ip" not in reset
            assert not shows(events, *hidden)
            answer = await do(program, "search_system_log", limit=1)
            assert "leave out some of the log" in answer["note"] or answer["next_cursor"]


async def test_no_search_confirms_a_guess_about_who_is_not_managed(told: None, connected: None, org: Org) -> None:
    oscar = org.user(OSCAR)["id"]
    guesses: list[dict[str, Any]] = [
        {"text": "oscar.lind"},
        {"text": "Lind"},
        {"ip": HOME},
        {"filter": f'actor.id eq "{oscar}"'},
        {"filter": f'actor.alternateId eq "{OSCAR}"'},
        {"filter": f'target.id eq "{oscar}"'},
        {"filter": 'client.geographicalContext.city eq "Chicago"', "kind": "password reset"},
    ]
    async with Program(load(managed_users=(JANE,))) as program:
        for guess in guesses:
            answer = await do(program, "search_system_log", **guess)
            assert answer["events"] == [], guess
            assert "next_cursor" not in answer
        for argument in ("by_user", "about_user"):
            error = await refuse(program, "search_system_log", **{argument: OSCAR})
            nobody = await refuse(program, "search_system_log", **{argument: "no.body@example.com"})
            assert str(error).replace(OSCAR, "X") == str(nobody).replace("no.body@example.com", "X")


async def test_no_cursor_confirms_a_guess_either(
    told: None, connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    oscar = actor(org, OSCAR)
    for at in range(70):
        happened(sandbox, "user.session.start", oscar, ago=2000 + at, ip=HOME)
    guesses: list[dict[str, Any]] = [{"ip": HOME}, {"text": "lind"}, {"filter": f'actor.alternateId eq "{OSCAR}"'}]
    async with Program(load(managed_users=(JANE,))) as program:
        for guess in guesses:
            answer = await do(program, "search_system_log", **guess, limit=1)
            nothing = await do(program, "search_system_log", ip="203.0.113.254", limit=1)
            assert answer == nothing, guess


async def test_pages_of_what_may_be_seen_are_whole(
    connected: None, org: Org, sandbox: RunningSandbox, told: None
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    for at in range(30):
        happened(sandbox, "user.session.start", jane if at % 3 == 0 else oscar, ago=2000 + at)
    async with Program(load(managed_users=(JANE,))) as program:
        seen: list[str] = []
        async for page in pages(program, "search_system_log", kind="sign-in", limit=3, with_ids=True, since="2h"):
            seen += [one["uuid"] for one in page["events"]]
            happened(sandbox, "user.session.start", jane, ago=1)
        assert len(seen) == len(set(seen)) == 11


async def test_a_page_of_another_length_goes_on_where_the_last_one_ended(
    connected: None, org: Org, sandbox: RunningSandbox, told: None
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    for at in range(90):
        happened(sandbox, "user.session.start", jane if at % 3 == 0 else oscar, ago=2000 + at)
    async with Program(load(managed_users=(JANE,))) as program:
        every = await found(program, kind="sign-in", limit=200, with_ids=True, since="2h")
        wanted = {"kind": "sign-in", "with_ids": True, "since": "2h"}
        first = await do(program, "search_system_log", **wanted, limit=20)
        seen = list(first["events"])
        async for page in pages(program, "search_system_log", **wanted, limit=1, cursor=first["next_cursor"]):
            seen += page["events"]
        assert [one["uuid"] for one in seen] == [one["uuid"] for one in every]


async def test_hidden_attributes_are_neither_shown_nor_found(
    connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    jane = actor(org, JANE)
    phone = {
        "id": "sms1",
        "type": "AuthenticatorEnrollment",
        "alternateId": "unknown",
        "displayName": "+1 415 555 0100",
    }
    changed = {**jane, "changeDetails": {"to": {"title": "zqx-title"}}}
    happened(sandbox, "user.mfa.factor.activate", jane, phone, changed, reason="sent to +1 415 555 0100")
    async with Program(load()) as program:
        assert shows(await found(program, text="zqx-title"), "415 555")
    async with Program(load(hidden_attributes=("mobilePhone", "title"))) as program:
        events = await found(program, kind="MFA enrollment")
        assert len(events) == 1
        assert not shows(events, "415 555")
        assert not await found(program, text="zqx-title")
        assert len(await found(program, text="Jane Doe", kind="MFA enrollment")) == 1
        for filter in ('debugContext.debugData.url co "x"', 'target.displayName co "415"', "TARGET.detailEntry.x pr"):
            error = await refuse(program, "search_system_log", filter=filter)
            assert error.code == "hidden_attribute"
        assert len(await found(program, filter='outcome.result eq "SUCCESS" and eventType sw "user.mfa"')) == 1


async def test_a_summary_counts_nobody_who_may_not_be_seen(told: None, connected: None) -> None:
    async with Program(load(managed_users=(JANE,))) as program:
        summary = await do(program, "summarize_system_log")
    assert not shows([summary], "oscar", "lind", HOME)
    assert summary["actors"]["somebody whom this server does not manage"] == 1
