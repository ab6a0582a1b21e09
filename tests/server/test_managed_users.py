"""The rule managed_users: the only people who can be looked up, listed and changed, and nothing tells of others."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, NEW
from server.door.actions import ACTIONS
from server.door.door import Answer, Call, Question, Refusal, Result
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import load
from tools.objects.users import USER
from tools.okta.errors import InvalidInput

OTHER, NOBODY = "oscar.lind@example.com", "no.body@example.com"
NAMING = [name for name, action in ACTIONS.items() if "user_id" in action.references and name != "list_changes"]
ENTRIES = [JANE, "JANE.DOE@*", "group:People Operations", "department=people op*", "profile.title=people*specialist"]

Ruled = Callable[..., Any]


@pytest.fixture
def ruled(connected: None) -> Ruled:
    @asynccontextmanager
    async def open_ruled(*entries: str, **rules: Any) -> AsyncIterator[Program]:
        async with Program(load(managed_users=entries, **rules)) as program:
            yield program

    return open_ruled


async def answer(program: Program, name: str, **arguments: Any) -> dict[str, Any]:
    outcome = await program.door.call(Call(CALLER, name, arguments))
    assert isinstance(outcome, Result), outcome
    return {**outcome.content, "notes": outcome.notes}


async def refusal(program: Program, name: str, **arguments: Any) -> PolicyRefusal:
    outcome = await program.door.call(Call(CALLER, name, arguments))
    assert isinstance(outcome, Refusal), outcome
    assert isinstance(outcome.error, PolicyRefusal), outcome.error
    return outcome.error


def arguments_of(name: str, user: str, org: Org) -> dict[str, Any]:
    more: dict[str, Any] = {
        "update_user_profile": {"title": "X"},
        "reset_factor": {"factor_id": "opfmissing0000000000"},
    }.get(name, {})
    if name == "search_applications":
        return {"user_id": user}  # or a group
    if "group_id" in ACTIONS[name].references:
        more = {"group_id": "Legal"}
    if "application_id" in ACTIONS[name].references:
        more = {"application_id": org._http.get("/api/v1/apps").json()[0]["id"]}
    return {"user_id": user, **more}


@pytest.mark.parametrize("entry", ENTRIES)
async def test_each_kind_of_entry_lets_its_people_be_looked_up_and_changed(ruled: Ruled, org: Org, entry: str) -> None:
    async with ruled(entry) as program:
        assert (await answer(program, "lookup_user", user_id=JANE))["login"] == JANE
        assert (await answer(program, "add_user_to_group", user_id=JANE, group_id="Legal"))["changed"] is True
        assert (await refusal(program, "lookup_user", user_id=OTHER)).rule == "managed_users"


async def test_an_id_lets_whom_it_names_be_looked_up(ruled: Ruled, org: Org) -> None:
    async with ruled(org.user(JANE)["id"]) as program:
        assert (await answer(program, "lookup_user", user_id=JANE))["login"] == JANE


@pytest.mark.parametrize("name", NAMING)
async def test_others_are_refused_in_the_words_of_who_does_not_exist(ruled: Ruled, org: Org, name: str) -> None:
    before = org.events()
    unknown_id = "00uzzzzzzzzzzzzzzzzz"
    label = "Oscar Lind <oscar.lind@example.com>"
    async with ruled("group:People Operations", "jane.*") as program:
        for told in (OTHER, org.user(OTHER)["id"], label, "OSCAR.LIND@example.com", NOBODY, unknown_id, "Oscar Lind"):
            error = await refusal(program, name, **arguments_of(name, told, org))
            assert error.rule == "managed_users"
            assert str(error).startswith(
                f"Not done: the rule managed_users forbids it: “{told}” is not among the people whom "
                "this server manages."
            )
            assert (error.causes, error.okta_request_id, error.code) == ((), None, "refused_by_policy")
    assert org.events() == before


async def test_whoever_is_refused_is_refused_before_other_arguments_are(ruled: Ruled) -> None:
    async with ruled("jane.*") as program:
        for told in (OTHER, NOBODY):
            error = await refusal(program, "list_changes", user_id=told, group_id="No such group")
            assert f"“{told}” is not among" in str(error)


async def test_lists_leave_others_out_and_say_the_rule(ruled: Ruled, org: Org) -> None:
    async with ruled("department=Legal", "group:Sales") as program:
        found = await answer(program, "search_users", limit=200)
        shown = {one["login"] for one in found["users"]}
        wanted = {
            one["profile"]["login"]
            for one in org._http.get("/api/v1/users", params={"limit": 200}).json()
            if one["profile"].get("department") == "Legal"
        }
        wanted |= {
            one["profile"]["login"] for one in org._http.get(f"/api/v1/groups/{org.group_id('Sales')}/users").json()
        }
        assert shown == wanted
        assert len(wanted) > 2
        members = await answer(program, "list_group_members", group_id="Everyone", limit=200)
        assert {one["login"] for one in members["users"]} <= wanted
        for one in (
            found,
            members,
            await answer(program, "search_users", words="oscar"),
            await answer(program, "search_users", words="nobody"),
            await answer(program, "list_group_members", group_id="People Operations"),
        ):
            assert one["notes"] == ("The rule managed_users limits this list to people whom this server manages.",)


async def test_a_search_tells_nothing_of_others(ruled: Ruled) -> None:
    async with ruled("jane.*") as program:
        for one, nobody in (
            ({"words": "oscar"}, {"words": "nobody"}),
            ({"search": f'profile.login eq "{OTHER}"'}, {"search": f'profile.login eq "{NOBODY}"'}),
            ({"group_id": "Legal", "never_signed_in": True}, {"group_id": "Finance", "title": "No such title"}),
            (
                {"last_sign_in_after": "2000-01-01", "words": "oscar"},
                {"last_sign_in_after": "2000-01-01", "words": "x"},
            ),
        ):
            there = await answer(program, "search_users", **one)
            absent = await answer(program, "search_users", **nobody)
            assert (there["users"], there.keys()) == (absent["users"], absent.keys())


async def test_pages_are_full_and_go_on(ruled: Ruled) -> None:
    async with ruled("department=Engineering") as program:
        everybody = await answer(program, "search_users", limit=200)
        seen: list[str] = []
        cursor = None
        while True:
            page = await answer(program, "search_users", limit=2, **({"cursor": cursor} if cursor else {}))
            seen += [one["id"] for one in page["users"]]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
            assert len(page["users"]) == 2
        assert sorted(seen) == sorted(one["id"] for one in everybody["users"])
        assert len(seen) > 2


async def test_a_manager_who_is_not_managed_is_not_told(ruled: Ruled, org: Org) -> None:
    async with ruled("*") as program:
        manager = (await answer(program, "lookup_user", user_id=JANE))["manager_account"]["login"]
    async with ruled(JANE) as program:
        assert "manager_account" not in await answer(program, "lookup_user", user_id=JANE)
    async with ruled(JANE, manager) as program:
        assert "manager_account" in await answer(program, "lookup_user", user_id=JANE)


async def test_only_people_who_will_be_managed_are_created(ruled: Ruled, org: Org) -> None:
    before = org.events()
    async with ruled("*@contractors.example.com", "group:Legal", "department=Sales", confirm=()) as program:
        error = await refusal(program, "create_user", **NEW)
        assert (error.rule, org.events()) == ("managed_users", before)
        either: tuple[dict[str, Any], ...] = ({"group_ids": ["Legal"]}, {"department": "sales"})
        for at, more in enumerate(either):
            address = {"login": f"new{at}@example.com", "email": f"new{at}@example.com"}
            assert (await answer(program, "create_user", **{**NEW, **address, **more}))["changed"] is True
        address = {"login": "x@contractors.example.com", "email": "x@contractors.example.com"}
        assert (await answer(program, "create_user", **{**NEW, **address}))["changed"] is True


async def test_a_login_of_somebody_else_is_taken_by_nobody_who_is_told(ruled: Ruled) -> None:
    async with ruled("department=Legal", confirm=()) as program:
        taken = {**NEW, "login": OTHER, "email": OTHER, "department": "Legal"}
        outcome = await program.door.call(Call(CALLER, "create_user", taken))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "login_taken"
    assert "Oscar" not in str(outcome.error)
    assert "00u" not in str(outcome.error)


async def test_a_second_email_makes_nobody_managed(ruled: Ruled, org: Org) -> None:
    org.create("mallory@example.com", secondEmail="mallory@contractors.example.com")
    async with ruled("*@contractors.example.com") as program:
        assert (await refusal(program, "lookup_user", user_id="mallory@example.com")).rule == "managed_users"


async def test_changes_of_others_are_neither_listed_nor_undone(ruled: Ruled, org: Org) -> None:
    async with ruled(confirm=()) as program:
        theirs = (await answer(program, "add_user_to_group", user_id=OTHER, group_id="Legal"))["change_id"]
        hers = (await answer(program, "add_user_to_group", user_id=JANE, group_id="Legal"))["change_id"]
    async with ruled("jane.*", confirm=()) as program:
        listed = await answer(program, "list_changes")
        assert [one["id"] for one in listed["changes"]] == [hers]
        assert (await refusal(program, "undo_change", change_id=theirs)).rule == "managed_users"
        outcome = await program.door.call(Call(CALLER, "list_changes", {"change_id": theirs}))
        assert isinstance(outcome, Refusal)
        assert "Oscar" not in str(outcome.error)
        assert (await answer(program, "undo_change", change_id=hers))["changed"] is True
    assert "Legal" in org.groups_of(OTHER)


async def test_a_membership_is_known_for_a_minute_and_read_again_for_a_yes(ruled: Ruled, org: Org) -> None:
    async with ruled("group:People Operations", confirm=("write",)) as program:
        question = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}))
        assert isinstance(question, Question)
        group = org.group_id("People Operations")
        org._http.delete(f"/api/v1/groups/{group}/users/{org.user(JANE)['id']}")
        assert (await answer(program, "lookup_user", user_id=JANE))["login"] == JANE
        outcome = await program.door.call(
            Call(CALLER, "suspend_user", {"user_id": JANE}, Answer(question.ticket, "accepted"))
        )
        assert isinstance(outcome, Refusal)
        assert isinstance(outcome.error, PolicyRefusal)
    assert org.user(JANE)["status"] == "ACTIVE"


async def test_a_group_that_is_none_has_nobody(ruled: Ruled) -> None:
    async with ruled("group:No such group") as program:
        assert (await refusal(program, "lookup_user", user_id=JANE)).rule == "managed_users"
        assert (await answer(program, "search_users"))["users"] == []


@pytest.mark.parametrize("entry", ["group:", "group: ", "=Sales", "department=", "no name=x"])
def test_an_entry_that_stands_for_nobody_fails_the_start(entry: str) -> None:
    with pytest.raises(InvalidInput, match="managed-users is not usable"):
        load(managed_users=(entry,))


def test_every_reference_to_people_is_of_the_kind_that_the_rule_is_applied_to() -> None:
    assert USER.protection.managed == "managed_users"
    assert USER.protection.found is True
    assert len(NAMING) > 8


async def test_a_login_is_not_told_to_be_taken_to_who_may_not_create_it(ruled: Ruled) -> None:
    async with ruled("department=Legal", confirm=()) as program:
        for login in (OTHER, NOBODY):
            for more in ({}, {"dry_run": True}):
                error = await refusal(program, "create_user", **{**NEW, "login": login, "email": login}, **more)
                assert "would not be among the people" in str(error)


async def test_whoever_was_created_without_an_id_on_record_is_not_listed(ruled: Ruled, org: Org) -> None:
    """A creation that was done in part names a person, of whom nobody knows whether they may be seen."""
    async with ruled(confirm=()) as program:
        org.trouble(*({"kind": "drop_before", "method": "POST", "path": "/api/v1/users/00u"} for _ in range(3)))
        assert isinstance(await program.door.call(Call(CALLER, "create_user", {**NEW, "send_email": False})), Refusal)
        assert [one["outcome"] for one in (await answer(program, "list_changes"))["changes"]] == ["partly"]
    async with ruled("jane.*") as program:
        assert (await answer(program, "list_changes"))["changes"] == []
        for by_id in ("1", "9"):
            outcome = await program.door.call(Call(CALLER, "list_changes", {"change_id": by_id}))
            assert isinstance(outcome, Refusal)
            assert str(outcome.error).startswith(f"No change has the id “{by_id}”.")


async def test_whoever_was_created_here_is_listed_where_they_are_managed(ruled: Ruled) -> None:
    async with ruled("*@example.com", confirm=()) as program:
        await answer(program, "create_user", **NEW)
        assert [one["action"] for one in (await answer(program, "list_changes"))["changes"]] == ["create_user"]


async def test_an_empty_list_of_changes_is_the_same_whether_others_were_changed_or_not(ruled: Ruled) -> None:
    async with ruled(confirm=()) as program:
        await answer(program, "add_user_to_group", user_id=OTHER, group_id="Legal")
    async with ruled("jane.*") as program:
        theirs = await answer(program, "list_changes", group_id="Legal")
        nobodys = await answer(program, "list_changes", group_id="Finance")
    assert theirs == nobodys
    assert theirs["changes"] == []


async def test_a_cursor_counts_only_people_who_are_managed(ruled: Ruled, org: Org) -> None:
    """Neither the one of a page, nor one that somebody makes up, tells whether others fit a search."""
    for at in range(10):
        org.create(f"theirs{at}@example.com")
    for at in range(5):
        org.create(f"ours{at}@example.com")
    told = []
    async with ruled("ours*") as program:
        for guess in ("theirs", "nobodys"):
            wanted = {"search": f'profile.login sw "{guess}" or profile.login sw "ours"'}
            page = await answer(program, "search_users", limit=4, **wanted)
            digest, after, skip = json.loads(urlsafe_b64decode(page["next_cursor"] + "=="))
            pages = [page["users"]]
            for behind in range(7):
                text = json.dumps([digest, after, behind]).encode()
                made_up = urlsafe_b64encode(text).decode().rstrip("=")
                pages.append((await answer(program, "search_users", limit=9, cursor=made_up, **wanted))["users"])
            told.append((after, skip, pages))
    assert told[0] == told[1]
    assert [len(one) for one in told[0][2]] == [4, 5, 4, 3, 2, 1, 0, 0]
