"""A search finds exactly the people whom a plain reading of everybody finds, whoever does the filtering."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connected_org import Org
from ledger import pages, refuse, run
from server.program import Program
from server.sandbox.running import RunningSandbox

User = dict[str, Any]

NOW = datetime.now(UTC)
NAMES = ("firstName", "lastName", "login", "email")
EXPRESSIONS: dict[str, Callable[[User], bool]] = {
    'profile.city eq "berlin"': lambda user: user["profile"].get("city") == "Berlin",
    'profile.title sw "head" or profile.userType eq "CONTRACTOR"': lambda user: (
        user["profile"].get("title", "").startswith("Head") or user["profile"].get("userType") == "Contractor"
    ),
    '(status eq "active" AND profile.manager pr) or profile.lastName gt "t"': lambda user: (
        (user["status"] == "ACTIVE" and "manager" in user["profile"]) or user["profile"]["lastName"].lower() > "t"
    ),
    f'created lt "{(NOW - timedelta(days=350)).isoformat()}"': lambda user: (
        moment(user["created"]) < NOW - timedelta(days=350)
    ),
}


def moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def everybody(http: httpx2.Client) -> list[User]:
    people: list[User] = http.get("/api/v1/users", params={"search": "id pr"}).json()
    return people


def members(http: httpx2.Client, group: str) -> set[str]:
    (found,) = [one for one in http.get("/api/v1/groups").json() if one["profile"]["name"] == group]
    return {user["id"] for user in http.get(f"/api/v1/groups/{found['id']}/users").json()}


def begins(word: str, text: str) -> bool:
    """Whether a text has the word at a beginning: of the whole, or behind what is neither letter nor digit."""
    return any(f"{mark}{word}" in f" {text}" for mark in (" ", "-", ".", "'", "@", "+", "_"))


def reads(user: User, asked: dict[str, Any], in_group: set[str]) -> bool:
    """What each argument means, said once more and plainly."""
    profile = user["profile"]

    def at_least(date: str, argument: str) -> bool:
        return argument not in asked or (user[date] is not None and moment(user[date]) >= moment(asked[argument]))

    def earlier(date: str, argument: str, never: bool = False) -> bool:
        if argument not in asked:
            return True
        return never if user[date] is None else moment(user[date]) < moment(asked[argument])

    def same(argument: str, *attributes: str) -> bool:
        return argument not in asked or asked[argument].lower() in [str(profile.get(a)).lower() for a in attributes]

    return (
        all(any(begins(word.lower(), profile[a].lower()) for a in NAMES) for word in asked.get("words", "").split())
        and user["status"] in asked.get("status", [user["status"]])
        and same("department", "department")
        and same("title", "title")
        and same("manager", "manager", "managerId")
        and ("group_id" not in asked or user["id"] in in_group)
        and at_least("created", "created_after")
        and earlier("created", "created_before")
        and at_least("statusChanged", "status_changed_after")
        and earlier("statusChanged", "status_changed_before")
        and at_least("lastUpdated", "updated_after")
        and earlier("lastUpdated", "updated_before")
        and at_least("lastLogin", "last_sign_in_after")
        and earlier("lastLogin", "last_sign_in_before", never=True)
        and all(profile.get(name) == value for name, value in asked.get("attributes", {}).items())
        and ("search" not in asked or EXPRESSIONS[asked["search"]](user))
    )


def dates(days: int) -> st.SearchStrategy[str]:
    ago = st.integers(0, days).map(lambda n: NOW - timedelta(days=n))
    return ago.map(lambda d: d.date().isoformat()) | ago.map(lambda d: d.isoformat(timespec="seconds"))


WORDS = ["KIM", "al", "alex", "o'b", "chloé", "example.com", "a.", "zz"]
FILTERS: dict[str, st.SearchStrategy[Any]] = {
    "words": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    "status": st.lists(st.sampled_from(["ACTIVE", "SUSPENDED", "DEPROVISIONED", "STAGED", "LOCKED_OUT"]), min_size=1),
    "department": st.sampled_from(["sales", "Engineering", "IT", "Sal"]),
    "title": st.sampled_from(["Sales specialist", "head of it", "Contractor"]),
    "manager": st.sampled_from(["Priya Raman", "marcus reid", "lead-7"]),
    "group_id": st.sampled_from(["Everyone", "Sales", "VPN Users", "Managers", "Contractors"]),
    "attributes": st.fixed_dictionaries(
        {}, optional={"countryCode": st.sampled_from(["DE", "JP"]), "userType": st.just("Employee")}
    ),
    "search": st.sampled_from(sorted(EXPRESSIONS)),
    **{
        f"{name}_{side}": dates(days)
        for name, days in (("created", 400), ("status_changed", 400), ("updated", 400), ("last_sign_in", 120))
        for side in ("after", "before")
    },
}


def some(filters: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One to four of the filters."""
    return st.lists(st.sampled_from(sorted(filters)), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: filters[name] for name in names})
    )


@pytest.fixture
def led(org: Org) -> None:
    """One more person, whose manager has an id and no name."""
    org.create("led@example.com", managerId="lead-7", department="IT", userType="Employee")


async def all_ids(program: Program, **arguments: Any) -> list[str]:
    return [user["id"] async for page in pages(program, "search_users", **arguments) for user in page["users"]]


ONE_EACH: dict[str, Any] = {
    "words": "alex kim",
    "status": ["ACTIVE"],
    "department": "sales",
    "title": "head of it",
    "manager": "lead-7",
    "group_id": "Sales",
    "attributes": {"countryCode": "DE"},
    "search": 'profile.city eq "berlin"',
}


async def test_each_filter_alone_finds_somebody_and_leaves_somebody_out(
    program: Program, led: None, http: httpx2.Client
) -> None:
    people, in_sales = everybody(http), members(http, "Sales")
    for name in FILTERS:
        halfway = (NOW - timedelta(days=60 if "sign_in" in name else 200)).isoformat()
        asked = {name: ONE_EACH.get(name, halfway)}
        found = await all_ids(program, limit=200, **asked)
        expected = {user["id"] for user in people if reads(user, asked, in_sales)}
        assert len(found) == len(set(found)), name
        assert set(found) == expected, name
        assert 0 < len(expected) < len(people), name


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=some(FILTERS), limit=st.sampled_from([4, 30, 200]))
async def test_any_combination_finds_whom_a_plain_reading_finds(
    program: Program, led: None, http: httpx2.Client, asked: dict[str, Any], limit: int
) -> None:
    in_group = members(http, asked["group_id"]) if "group_id" in asked else set()
    found = await all_ids(program, limit=limit, **asked)
    assert len(found) == len(set(found))
    assert set(found) == {user["id"] for user in everybody(http) if reads(user, asked, in_group)}


async def test_nothing_asked_finds_everybody_the_deactivated_too(program: Program, http: httpx2.Client) -> None:
    people = everybody(http)
    found = await all_ids(program, limit=7)
    assert sorted(found) == sorted(user["id"] for user in people)
    assert any(user["status"] == "DEPROVISIONED" for user in people)


async def test_a_page_that_okta_can_search_costs_one_request(program: Program) -> None:
    okta = await program.connections.client(await program.connections.connected())
    first = await run(program, "search_users", department="Sales", limit=3)
    (left, _) = okta.headroom()["users"]
    second = await run(program, "search_users", department="Sales", limit=3, cursor=first["next_cursor"])
    assert len(second["users"]) == 3
    assert okta.headroom()["users"][0] == left - 1
    assert "scanned" not in second


async def test_what_we_filter_says_how_many_were_looked_at(program: Program, http: httpx2.Client) -> None:
    ago = (NOW - timedelta(days=30)).isoformat()
    seen = [page async for page in pages(program, "search_users", last_sign_in_before=ago, limit=9)]
    assert sum(page["scanned"] for page in seen) == len(everybody(http))
    assert [len(page["users"]) for page in seen[:-1]] == [9] * (len(seen) - 1)


async def test_whoever_never_signed_in_has_not_since_any_moment(program: Program, org: Org) -> None:
    made = org.create("never@example.com")
    assert made["id"] in await all_ids(program, last_sign_in_before="2001-01-01")
    assert made["id"] not in await all_ids(program, last_sign_in_after="2001-01-01")


async def test_after_takes_its_own_moment_in_and_before_does_not(program: Program, org: Org) -> None:
    made = org.create("moment@example.com")
    moment = made["created"]
    assert await all_ids(program, words="moment@", created_after=moment) == [made["id"]]
    assert await all_ids(program, words="moment@", created_before=moment) == []


async def test_a_date_is_its_midnight_and_a_time_without_zone_is_utc(program: Program, sandbox: RunningSandbox) -> None:
    id = (await all_ids(program, words="jane.doe"))[0]
    sandbox.org.database.run("UPDATE users SET created = '2026-01-31T00:00:00.000Z' WHERE id = ?", id)
    for after in ("2026-01-31", "2026-01-31T00:00:00", "2026-01-31T01:00:00+01:00"):
        assert await all_ids(program, words="jane.doe", created_after=after) == [id], after
        assert await all_ids(program, words="jane.doe", created_before=after) == [], after
    assert await all_ids(program, words="jane.doe", created_before="2026-01-31T00:00:00-01:00") == [id]


async def test_what_is_no_date_is_refused_with_one(program: Program) -> None:
    for text in ("yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00", 7, ["2026-01-01"]):
        error = await refuse(program, "search_users", created_after=text)
        assert "created_after must be a date or date-time, such as 2026-01-31" in str(error), text


async def test_attributes_that_an_org_added_are_asked_for_with_their_types(
    program: Program, org: Org, http: httpx2.Client
) -> None:
    types = {"badge": {"type": "integer"}, "onCall": {"type": "boolean"}, "teams": {"type": "array"}}
    added = http.post("/api/v1/meta/schemas/user/default", json={"definitions": {"custom": {"properties": types}}})
    assert added.status_code == 200, added.text
    one = org.create("one@example.com", badge=7, onCall=True, teams=["Blue", "Red"])["id"]
    two = org.create("two@example.com", badge=8, onCall=False, teams=["Blue"])["id"]
    for attributes, wanted in (
        ({"badge": 7}, [one]),
        ({"onCall": False}, [two]),
        ({"teams": "blue"}, [one, two]),
        ({"teams": ["Blue", "Red"]}, [one]),
        ({"badge": 7, "onCall": False}, []),
    ):
        for place in ({}, {"group_id": "Everyone"}):
            assert sorted(await all_ids(program, attributes=attributes, **place)) == sorted(wanted), attributes
    (row,) = (await run(program, "search_users", attributes={"badge": 7}, fields=["profile.badge", "profile.teams"]))[
        "users"
    ]
    assert row == {"id": one, "attributes": {"badge": 7, "teams": ["Blue", "Red"]}}


async def test_rows_are_compact_unless_more_is_asked_for(program: Program, org: Org) -> None:
    jane = org.user("jane.doe@example.com")
    (row,) = (await run(program, "search_users", words="jane doe"))["users"]
    assert row == {
        "id": jane["id"],
        "status": "ACTIVE",
        "login": "jane.doe@example.com",
        "name": "Jane Doe",
        "department": "People Operations",
        "title": "People Operations specialist",
    }
    (row,) = (await run(program, "search_users", words="jane doe", fields=["employeeNumber", "city"]))["users"]
    assert row == {
        "id": jane["id"],
        "employee_number": jane["profile"]["employeeNumber"],
        "attributes": {"city": jane["profile"]["city"]},
    }
    (row,) = (await run(program, "search_users", words="jane doe", last_sign_in_after="2001-01-01"))["users"]
    assert moment(row["last_login"]) == moment(jane["lastLogin"])


async def test_a_field_that_nobody_has_is_refused_by_its_name(program: Program) -> None:
    for field, said in (
        ("departement", "“departement”; did you mean department?"),
        ("lastLogon", "did you mean lastLogin?"),
        ("shoe size", "for an attribute that your org added, use profile.shoe size"),
        ("credentials", "“credentials”"),
    ):
        assert said in str(await refuse(program, "search_users", fields=["id", field]))
        assert said in str(await refuse(program, "list_group_members", group_id="Everyone", fields=[field]))


NO_SEARCHES: list[tuple[dict[str, Any], str]] = [
    ({"search": 'profile.firstName is "A"'}, "E0000031"),
    ({"search": 'profile.noSuch eq "A"'}, "E0000031"),
    ({"search": 'created gt "yesterday"'}, "E0000030"),
    ({"search": 'profile.firstName eq "A") or (id pr'}, "do not match"),
    ({"search": 'profile.firstName eq "A'}, "do not match"),
    ({"search": 'profile.city eq ""'}, "profile.NAME pr"),
    ({"search": 'profile.city eq "Berlin" or (profile.title co " ")'}, "profile.NAME pr"),
    ({"search": 'profile.city sw "" and status eq "ACTIVE"'}, "profile.NAME pr"),
    ({"attributes": {"noSuch": "A"}}, "E0000031"),
    ({"attributes": {'city eq "x" or profile.city': "A"}}, "not the name of an attribute"),
    ({"attributes": {"city": ""}}, "city is empty"),
    ({"attributes": {"city": "a\nb"}}, "control characters"),
    ({"words": " ".join("abcdefghijk")}, "more than 10 words"),
    ({"words": "a\u202eb"}, "control characters"),
    ({"words": "a\u200bb"}, "invisible character (U+200B)"),
    ({"status": ["GONE"]}, "status"),
    ({"limit": 201}, "limit"),
    ({"limit": 0}, "limit"),
    ({"departement": "x"}, "did you mean department?"),
    ({"group_id": "No such group"}, "No group"),
]


@pytest.mark.parametrize("more", [{}, {"group_id": "Sales"}, {"last_sign_in_before": "2026-01-01"}], ids=repr)
async def test_what_makes_no_search_is_refused_in_two_lines(program: Program, more: dict[str, Any]) -> None:
    for arguments, said in NO_SEARCHES:
        error = await refuse(program, "search_users", **{**more, **arguments})
        assert said in str(error), arguments
        assert len(str(error).splitlines()) <= 2


async def test_values_are_only_ever_values(program: Program, org: Org) -> None:
    for number, odd in enumerate(('"', "\\", '\\"', '" or id pr or profile.city eq "', "%", "_", "*", "(", "😀", "'")):
        login = f"odd.{number}@example.com"
        made = org.create(login, department=f"Odd {odd} {number}", firstName=f"x{odd}y")
        for place in ({}, {"group_id": "Everyone"}):
            assert await all_ids(program, department=f"Odd {odd} {number}", **place) == [made["id"]]
            assert await all_ids(program, words=f"{login} x{odd.split()[0]}", **place) == [made["id"]]
            assert await all_ids(program, manager=odd, **place) == []
