"""The lag of searches, which a test may ask for; the org's clock stands still but for what the test moves it."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from connected_org import Org
from server.sandbox.running import RunningSandbox

LAG = 5.0


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(sandbox: RunningSandbox) -> Clock:
    made = Clock(sandbox.org.clock())
    sandbox.org.clock = made
    sandbox.org.index.lag(search=LAG, members=LAG)
    return made


def people(http: httpx2.Client, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/api/v1/users", params=query).json()
    return found


def group_names(http: httpx2.Client, **query: str) -> set[str]:
    return {group["profile"]["name"] for group in http.get("/api/v1/groups", params=query).json()}


def test_a_search_has_a_new_person_late_and_a_read_at_once(http: httpx2.Client, org: Org, clock: Clock) -> None:
    """Okta's OpenAPI description, listUsers: search results come from an eventually consistent datasource."""
    made = org.create("new@example.com", firstName="Newton")
    search, filtered = 'profile.login eq "new@example.com"', 'profile.email eq "new@example.com"'
    for moment in (0, LAG - 0.1):
        clock.now += moment
        assert people(http, search=search) == people(http, q="Newton") == []
        assert org.user("new@example.com")["id"] == org.user(made["id"])["id"] == made["id"]
        assert [user["id"] for user in people(http, filter=filtered)] == [made["id"]]
        assert made["id"] in [user["id"] for user in people(http)]
    clock.now += 0.1
    assert [user["id"] for user in people(http, search=search)] == [made["id"]]
    assert [user["id"] for user in people(http, q="Newton")] == [made["id"]]


def test_a_search_shows_each_change_once_its_own_time_has_come(http: httpx2.Client, org: Org, clock: Clock) -> None:
    id = org.user("jane.doe@example.com")["id"]

    def title() -> str:
        (found,) = people(http, search=f'id eq "{id}"')
        return str(found["profile"]["title"])

    first = title()
    for seconds, wanted in ((1, "One"), (2, "Two"), (1, "Three")):
        clock.now += seconds
        http.post(f"/api/v1/users/{id}", json={"profile": {"title": wanted}})
    seen = [title()]
    for _ in range(6):
        clock.now += 1
        seen.append(title())
    assert seen == [first, first, "One", "One", "Two", "Three", "Three"]
    assert people(http, search='profile.title eq "Three"')[0]["id"] == id


def test_a_search_still_has_whoever_was_deleted_a_moment_ago(http: httpx2.Client, org: Org, clock: Clock) -> None:
    id, search = org.create("gone@example.com")["id"], 'profile.login eq "gone@example.com"'
    clock.now += LAG
    for _ in range(2):
        http.delete(f"/api/v1/users/{id}")
    assert [user["status"] for user in people(http, search=search)] == ["PROVISIONED"]
    assert http.get(f"/api/v1/users/{id}").status_code == 404
    clock.now += LAG
    assert people(http, search=search) == []


def test_a_login_that_changed_hands_is_found_where_it_was(http: httpx2.Client, org: Org, clock: Clock) -> None:
    old = org.create("shared@example.com")["id"]
    clock.now += LAG
    http.post(f"/api/v1/users/{old}", json={"profile": {"login": "other@example.com"}})
    new = org.create("shared@example.com")["id"]
    search = 'profile.login eq "shared@example.com"'
    assert [user["id"] for user in people(http, search=search)] == [old]
    assert org.user("shared@example.com")["id"] == new
    clock.now += LAG
    assert [user["id"] for user in people(http, search=search)] == [new]


def test_a_search_changes_nothing(http: httpx2.Client, org: Org, clock: Clock) -> None:
    def everything() -> tuple[Any, ...]:
        members = http.get(f"/api/v1/groups/{org.group_id('New')}/users").json()
        return org.user("new@example.com"), org.groups_of("new@example.com"), members, org.events()

    group = org.create_group("New")
    http.put(f"/api/v1/groups/{group}/users/{org.create('new@example.com')['id']}")
    before = everything()
    for _ in range(2):
        people(http, search="id pr")
        group_names(http, search='type eq "OKTA_GROUP"', expand="stats")
    assert everything() == before


def test_groups_lag_in_searches_too(http: httpx2.Client, org: Org, clock: Clock) -> None:
    """Okta's OpenAPI description, listGroups: search results come from an eventually consistent datasource."""
    id = org.create_group("Fresh")
    asked: list[Callable[[], set[str]]] = [
        lambda: group_names(http, search='profile.name eq "Fresh"'),
        lambda: group_names(http, q="Fresh"),
    ]
    assert [ask() for ask in asked] == [set(), set()]
    assert group_names(http, filter=f'id eq "{id}"') == {"Fresh"}
    clock.now += LAG
    assert [ask() for ask in asked] == [{"Fresh"}, {"Fresh"}]
    http.put(f"/api/v1/groups/{id}", json={"profile": {"name": "Renamed"}})
    assert [ask() for ask in asked] == [{"Fresh"}, {"Fresh"}]
    http.delete(f"/api/v1/groups/{id}")
    assert [ask() for ask in asked] == [{"Fresh"}, {"Fresh"}]
    clock.now += LAG
    assert [ask() for ask in asked] == [set(), set()]


def test_lists_of_members_lag_and_lists_of_a_persons_groups_do_not(http: httpx2.Client, org: Org, clock: Clock) -> None:
    """Recorded: okta-sdk-python, 5 of 55 lists of members do not have the change of a moment before."""
    members = f"/api/v1/groups/{org.create_group('Fresh')}/users"
    id = org.create("new@example.com")["id"]
    http.put(f"{members}/{id}")
    assert http.get(members).json() == []
    assert "Fresh" in org.groups_of(id)
    clock.now += LAG
    assert [user["id"] for user in http.get(members).json()] == [id]
    http.delete(f"{members}/{id}")
    for _ in range(2):
        http.delete(f"/api/v1/users/{id}")
    assert http.get(members).json() == [], "who is nobody any more is nobody's member"
    clock.now += LAG
    assert http.get(members).json() == []


def test_the_lag_is_set_over_the_wire_and_taken_back(http: httpx2.Client, org: Org) -> None:
    search = 'profile.login eq "new@example.com"'
    org.trouble(index_lag=3600)
    id = org.create("new@example.com")["id"]
    assert people(http, search=search) == []
    org.trouble(index_lag=0)
    assert [user["id"] for user in people(http, search=search)] == [id]
    assert http.post("/sandbox/faults", json={"index_lag": "soon"}).status_code == 400


def test_an_org_is_started_with_a_lag() -> None:
    with (
        RunningSandbox(api_token="t", index_lag=3600, members_lag=3600) as running,
        httpx2.Client(base_url=running.url, headers={"authorization": "SSWS t"}) as http,
    ):
        assert len(people(http, search="id pr")) > 50, "what was there before is known"
        Org(http).create("new@example.com")
        assert people(http, search='profile.login eq "new@example.com"') == []
