"""Reads sent before they are needed: they decide nothing, cost nobody anything, and go to no other org."""

import re
import time
import tracemalloc
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from browser import Browser
from connected_org import API_TOKEN, Org
from ledger import CALLER, JANE, NEW, ask, refuse
from server.door.door import Answer, Call, Result
from server.door.knowledge import Knowledge
from server.program import Program
from server.settings import load
from surface import app_of
from tools.objects.group_rules import active_rules
from tools.okta.reads import one_pass
from watched import WatchedSandbox
from worlds import ROOM

RULE = {
    "type": "group_rule",
    "name": "New",
    "conditions": {"expression": {"value": 'user.department=="X"', "type": "urn:okta:expression:1.0"}},
}


@pytest.fixture
def sandbox(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        yield running


@pytest.fixture
def other(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        yield running


@pytest.fixture
def org(sandbox: WatchedSandbox) -> Iterator[Org]:
    with httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield Org(client)


async def connect(program: Program, sandbox: WatchedSandbox, name: str | None = None) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present, name=name)


def domains(sandbox: WatchedSandbox, since: int = 0) -> set[str]:
    """The mail domains that were asked about."""
    searched = [text for _, url in sandbox.requests[since:] for text in parse_qs(urlsplit(url).query).get("search", ())]
    return {domain for text in searched for domain in re.findall(r'co "@([^"]+)"', text)}


def newcomer(domain: str) -> dict[str, str]:
    return {**NEW, "login": f"new@{domain}", "email": f"new@{domain}"}


async def test_what_was_asked_early_and_not_needed_is_not_asked_again(sandbox: WatchedSandbox) -> None:
    """Else every domain that anybody was ever invited at would be asked about by every invitation."""
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        for domain in ("one.example", "two.example", "three.example", "four.example"):
            question = await ask(program, "create_user", **newcomer(domain))
            since = len(sandbox.requests)
            answer = Answer(question.ticket, "accepted")
            assert isinstance(await program.door.call(Call(CALLER, "create_user", newcomer(domain), answer)), Result)
            assert domains(sandbox, since) == {domain}


async def test_no_other_org_is_asked_about_what_an_org_was(sandbox: WatchedSandbox, other: WatchedSandbox) -> None:
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        await connect(program, other, name="other")
        await ask(program, "create_user", **newcomer("customer-of-one.example"))
        await program.door.call(Call(CALLER, "create_user", newcomer("example.com"), connection="other"))
    assert domains(sandbox) == {"customer-of-one.example"}
    assert domains(other) == {"example.com"}


async def test_the_yes_to_a_question_about_a_group_by_name_lists_changed_groups_once(
    sandbox: WatchedSandbox, org: Org
) -> None:
    group = org.team("Named", JANE)
    org.http.post(f"/api/v1/groups/{org.group_id(group)}/roles", json={"type": "HELP_DESK_ADMIN"})
    arguments = {"user_id": JANE, "group_id": group}
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        question = await ask(program, "remove_user_from_group", **arguments)
        since = len(sandbox.requests)
        answer = Answer(question.ticket, "accepted")
        assert isinstance(await program.door.call(Call(CALLER, "remove_user_from_group", arguments, answer)), Result)
    again = [url for _, url in sandbox.requests[since:] if "lastUpdated" in url]
    assert len(again) in (1, 2)  # a minute may have begun in between
    assert all("%3A00.000Z" in url for url in again)
    assert group not in org.groups_of(JANE)


async def test_what_another_call_read_before_a_yes_came_is_no_news(sandbox: WatchedSandbox, org: Org) -> None:
    """Also where that call only later made use of what it had read."""
    group = org.group_id("Legal")
    knowledge = Knowledge()
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        connection = await program.connections.connected()
        okta = await program.connections.client(connection)
        with one_pass():
            before = await active_rules(okta)
            rule = {**RULE, "actions": {"assignUserToGroups": {"groupIds": [group]}}}
            made = org.http.post("/api/v1/groups/rules", json=rule)
            assert made.status_code == 200, made.text
            org.http.post(f"/api/v1/groups/rules/{made.json()['id']}/lifecycle/activate").raise_for_status()
            yes = time.monotonic()
            assert await knowledge.rules(okta, connection, since=0.0) == before
        with one_pass():
            now = await knowledge.rules(okta, connection, since=yes)
    assert before is not None
    assert now is not None
    assert {rule.name for rule in now} - {rule.name for rule in before} == {"New"}


async def test_a_long_list_is_not_kept_while_it_is_read(sandbox: WatchedSandbox) -> None:
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        okta = await program.connections.client(await program.connections.connected())
        with one_pass():
            _, after = await okta.page("users", limit=1)
            for _ in range(2):
                since = len(sandbox.requests)
                await okta.page("users", limit=1, after=after)
                assert len(sandbox.requests) == since + 1


async def test_calls_with_long_arguments_leave_little_behind(sandbox: WatchedSandbox) -> None:
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)

        async def call(number: int) -> None:
            attributes = {f"a{number}": "x" * 50_000}
            await refuse(program, "update_user_profile", user_id=f"nobody{number}@example.com", attributes=attributes)

        await call(0)
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for number in range(1, 41):
                await call(number)
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # The arguments are two million; another test's telemetry may keep spans of these calls, too.
    assert after - before < 1_500_000
