"""Groups, who is in them, and the rules that decide it."""

from typing import Any

import httpx2
import pytest

from connected_org import Org, links

GROUPS = "/api/v1/groups"


def test_a_group_is_made_changed_and_deleted(http: httpx2.Client) -> None:
    made = http.post(GROUPS, json={"profile": {"name": "Night Shift", "description": "Late"}}).json()
    assert made["type"] == "OKTA_GROUP"
    assert made["lastMembershipUpdated"] == made["created"]
    url = f"{GROUPS}/{made['id']}"
    changed = http.put(url, json={"profile": {"name": "Day Shift"}}).json()
    assert changed["profile"] == {"name": "Day Shift", "description": None}
    assert http.delete(url).status_code == 204
    gone = http.get(url)
    assert (gone.status_code, gone.json()["errorCode"]) == (404, "E0000007")


def test_two_groups_cannot_have_one_name(http: httpx2.Client) -> None:
    answer = http.post(GROUPS, json={"profile": {"name": "Sales"}})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")


@pytest.mark.parametrize("name", ["Everyone", "Domain Users"])
def test_groups_that_okta_or_a_directory_keeps_are_not_changed_by_hand(
    http: httpx2.Client, org: Org, name: str
) -> None:
    url = f"{GROUPS}/{org.group_id(name)}"
    jane = org.user("jane.doe@example.com")["id"]
    before = [member["id"] for member in http.get(f"{url}/users").json()]
    put, delete = http.put(f"{url}/users/{jane}"), http.delete(f"{url}/users/{jane}")
    assert (put.status_code, put.json()["errorCode"]) == (
        (501, "E0000060") if name == "Everyone" else (403, "E0000006")
    )
    assert (delete.status_code, delete.json()["errorCode"]) == (403, "E0000006")
    assert http.put(url, json={"profile": {"name": "Mine"}}).status_code in (400, 403)
    assert http.delete(url).status_code in (400, 403)
    assert [member["id"] for member in http.get(f"{url}/users").json()] == before


def test_membership_is_put_and_deleted_without_a_body_and_repeats_are_harmless(http: httpx2.Client, org: Org) -> None:
    url = f"{GROUPS}/{org.group_id('Legal')}/users/{org.user('jane.doe@example.com')['id']}"
    for call in (http.put, http.put, http.delete, http.delete):
        answer = call(url)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-type" not in answer.headers
    events = [event for event in org.events() if "membership" in event]
    assert events == ["group.user_membership.add", "group.user_membership.remove"]


def test_an_unknown_group_is_reported_before_an_unknown_person(http: httpx2.Client, org: Org) -> None:
    both = http.put(f"{GROUPS}/00gx/users/00ux").json()["errorSummary"]
    person = http.put(f"{GROUPS}/{org.group_id('Legal')}/users/00ux").json()["errorSummary"]
    assert both == "Not found: Resource not found: 00gx (UserGroup)"
    assert person == "Not found: Resource not found: 00ux (User)"


def test_statistics_come_with_the_list_on_request(http: httpx2.Client, org: Org) -> None:
    id = org.group_id("Legal")
    (found,) = http.get(GROUPS, params={"filter": f'id eq "{id}"', "expand": "stats"}).json()
    assert found["_embedded"]["stats"]["usersCount"] == len(http.get(f"{GROUPS}/{id}/users").json())
    assert "_embedded" not in http.get(f"{GROUPS}/{id}").json()


def test_members_come_in_pages(http: httpx2.Client, org: Org) -> None:
    answer = http.get(f"{GROUPS}/{org.group_id('Engineering')}/users", params={"limit": 4})
    seen = []
    while True:
        seen += [user["id"] for user in answer.json()]
        if "next" not in links(answer):
            break
        answer = http.get(links(answer)["next"])
    assert len(seen) == len(set(seen)) > 10


def test_lists_are_searched_filtered_and_q_has_no_links(http: httpx2.Client) -> None:
    def names(**query: str) -> set[str]:
        return {group["profile"]["name"] for group in http.get(GROUPS, params=query).json()}

    assert names(q="Ma") == {"Managers", "Marketing"}
    assert http.get(GROUPS, params={"q": "Ma", "limit": 1}).headers.get_list("link") == []
    assert names(filter='type eq "APP_GROUP"') == {"Domain Users"}
    assert names(search='profile.name co "users"') == {"Domain Users", "VPN Users"}
    assert names(search='profile.name eq "sales" and type eq "OKTA_GROUP"') == {"Sales"}


def rule(http: httpx2.Client, org: Org, expression: str, group: str, **more: Any) -> httpx2.Response:
    body = {
        "type": "group_rule",
        "name": "A rule",
        "conditions": {"expression": {"value": expression, "type": "urn:okta:expression:1.0"}, **more},
        "actions": {"assignUserToGroups": {"groupIds": [org.group_id(group)]}},
    }
    return http.post(f"{GROUPS}/rules", json=body)


def test_a_rule_fills_its_group_while_it_is_active(http: httpx2.Client, org: Org) -> None:
    org.create_group("Berliners")
    made = rule(http, org, 'user.city == "Berlin" and !String.startsWith(user.login, "chloe")', "Berliners").json()
    url = f"{GROUPS}/rules/{made['id']}"
    members = f"{GROUPS}/{org.group_id('Berliners')}/users"
    assert (made["status"], http.get(members).json()) == ("INACTIVE", [])
    assert http.post(f"{url}/lifecycle/activate").status_code == 204
    cities = {user["profile"]["city"] for user in http.get(members).json()}
    logins = {user["profile"]["login"] for user in http.get(members).json()}
    assert cities == {"Berlin"}
    assert "chloe.laurent@example.com" not in logins
    org.create("newcomer@example.com", city="Berlin")
    assert "Berliners" in org.groups_of("newcomer@example.com")
    http.post("/api/v1/users/newcomer@example.com", json={"profile": {"city": "Oslo"}})
    assert "Berliners" not in org.groups_of("newcomer@example.com")
    assert http.put(url, json=made).status_code == 400, "an active rule is not changed"
    assert http.post(f"{url}/lifecycle/deactivate").status_code == 204
    org.create("later@example.com", city="Berlin")
    assert "Berliners" not in org.groups_of("later@example.com")
    removed = http.delete(url)
    assert (removed.status_code, removed.json()) == (202, {})
    assert http.get(url).status_code == 404


@pytest.mark.parametrize("expression", ["user.city ==", "drop table", 'user.city == "a', "isMemberOf(1)", "((((" * 40])
def test_an_expression_that_is_none_is_refused(http: httpx2.Client, org: Org, expression: str) -> None:
    answer = rule(http, org, expression, "Legal")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")


def test_a_rule_without_its_group_is_invalid(http: httpx2.Client, org: Org) -> None:
    id = org.create_group("Short-lived")
    made = rule(http, org, "user.city == null", "Short-lived").json()
    http.delete(f"{GROUPS}/{id}")
    found = http.get(f"{GROUPS}/rules/{made['id']}").json()
    assert (found["status"], found["allGroupsValid"]) == ("INVALID", False)
    assert http.post(f"{GROUPS}/rules/{made['id']}/lifecycle/activate").status_code == 400


def test_people_a_rule_excludes_stay_out(http: httpx2.Client, org: Org) -> None:
    org.create_group("Lawyers")
    out = org.user("victoria.chan@example.com")["id"]
    people = {"users": {"exclude": [out]}}
    made = rule(http, org, 'user.department == "Legal"', "Lawyers", people=people).json()
    http.post(f"{GROUPS}/rules/{made['id']}/lifecycle/activate")
    ids = {user["id"] for user in http.get(f"{GROUPS}/{org.group_id('Lawyers')}/users").json()}
    assert ids
    assert out not in ids
