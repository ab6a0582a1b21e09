"""Within one pass of a call nothing is asked of Okta twice, and a question's answer rests on what is asked after it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from browser import Browser
from connected_org import API_TOKEN, Org
from ledger import CALLER, JANE, do
from server.door.door import Call, Question, Result
from server.program import Program
from server.settings import load
from surface import app_of
from watched import WatchedSandbox
from worlds import ROOM, read_names, reads, ready, word, write_names


@pytest.fixture
def sandbox(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        yield running


@pytest.fixture
def org(sandbox: WatchedSandbox) -> Iterator[Org]:
    with httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield Org(client)


async def connect(program: Program, sandbox: WatchedSandbox) -> None:
    await program.connections.connect(app_of(sandbox), Browser.signed_in(sandbox).present)


def asked(sandbox: WatchedSandbox, since: int) -> list[tuple[str, str]]:
    """The requests to the API from then on, up to the first that may change something."""
    found = [one for one in sandbox.requests[since:] if one[1].startswith("/api/v1/")]
    writes = [at for at, (method, _) in enumerate(found) if method != "GET"]
    return found[: writes[0]] if writes else found


async def once(program: Program, sandbox: WatchedSandbox, call: Call) -> Any:
    """What comes of a call, in which nothing may be asked twice."""
    since = len(sandbox.requests)
    outcome = await program.door.call(call)
    assert [one for one, times in Counter(asked(sandbox, since)).items() if times > 1] == []
    return outcome


@pytest.mark.parametrize("name", write_names())
async def test_a_write_asks_nothing_twice_before_it_writes(name: str, sandbox: WatchedSandbox, org: Org) -> None:
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        for _ in range(2):  # cold, and with what the first one taught
            write = await ready(name, org)
            call = Call(CALLER, name, write.arguments)
            outcome = await once(program, sandbox, call)
            if isinstance(outcome, Question):
                answered = replace(call, answer=outcome.accepted())
                outcome = await once(program, sandbox, answered)
            assert isinstance(outcome, Result)
            assert write.is_done


@pytest.mark.parametrize("name", read_names())
async def test_a_read_asks_nothing_twice(name: str, sandbox: WatchedSandbox, org: Org) -> None:
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        arguments = reads()[name](org, word())
        for _ in range(2):
            since = len(sandbox.requests)
            await do(program, name, **arguments)
            assert [one for one, times in Counter(asked(sandbox, since)).items() if times > 1] == []


async def test_what_a_yes_rests_on_is_asked_after_it_came(sandbox: WatchedSandbox, org: Org) -> None:
    """Everything that the question's pass asked is asked again, and what only seemed known too.

    It need not be what was only expected to matter, such as group rules where somebody is deactivated.
    """
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        since = len(sandbox.requests)
        question = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}))
        assert isinstance(question, Question)
        first = set(asked(sandbox, since)) - {("GET", "/api/v1/groups/rules?limit=200")}
        since = len(sandbox.requests)
        answer = question.accepted()
        assert isinstance(await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, answer)), Result)
        assert first <= set(asked(sandbox, since))


async def test_a_name_that_means_somebody_else_now_is_resolved_anew(sandbox: WatchedSandbox, org: Org) -> None:
    """What a name meant lately is only guessed, whatever was asked because of it."""
    first, second = org.create("first@example.com"), org.create("second@example.com")
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
        await do(program, "list_user_groups", user_id="first@example.com")
        for person, login in ((first, "elsewhere@example.com"), (second, "first@example.com")):
            profile = {"login": login, "email": login}
            org.http.post(f"/api/v1/users/{person['id']}", json={"profile": profile}).raise_for_status()
        group = org.create_group("Moved")
        done = await do(program, "add_user_to_group", user_id="first@example.com", group_id=group)
    assert done["user_id"] == second["id"] != first["id"]
    assert "Moved" in org.groups_of("first@example.com")
    assert "Moved" not in org.groups_of("elsewhere@example.com")


async def test_a_guess_tells_nothing_of_somebody_who_may_not_be_named(sandbox: WatchedSandbox, org: Org) -> None:
    """Whether or not it was met before, it is refused in the same words."""
    async with Program(load(**ROOM)) as program:
        await connect(program, sandbox)
    async with Program(load(**ROOM, managed_users=("other@example.com",))) as program:
        told = []
        for text in (JANE, org.user(JANE)["id"], JANE, "nobody@example.com"):
            outcome = await program.door.call(Call(CALLER, "suspend_user", {"user_id": text}))
            told.append(str(getattr(outcome, "error", outcome)).replace(text, "X"))
    assert len(set(told)) == 1
    assert org.user(JANE)["status"] == "ACTIVE"
