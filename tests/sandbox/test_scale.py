"""A large org loads, and answers are the same as in a small one. How fast it is, benchmarks/ measures."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connected_org import links
from server.sandbox.database import OrgDatabase
from server.sandbox.running import RunningSandbox


def test_a_large_org_is_searched_and_paged() -> None:
    with (
        RunningSandbox(api_token="t", users=5000) as running,
        httpx2.Client(base_url=running.url, headers={"authorization": "SSWS t"}, timeout=60) as http,
    ):
        found = http.get("/api/v1/users", params={"search": 'profile.login eq "person4321@example.com"'}).json()
        assert [user["profile"]["firstName"] for user in found] == ["Person4321"]
        seen: set[str] = set()
        answer = http.get("/api/v1/users", params={"search": "id pr", "limit": 200})
        while True:
            seen |= {user["id"] for user in answer.json()}
            if "next" not in links(answer):
                break
            answer = http.get(links(answer)["next"])
        assert len(seen) == 5000


def anywhere(operator: str, text: str) -> str:
    names = ("firstName", "lastName", "email", "login")
    return "(" + " or ".join(f'profile.{name} {operator} "{text}"' for name in names) + ")"


# Some are fulfilled by almost everybody, some by a few, some by nobody; each is found in another way.
SEARCHES = [
    "id pr",
    'status eq "ACTIVE"',
    'profile.department eq "Sales"',
    'profile.department eq "Nowhere"',
    'profile.login eq "person7@example.com"',
    'status eq "ACTIVE" and profile.lastName sw "Fam"',
    'status eq "ACTIVE" and profile.lastName sw "Zzz"',
    'created gt "2020-01-01T00:00:00.000Z"',
    anywhere("sw", "jan"),
    anywhere("sw", "person"),
    anywhere("co", "son4"),
    f'status eq "ACTIVE" and {anywhere("co", "nobody")}',
]


@pytest.fixture(scope="module")
def large() -> Iterator[RunningSandbox]:
    with RunningSandbox(api_token="t", users=3000) as running:
        yield running


def plan(large: RunningSandbox, path: str, **query: str | int) -> list[str]:
    """What SQLite does for a page, step by step."""
    database, statements = large.org.database, list[str]()
    database.connection.set_trace_callback(statements.append)
    answer = httpx2.get(f"{large.url}/api/v1/{path}", params=query, headers={"authorization": "SSWS t"})
    database.connection.set_trace_callback(None)
    assert answer.status_code == 200, answer.text
    listed = [one for one in statements if "LIMIT" in one]
    assert listed
    return [row["detail"] for one in listed for row in database.all(f"EXPLAIN QUERY PLAN {one}")]


def middle(large: RunningSandbox) -> str:
    row = large.org.database.one("SELECT id FROM users ORDER BY id LIMIT 1 OFFSET 1500")
    assert row is not None
    return str(row["id"])


@pytest.mark.parametrize("search", SEARCHES)
def test_a_page_of_a_search_reads_indexes_and_sorts_nothing(large: RunningSandbox, search: str) -> None:
    for depth in ({}, {"after": middle(large)}):
        steps = plan(large, "users", search=search, **depth)
        scans = [step for step in steps if step.startswith("SCAN users")]
        assert all("USING COVERING INDEX users_in_short" in step for step in scans), steps
        assert not depth or not scans, "a later page begins where the one before ended"
        assert not any("TEMP B-TREE" in step for step in steps), steps


def test_a_sorted_page_walks_the_index_of_its_order(large: RunningSandbox) -> None:
    steps = plan(large, "users", search="id pr", sortBy="profile.lastName", after=middle(large))
    assert any("users_in_order_of_last_name ((last_name,id)>" in step for step in steps), steps


def test_a_page_of_members_begins_where_the_one_before_ended(large: RunningSandbox) -> None:
    everyone = large.org.database.one("SELECT id FROM groups WHERE type = 'BUILT_IN'")
    assert everyone is not None
    steps = plan(large, f"groups/{everyone['id']}/users", after=middle(large))
    assert any("memberships_by_group (group_id=? AND user_id>?)" in step for step in steps), steps
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in steps), steps


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize(
    "sort", [{}, {"sortBy": "profile.lastName"}, {"sortBy": "profile.manager", "sortOrder": "desc"}]
)
def test_pages_together_are_the_whole_list_in_order(large: RunningSandbox, search: str, sort: dict[str, str]) -> None:
    with httpx2.Client(base_url=large.url, headers={"authorization": "SSWS t"}, timeout=60) as http:
        answer, seen = (
            http.get("/api/v1/users", params={"search": search, "limit": 190, **sort}),
            list[dict[str, Any]](),
        )
        while True:
            seen += answer.json()
            if "next" not in links(answer):
                break
            answer = http.get(links(answer)["next"])
    ids = [user["id"] for user in seen]
    wanted = [user for user in everybody(large) if fits(search, user)]
    by = sort.get("sortBy", "").removeprefix("profile.")
    wanted.sort(key=lambda user: ((user["profile"].get(by) or "").lower() if by else "", user["id"]))
    if "sortOrder" in sort:
        wanted.reverse()
    assert ids == [user["id"] for user in wanted]


def everybody(large: RunningSandbox) -> list[dict[str, Any]]:
    rows = large.org.database.all("SELECT * FROM users")
    return [{**dict(row), "profile": json.loads(row["profile"])} for row in rows]


def fits(search: str, user: dict[str, Any]) -> bool:
    """The same searches, said in Python."""
    profile = user["profile"]
    words = [profile[name].lower() for name in ("firstName", "lastName", "email", "login")]
    active = user["status"] == "ACTIVE"
    answers: list[bool] = [
        True,
        active,
        profile.get("department") == "Sales",
        False,
        profile["login"] == "person7@example.com",
        active and profile["lastName"].startswith("Fam"),
        False,
        True,
        any(word.startswith("jan") for word in words),
        any(word.startswith("person") for word in words),
        any("son4" in word for word in words),
        False,
    ]
    return answers[SEARCHES.index(search)]


def test_a_file_keeps_the_org_and_its_credentials(tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = tmp_path / "org" / "sandbox.db"
    with RunningSandbox(data) as first:
        demo = first.demo
        body = {"profile": {"name": "Kept"}}
        headers = {"authorization": f"SSWS {demo.api_token}"}
        httpx2.post(f"{first.url}/api/v1/groups", json=body, headers=headers)
    assert data.stat().st_mode & 0o077 == 0
    with RunningSandbox(data) as second:
        assert second.demo == demo
        names = {g["profile"]["name"] for g in httpx2.get(f"{second.url}/api/v1/groups", headers=headers).json()}
        assert "Kept" in names


def test_the_file_is_private_whatever_the_umask_and_nobody_elses_file_is_touched_by_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The umask belongs to the whole process: a store that another thread creates at that moment depends on it."""
    masks: list[int] = []
    monkeypatch.setattr(os, "umask", masks.append)
    database = OrgDatabase(tmp_path / "org.db")
    database.script("CREATE TABLE IF NOT EXISTS things (name TEXT)")
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["org.db", "org.db-shm", "org.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    OrgDatabase(tmp_path / "org.db").close()
    database.close()
    assert masks == []
