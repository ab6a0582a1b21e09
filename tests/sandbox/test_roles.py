"""Administrator roles: given to people and to groups, taken away, and what they are good for."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from browser import Browser
from connected_org import Org
from server.sandbox.authorization.clients import register_client
from server.sandbox.running import RunningSandbox

JANE = "/api/v1/users/jane.doe@example.com/roles"


def roles(http: httpx2.Client, login: str) -> list[tuple[str, str]]:
    listed = http.get(f"/api/v1/users/{login}@example.com/roles").json()
    return [(role["type"], role["assignmentType"]) for role in listed]


def test_a_role_is_given_read_and_taken_away(http: httpx2.Client, org: Org) -> None:
    made = http.post(JANE, json={"type": "HELP_DESK_ADMIN"})
    role = made.json()
    assert made.status_code == 201
    assert (role["id"], role["label"]) == ("JBCUYUC7IRCVGS27IFCE2SKO", "Help Desk Administrator")
    assert role["_links"]["assignee"]["href"].endswith(f"/api/v1/users/{org.user('jane.doe@example.com')['id']}")
    assert http.get(f"{JANE}/{role['id']}").json() == role
    assert http.get(JANE).json() == [role]
    assert http.delete(f"{JANE}/{role['id']}").status_code == 204
    assert http.get(JANE).json() == []
    gone = http.delete(f"{JANE}/{role['id']}")
    assert gone.status_code == 404
    assert gone.json()["errorSummary"] == f"Not found: Resource not found: {role['id']} (RoleAssignment)"


def test_a_person_has_several_roles_and_each_once(http: httpx2.Client, org: Org) -> None:
    first = http.post(JANE, json={"type": "APP_ADMIN"}).json()
    http.post(JANE, json={"type": "SUPER_ADMIN"})
    again = http.post(JANE, json={"type": "APP_ADMIN"})
    assert (again.status_code, again.json()["errorCode"]) == (409, "E0000090")
    assert roles(http, "jane.doe") == [("APP_ADMIN", "USER"), ("SUPER_ADMIN", "USER")]
    http.delete(f"{JANE}/{first['id']}")
    (left,) = http.get(JANE).json()
    http.delete(f"{JANE}/{left['id']}")
    grant, revoke = "user.account.privilege.grant", "user.account.privilege.revoke"
    assert org.events() == [grant, grant, grant, revoke], "it is revoked when no role is left"


@pytest.mark.parametrize("body", [{}, {"type": None}, {"type": "EMPEROR"}, {"type": 7}])
def test_what_is_no_role_is_refused(http: httpx2.Client, org: Org, body: dict[str, Any]) -> None:
    answer = http.post(JANE, json=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert (http.get(JANE).json(), org.events()) == ([], [])


def test_a_groups_role_is_its_members_role(http: httpx2.Client, org: Org) -> None:
    group = f"/api/v1/groups/{org.group_id('Legal')}"
    role = http.post(f"{group}/roles", json={"type": "READ_ONLY_ADMIN"}).json()
    assert (role["assignmentType"], role["id"][:3]) == ("GROUP", "gra")
    assert http.get(f"{group}/roles").json() == [role]
    assert http.get("/api/v1/users/maya.goldberg@example.com/roles").json() == [role]
    maya = org.user("maya.goldberg@example.com")["id"]
    assert http.delete(f"/api/v1/users/{maya}/roles/{role['id']}").status_code == 404, "it is not hers to lose"
    http.delete(f"{group}/users/{maya}")
    assert roles(http, "maya.goldberg") == []
    http.delete(f"{group}/roles/{role['id']}")
    assert roles(http, "henrik.dahl") == []
    privileges = [event for event in org.events() if "privilege" in event]
    assert privileges == ["group.privilege.grant", "group.privilege.revoke"]


def test_the_seeded_administrators(http: httpx2.Client) -> None:
    assert roles(http, "okta-actions") == [("ORG_ADMIN", "USER")]
    assert roles(http, "samir.patel") == [("ORG_ADMIN", "GROUP")]
    assert roles(http, "tess.nguyen") == [("HELP_DESK_ADMIN", "USER")]
    assert roles(http, "anja.kowalska") == [("HELP_DESK_ADMIN", "GROUP")]
    listed = http.get("/api/v1/groups", params={"expand": "stats"}).json()
    granting = {g["profile"]["name"] for g in listed if g["_embedded"]["stats"]["hasAdminPrivilege"]}
    assert granting == {"IT Administrators", "Night Desk"}


def test_roles_go_with_their_holders(http: httpx2.Client, org: Org) -> None:
    group = org.create_group("Passing")
    http.post(f"/api/v1/groups/{group}/roles", json={"type": "USER_ADMIN"})
    http.put(f"/api/v1/groups/{group}/users/{org.user('jane.doe@example.com')['id']}")
    assert roles(http, "jane.doe") == [("USER_ADMIN", "GROUP")]
    http.delete(f"/api/v1/groups/{group}")
    assert roles(http, "jane.doe") == []


SCOPES = ("okta.users.manage", "okta.groups.manage", "okta.roles.manage")


def signed_in(sandbox: RunningSandbox, http: httpx2.Client, *types: str) -> httpx2.Client:
    """Someone with these roles, the last of them through a group, calling the API through an app."""
    password, login = "Correct-Horse-7", "some.admin@example.com"
    profile = {"firstName": "Some", "lastName": "Admin", "login": login, "email": login}
    made = http.post("/api/v1/users", json={"profile": profile, "credentials": {"password": {"value": password}}})
    group = Org(http).create_group("Through this")
    http.put(f"/api/v1/groups/{group}/users/{made.json()['id']}")
    for type in types[:-1]:
        http.post(f"/api/v1/users/{login}/roles", json={"type": type})
    http.post(f"/api/v1/groups/{group}/roles", json={"type": types[-1]})
    redirect = f"{sandbox.url}/nowhere"
    id, secret = register_client(sandbox.org, "An app", redirect_uris=[redirect], scopes=SCOPES)
    query = {
        "response_type": "code",
        "client_id": id,
        "redirect_uri": redirect,
        "scope": " ".join(SCOPES),
        "state": "s",
    }
    with Browser() as browser:
        page = browser.open(str(httpx2.URL(f"{sandbox.url}/oauth2/v1/authorize", params=query)))
        page = browser.submit(browser.submit(page, username=login, password=password), press="allow")
    code = dict(parse_qsl(urlsplit(page.url).query))["code"]
    answer = httpx2.post(
        f"{sandbox.url}/oauth2/v1/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": redirect},
        auth=httpx2.BasicAuth(id, secret or ""),
    ).json()
    assert set(answer["scope"].split()) == set(SCOPES)
    return httpx2.Client(base_url=sandbox.url, headers={"authorization": f"Bearer {answer['access_token']}"})


@pytest.mark.parametrize(
    ("types", "may"),
    [
        (("READ_ONLY_ADMIN",), set()),
        (("HELP_DESK_ADMIN",), {"users"}),
        (("HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"), {"users", "groups"}),
        (("ORG_ADMIN",), {"users", "groups"}),
        (("SUPER_ADMIN",), {"users", "groups", "roles"}),
    ],
)
def test_all_roles_of_a_person_together_say_what_may_be_changed(
    sandbox: RunningSandbox, http: httpx2.Client, types: tuple[str, ...], may: set[str]
) -> None:
    with signed_in(sandbox, http, *types) as caller:
        changes = {
            "users": caller.post("/api/v1/users/jane.doe@example.com", json={"profile": {"title": "Boss"}}),
            "groups": caller.post("/api/v1/groups", json={"profile": {"name": "New"}}),
            "roles": caller.post(JANE, json={"type": "READ_ONLY_ADMIN"}),
        }
        assert caller.get("/api/v1/users/me/roles").status_code == 200
    assert {name for name, answer in changes.items() if answer.is_success} == may
    refused = [answer for name, answer in changes.items() if name not in may]
    assert all((answer.status_code, answer.json()["errorCode"]) == (403, "E0000006") for answer in refused)


def test_a_file_of_an_earlier_version_keeps_its_administrators_and_is_searched(tmp_path: Path) -> None:
    data = tmp_path / "sandbox.db"
    with RunningSandbox(data):
        pass
    with sqlite3.connect(data) as old:
        old.executescript(
            """
            CREATE TABLE admins (user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, role TEXT NOT NULL);
            INSERT INTO admins SELECT id, 'USER_ADMIN' FROM users WHERE login = 'jane.doe@example.com';
            INSERT INTO admins SELECT id, 'ORG_ADMIN' FROM users WHERE login = 'okta-actions@example.com';
            DROP TABLE role_assignments;
            DROP INDEX users_in_short;
            DROP INDEX users_in_order_of_first_name;
            DROP INDEX users_in_order_of_last_name;
            ALTER TABLE users DROP COLUMN first_name;
            ALTER TABLE users DROP COLUMN last_name;
            """
        )
    old.close()
    with (
        RunningSandbox(data, api_token="t") as running,
        httpx2.Client(base_url=running.url, headers={"authorization": "SSWS t"}) as http,
    ):
        assert roles(http, "jane.doe") == [("USER_ADMIN", "USER")]
        assert roles(http, "okta-actions") == [("ORG_ADMIN", "USER")]
        found = http.get("/api/v1/users", params={"search": 'profile.lastName sw "doe"'}).json()
        assert [user["profile"]["login"] for user in found] == ["jane.doe@example.com"]
