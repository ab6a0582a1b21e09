"""Administrator roles: given to people and to groups, taken away, and what they are good for."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from browser import Browser
from connected_org import Org, links
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


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errorCode"]


TYPES = ("MOBILE_ADMIN", "API_ACCESS_MANAGEMENT_ADMIN", "REPORT_ADMIN", "WORKFLOWS_ADMIN", "ACCESS_REQUESTS_ADMIN")


@pytest.mark.parametrize("type", TYPES)
def test_every_standard_role_is_given_and_shows_who_has_it(http: httpx2.Client, type: str) -> None:
    made = http.post(JANE, params={"disableNotifications": "true"}, json={"type": type}).json()
    assert (made["type"], made["id"][:3], made["label"].endswith(" Administrator")) == (type, "ra1", True)
    assert roles(http, "jane.doe") == [(type, "USER")]


def test_an_org_that_was_not_switched_over_has_the_older_labels(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    """TestAccAppSaml_userGroups of April 2023 and oktakit's assign_role_to_user; the newer ones are of July 2023."""
    sandbox.org.older_role_labels = True
    labels = [
        http.post(JANE, json={"type": type}).json()["label"] for type in ("USER_ADMIN", "SUPER_ADMIN", "APP_ADMIN")
    ]
    assert labels == ["User Administrator", "Super Organization Administrator", "Application Administrator"]
    sandbox.org.older_role_labels = False
    labels = [role["label"] for role in http.get(JANE).json()]
    assert labels == ["Group Administrator", "Super Administrator", "Application Administrator"]


@pytest.mark.parametrize("kind", ["users", "groups"])
def test_a_role_is_limited_to_groups_and_they_go_with_it(http: httpx2.Client, org: Org, kind: str) -> None:
    """TestAccResourceOktaGroupAdminRole_crud and TestUsersResource.test_user_group_target_to_role."""
    holder = org.user("jane.doe@example.com")["id"] if kind == "users" else org.create_group("Helpers")
    all_of_them = f"/api/v1/{kind}/{holder}/roles"
    targets = f"{all_of_them}/{http.post(all_of_them, json={'type': 'HELP_DESK_ADMIN'}).json()['id']}/targets"
    first, second = org.create_group("First"), org.create_group("Second")
    for id in (first, second, second):
        assert http.put(f"{targets}/groups/{id}").status_code == 204
    listed = http.get(f"{targets}/groups", params={"limit": 200})
    assert [one["profile"]["name"] for one in listed.json()] == ["First", "Second"]
    assert '&limit=20>; rel="self"' in listed.headers["link"]
    shown = http.get(all_of_them, params={"expand": "targets/groups"}).json()[0]
    assert [one["id"] for one in shown["_embedded"]["targets"]["groups"]] == [first, second]
    assert http.delete(f"{targets}/groups/{first}").status_code == 204
    assert told(http.delete(f"{targets}/groups/{first}")) == (404, "E0000007")
    assert told(http.delete(f"{targets}/groups/{second}")) == (400, "E0000001"), "the last one stays"
    http.delete(f"/api/v1/groups/{second}")
    assert http.get(f"{targets}/groups").json() == []
    http.put(f"{targets}/groups/{first}")
    http.delete(targets.removesuffix("/targets"))
    assert told(http.get(f"{targets}/groups")) == (404, "E0000007")
    http.post(all_of_them, json={"type": "HELP_DESK_ADMIN"})
    assert http.get(f"{targets}/groups").json() == [], "a role that is given again begins without limits"


def test_many_targets_are_paged(http: httpx2.Client, org: Org) -> None:
    targets = f"{JANE}/{http.post(JANE, json={'type': 'USER_ADMIN'}).json()['id']}/targets/groups"
    ids = [org.create_group(f"Target {number}") for number in range(41)]
    for id in ids:
        http.put(f"{targets}/{id}")
    seen, url = list[str](), targets
    while url:
        answer = http.get(url)
        assert len(answer.json()) <= 20
        seen += [one["id"] for one in answer.json()]
        url = links(answer).get("next", "")
    assert seen == ids
    assert told(http.get(targets, params={"after": "nonsense"})) == (400, "E0000029")


def test_a_role_is_limited_to_apps_of_the_catalogue(http: httpx2.Client) -> None:
    """TestAccResourceOktaGroupAdminRole_crud and oktakit's list_app_targets_for_app_admin_role."""
    targets = f"{JANE}/{http.post(JANE, json={'type': 'APP_ADMIN'}).json()['id']}/targets/catalog/apps"
    for name in ("facebook", "salesforce"):
        assert http.put(f"{targets}/{name}").status_code == 204
    assert [(one["name"], one["status"]) for one in http.get(targets).json()] == [
        ("facebook", "ACTIVE"),
        ("salesforce", "ACTIVE"),
    ]
    shown = http.get(JANE, params={"expand": "targets/catalog/apps"}).json()[0]["_embedded"]["targets"]
    assert [one["name"] for one in shown["catalog"]["apps"]] == ["facebook", "salesforce"]
    for nowhere in ("no_such_app", "facebook/0oa9i7e4xs8Kz3qyG1d7"):
        assert told(http.put(f"{targets}/{nowhere}")) == (404, "E0000007"), nowhere
    assert http.delete(f"{targets}/facebook").status_code == 204
    assert told(http.delete(f"{targets}/salesforce")) == (400, "E0000001"), "the last one stays"
    assert http.put(targets).status_code == 200
    assert http.get(targets).json() == [], "no app stands for every app"


def test_a_role_takes_only_the_targets_of_its_kind(http: httpx2.Client, org: Org) -> None:
    wrong = {"APP_ADMIN": f"groups/{org.group_id('Legal')}", "USER_ADMIN": "catalog/apps/facebook"}
    for type, target in (*wrong.items(), ("SUPER_ADMIN", wrong["APP_ADMIN"])):
        role = http.post(JANE, json={"type": type}).json()["id"]
        assert told(http.put(f"{JANE}/{role}/targets/{target}")) == (400, "E0000091"), type
    assert told(http.put(f"{JANE}/ra1NotThere/targets/{wrong['APP_ADMIN']}")) == (404, "E0000007")
    assert told(http.post(f"{JANE}/{role}/targets/groups")) == (405, "E0000022")


def test_no_role_for_groups_that_everybody_is_in(http: httpx2.Client, org: Org) -> None:
    answer = http.post(f"/api/v1/groups/{org.group_id('Everyone')}/roles", json={"type": "READ_ONLY_ADMIN"})
    assert told(answer) == (400, "E0000211")
    assert roles(http, "jane.doe") == []


def test_all_who_have_a_role_are_listed_once_a_page_at_a_time(http: httpx2.Client, org: Org) -> None:
    """TestAccDataSourceIamAssigneesUsers_withLimit; its requests carry an empty `after`."""
    assignees = "/api/v1/iam/assignees/users"
    logins = ("okta-actions", "samir.patel", "tess.nguyen", "anja.kowalska")
    administrators = sorted(org.user(f"{login}@example.com")["id"] for login in logins)
    http.post("/api/v1/users/samir.patel@example.com/roles", json={"type": "APP_ADMIN"})
    whole = http.get(assignees, params={"after": "", "limit": 50}).json()
    assert [one["id"] for one in whole["value"]] == administrators
    assert "_links" not in whole
    one = whole["value"][0]
    assert one["orn"].endswith(f":users:{one['id']}")
    assert http.get(one["_links"]["roles"]["href"]).json() != []
    seen, url = list[str](), f"{assignees}?limit=3"
    while url:
        page = http.get(url).json()
        seen += [one["id"] for one in page["value"]]
        url = page.get("_links", {}).get("next", {}).get("href", "")
    assert seen == administrators
    org.lifecycle(administrators[-1], "deactivate")
    assert [one["id"] for one in http.get(assignees).json()["value"]] == administrators[:-1]
    assert told(http.get(assignees, params={"after": "x"})) == (400, "E0000029")


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
