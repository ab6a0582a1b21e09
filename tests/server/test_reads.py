"""Reads say in words what was not found, what never was, who a manager is, and since when there is a record."""

from datetime import datetime
from typing import Any

import jsonschema
import pytest

from connected_org import Org
from ledger import JANE, do, refuse
from server.door.actions import ACTIONS
from server.program import Program
from server.sandbox.running import RunningSandbox
from tools.objects.statuses import HELP, MEANING
from worlds import read_names, reads, word

EMPTY: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("search_users", {"words": "quint"}, ("Nobody was found", "words “quint”", "lookup_user")),
    (
        "search_users",
        {"status": ["LOCKED_OUT", "STAGED"], "title": "King"},
        ("status “LOCKED_OUT” or “STAGED”", "King"),
    ),
    ("search_users", {"group_id": "Legal", "department": "Sales"}, ("group id", "department “Sales”")),
    ("search_users", {"attributes": {"city": "Oslo"}}, ("attributes city “Oslo”",)),
    ("search_users", {"search": 'profile.city eq "Oslo"'}, ("search", "Oslo")),
    ("search_users", {"never_signed_in": True, "department": "Legal"}, ("never signed in true",)),
    ("search_groups", {"words": "astronauts"}, ("No group was found", "words “astronauts”", "lookup_group")),
    ("search_groups", {"type": "BUILT_IN", "words": "sales"}, ("type “BUILT_IN”",)),
    ("list_changes", {"action": "suspend_user"}, ("No recorded change matches",)),
]


@pytest.mark.parametrize(("name", "arguments", "said"), EMPTY)
async def test_an_empty_answer_says_in_words_what_was_asked_for(
    program: Program, name: str, arguments: dict[str, Any], said: tuple[str, ...]
) -> None:
    answer = await do(program, name, **arguments)
    assert [] in answer.values()
    for words in said:
        assert words in answer["note"]


async def test_a_group_without_members_says_so(program: Program, org: Org) -> None:
    org.create_group("Nobody’s")
    assert "has no members" in (await do(program, "list_group_members", group_id="Nobody’s"))["note"]


async def test_who_never_signed_in_is_found_and_shown(program: Program, org: Org) -> None:
    org.create("fresh@example.com")
    found = await do(program, "search_users", never_signed_in=True, limit=200)
    assert "fresh@example.com" in {one["login"] for one in found["users"]}
    assert {one["last_login"] for one in found["users"]} == {"never"}
    for login in ("fresh@example.com", "naledi.dube@example.com"):
        assert org.user(login)["lastLogin"] is None
        assert (await do(program, "lookup_user", user_id=login))["last_login"] == "never"
    (row,) = (await do(program, "search_users", words="fresh@example.com", fields=["lastLogin"]))["users"]
    assert row["last_login"] == "never"
    in_group = await do(program, "search_users", never_signed_in=True, group_id="Support")
    assert "naledi.dube@example.com" in {one["login"] for one in in_group["users"]}
    assert all(org.user(one["login"])["lastLogin"] is None for one in in_group["users"])
    assert datetime.fromisoformat((await do(program, "lookup_user", user_id=JANE))["last_login"])


WORDS = [
    ("lin", {"Mei Lin", "Oscar Lind"}, {"Collins Berlin"}),
    ("al-s", {"Fatima Al-Sayed"}, {"Ideal-Son Karl"}),
    ("brien", {"Kevin O'Brien"}, {"Abrienne Q"}),
    ("diallo@", {"Amara Diallo"}, set()),
    ("太郎", {"山田太郎 X"}, set()),
]


@pytest.mark.parametrize(("words", "found", "not_found"), WORDS)
@pytest.mark.parametrize("place", [{}, {"group_id": "Everyone"}], ids=["org", "group"])
async def test_words_are_words_or_their_beginnings(
    program: Program, org: Org, place: dict[str, Any], words: str, found: set[str], not_found: set[str]
) -> None:
    for number, (first, last) in enumerate(name.split() for name in (*not_found, "山田太郎 X")):
        org.create(f"x{number}q@example.com", firstName=first, lastName=last)
    names = {one["name"] for one in (await do(program, "search_users", words=words, limit=200, **place))["users"]}
    assert found <= names
    assert not names & not_found


@pytest.mark.parametrize("by", ["id", "login", "name", "display name", "login as manager"])
async def test_from_a_person_to_the_managers_account(program: Program, org: Org, by: str) -> None:
    boss = org.create("boss@example.com", firstName="Una", lastName="van der Meer", displayName="Una the Boss")
    values: dict[str, Any] = {
        "id": {"managerId": boss["id"]},
        "login": {"managerId": "Boss@example.com", "manager": "Somebody Else"},
        "name": {"manager": "una van der meer"},
        "display name": {"manager": "Una the Boss", "managerId": "4711"},
        "login as manager": {"manager": "boss@example.com"},
    }[by]
    org.create("led@example.com", **values)
    account = (await do(program, "lookup_user", user_id="led@example.com"))["manager_account"]
    assert (account["id"], account["login"]) == (boss["id"], "boss@example.com")
    assert account["found_by"] == ("managerId" if by in ("id", "login") else "manager")
    for answer in (values.get("manager"), values.get("managerId")):
        if answer is not None:
            led = await do(program, "search_users", manager=answer)
            assert [one["login"] for one in led["users"]] == ["led@example.com"]


@pytest.mark.parametrize("values", [{"manager": "Alex Kim"}, {"manager": "Nobody Here"}, {"managerId": "4711"}, {}])
async def test_a_manager_who_is_nobody_or_several_has_no_account(
    program: Program, org: Org, values: dict[str, Any]
) -> None:
    org.create("led@example.com", **values)
    assert "manager_account" not in await do(program, "lookup_user", user_id="led@example.com")


async def test_a_status_is_explained_where_it_is_shown(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    org.create("somebody@example.com")
    for status in MEANING:
        sandbox.org.database.run("UPDATE users SET status = ? WHERE login = ?", status, "somebody@example.com")
        told = (await do(program, "lookup_user", user_id="somebody@example.com"))["status_means"]
        assert told == f"{MEANING[status]}. {HELP[status]}"


@pytest.mark.parametrize("name", read_names())
async def test_answers_have_the_shape_of_their_schemas_and_no_read_says_success(
    program: Program, org: Org, name: str
) -> None:
    answer, schema = await do(program, name, **reads()[name](org, word())), ACTIONS[name].output_schema
    jsonschema.validate(answer, schema)
    # What may be absent and needs no description is in the answer's model alone.
    assert set(answer) <= set(ACTIONS[name].output.model_fields)
    assert "success" not in answer


@pytest.mark.parametrize("who", ["jane.do@example.com", "jane@exmaple.com", "j.doe+x@mail.example.com"])
async def test_nobody_by_a_full_address_is_told_to_check_it_or_search(program: Program, who: str) -> None:
    for name in ("lookup_user", "suspend_user", "list_user_groups"):
        error = str(await refuse(program, name, user_id=who))
        assert "Check the spelling" in error
        assert "search_users" in error
        assert "full login" not in error
