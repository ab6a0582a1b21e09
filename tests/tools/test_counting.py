"""People are counted exactly, or “at least” with how far it looked; and never shown instead."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import CALLER, forbidden, pages, refuse, run
from server.door.door import Call, Result
from server.mcp.answers import render
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from surface import connect_as_administrator

SALES_NEVER = {"group_id": "Sales", "never_signed_in": True}
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": ["ACTIVE", "SUSPENDED"]},
    {"department": "Sales"},
    {"words": "an"},
    {"group_id": "Sales"},
    {"group_id": "Sales", "department": "Sales"},
    {"group_id": "Everyone", "search": 'profile.city eq "Berlin"'},
    SALES_NEVER,
    {"never_signed_in": True},
    {"last_sign_in_after": "2001-01-01"},
    {"words": "nobody-at-all"},
]


async def rows(program: Program, **arguments: Any) -> list[dict[str, Any]]:
    return [user async for page in pages(program, "search_users", **arguments, limit=200) for user in page["users"]]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
async def test_as_many_are_counted_as_a_search_finds(program: Program, filters: dict[str, Any]) -> None:
    found = await rows(program, **filters, fields=["status"])
    assert await run(program, "count_users", **filters) == {"count": len(found)}
    counted = await run(program, "count_users", **filters, by="status")
    assert {one["value"]: one["count"] for one in counted["by"]} == Counter(user["status"] for user in found)


async def test_a_groups_own_number_is_okta_s_and_no_member_is_listed_for_it(program: Program, org: Org) -> None:
    okta = await program.connections.client(await program.connections.connected())
    members = await rows(program, group_id="Everyone")
    before = okta.headroom()["groups/*/users"]
    assert await run(program, "count_users", group_id="Everyone") == {"count": len(members)}
    assert okta.headroom()["groups/*/users"] == before


async def test_unset_values_and_lists_are_counted_and_rare_values_summed_up(program: Program, org: Org) -> None:
    for number in range(25):
        org.create(f"q{number}@example.com", department=f"Rare {number}", city="Qville")
    org.create("q@example.com", city="Qville")
    counted = await run(program, "count_users", attributes={"city": "Qville"}, by="department")
    assert counted["count"] == 26
    assert len(counted["by"]) == 20
    assert counted["note"] == "6 other values, with 6 people, are left out."
    assert (await run(program, "count_users", words="q@example.com", by="department"))["by"] == [{"count": 1}]


async def test_an_unknown_attribute_is_refused_and_not_counted_as_nobody(program: Program) -> None:
    assert (await refuse(program, "count_users", attributes={"noSuchThing": "x"})).code == "E0000031"
    assert "has no field" in str(await refuse(program, "count_users", by="no_such_thing"))


@pytest.mark.parametrize("rule", ["hidden_attributes", "hidden_in_lists"])
async def test_nobody_is_counted_by_what_is_hidden(connected: None, org: Org, rule: str) -> None:
    async with Program(load(**{rule: ("department",)})) as program:
        assert (await forbidden(program, "count_users", by="department")).rule == rule
        assert (await forbidden(program, "count_users", by="profile.department")).rule == rule
        assert "count" in await run(program, "count_users", by="title")


async def test_only_those_who_may_be_seen_are_counted(connected: None, org: Org) -> None:
    sales = org.group_id("Sales")
    async with Program(load(managed_users=("department=Sales",))) as program:
        for filters in ({}, {"group_id": "Everyone"}, SALES_NEVER, {"group_id": sales}):
            found = await rows(program, **filters)
            assert await run(program, "count_users", **filters) == {"count": len(found)}


class TestALargeOrg:
    USERS = 3_000

    @pytest.fixture
    def sandbox(self, redirect_uri: str) -> Iterator[RunningSandbox]:
        with RunningSandbox(api_token="t", redirect_uris=[redirect_uri], users=self.USERS) as running:
            yield running

    @pytest.fixture
    async def program(self, settings: Settings, sandbox: RunningSandbox) -> AsyncIterator[Program]:
        async with Program(settings) as made:
            await connect_as_administrator(made, sandbox)
            yield made

    @pytest.fixture
    def http(self, sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
        with httpx2.Client(base_url=sandbox.url, headers={"authorization": "SSWS t"}, timeout=60) as client:
            yield client

    async def test_everybody_is_counted_in_few_words(self, program: Program, org: Org, http: httpx2.Client) -> None:
        whole = await program.door.call(Call(CALLER, "count_users", SALES_NEVER))
        assert isinstance(whole, Result)
        members = http.get(f"/api/v1/groups/{org.group_id('Sales')}/users", params={"limit": 1000}).json()
        assert whole.content == {"count": len([one for one in members if one["lastLogin"] is None])}
        # Far fewer than 200 tokens, which are at least as many as there are bytes.
        assert len(json.dumps(render(whole).structured_content).encode()) < 200
        assert (await run(program, "count_users"))["count"] > self.USERS - 10

    async def test_where_half_of_the_rate_limit_is_used_it_says_at_least_and_how_far_it_looked(
        self, program: Program, org: Org
    ) -> None:
        org.trouble(per_minute=10)
        counted = await run(program, "count_users")
        assert counted["at_least"] is True
        assert 0 < counted["count"] == counted["looked_at"] < self.USERS
        assert "One call scans no more" in counted["note"]

    async def test_where_only_some_may_be_seen_it_says_at_least_and_not_how_far(
        self, settings: Settings, program: Program, org: Org
    ) -> None:
        async with Program(load(managed_users=("department=Sales",))) as restricted:
            org.trouble(per_minute=10)
            counted = await run(restricted, "count_users")
        assert counted["at_least"] is True
        assert "looked_at" not in counted
