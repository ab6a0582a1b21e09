"""Finding and counting applications, and listing who has which, without what rules hide."""

from typing import Any

import pytest

from connected_org import Org
from ledger import do, pages, refuse, run
from server.program import Program
from server.settings import load
from tests.toolsets.test_applications import JANE, LEILA, SECRET, application_id, client, give, named, through_a_group


async def names_of(program: Program, **arguments: Any) -> list[str]:
    return [one["name"] for one in (await run(program, "search_applications", **arguments))["applications"]]


async def test_applications_are_found_by_words_wherever_they_begin(program: Program, org: Org) -> None:
    named(org, "Okta-Test: Big Salesforce (EU)")
    assert set(await names_of(program, words="sales")) == {"Salesforce", "Okta-Test: Big Salesforce (EU)"}
    assert await names_of(program, words="eu SALES") == ["Okta-Test: Big Salesforce (EU)"]
    assert await names_of(program, words="alesforce") == []


async def test_applications_are_found_by_status_and_by_how_people_sign_on(program: Program, org: Org) -> None:
    client(org, "robot", "service")
    found = {
        sign_on: set(await names_of(program, sign_on=sign_on, limit=200))
        for sign_on in ("SAML", "SWA", "bookmark", "OIDC", "API service")
    }
    assert {"Salesforce", "Zendesk (old)"} <= found["SAML"]
    assert "Payroll" in found["SWA"]
    assert "Intranet" in found["bookmark"]
    assert "Slack" in found["OIDC"]
    assert "Client robot" in found["API service"]
    assert sum(map(len, found.values())) == len(set().union(*found.values())), "each is of one kind"
    inactive = await names_of(program, status="INACTIVE")
    assert "Zendesk (old)" in inactive
    active = await names_of(program, sign_on="SAML", status="ACTIVE")
    assert "Salesforce" in active
    assert not set(active) & set(inactive)


async def test_applications_are_found_by_who_has_them_and_by_the_group_that_gives_them(
    program: Program, org: Org
) -> None:
    through_a_group(org, "given")
    assert await names_of(program, user_id="given@example.com") == ["Notes given"]
    assert await names_of(program, group_id="Team given") == ["Notes given"]
    assert await names_of(program, user_id=LEILA, status="INACTIVE") == ["Zendesk (old)"]
    error = await refuse(program, "search_applications", user_id=LEILA, group_id="Team given")
    assert "send user_id or group_id, not both" in str(error)


async def test_a_search_that_finds_nothing_says_what_it_looked_for(program: Program) -> None:
    found = await run(program, "search_applications", words="nothing such", status="ACTIVE")
    assert found == {
        "applications": [],
        "note": "No application was found with words “nothing such”; status “ACTIVE”.",
    }


async def test_no_answer_about_an_application_has_its_secret(program: Program, org: Org) -> None:
    id = client(org, "secretive")
    assert org.http.get(f"/api/v1/apps/{id}").text.count(SECRET) == 1
    org.http.post(f"/api/v1/apps/{id}/users", json={"id": org.user(JANE)["id"], "scope": "USER"})
    for name, arguments in (
        ("lookup_application", {"application_id": id}),
        ("search_applications", {"words": "secretive"}),
        ("list_user_applications", {"user_id": JANE}),
        ("list_application_users", {"application_id": id}),
    ):
        answer = str(await run(program, name, **arguments))
        assert "secretive" in answer or JANE in answer
        assert SECRET not in answer


async def test_a_lookup_counts_people_and_groups_and_names_the_groups(program: Program, org: Org) -> None:
    through_a_group(org, "counted")
    found = await run(program, "lookup_application", application_id="Notes counted")
    assert (found["user_count"], found["group_count"]) == (1, 1)
    assert [one["name"] for one in found["groups"]] == ["Team counted"]
    assert "note" not in found


async def test_a_count_that_would_take_many_pages_says_that_it_is_a_minimum(program: Program, org: Org) -> None:
    id = named(org, "Crowded")
    for at in range(201):
        person = org.create(f"crowd{at}@example.com")["id"]
        assert org.http.post(f"/api/v1/apps/{id}/users", json={"id": person, "scope": "USER"}).status_code == 200
    found = await run(program, "lookup_application", application_id=id)
    assert (found["user_count"], found["note"]) == (200, "There are more than counted: user_count is a minimum.")


# Who has what


async def test_what_a_person_has_says_whether_it_was_assigned_or_a_group_gives_it(program: Program, org: Org) -> None:
    through_a_group(org, "both")
    await do(program, "assign_user_to_application", user_id="both@example.com", application_id="Slack")
    listed = (await run(program, "list_user_applications", user_id="both@example.com"))["applications"]
    told = {one["name"]: (one["scope"], one.get("group"), one["user_name"]) for one in listed}
    assert told == {
        "Notes both": ("GROUP", "Team both", "both@example.com"),
        "Slack": ("USER", None, "both@example.com"),
    }


async def test_what_is_switched_off_is_listed_with_its_status(program: Program, org: Org) -> None:
    listed = (await run(program, "list_user_applications", user_id=LEILA))["applications"]
    assert {one["name"]: one["status"] for one in listed}["Zendesk (old)"] == "INACTIVE"


async def test_who_has_none_is_told_to_have_none(program: Program) -> None:
    found = await run(program, "list_user_applications", user_id="omar.haddad@example.com")
    assert (found["applications"], "has no applications" in found["note"]) == ([], True)


async def test_the_people_of_an_application_are_listed_page_by_page(program: Program, org: Org) -> None:
    id = named(org, "Paged")
    logins = [org.person(f"paged{at}") for at in range(5)]
    for login in logins:
        org.http.post(f"/api/v1/apps/{id}/users", json={"id": org.user(login)["id"], "scope": "USER"})
    found = [page["users"] async for page in pages(program, "list_application_users", application_id=id, limit=2)]
    assert [len(page) for page in found] == [2, 2, 1]
    assert {one["login"] for page in found for one in page} == set(logins)


@pytest.mark.parametrize(
    ("filters", "logins"),
    [
        ({"words": "wei"}, ["wei.zhang"]),
        ({"words": "Zhang Wei"}, ["wei.zhang"]),
        ({"scope": "GROUP"}, []),
        ({"status": "ACTIVE", "words": "amara"}, ["amara.diallo"]),
        ({"account_status": "SUSPENDED"}, []),
    ],
)
async def test_the_people_of_an_application_are_filtered(
    program: Program, filters: dict[str, Any], logins: list[str]
) -> None:
    found = await run(program, "list_application_users", application_id="Slack", **filters)
    assert [one["login"] for one in found["users"]] == [f"{login}@example.com" for login in logins]
    assert ("matches the filters" in found.get("note", "")) is (not logins)


async def test_the_groups_of_an_application_are_listed_with_their_priority(program: Program, org: Org) -> None:
    id, low, high = named(org, "Ranked"), org.create_group("Low"), org.create_group("High")
    give(org, id, low, priority=5, profile={"role": "Reader", "empty": ""})
    give(org, id, high, priority=1)
    groups = (await run(program, "list_application_groups", application_id="Ranked"))["groups"]
    assert {one["name"]: (one["priority"], one.get("attributes")) for one in groups} == {
        "Low": (5, {"role": "Reader"}),
        "High": (1, None),
    }
    nothing = await run(program, "list_application_groups", application_id="Slack")
    assert nothing == {"groups": [], "note": "No group gives “Slack”."}


async def test_only_managed_people_are_among_those_who_have_an_application(connected: None, org: Org) -> None:
    """By what the directory says of them: what the application says is written by others."""
    org.update("wei.zhang@example.com", department="Managed")
    id, sly = application_id(org, "Slack"), org.person("sly")
    body = {"id": org.user(sly)["id"], "scope": "USER", "profile": {"department": "Managed"}}
    assert org.http.post(f"/api/v1/apps/{id}/users", json=body).status_code == 200
    async with Program(load(managed_users=("department=Managed",))) as program:
        found = await run(program, "list_application_users", application_id="Slack")
        assert [one["login"] for one in found["users"]] == ["wei.zhang@example.com"]
        error = await refuse(program, "list_user_applications", user_id=sly)
        assert error.details()["rule"] == "managed_users"


async def test_a_user_name_that_is_a_hidden_value_is_not_shown(connected: None, org: Org) -> None:
    id, login = application_id(org, "Slack"), org.person("veiled", email="private@veiled.example")
    for name, shown in (("private@veiled.example", False), ("private", False), ("veiled", True), ("other", True)):
        body = {"id": org.user(login)["id"], "scope": "USER", "credentials": {"userName": name}}
        assert org.http.post(f"/api/v1/apps/{id}/users", json=body).status_code == 200
        async with Program(load(hidden_attributes=("email",))) as program:
            listed = (await run(program, "list_user_applications", user_id=login))["applications"]
            users = (await run(program, "list_application_users", application_id=id, words="veiled"))["users"]
            nobody = (await run(program, "list_application_users", application_id=id, words="private"))["users"]
        for row in (*listed, *users):
            assert ("user_name" in row) is shown
        assert nobody == []
    async with Program(load(hidden_attributes=("user_name",))) as program:
        assert "user_name" not in (await run(program, "list_user_applications", user_id=login))["applications"][0]
