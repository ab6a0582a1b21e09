"""Administrator roles: who has which, and that nobody is told where they are off."""

import pytest

from connected_org import Org
from ledger import JANE, forbidden, pages, run
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from worlds import Arguments, Make

TESS = "tess.nguyen@example.com"


def administrator(org: Org, text: str) -> Arguments:
    """Somebody new with a role of their own."""
    login = org.person(text)
    give(org, "users", org.user(login)["id"], "HELP_DESK_ADMIN")
    return {"user_id": login}


def give(org: Org, holders: str, id: str, role: str) -> str:
    """The id of the assignment."""
    made = org.http.post(f"/api/v1/{holders}/{id}/roles", json={"type": role})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


READS: dict[str, Make] = {
    "list_administrators": lambda org, text: {"limit": 50} if administrator(org, text) else {},
    "list_user_roles": administrator,
}
READ_REQUESTS = (r"/api/v1/iam/assignees/users\?.*",)
PHRASINGS: dict[str, tuple[str, ...]] = {
    "list_administrators": (
        "Who are the administrators of our org?",
        "list admins",
        "Alle Administratoren auflisten",
        "lister les administrateurs",
        "get_admins",
        "lista de administradores",
        "管理者の一覧",
    ),
    "list_user_roles": (
        "Which admin roles does Tess have?",
        "admin roles of a user",
        "Administratorrollen eines Benutzers anzeigen",
        "rôles d'administrateur d'un utilisateur",
        "get_user_roles",
        "roles de administrador de un usuario",
        "ユーザーの管理者ロール",
    ),
}


async def test_everybody_with_a_role_is_listed_with_what_gives_it(program: Program, org: Org) -> None:
    found = (await run(program, "list_administrators", limit=50))["administrators"]
    by_login = {one["login"]: one["roles"] for one in found}
    assert JANE not in by_login
    (role,) = by_login["anja.kowalska@example.com"]
    assert role == {
        "role": "Help Desk Administrator",
        "through_group": "Night Desk",
        "through_group_id": org.group_id("Night Desk"),
    }
    assert all(one["roles"] and one["status"] != "DEPROVISIONED" for one in found)
    assert "through_group" not in by_login[TESS][0]


async def test_administrators_are_listed_page_by_page(program: Program, org: Org) -> None:
    whole = (await run(program, "list_administrators", limit=50))["administrators"]
    found = [page["administrators"] async for page in pages(program, "list_administrators", limit=1)]
    assert [len(one) for one in found] == [1] * len(whole)
    assert [row for page in found for row in page] == whole


async def test_administrators_who_may_not_be_seen_are_not_listed(connected: None, org: Org) -> None:
    async with Program(load(managed_users=(TESS,))) as program:
        found = await run(program, "list_administrators", limit=50)
        first = await run(program, "list_administrators", limit=1)
    assert [one["login"] for one in found["administrators"]] == [TESS]
    # No page of one tells how many others there are.
    assert (first["administrators"], "next_cursor" in first) == (found["administrators"], False)


async def test_pages_of_administrators_who_may_be_seen_are_whole(connected: None, org: Org) -> None:
    logins = [administrator(org, f"managed{number}")["user_id"] for number in range(3)]
    async with Program(load(managed_users=(*logins, TESS))) as program:
        found = [page["administrators"] async for page in pages(program, "list_administrators", limit=1)]
    assert [len(one) for one in found] == [1] * 4
    assert {page[0]["login"] for page in found} == {*logins, TESS}
    assert all(page[0]["roles"] for page in found)


async def test_roles_of_a_person_tell_what_they_are_limited_to(program: Program, org: Org) -> None:
    id, login = org.user(JANE)["id"], JANE
    assert (await run(program, "list_user_roles", user_id=login))["note"] == (
        "Jane Doe <jane.doe@example.com> has no administrator role."
    )
    help_desk, apps = (give(org, "users", id, role) for role in ("HELP_DESK_ADMIN", "APP_ADMIN"))
    target = f"/api/v1/users/{id}/roles/{help_desk}/targets/groups/{org.group_id('Legal')}"
    assert org.http.put(target).status_code == 204
    slack = org.http.get("/api/v1/apps", params={"q": "Slack"}).json()[0]
    target = f"/api/v1/users/{id}/roles/{apps}/targets/catalog/apps/{slack['name']}/{slack['id']}"
    limited = org.http.put(target).status_code == 204
    org.join("Night Desk", JANE)
    found = {
        (one["type"], one.get("through_group")): one.get("limited_to")
        for one in (await run(program, "list_user_roles", user_id=login))["roles"]
    }
    assert found == {
        ("HELP_DESK_ADMIN", None): ["group Legal"],
        ("APP_ADMIN", None): ["application Slack"] if limited else None,
        ("HELP_DESK_ADMIN", "Night Desk"): None,
    }


# Off by default


@pytest.mark.parametrize("name", ["list_administrators", "list_user_roles"])
async def test_roles_are_told_only_where_they_are_switched_on(
    connected: None, monkeypatch: pytest.MonkeyPatch, sandbox: RunningSandbox, name: str
) -> None:
    monkeypatch.delenv("OKTA_ACTIONS_ENABLE_TOOLSETS")
    asked = {"user_id": TESS} if name == "list_user_roles" else {}
    async with Program(load()) as program:
        error = await forbidden(program, name, **asked)
        assert error.rule == "enable_toolsets"
        assert f"{name} belongs to the toolset roles, which is off by default." in str(error)
        assert "OKTA_ACTIONS_ENABLE_TOOLSETS" in str(error)
        (found,) = [one for one in (await run(program, "find_actions", query=name))["actions"] if one["name"] == name]
        assert "enable_toolsets" in found["reason"]
        (offer,) = [one for one in await program.door.offers() if one.action.name == name]
        assert "enable_toolsets" in str(offer.reason)
    for rules in ({"enable_toolsets": ("roles",)}, {"allow_toolsets": ("roles",)}, {"allow_actions": (name,)}):
        async with Program(load(**rules)) as program:
            await run(program, name, **asked)
    async with Program(load(enable_toolsets=("roles",), allow_toolsets=("users",))) as program:
        assert (await forbidden(program, name, **asked)).rule == "allow_toolsets"
