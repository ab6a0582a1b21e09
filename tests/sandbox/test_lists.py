"""Lists: pages, filters, searches and their order, judged against a plain reading of the same people."""

import contextlib
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connected_org import Org, links
from server.sandbox.running import RunningSandbox
from server.sandbox.scim import AnyOf, Both, Comparison, Filter, FilterError, Negation, parse


def everybody(http: httpx2.Client) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = http.get("/api/v1/users", params={"search": "id pr"}).json()
    return people


def test_the_seeded_org_is_as_described(http: httpx2.Client) -> None:
    people = everybody(http)
    groups = http.get("/api/v1/groups").json()
    names = [f"{p['profile']['firstName']} {p['profile']['lastName']}" for p in people]
    statuses = {p["status"] for p in people}
    assert 55 <= len(people) <= 70
    assert sum(group["type"] == "OKTA_GROUP" for group in groups) + 1 == 15
    assert {group["type"] for group in groups} == {"OKTA_GROUP", "BUILT_IN", "APP_GROUP"}
    assert names.count("Alex Kim") == 2
    assert {"ACTIVE", "SUSPENDED", "DEPROVISIONED", "STAGED"} <= statuses
    assert any(p["profile"].get("userType") == "Contractor" for p in people)
    assert all(p["profile"].get("manager") for p in people if "specialist" in p["profile"].get("title", ""))


@pytest.mark.parametrize("limit", [1, 7, 200])
@pytest.mark.parametrize(
    "query", [{}, {"search": "profile.lastName pr", "sortBy": "profile.lastName"}, {"filter": 'status eq "ACTIVE"'}]
)
def test_pages_hold_everybody_once(http: httpx2.Client, query: dict[str, str], limit: int) -> None:
    whole = [user["id"] for user in http.get("/api/v1/users", params=query).json()]
    seen: list[str] = []
    answer = http.get("/api/v1/users", params={**query, "limit": limit})
    while True:
        assert len(answer.json()) <= limit
        seen += [user["id"] for user in answer.json()]
        if "next" not in links(answer):
            break
        answer = http.get(links(answer)["next"])
    assert seen == whole


def test_links_are_two_headers_and_echo_what_okta_knows(http: httpx2.Client) -> None:
    answer = http.get("/api/v1/users", params={"search": 'profile.lastName sw "K"', "limit": 1, "foo": "x"})
    own, following = answer.headers.get_list("link")
    assert own.endswith('/api/v1/users?limit=1&search=profile.lastName+sw+%22K%22>; rel="self"')
    assert following.endswith('rel="next"')
    assert "foo" not in own + following


@pytest.mark.parametrize("after", ["nonsense", "00u", "' OR 1=1 --"])
def test_a_cursor_that_is_none_is_refused(http: httpx2.Client, after: str) -> None:
    answer = http.get("/api/v1/users", params={"after": after})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000029")


def test_lists_leave_out_the_deactivated_and_searches_do_not(http: httpx2.Client) -> None:
    gone = "sam.taylor@example.com"
    listed = {user["profile"]["login"] for user in http.get("/api/v1/users").json()}
    asked = http.get("/api/v1/users", params={"filter": 'status eq "DEPROVISIONED"'}).json()
    assert gone not in listed
    assert gone in {user["profile"]["login"] for user in asked}
    assert gone in {user["profile"]["login"] for user in everybody(http)}


def test_q_finds_beginnings_of_names_and_mails(http: httpx2.Client) -> None:
    found = http.get("/api/v1/users", params={"q": "ALE"}).json()
    assert [user["profile"]["firstName"] for user in found] == ["Alex", "Alex"]
    assert http.get("/api/v1/users", params={"q": "kim"}).json(), "last names count"
    assert http.get("/api/v1/users", params={"q": "lex"}).json() == []


def test_order_is_as_asked_and_ids_break_ties(http: httpx2.Client) -> None:
    query = {"search": "id pr", "sortBy": "profile.department", "sortOrder": "desc"}
    keys = [
        (user["profile"].get("department", "").casefold(), user["id"])
        for user in http.get("/api/v1/users", params=query).json()
    ]
    assert keys == sorted(keys, reverse=True)


@pytest.mark.parametrize(
    "text",
    [
        "profile.firstName",
        'profile.firstName eq "A',
        'profile.firstName is "A"',
        'profile.firstName ne "A"',
        'not (profile.firstName eq "A")',
        'profile.department co "A"',
        'profile.FirstName eq "A"',
        '(profile.firstName eq "A"',
        'profile.firstName eq "A" and',
        "",
        "(" * 100 + "id pr" + ")" * 100,
        'password eq "x"',
        "id eq 00u",
    ],
)
def test_searches_that_okta_does_not_know_are_invalid(http: httpx2.Client, text: str) -> None:
    answer = http.get("/api/v1/users", params={"search": text})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000031")


def test_dates_are_compared_as_dates(http: httpx2.Client, org: Org) -> None:
    made = org.create("late@example.com")
    moment = made["created"]
    for text, found in [
        (f'created ge "{moment}"', True),
        (f'created gt "{moment}"', False),
        (f'created eq "{moment.replace(".000Z", "+00:00")}"', True),
        ('created lt "2001-01-01T00:00:00.000-07:00"', False),
    ]:
        ids = {user["id"] for user in http.get("/api/v1/users", params={"search": text}).json()}
        assert (made["id"] in ids) is found, text
    bad = http.get("/api/v1/users", params={"search": 'created gt "yesterday"'})
    assert (bad.status_code, bad.json()["errorCode"]) == (400, "E0000030")


def test_search_and_filter_together_are_refused(http: httpx2.Client) -> None:
    answer = http.get("/api/v1/users", params={"search": "id pr", "filter": 'status eq "ACTIVE"'})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000033")


# A search is also read in plain Python, and both must find the same people.
ATTRIBUTES = ["firstName", "lastName", "email", "department", "title", "userType", "countryCode", "employeeNumber"]
WORDS = [
    "Alex",
    "kim",
    "Sales",
    "SALES",
    "engineering",
    "Head of Sales",
    "Contractor",
    "US",
    "1001",
    "a",
    "%",
    "_",
    '"',
]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    attribute = draw(st.sampled_from(ATTRIBUTES))
    offered = ["eq", "sw", "gt", "ge", "lt", "le", "pr"]
    operator = draw(st.sampled_from([*offered, "co"] if attribute in ("firstName", "lastName", "email") else offered))
    return Comparison(f"profile.{attribute}", operator, None if operator == "pr" else draw(st.sampled_from(WORDS)))


def filters() -> st.SearchStrategy[Filter]:
    return st.recursive(
        comparisons(), lambda inner: st.builds(Both, inner, inner) | st.builds(AnyOf, inner, inner), max_leaves=6
    )


def written(tree: Filter) -> str:
    match tree:
        case Comparison(attribute, "pr", _):
            return f"{attribute} pr"
        case Comparison(attribute, operator, value):
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'{attribute} {operator} "{quoted}"'
        case Both(left, right):
            return f"({written(left)} AND {written(right)})"
        case AnyOf(left, right):
            return f"({written(left)} or {written(right)})"
        case Negation(inner):
            return f"not ({written(inner)})"


def fits(tree: Filter, profile: dict[str, Any]) -> bool:
    match tree:
        case Both(left, right):
            return fits(left, profile) and fits(right, profile)
        case AnyOf(left, right):
            return fits(left, profile) or fits(right, profile)
        case Negation(inner):
            return not fits(inner, profile)
        case Comparison(attribute, operator, value):
            held = profile.get(attribute.removeprefix("profile."))
            if operator == "pr" or held is None:
                return held is not None
            # Case as SQLite's index has it: ASCII letters only. The seeded names with others are not asked for.
            one, other = str(held).lower(), str(value).lower()
            return {
                "eq": one == other,
                "sw": one.startswith(other),
                "co": other in one,
                "gt": one > other,
                "ge": one >= other,
                "lt": one < other,
                "le": one <= other,
            }[operator]


@pytest.fixture(scope="module")
def standing() -> Any:
    with (
        RunningSandbox(api_token="t") as running,
        httpx2.Client(base_url=running.url, headers={"authorization": "SSWS t"}) as http,
    ):
        yield http


@settings(max_examples=150, deadline=None)
@given(tree=filters())
def test_every_search_finds_whom_a_plain_reading_finds(standing: httpx2.Client, tree: Filter) -> None:
    found = standing.get("/api/v1/users", params={"search": written(tree)})
    assert found.status_code == 200, found.text
    expected = {user["id"] for user in everybody(standing) if fits(tree, user["profile"])}
    assert {user["id"] for user in found.json()} == expected


@given(tree=filters())
def test_what_is_written_is_parsed_back(tree: Filter) -> None:
    assert parse(written(tree)) == tree


@given(text=st.text(alphabet='abc.()" \\andornotpreq0123', max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(FilterError):
        parse(text)


@pytest.mark.parametrize("word", ["a" * 500, "'; DROP TABLE users; --", "\x00", "\U0001f600"])
def test_values_are_only_ever_values(http: httpx2.Client, word: str) -> None:
    quoted = word.replace("\x00", "\\u0000")
    assert http.get("/api/v1/users", params={"search": f'profile.lastName eq "{quoted}"'}).json() == []
    assert len(everybody(http)) > 50
