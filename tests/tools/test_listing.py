"""Groups are searched, and the two sides of a membership listed, as a plain reading of the org has them."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import refuse, run
from server.program import Program
from server.sandbox.running import RunningSandbox

JANE = "jane.doe@example.com"


@pytest.fixture
def groups(http: httpx2.Client, org: Org, sandbox: RunningSandbox) -> list[dict[str, Any]]:
    org.create_group("Zebra", "Striped people of sales")
    sandbox.org.database.run(
        "UPDATE groups SET created = ?, last_updated = ?, last_membership_updated = ? WHERE name = 'Sales'",
        *("2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z", "2022-01-01T00:00:00.000Z"),
    )
    listed: list[dict[str, Any]] = http.get("/api/v1/groups").json()
    return listed


async def names(program: Program, **arguments: Any) -> set[str]:
    return {group["name"] for group in (await run(program, "search_groups", **arguments, limit=200))["groups"]}


async def test_groups_are_found_by_words_type_and_dates(program: Program, groups: list[dict[str, Any]]) -> None:
    everything = {group["profile"]["name"] for group in groups}
    assert await names(program) == everything
    assert await names(program, words="sales") == {"Sales", "Zebra"}
    assert await names(program, words="SALES every") == {"Sales"}
    assert await names(program, words="sales zebra") == {"Zebra"}
    for kind in ("OKTA_GROUP", "APP_GROUP", "BUILT_IN"):
        assert await names(program, type=kind) == {g["profile"]["name"] for g in groups if g["type"] == kind}
    for date, year in (("created", 2020), ("updated", 2021), ("members_changed", 2022)):
        assert await names(program, **{f"{date}_before": f"{year}-01-02"}) == {"Sales"}
        assert await names(program, **{f"{date}_before": f"{year}-01-01"}) == set()
        assert await names(program, **{f"{date}_after": f"{year}-01-02"}) == everything - {"Sales"}
    assert await names(program, words="sales", type="OKTA_GROUP", created_after="2023-01-01") == {"Zebra"}


async def test_members_are_counted_on_request(program: Program, http: httpx2.Client, org: Org) -> None:
    (group,) = (await run(program, "search_groups", words="vpn", with_counts=True))["groups"]
    members = http.get(f"/api/v1/groups/{group['id']}/users").json()
    assert group == {
        "id": org.group_id("VPN Users"),
        "name": "VPN Users",
        "description": "May use the VPN",
        "type": "OKTA_GROUP",
        "member_count": len(members),
    }
    (group,) = (await run(program, "search_groups", words="vpn"))["groups"]
    assert "member_count" not in group


async def test_a_word_is_only_ever_a_word(program: Program, org: Org) -> None:
    for odd in ('"', "\\", '")', "%", "_"):
        id = org.create_group(f"Odd {odd}")
        assert {g["id"] for g in (await run(program, "search_groups", words=f"odd {odd}"))["groups"]} == {id}
    assert "invisible character (U+200B)" in str(await refuse(program, "search_groups", words="a\u200bb"))


async def test_members_are_listed_with_the_fields_asked_for(program: Program, http: httpx2.Client, org: Org) -> None:
    id = org.group_id("Legal")
    members = http.get(f"/api/v1/groups/{id}/users").json()
    listed = await run(program, "list_group_members", group_id="Legal")
    assert [user["id"] for user in listed["users"]] == [user["id"] for user in members]
    assert {user["department"] for user in listed["users"]} == {"Legal"}
    assert set(listed["users"][0]) == {"id", "status", "login", "name", "department", "title"}
    listed = await run(program, "list_group_members", group_id=id, fields=["email", "created"])
    (first, *_) = listed["users"]
    assert first["email"] == members[0]["profile"]["email"]
    assert datetime.fromisoformat(first["created"]) == datetime.fromisoformat(members[0]["created"])
    assert datetime.fromisoformat(first["created"]).tzinfo == UTC
    assert set(first) == {"id", "email", "created"}


async def test_a_persons_groups_are_listed(program: Program, org: Org) -> None:
    listed = (await run(program, "list_user_groups", user_id=JANE, limit=200))["groups"]
    assert {group["name"] for group in listed} == org.groups_of(JANE)
    assert {"id", "name", "type"} <= set(listed[0])
    assert "No person" in str(await refuse(program, "list_user_groups", user_id="jane.doe"))


async def test_nothing_that_reads_leaves_a_trace(program: Program, org: Org) -> None:
    before = org.events()
    await run(program, "search_users", words="a")
    await run(program, "search_groups", words="a", with_counts=True)
    await run(program, "list_group_members", group_id="Sales")
    await run(program, "list_user_groups", user_id=JANE)
    assert org.events() == before
