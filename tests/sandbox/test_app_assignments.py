"""Who has an application: people directly, people through their groups, and what ends that."""

from typing import Any

import httpx2
import pytest

from connected_org import Org, links

APPS = "/api/v1/apps"
WIKI = {
    "label": "Wiki",
    "name": "bookmark",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"requestIntegration": False, "url": "https://wiki.example.com/"}},
}
JANE = "jane.doe@example.com"
ADDED, REMOVED = "application.user_membership.add", "application.user_membership.remove"


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def missing(id: str, entity: str) -> tuple[int, str, str]:
    return 404, "E0000007", f"Not found: Resource not found: {id} ({entity})"


@pytest.fixture
def wiki(http: httpx2.Client) -> str:
    """The path of a new application."""
    answer = http.post(APPS, json=WIKI)
    assert answer.status_code == 200, answer.text
    return f"{APPS}/{answer.json()['id']}"


@pytest.fixture
def readers(http: httpx2.Client, org: Org, wiki: str) -> str:
    """The id of a new group that gives the application."""
    group = org.create_group("Readers")
    assert http.put(f"{wiki}/groups/{group}", json={}).status_code == 200
    return group


def join(http: httpx2.Client, group: str, person: str) -> None:
    assert http.put(f"/api/v1/groups/{group}/users/{person}").status_code == 204


def users(http: httpx2.Client, app: str) -> dict[str, str]:
    """Who has an application, and why."""
    return {one["id"]: one["scope"] for one in http.get(f"{app}/users").json()}


def labels(http: httpx2.Client, person: str) -> list[str]:
    return [one["label"] for one in http.get(f"/api/v1/users/{person}/appLinks").json()]


def stats(http: httpx2.Client, group: str) -> dict[str, Any]:
    entry = http.get(f"/api/v1/groups/{group}", params={"expand": "stats"}).json()["_embedded"]["stats"]
    return {name: entry[name] for name in ("appsCount", "usersCount", "hasAdminPrivilege")}


def test_a_person_is_given_an_application_and_loses_it(http: httpx2.Client, org: Org, wiki: str) -> None:
    jane = org.user(JANE)["id"]
    given = http.post(f"{wiki}/users", json={"id": jane, "credentials": {"userName": "jane"}}).json()
    assert (given["id"], given["scope"], given["status"], given["syncState"]) == (jane, "USER", "ACTIVE", "DISABLED")
    assert (given["credentials"], given["profile"]) == ({"userName": "jane"}, {})
    assert http.get(f"{wiki}/users/{jane}").json() == given
    assert users(http, wiki) == {jane: "USER"}
    assert labels(http, jane) == ["Wiki"]
    renamed = http.post(f"{wiki}/users/{jane}", json={"credentials": {"userName": "jdoe"}}).json()
    assert renamed["credentials"] == {"userName": "jdoe"}
    assert http.delete(f"{wiki}/users/{jane}").status_code == 204
    assert told(http.get(f"{wiki}/users/{jane}")) == missing(jane, "AppUser")
    assert told(http.delete(f"{wiki}/users/{jane}")) == missing(jane, "AppUser")
    assert (users(http, wiki), labels(http, jane)) == ({}, [])
    assert org.events(JANE) == [ADDED, "application.user_membership.change_username", REMOVED]


def test_an_assignment_is_logged_with_the_application_and_the_person(http: httpx2.Client, org: Org, wiki: str) -> None:
    jane = org.user(JANE)["id"]
    http.post(f"{wiki}/users", json={"id": jane})
    (event,) = http.get("/api/v1/logs", params={"filter": f'eventType eq "{ADDED}"'}).json()
    kinds = [(target["type"], target["displayName"]) for target in event["target"]]
    assert kinds == [("AppUser", "Jane Doe"), ("AppInstance", "Wiki"), ("User", "Jane Doe")]
    assert event["displayMessage"] == "Add user to application membership"


def test_a_client_of_openid_connect_knows_its_users(http: httpx2.Client, org: Org) -> None:
    """TestAccResourceOktaAppUser_crud."""
    (slack,) = http.get(APPS, params={"q": "Slack"}).json()
    jane = org.user(JANE)["id"]
    profile = http.post(f"{APPS}/{slack['id']}/users", json={"id": jane}).json()["profile"]
    assert (profile["name"], profile["given_name"], profile["email"]) == ("Jane Doe", "Jane", JANE)
    assert (profile["zoneinfo"], profile["locale"], profile["website"]) == ("America/Los_Angeles", "en_US", None)


def test_who_is_not_there_gets_nothing(http: httpx2.Client, org: Org, wiki: str) -> None:
    jane = org.user(JANE)["id"]
    assert told(http.post(f"{wiki}/users", json={"id": "nobody"})) == missing("nobody", "User")
    assert told(http.post(f"{wiki}/users", json={}))[:2] == (400, "E0000001")
    assert told(http.post(f"{APPS}/nothing/users", json={"id": jane})) == missing("nothing", "AppInstance")
    gone = org.somebody("DEPROVISIONED")
    inactive = "Cannot assign apps or update app profiles for an inactive user."
    assert told(http.post(f"{wiki}/users", json={"id": gone})) == (403, "E0000117", inactive)
    assert users(http, wiki) == {}


def test_a_group_gives_an_application_to_its_members(http: httpx2.Client, org: Org, wiki: str, readers: str) -> None:
    jane, peter = org.user(JANE)["id"], org.user("peter.svensson@example.com")["id"]
    assert stats(http, readers) == {"appsCount": 1, "usersCount": 0, "hasAdminPrivilege": False}
    join(http, readers, jane)
    assert users(http, wiki) == {jane: "GROUP"}
    entry = http.get(f"{wiki}/users/{jane}").json()
    assert entry["_links"]["group"]["name"] == "Readers"
    assert [app["label"] for app in http.get(f"/api/v1/groups/{readers}/apps").json()] == ["Wiki"]
    assert http.delete(f"/api/v1/groups/{readers}/users/{jane}").status_code == 204
    assert users(http, wiki) == {}
    join(http, readers, peter)
    assert http.delete(f"{wiki}/groups/{readers}").status_code == 204
    assert users(http, wiki) == {}
    assert stats(http, readers)["appsCount"] == 0
    joined, left = "group.user_membership.add", "group.user_membership.remove"
    assert org.events(JANE) == [joined, ADDED, left, REMOVED]
    assert org.events("peter.svensson@example.com") == [joined, ADDED, REMOVED]
    assert [event for event in org.events() if event.startswith("group.application")] == [
        "group.application_assignment.add",
        "group.application_assignment.remove",
    ]


def test_members_of_before_have_it_as_soon_as_the_group_gives_it(http: httpx2.Client, org: Org, wiki: str) -> None:
    legal = org.group_id("Legal")
    members = {one["id"] for one in http.get(f"/api/v1/groups/{legal}/users").json()}
    http.put(f"{wiki}/groups/{legal}", json={"priority": 3, "profile": {"role": "reader"}})
    assert users(http, wiki) == dict.fromkeys(members, "GROUP")
    shown = http.get(f"{wiki}/groups/{legal}").json()
    assert (shown["priority"], shown["profile"]) == (3, {"role": "reader"})
    (listed,) = http.get(f"{wiki}/groups", params={"expand": "group"}).json()
    assert listed.pop("_embedded")["group"]["profile"]["name"] == "Legal"
    assert listed == shown


def test_an_assignment_of_ones_own_outlives_the_groups(http: httpx2.Client, org: Org, wiki: str, readers: str) -> None:
    jane = org.user(JANE)["id"]
    join(http, readers, jane)
    assert http.post(f"{wiki}/users", json={"id": jane}).json()["scope"] == "USER"
    http.delete(f"/api/v1/groups/{readers}/users/{jane}")
    assert users(http, wiki) == {jane: "USER"}


def test_what_a_group_gives_is_not_taken_from_one_member(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    jane = org.user(JANE)["id"]
    join(http, readers, jane)
    answer = http.delete(f"{wiki}/users/{jane}")
    assert told(answer) == (403, "E0000046", "Deactivate application for user forbidden.")
    assert "group memberships grant them access" in answer.json()["errorCauses"][0]["errorSummary"]
    assert users(http, wiki) == {jane: "GROUP"}


def test_two_groups_that_give_the_same_are_left_one_by_one(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    jane, writers = org.user(JANE)["id"], org.create_group("Writers")
    http.put(f"{wiki}/groups/{writers}", json={"priority": 1})
    join(http, readers, jane)
    join(http, writers, jane)
    assert http.get(f"{wiki}/users/{jane}").json()["_links"]["group"]["name"] == "Readers"
    http.delete(f"/api/v1/groups/{readers}/users/{jane}")
    assert http.get(f"{wiki}/users/{jane}").json()["_links"]["group"]["name"] == "Writers"
    http.delete(f"/api/v1/groups/{writers}")
    assert users(http, wiki) == {}
    assert [event for event in org.events(JANE) if event.startswith("application")] == [ADDED, REMOVED]


@pytest.mark.parametrize("way", ["deactivate", "delete"])
def test_a_deactivation_ends_all_and_groups_give_again_afterwards(
    http: httpx2.Client, org: Org, wiki: str, readers: str, way: str
) -> None:
    jane = org.user(JANE)["id"]
    (salesforce,) = http.get(APPS, params={"q": "Salesforce"}).json()
    own = f"{APPS}/{salesforce['id']}"
    http.post(f"{own}/users", json={"id": jane})
    join(http, readers, jane)
    assert labels(http, jane) == ["Salesforce", "Wiki"]
    if way == "deactivate":
        org.lifecycle(jane, "deactivate")
    else:
        assert http.delete(f"/api/v1/users/{jane}").status_code == 204
    assert (labels(http, jane), users(http, wiki)) == ([], {})
    assert jane not in users(http, own)
    assert org.events(JANE)[-2:] == [REMOVED, REMOVED]
    org.lifecycle(jane, "activate")
    assert labels(http, jane) == ["Wiki"]


def test_who_is_deleted_has_nothing_and_a_new_person_has_what_their_groups_give(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    person = {"firstName": "New", "lastName": "Comer", "email": "new@example.com", "login": "new@example.com"}
    made = http.post("/api/v1/users", json={"profile": person, "groupIds": [readers]}).json()["id"]
    assert users(http, wiki) == {made: "GROUP"}
    for _ in range(2):
        assert http.delete(f"/api/v1/users/{made}").status_code == 204
    assert users(http, wiki) == {}
    assert told(http.get(f"{wiki}/users/{made}")) == missing(made, "User")


def test_a_group_rule_that_moves_people_moves_their_applications(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    rule = {
        "type": "group_rule",
        "name": "Readers by title",
        "conditions": {"expression": {"value": 'user.title=="Reader"', "type": "urn:okta:expression:1.0"}},
        "actions": {"assignUserToGroups": {"groupIds": [readers]}},
    }
    id = http.post("/api/v1/groups/rules", json=rule).json()["id"]
    assert http.post(f"/api/v1/groups/rules/{id}/lifecycle/activate").status_code == 204
    jane = org.user(JANE)["id"]
    for title, wanted in (("Reader", {jane: "GROUP"}), ("Writer", {})):
        assert http.post(f"/api/v1/users/{jane}", json={"profile": {"title": title}}).status_code == 200
        assert users(http, wiki) == wanted


def test_an_inactive_application_is_on_no_dashboard_and_given_to_nobody(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    """The answer of Okta: okta/terraform-provider-okta#1502."""
    jane = org.user(JANE)["id"]
    join(http, readers, jane)
    http.post(f"{wiki}/lifecycle/deactivate")
    assert (labels(http, jane), users(http, wiki)) == ([], {jane: "GROUP"})
    app = wiki.rpartition("/")[2]
    legal = org.group_id("Legal")
    assert told(http.put(f"{wiki}/groups/{legal}", json={})) == missing(app, "AppInstance")
    assert told(http.delete(f"{wiki}/groups/{readers}")) == missing(app, "AppInstance")
    assert http.get(f"{wiki}/groups/{readers}").status_code == 200
    http.post(f"{wiki}/lifecycle/activate")
    assert labels(http, jane) == ["Wiki"]


def test_an_application_that_is_deleted_leaves_nothing_behind(
    http: httpx2.Client, org: Org, wiki: str, readers: str
) -> None:
    jane = org.user(JANE)["id"]
    join(http, readers, jane)
    http.post(f"{wiki}/lifecycle/deactivate")
    assert http.delete(wiki).status_code == 204
    assert (stats(http, readers)["appsCount"], labels(http, jane)) == (0, [])
    assert http.get(f"/api/v1/groups/{readers}/apps").json() == []


def test_groups_that_are_not_there_or_give_nothing_are_missing(http: httpx2.Client, org: Org, wiki: str) -> None:
    """groups__invalid_assign_group, groups__invalid_get_group_for_app and others in simpleokta."""
    legal = org.group_id("Legal")
    for method in ("GET", "PUT", "DELETE"):
        nowhere = http.request(method, f"{APPS}/invalidid/groups/{legal}")
        assert told(nowhere) == missing("invalidid", "AppInstance"), method
        assert told(http.request(method, f"{wiki}/groups/invalidid")) == missing("invalidid", "UserGroup"), method
    for method in ("GET", "DELETE"):
        assert http.request(method, f"{wiki}/groups/{legal}").status_code == 404
    assert told(http.put(f"{wiki}/groups/{legal}", json={"priority": 101}))[:2] == (400, "E0000001")


def test_users_are_listed_by_pages_and_found_by_what_they_are_called(http: httpx2.Client, org: Org, wiki: str) -> None:
    http.put(f"{wiki}/groups/{org.group_id('Engineering')}")
    first = http.get(f"{wiki}/users", params={"limit": 5, "expand": "user"})
    assert "0ua" in links(first)["next"]
    assert all(one["_embedded"]["user"]["id"] == one["id"] for one in first.json())
    seen, url = [], f"{wiki}/users?limit=5"
    while url:
        page = http.get(url)
        seen += [one["id"] for one in page.json()]
        url = links(page).get("next", "")
    assert sorted(seen) == sorted(users(http, wiki))
    (hana,) = http.get(f"{wiki}/users", params={"q": "hana"}).json()
    assert hana["credentials"]["userName"] == "hana.sato@example.com"


def test_one_group_of_the_demo_org_gives_an_application(http: httpx2.Client) -> None:
    """A person is asked before anybody is added to one that does."""
    listed = http.get("/api/v1/groups", params={"expand": "stats"}).json()
    giving = {group["profile"]["name"] for group in listed if group["_embedded"]["stats"]["appsCount"]}
    assert giving == {"Customer Desk"}
