"""Creating groups: which names are taken or refused, and what an undo may delete."""

from typing import Any

import pytest

from connected_org import Org
from ledger import JANE, ask, do, forbidden, refuse, run
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tests.toolsets.test_groups import group, has_group, rule


async def test_a_group_is_created_empty_and_asks_nobody(program: Program, org: Org) -> None:
    done = await run(program, "create_group", name=" Night Shift ", description="Late")
    assert (done["name"], done["description"]) == ("Night Shift", "Late")
    assert group(org, "Night Shift")["id"] == done["id"]
    assert group(org, "Night Shift")["profile"] == {"name": "Night Shift", "description": "Late"}


async def test_names_that_begin_alike_are_told(program: Program) -> None:
    done = await run(program, "create_group", name="Sale")
    assert "Other names that begin like this: “Sales”." in done["message"]
    assert "Other names" not in (await run(program, "create_group", name="Night Shift"))["message"]


@pytest.mark.parametrize("name", ["Sales", "sales", "SALES", "Everyone", "Domain Users"])
async def test_a_name_that_a_group_has_is_taken(program: Program, org: Org, name: str) -> None:
    seen = org.events()
    error = await refuse(program, "create_group", name=name)
    assert error.code == "name_taken"
    assert "(id 00g" in str(error)
    assert org.events() == seen


async def test_what_okta_says_of_a_name_that_seemed_free_has_a_next_step(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    org.create_group("Blue")
    org.trouble(index_lag=3600)
    org.create_group("Night Shift")
    sandbox.org.database.run("UPDATE groups SET last_updated = '2020-01-01T00:00:00.000Z' WHERE name = 'Night Shift'")
    for action, more in (("create_group", {}), ("update_group", {"group_id": org.group_id("Blue")})):
        error = await refuse(program, action, name="Night Shift", **more)
        assert error.code == "E0000001"
        assert "Somebody just took the name: look the group up with lookup_group" in str(error)
    assert has_group(org, "Blue")


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "two\nlines", "in\u200bvisible", "00g" + "A" * 17])
async def test_what_is_no_name_is_refused(program: Program, org: Org, name: str) -> None:
    seen = org.events()
    assert (await refuse(program, "create_group", name=name)).code == "invalid_input"
    assert org.events() == seen


PROTECTED: list[tuple[str, dict[str, Any], str]] = [
    ("protected_groups", {"protected_groups": ("Vault*",)}, "vault 2"),
    ("protected_groups", {"protected_groups": ("Vault*",)}, "Vаult 2"),
    ("protected_groups", {"protected_groups": ("Payroll",)}, "PayroII"),
    ("allow_administrators", {}, "Okta Admins"),
    ("allow_administrators", {}, "IT Аdministrators"),
    ("managed_groups", {"managed_groups": ("Project *", "Legal")}, "Vault"),
    ("managed_users", {"managed_users": ("group:Interns", JANE)}, "interns"),
]


@pytest.mark.parametrize(("rule", "rules", "name"), PROTECTED)
@pytest.mark.parametrize("action", ["create_group", "update_group"])
async def test_no_group_gets_a_name_by_which_the_rules_go(
    connected: None, org: Org, action: str, rule: str, rules: dict[str, Any], name: str
) -> None:
    seen = org.events()
    more = {"group_id": "Legal"} if action == "update_group" else {}
    async with Program(load(**rules)) as program:
        assert (await forbidden(program, action, name=name, **more)).rule == rule
    assert org.events() == seen


async def test_a_new_group_that_a_rule_then_lets_in_is_asked_about(connected: None, org: Org) -> None:
    async with Program(load(managed_groups=("Project *",))) as program:
        question = await ask(program, "create_group", name="Project X")
        assert "The rule managed_groups then lets the members of “Project X” be changed here." in question.text
        await do(program, "create_group", name="Project X")
    assert has_group(org, "Project X")


async def test_undoing_deletes_a_group_that_nobody_uses(program: Program, org: Org) -> None:
    done = await run(program, "create_group", name="Night Shift")
    await do(program, "undo_change", change_id=done["change_id"])
    assert not has_group(org, "Night Shift")


@pytest.mark.parametrize("use", ["members", "rules", "applications", "owners", "description", "name"])
async def test_undoing_does_not_destroy_what_was_done_with_the_group_since(
    program: Program, org: Org, use: str
) -> None:
    done = await run(program, "create_group", name="Night Shift")
    if use == "members":
        org.join("Night Shift", JANE)
    elif use == "rules":
        rule(org, "By night", 'isMemberOfGroupName("Night Shift")', "Legal")
    elif use == "applications":
        id = org.http.get("/api/v1/apps", params={"q": "Slack"}).json()[0]["id"]
        org.http.put(f"/api/v1/apps/{id}/groups/{done['id']}", json={}).raise_for_status()
    elif use == "owners":
        owner = {"id": org.user(JANE)["id"], "type": "USER"}
        org.http.post(f"/api/v1/groups/{done['id']}/owners", json=owner).raise_for_status()
    elif use == "description":
        org.describe("Night Shift", "Theirs now")
    else:
        org.http.put(f"/api/v1/groups/{done['id']}", json={"profile": {"name": "Theirs"}}).raise_for_status()
    error = await refuse(program, "undo_change", change_id=done["change_id"])
    assert error.code == "changed_since"
    assert org.http.get(f"/api/v1/groups/{done['id']}").status_code == 200
