"""People and groups are found and told apart rightly while Okta's search lags behind, as it does for seconds."""

from typing import Any

import httpx2
import pytest

from connected_org import Org
from ledger import refuse, run
from server.program import Program

NEW = "new.comer@example.com"
COMER: dict[str, Any] = {"first_name": "New", "last_name": "Comer", "login": NEW, "email": NEW}


@pytest.fixture(autouse=True)
def _lag(program: Program, org: Org) -> None:
    org.trouble(index_lag=3600, members_lag=3600)


class TestPeople:
    async def test_a_person_who_was_made_a_moment_ago_is_found(self, program: Program, org: Org) -> None:
        made = org.create(NEW, email="Mail.Box@example.com")
        for text in (made["id"], NEW, NEW.upper(), "Mail.Box@example.com"):
            assert (await run(program, "lookup_user", user_id=text))["id"] == made["id"], text

    async def test_what_was_created_here_is_found_here(self, program: Program) -> None:
        made = await run(program, "create_user", **{**COMER, "email": "mailbox@example.com"})
        for text in (NEW, "mailbox@example.com"):
            assert (await run(program, "lookup_user", user_id=text))["id"] == made["id"]
        assert (await run(program, "deactivate_user", user_id="mailbox@example.com", dry_run=True))["dry_run"]

    async def test_the_former_holder_of_an_email_is_not_taken_for_its_holder(
        self, program: Program, org: Org, http: httpx2.Client
    ) -> None:
        old = org.user("alex.kim@example.com")["id"]
        http.post(f"/api/v1/users/{old}", json={"profile": {"email": "former@example.com"}})
        jane = org.user("jane.doe@example.com")["id"]
        http.post(f"/api/v1/users/{jane}", json={"profile": {"email": "chief@example.com"}})
        org.trouble(index_lag=0)
        org.trouble(index_lag=3600)
        http.post(f"/api/v1/users/{jane}", json={"profile": {"email": "jane@example.com"}})
        http.post(f"/api/v1/users/{old}", json={"profile": {"email": "chief@example.com"}})
        assert (await run(program, "lookup_user", user_id="chief@example.com"))["id"] == old
        assert (await refuse(program, "lookup_user", user_id="former@example.com")).code == "not_found"

    async def test_who_was_deleted_a_moment_ago_is_nobody(
        self, program: Program, org: Org, http: httpx2.Client
    ) -> None:
        org.trouble(index_lag=0)
        id = org.create(NEW, email="mailbox@example.com")["id"]
        org.trouble(index_lag=3600)
        for _ in range(2):
            http.delete(f"/api/v1/users/{id}")
        for text in (id, NEW, "mailbox@example.com"):
            assert (await refuse(program, "lookup_user", user_id=text)).code == "not_found"

    async def test_a_login_that_was_taken_a_moment_ago_is_not_called_free(self, program: Program, org: Org) -> None:
        id = org.create(NEW.upper())["id"]
        for dry_run in (True, False):
            refused = await refuse(program, "create_user", **COMER, dry_run=dry_run)
            assert refused.code == "login_taken"
            assert id in str(refused)

    async def test_a_login_with_a_slash_that_was_taken_a_moment_ago_is_not_called_free(
        self, program: Program, org: Org
    ) -> None:
        login = "new/comer@example.com"
        id = org.create(login)["id"]
        assert (await run(program, "lookup_user", user_id=login))["id"] == id
        assert (await refuse(program, "create_user", **{**COMER, "login": login})).code == "login_taken"

    async def test_a_search_that_finds_nobody_says_that_it_may_not_know_yet(self, program: Program, org: Org) -> None:
        org.create(NEW, department="Brand New")
        found = await run(program, "search_users", department="Brand New")
        assert found["users"] == []
        assert "a few seconds" in found["note"]
        assert "lookup_user" in found["note"]


class TestGroups:
    async def test_a_group_that_was_made_a_moment_ago_is_found(self, program: Program, org: Org) -> None:
        id = org.create_group("Brand New")
        for text in (id, "Brand New"):
            assert (await run(program, "lookup_group", group_id=text))["id"] == id
        await run(program, "create_user", **COMER, group_ids=["Brand New"])
        assert "Brand New" in org.groups_of(NEW)

    async def test_names_that_changed_hands_lead_to_their_holders(
        self, program: Program, org: Org, http: httpx2.Client
    ) -> None:
        sales, legal = org.group_id("Sales"), org.group_id("Legal")
        for id, name in ((sales, "Between"), (legal, "Sales"), (sales, "Legal")):
            assert http.put(f"/api/v1/groups/{id}", json={"profile": {"name": name}}).status_code == 200
        assert (await run(program, "lookup_group", group_id="Sales"))["id"] == legal
        assert (await run(program, "lookup_group", group_id="Legal"))["id"] == sales
        assert (await refuse(program, "lookup_group", group_id="Between")).code == "not_found"

    async def test_a_group_that_was_deleted_a_moment_ago_is_none(
        self, program: Program, org: Org, http: httpx2.Client
    ) -> None:
        http.delete(f"/api/v1/groups/{org.group_id('Legal')}")
        assert (await refuse(program, "lookup_group", group_id="Legal")).code == "not_found"

    async def test_a_search_that_finds_no_group_says_that_it_may_not_know_yet(self, program: Program, org: Org) -> None:
        org.create_group("Brand New")
        found = await run(program, "search_groups", words="Brand")
        assert found["groups"] == []
        assert "a few seconds" in found["note"]

    async def test_a_search_that_finds_somebody_says_nothing_of_it(self, program: Program) -> None:
        assert "note" not in await run(program, "search_groups", words="Sales")
        assert "note" not in await run(program, "search_users", words="jane")
