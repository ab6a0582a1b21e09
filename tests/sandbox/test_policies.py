"""Policies and network zones: what every org has, what an administrator adds, and how sign-ins obey them."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from connected_org import Org
from server.sandbox.running import RunningSandbox

POLICIES, ZONES = "/api/v1/policies", "/api/v1/zones"
LOGIN, PASSWORD = "sign.in@example.com", "Secret-1234"
DAY = 24 * 3600


@pytest.fixture
def person(org: Org) -> dict[str, Any]:
    return org.create(LOGIN, password=PASSWORD)


@pytest.fixture
def stranger(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    """Somebody at an address of the network that the demo org shuts out, without a token."""
    with httpx2.Client(base_url=sandbox.url, headers={"x-forwarded-for": "198.51.100.77"}) as client:
        yield client


@pytest.fixture
def visitor(sandbox: RunningSandbox) -> Iterator[httpx2.Client]:
    """Somebody at an address of no zone, without a token."""
    with httpx2.Client(base_url=sandbox.url, headers={"x-forwarded-for": "203.0.113.9"}) as client:
        yield client


def _sign_in(client: httpx2.Client, password: str = PASSWORD) -> httpx2.Response:
    return client.post("/api/v1/authn", json={"username": LOGIN, "password": password})


def _told(http: httpx2.Client, *event_types: str) -> list[tuple[str, str | None]]:
    text = " or ".join(f'eventType eq "{name}"' for name in event_types)
    found = http.get("/api/v1/logs", params={"filter": text}).json()
    return [(event["outcome"]["result"], event["outcome"]["reason"]) for event in found]


def _named(http: httpx2.Client, type: str) -> dict[str, dict[str, Any]]:
    return {policy["name"]: policy for policy in http.get(POLICIES, params={"type": type}).json()}


def test_every_type_has_a_policy_of_the_system_that_comes_last(http: httpx2.Client) -> None:
    for type, kind in (
        ("OKTA_SIGN_ON", "SIGN_ON"),
        ("PASSWORD", "PASSWORD"),
        ("MFA_ENROLL", "MFA_ENROLL"),
        ("ACCESS_POLICY", "ACCESS_POLICY"),
    ):
        *others, last = http.get(POLICIES, params={"type": type}).json()
        assert (last["system"], last["type"], last["status"]) == (True, type, "ACTIVE")
        assert all(not policy["system"] and policy["priority"] < last["priority"] for policy in others)
        assert http.get(f"{POLICIES}/{last['id']}").json() == last
        (rule,) = http.get(f"{POLICIES}/{last['id']}/rules").json()
        assert (rule["system"], rule["type"]) == (True, kind)
        expanded = http.get(f"{POLICIES}/{last['id']}", params={"expand": "rules"}).json()
        assert expanded["_embedded"]["rules"] == [rule]
        assert http.delete(f"{POLICIES}/{last['id']}").status_code == 403


@pytest.mark.parametrize(("query", "code"), [({}, "E0000028"), ({"type": "X"}, "E0000001")])
def test_policies_are_listed_by_a_type_that_there_is(http: httpx2.Client, query: dict[str, str], code: str) -> None:
    answer = http.get(POLICIES, params=query)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_passwords_of_the_staff_grow_old_and_ten_attempts_lock(http: httpx2.Client) -> None:
    staff = _named(http, "PASSWORD")["Staff passwords"]["settings"]["password"]
    assert (staff["age"]["maxAgeDays"], staff["lockout"]["maxAttempts"]) == (90, 10)
    default = _named(http, "PASSWORD")["Default Policy"]["settings"]["password"]
    assert default["age"]["maxAgeDays"] == 0


def test_a_policy_denies_a_sign_in_from_a_blocked_zone_and_the_log_says_so(
    http: httpx2.Client, person: dict[str, Any], stranger: httpx2.Client, visitor: httpx2.Client
) -> None:
    denied = _sign_in(stranger)
    assert (denied.status_code, denied.json()["errorCode"]) == (403, "E0000006")
    (event,) = http.get("/api/v1/logs", params={"filter": 'eventType eq "policy.evaluate_sign_on"'}).json()
    assert event["outcome"] == {"result": "DENY", "reason": "Sign-on policy evaluation resulted in DENY"}
    assert (event["actor"]["id"], event["client"]["zone"]) == (person["id"], "Blocked networks")
    assert [(target["type"], target["displayName"]) for target in event["target"]] == [
        ("PolicyEntity", "Blocked networks"),
        ("PolicyRule", "Deny from blocked networks"),
    ]
    assert http.get(f"/api/v1/users/{LOGIN}").json()["lastLogin"] is None
    assert _sign_in(stranger, "wrong").status_code == 401, "a stranger does not learn whether the password was right"
    assert _sign_in(visitor).json()["status"] == "SUCCESS"
    assert [result for result, _ in _told(http, "policy.evaluate_sign_on")] == ["DENY", "ALLOW"]


def test_the_sign_in_page_is_as_strict(person: dict[str, Any], stranger: httpx2.Client, visitor: httpx2.Client) -> None:
    form = {"return_to": "/activate", "username": LOGIN, "password": PASSWORD}
    refused = stranger.post("/login", data=form)
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
    assert visitor.post("/login", data=form).status_code == 303


def test_a_zone_on_the_blocklist_is_asked_before_anything_else(
    http: httpx2.Client, person: dict[str, Any], visitor: httpx2.Client
) -> None:
    (blocked,) = [zone for zone in http.get(ZONES).json() if zone["name"] == "BlockedIpZone"]
    assert (blocked["system"], blocked["usage"], blocked["gateways"]) == (True, "BLOCKLIST", None)
    body = {**blocked, "gateways": [{"type": "RANGE", "value": "203.0.113.1-203.0.113.20"}]}
    assert http.put(f"{ZONES}/{blocked['id']}", json=body).json()["gateways"] == body["gateways"]
    assert _sign_in(visitor).status_code == 403
    assert _told(http, "security.request.blocked") == [("DENY", "NETWORK_ZONE_BLACKLIST")]
    assert _told(http, "policy.evaluate_sign_on", "user.session.start") == []
    assert http.put(f"{ZONES}/{blocked['id']}", json={**blocked, "gateways": []}).status_code == 200
    assert _sign_in(visitor).status_code == 200


def test_a_password_expires_by_the_policy_of_a_group(
    http: httpx2.Client, org: Org, sandbox: RunningSandbox, person: dict[str, Any], visitor: httpx2.Client
) -> None:
    group = org.create_group("Short-lived passwords")
    document = {
        "type": "PASSWORD",
        "name": "Thirty days",
        "priority": 1,
        "conditions": {"people": {"groups": {"include": [group]}}},
        "settings": {"password": {"age": {"maxAgeDays": 30}}},
    }
    made = http.post(POLICIES, json=document).json()
    assert made["settings"]["password"]["lockout"]["maxAttempts"] == 10, "what is not sent is as usual"
    order = [(policy["name"], policy["priority"]) for policy in _named(http, "PASSWORD").values()]
    assert order == [("Thirty days", 1), ("Staff passwords", 2), ("Default Policy", 3)], "the others make room"
    now = sandbox.org.clock()
    sandbox.org.clock = lambda: now + 31 * DAY
    assert _sign_in(visitor).json()["status"] == "SUCCESS", "nothing expires under the default policy"
    org.join("Short-lived passwords", LOGIN)
    expired = _sign_in(visitor)
    assert (expired.status_code, expired.json()["status"]) == (200, "PASSWORD_EXPIRED")
    assert "sessionToken" not in expired.json()
    assert org.user(LOGIN)["status"] == "PASSWORD_EXPIRED"
    assert _told(http, "user.session.start")[-1] == ("FAILURE", "PASSWORD_EXPIRED")
    change = {"oldPassword": {"value": PASSWORD}, "newPassword": {"value": "Other-1234"}}
    assert http.post(f"/api/v1/users/{person['id']}/credentials/change_password", json=change).status_code == 200
    assert _sign_in(visitor, "Other-1234").json()["status"] == "SUCCESS"


def test_failures_are_told_with_their_reason(
    http: httpx2.Client, person: dict[str, Any], visitor: httpx2.Client
) -> None:
    assert _sign_in(visitor, "wrong").status_code == 401
    body = {"username": "nobody@example.com", "password": "x"}
    assert visitor.post("/api/v1/authn", json=body).status_code == 401
    assert _told(http, "user.session.start") == [("FAILURE", "INVALID_CREDENTIALS"), ("FAILURE", "VERIFICATION_ERROR")]
    unknown = http.get("/api/v1/logs", params={"filter": 'actor.alternateId eq "nobody@example.com"'}).json()
    assert unknown[0]["actor"]["id"] == "unknown"


def test_a_policy_and_its_rule_are_made_changed_switched_and_removed(http: httpx2.Client, org: Org) -> None:
    group = org.create_group("Travellers")
    people = {"people": {"groups": {"include": [group]}}}
    policy = http.post(POLICIES, json={"type": "OKTA_SIGN_ON", "name": "Travel", "conditions": people}).json()
    url = f"{POLICIES}/{policy['id']}"
    assert (policy["conditions"], policy["system"], policy["status"]) == (people, False, "ACTIVE")
    taken = http.post(POLICIES, json={"type": "OKTA_SIGN_ON", "name": "Travel"})
    assert (taken.status_code, taken.json()["errorCode"]) == (400, "E0000001")
    actions = {"signon": {"access": "ALLOW", "requireFactor": True}}
    rule = http.post(f"{url}/rules", json={"type": "SIGN_ON", "name": "Factor", "actions": actions}).json()
    assert (rule["type"], rule["actions"]["signon"]["requireFactor"]) == ("SIGN_ON", True)
    assert rule["conditions"]["network"] == {"connection": "ANYWHERE"}
    changed = http.put(f"{url}/rules/{rule['id']}", json={**rule, "name": "A factor"}).json()
    assert http.get(f"{url}/rules/{rule['id']}").json() == changed
    assert changed["name"] == "A factor"
    for step, status in (("deactivate", "INACTIVE"), ("activate", "ACTIVE")):
        assert http.post(f"{url}/rules/{rule['id']}/lifecycle/{step}").status_code == 204
        assert http.get(f"{url}/rules/{rule['id']}").json()["status"] == status
        assert http.post(f"{url}/lifecycle/{step}").status_code == 204
        assert http.get(url).json()["status"] == status
    assert http.delete(f"{url}/rules/{rule['id']}").status_code == 204
    assert http.delete(url).status_code == 204
    gone = http.get(url)
    assert (gone.status_code, gone.json()["errorCode"]) == (404, "E0000007")
    assert [event for event in org.events() if event.startswith("policy")] == [
        *("policy.lifecycle.create", "policy.rule.add", "policy.rule.update"),
        *("policy.rule.deactivate", "policy.lifecycle.deactivate", "policy.rule.activate", "policy.lifecycle.activate"),
        *("policy.rule.delete", "policy.lifecycle.delete"),
    ]


def test_zones_of_the_system_stay_and_others_come_and_go(http: httpx2.Client) -> None:
    assert {zone["name"] for zone in http.get(ZONES).json() if zone["system"]} == {"LegacyIpZone", "BlockedIpZone"}
    body = {"type": "IP", "name": "Office", "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
    zone = http.post(ZONES, json=body).json()
    assert (zone["usage"], zone["proxies"], zone["status"]) == ("POLICY", None, "ACTIVE")
    url = f"{ZONES}/{zone['id']}"
    assert http.get(url).json() == zone
    for bad in ({**body, "gateways": [{"type": "CIDR", "value": "nonsense"}]}, {**body, "name": ""}, body):
        assert http.post(ZONES, json=bad).status_code == 400
    assert http.post(f"{url}/lifecycle/deactivate").json()["status"] == "INACTIVE"
    assert http.delete(url).status_code == 204
    assert http.get(url).status_code == 404
    system = next(zone for zone in http.get(ZONES).json() if zone["system"])
    assert http.delete(f"{ZONES}/{system['id']}").status_code == 403


def test_following_a_link_of_the_dashboard_is_told_with_the_assignment(
    http: httpx2.Client, org: Org, person: dict[str, Any], visitor: httpx2.Client
) -> None:
    made = {"label": "Wiki", "name": "bookmark", "signOnMode": "BOOKMARK"}
    settings = {"app": {"requestIntegration": False, "url": "https://wiki.example.com/"}}
    app = http.post("/api/v1/apps", json={**made, "settings": settings}).json()
    path = f"/home/bookmark/{app['id']}/login"
    assert "Password" in visitor.get(path).text, "nobody is signed in"
    form = {"return_to": path, "username": LOGIN, "password": PASSWORD}
    assert visitor.post("/login", data=form).headers["location"] == path
    assert visitor.get(path).status_code == 403, "it is not assigned"
    assert http.post(f"/api/v1/apps/{app['id']}/users", json={"id": person["id"]}).status_code == 200
    assert visitor.get(path).headers["location"] == "https://wiki.example.com/"
    text = f'actor.id eq "{person["id"]}" and target.id eq "{app["id"]}"'
    refused, opened = http.get("/api/v1/logs", params={"filter": text}).json()
    assert (refused["eventType"], refused["outcome"]["result"]) == ("app.generic.unauth_app_access_attempt", "FAILURE")
    assert opened["eventType"] == "user.authentication.sso"
    assert [target["type"] for target in opened["target"]] == ["AppInstance", "AppUser"]
    assert opened["target"][0]["detailEntry"] == {"signOnModeType": "BOOKMARK"}
    started = http.get("/api/v1/logs", params={"filter": 'eventType eq "user.session.start"'}).json()
    assert opened["authenticationContext"]["externalSessionId"].startswith("102"), "the session's"
    assert started[-1]["actor"]["id"] == person["id"]


def test_as_many_attempts_lock_as_the_policy_says(
    http: httpx2.Client, org: Org, person: dict[str, Any], visitor: httpx2.Client
) -> None:
    group = org.create_group("Careful")
    settings = {"password": {"lockout": {"maxAttempts": 3}}}
    people = {"people": {"groups": {"include": [group]}}}
    body = {"type": "PASSWORD", "name": "Three attempts", "conditions": people, "settings": settings}
    assert http.post(POLICIES, json=body).json()["priority"] == 2
    org.join("Careful", LOGIN)
    for _ in range(3):
        assert org.user(LOGIN)["status"] == "ACTIVE"
        assert _sign_in(visitor, "wrong").status_code == 401
    assert org.user(LOGIN)["status"] == "LOCKED_OUT"
    assert _told(http, "user.account.lock") == [("FAILURE", "LOCKED_OUT")]
    assert _sign_in(visitor).status_code == 401
    assert _told(http, "user.session.start")[-1] == ("FAILURE", "LOCKED_OUT")
