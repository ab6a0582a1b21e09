"""What a group gives, who answers for it, and since when and why each member is in it."""

from datetime import UTC, datetime

from connected_org import Org
from ledger import JANE, pages, run
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tests.toolsets.test_groups import giving, owned, rule


async def test_applications_of_a_group_are_listed_page_by_page(program: Program, org: Org) -> None:
    id = org.group_id(org.team("giving"))
    wanted = org.http.get("/api/v1/apps", params={"filter": 'status eq "ACTIVE"'}).json()[:3]
    for one in wanted:
        org.http.put(f"/api/v1/apps/{one['id']}/groups/{id}", json={}).raise_for_status()
    found = [page["applications"] async for page in pages(program, "list_group_applications", group_id=id, limit=2)]
    assert [len(one) for one in found] == [2, 1]
    assert {row["name"] for page in found for row in page} == {one["label"] for one in wanted}
    nothing = await run(program, "list_group_applications", group_id=org.team("nothing"))
    assert nothing["note"] == "“Team nothing” gives no applications."


async def test_owners_are_people_and_groups(program: Program, org: Org) -> None:
    found = await run(program, "list_group_owners", group_id=owned(org, "kept"))
    assert sorted((one["type"], one["name"]) for one in found["owners"]) == [
        ("GROUP", "Legal"),
        ("USER", "Test owner.kept"),
    ]
    assert (await run(program, "list_group_owners", group_id="Sales"))["note"] == "“Sales” has no owners."


async def test_owners_who_may_not_be_seen_are_left_out(connected: None, org: Org) -> None:
    name = owned(org, "kept")
    async with Program(load(managed_users=(JANE,))) as program:
        found = await run(program, "list_group_owners", group_id=name)
    assert [one["type"] for one in found["owners"]] == ["GROUP"]


# Reviewing


async def test_a_review_tells_what_a_group_gives_and_of_each_member_since_when_and_why(
    program: Program, org: Org
) -> None:
    name = giving(org, "reviewed")
    led = org.person("led", department="Reviewed")
    rule(org, "Into reviewed", 'user.department=="Reviewed"', name)
    org.join(name, JANE)
    found = await run(program, "review_group_access", group_id=name)
    assert (found["member_count"], found["application_count"], found["applications"]) == (2, 1, ["Slack"])
    assert "administration" not in found
    by_login = {one["login"]: one for one in found["members"]}
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    assert by_login[JANE]["member_since"] == by_login[led]["member_since"] == today
    assert "kept_by" not in by_login[JANE]
    assert by_login[led]["kept_by"] == "the group rule “Into reviewed”"
    assert (by_login[led]["last_sign_in"], by_login[led]["status"]) == ("never", "ACTIVE")


async def test_a_review_says_what_it_does_not_know(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    name = org.team("reviewed", JANE)
    sandbox.org.database.run("DELETE FROM events")
    found = await run(program, "review_group_access", group_id=name)
    assert "member_since" not in found["members"][0]
    assert "Members without member_since joined before" in found["note"]
    org.trouble({"kind": "status", "status": 403, "path": "/api/v1/logs", "times": 9})
    found = await run(program, "review_group_access", group_id=name)
    assert "does not let this connection read since when" in found["note"]
    assert found["members"][0]["login"] == JANE
    assert (
        "grants administration" in (await run(program, "review_group_access", group_id="Night Desk"))["administration"]
    )


async def test_a_review_goes_on_where_it_ended(program: Program, org: Org) -> None:
    name = org.team("reviewed", JANE, "leila.hosseini@example.com")
    found = [page["members"] async for page in pages(program, "review_group_access", group_id=name, limit=1)]
    assert [len(one) for one in found] == [1, 1]
    assert found[0] != found[1]
