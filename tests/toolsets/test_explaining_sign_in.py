"""Why somebody cannot sign in: each cause with its evidence, and what mends it."""

import json
from typing import Any

import httpx2
import pytest

from connected_org import Org
from hostile import PIECES
from ledger import JANE, do
from server.door.actions import ACTIONS
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tests.toolsets.test_hidden_events import shows
from tests.toolsets.test_logs import ABROAD, CHROME, HOME, OFFICE, OSCAR, actor, happened


async def explained(program: Program, login: str) -> dict[str, Any]:
    return await do(program, "explain_sign_in_problem", user_id=login)


async def first_cause(program: Program, login: str) -> dict[str, Any]:
    found: dict[str, Any] = (await explained(program, login))["causes"][0]
    return found


def tries(org: Org, login: str, password: str, ip: str = OFFICE) -> Any:
    """Somebody tries to sign in, from somewhere."""
    headers = {"x-forwarded-for": ip, "user-agent": CHROME}
    body = {"username": login, "password": password}
    return httpx2.post(f"{org.http.base_url}/api/v1/authn", json=body, headers=headers)


@pytest.mark.parametrize(
    ("status", "cause", "action"),
    [
        ("STAGED", "staged", "activate_user"),
        ("PROVISIONED", "provisioned", "resend_activation"),
        ("RECOVERY", "recovery", "reset_password"),
        ("SUSPENDED", "suspended", "unsuspend_user"),
        ("DEPROVISIONED", "deprovisioned", "activate_user"),
        ("LOCKED_OUT", "locked_out", "unlock_user"),
    ],
)
async def test_a_status_that_lets_nobody_in_is_the_cause(
    program: Program, org: Org, status: str, cause: str, action: str
) -> None:
    user = make(org, status)
    assert org.user(user["id"])["status"] == status
    told = await explained(program, user["id"])
    first = told["causes"][0]
    assert (first["cause"], first["certainty"], first["action"]) == (cause, "certain", action)
    assert first["arguments"] == {"user_id": user["id"]}
    assert f"status {status} since" in first["evidence"][0] or status == "STAGED"
    assert "ask" not in told
    assert told["status"] == status
    assert action in ACTIONS


def make(org: Org, status: str) -> dict[str, Any]:
    """Somebody with a status."""
    login, password = f"{status.lower()}@example.com", "Secret-1234"
    if status in ("STAGED", "PROVISIONED"):
        return org.create(login, activate=status == "PROVISIONED")
    user = org.create(login, password=password)
    match status:
        case "SUSPENDED":
            org.lifecycle(user["id"], "suspend")
        case "DEPROVISIONED":
            org.lifecycle(user["id"], "deactivate")
        case "RECOVERY":
            org.lifecycle(user["id"], "reset_password")
        case "LOCKED_OUT":
            for _ in range(10):
                tries(org, login, "wrong")
    return user


async def test_who_suspended_somebody_and_since_when_is_told(program: Program, org: Org) -> None:
    user = make(org, "SUSPENDED")
    evidence = (await first_cause(program, user["id"]))["evidence"]
    assert "user.lifecycle.suspend by" in evidence[1]


async def test_a_lock_is_told_with_the_attempts_that_led_to_it(program: Program, org: Org) -> None:
    user = make(org, "LOCKED_OUT")
    first = await first_cause(program, user["id"])
    said = " ".join(first["evidence"])
    assert "times, last" in said
    assert f"from {OFFICE}" in said
    assert "Chicago, United States" in said


async def test_wrong_passwords_are_told_until_one_is_right(program: Program, org: Org) -> None:
    login = org.person("typo")
    assert tries(org, login, "wrong", HOME).status_code == 401
    first = await first_cause(program, login)
    assert (first["cause"], first["certainty"], first["action"]) == ("wrong_password", "likely", "reset_password")
    assert "INVALID_CREDENTIALS" in first["evidence"][0]
    assert f"from {HOME} (“Chicago, United States”), “CHROME" in first["evidence"][0]
    assert tries(org, login, "Secret-1234", HOME).status_code == 200
    told = await explained(program, login)
    assert (told["causes"][0]["cause"], told["causes"][0]["certainty"]) == ("wrong_password", "possible")
    assert "signed in since" in told["causes"][0]["what"]
    assert "action" not in told["causes"][0]
    assert "Nothing certain was found that keeps" in told["note"]


async def test_an_expired_password_is_told_with_who_expired_it(program: Program, org: Org) -> None:
    user = org.create("old@example.com", password="Secret-1234")
    org.lifecycle(user["id"], "expire_password")
    tries(org, "old@example.com", "Secret-1234")
    first = await first_cause(program, user["id"])
    assert (first["cause"], first["action"]) == ("password_expired", "reset_password")
    assert "PASSWORD_EXPIRED since" in first["evidence"][0]


async def test_a_password_older_than_the_policy_allows_is_told(program: Program, org: Org) -> None:
    login = org.person("aged")
    listed = org.http.get("/api/v1/policies", params={"type": "PASSWORD"}).json()
    (policy,) = [one for one in listed if one["name"] == "Default Policy"]
    policy["settings"]["password"]["age"]["maxAgeDays"] = 30
    assert org.http.put(f"/api/v1/policies/{policy['id']}", json=policy).status_code == 200
    assert (await explained(program, login))["causes"] == []
    aged = [one for one in await people(org) if one["passwordChanged"] and one["status"] == "ACTIVE"]
    oldest = min(aged, key=lambda one: one["passwordChanged"])
    told = [one for one in (await explained(program, oldest["id"]))["causes"] if one["cause"] == "password_expired"]
    assert "days old" in told[0]["what"]
    assert "password policy" in told[0]["evidence"][0]


async def people(org: Org) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.http.get("/api/v1/users", params={"limit": 200}).json()
    return found


async def test_a_network_that_a_policy_denies_is_told_with_the_rule(program: Program, org: Org) -> None:
    login = org.person("abroad")
    assert tries(org, login, "Secret-1234", ABROAD).status_code == 403
    first = await first_cause(program, login)
    assert first["cause"] == "denied_by_policy"
    assert "“Blocked networks”" in first["what"]
    assert f"from {ABROAD}" in first["evidence"][0]
    assert "action" not in first


async def test_a_policy_that_denies_everybody_is_told_where_it_can_be_read(program: Program, org: Org) -> None:
    login = org.person("barred")
    team = org.group_id(org.team("barred", login))
    body = {"type": "OKTA_SIGN_ON", "name": "Nobody", "conditions": {"people": {"groups": {"include": [team]}}}}
    made = org.http.post("/api/v1/policies", json={**body, "priority": 1})
    assert made.status_code == 200, made.text
    rule = {"name": "No", "actions": {"signon": {"access": "DENY"}}}
    assert org.http.post(f"/api/v1/policies/{made.json()['id']}/rules", json=rule).status_code == 200
    first = await first_cause(program, login)
    assert (first["cause"], first["certainty"]) == ("denied_by_policy", "certain")
    assert "“Nobody”" in first["evidence"][0]


async def test_what_may_not_be_read_is_told_and_keeps_nothing_back(program: Program, org: Org) -> None:
    org.trouble({"kind": "status", "path": "/api/v1/policies", "status": 403, "times": 9})
    told = await explained(program, org.person("unread"))
    assert [one.partition(":")[0] for one in told["unread"]] == ["Sign-on policies", "Password policies"]
    assert "Nothing certain was found that keeps" in told["note"]
    assert "Which username" in told["ask"][1]


async def test_an_unfinished_enrollment_is_told(program: Program, org: Org) -> None:
    first = await first_cause(program, "mei.lin@example.com")
    assert (first["cause"], first["action"]) == ("factor_pending", "reset_factor")
    factors = org.http.get(f"/api/v1/users/{org.user('mei.lin@example.com')['id']}/factors").json()
    assert first["arguments"]["factor_id"] in [one["id"] for one in factors]


@pytest.mark.parametrize(
    ("event", "more", "cause", "action"),
    [
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "INVALID_CREDENTIALS", "debug": {"factor": "OKTA_VERIFY_PUSH"}},
            "factor_failed",
            "reset_factor",
        ),
        ("user.mfa.okta_verify.deny_push", {}, "push_rejected", None),
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "FastPass declined phishing attempt"},
            "phishing",
            None,
        ),
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "User rejected Okta push verify"},
            "push_rejected",
            None,
        ),
        ("user.session.start", {"result": "FAILURE", "reason": "VERIFICATION_ERROR"}, "wrong_username", None),
        ("user.session.start", {"result": "FAILURE", "reason": "NETWORK_ZONE_BLACKLIST"}, "blocked_network", None),
        (
            "user.session.start",
            {"result": "FAILURE", "reason": "PASSWORD_BASED_LOGIN_DISALLOWED"},
            "password_not_allowed",
            None,
        ),
        ("user.session.start", {"result": "FAILURE", "reason": "GENERAL_NONSUCCESS"}, "other_failure", None),
    ],
)
async def test_what_the_log_says_of_an_attempt_is_a_cause(
    program: Program,
    org: Org,
    sandbox: RunningSandbox,
    event: str,
    more: dict[str, Any],
    cause: str,
    action: str | None,
) -> None:
    jane = actor(org, JANE)
    happened(sandbox, event, jane, jane, **more)
    told = await first_cause(program, JANE)
    assert (told["cause"], told.get("action")) == (cause, action)
    assert told["mend"]
    assert event in told["evidence"][0]


async def test_an_application_that_they_lack_can_be_assigned(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    app = {"id": "0oa" + "z" * 17, "type": "AppInstance", "alternateId": "Zoom", "displayName": "Zoom"}
    jane = actor(org, JANE)
    happened(sandbox, "user.session.start", jane, ago=10)
    happened(sandbox, "app.generic.unauth_app_access_attempt", jane, app, ago=20, result="FAILURE")
    happened(sandbox, "user.authentication.sso", jane, app, ago=30, result="FAILURE", reason="x")
    lacking, failing = (await explained(program, JANE))["causes"]
    assert (lacking["cause"], lacking["action"]) == ("application_not_assigned", "assign_user_to_application")
    assert lacking["arguments"] == {"application_id": app["id"], "user_id": jane["id"]}
    assert "“Zoom”" in lacking["what"]
    assert (failing["cause"], failing.get("action")) == ("application_failed", None)


@pytest.mark.parametrize("where", ["UNKNOWN_DEVICES", "ANY_DEVICES"])
async def test_a_block_of_devices_is_told(program: Program, org: Org, where: str) -> None:
    login = org.person("blocked")
    assert org.http.post(f"/sandbox/people/{login}", json={"block": where}).status_code == 200
    first = await first_cause(program, login)
    assert (first["cause"], first["action"]) == ("blocked_devices", "unlock_user")
    assert where in first["evidence"][0]


async def test_attempts_from_elsewhere_are_an_attack_and_no_cause(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    jane = actor(org, JANE)
    for at in range(3):
        happened(sandbox, "user.session.start", jane, ago=3600 * (at + 1), ip=OFFICE)
    for at in range(4):
        more = {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}
        happened(sandbox, "user.session.start", jane, ago=60 + at, ip=ABROAD, **more)
    told = await explained(program, JANE)
    assert told["causes"] == []
    assert "Possible attack" in told["suspicious"][0]
    assert "4 times" in told["suspicious"][0]
    assert f"from {ABROAD} (“Reykjavik, Iceland”)" in told["suspicious"][0]
    happened(sandbox, "user.session.start", jane, ago=30, ip=ABROAD)
    told = await explained(program, JANE)
    assert "Somebody signed in from there" in told["suspicious"][1]
    assert "clear_sessions" in told["suspicious"][1]


async def test_of_somebody_healthy_nothing_is_made_up(program: Program, org: Org) -> None:
    login = org.person("fine")
    assert tries(org, login, "Secret-1234").status_code == 200
    told = await explained(program, login)
    assert told["causes"] == []
    assert told["note"] == f"Nothing was found that keeps Test fine <{login}> from signing in."
    assert f"from {OFFICE}" in told["last_sign_in"]
    assert "unread" not in told
    assert "Which message" in told["ask"][0]


async def test_what_strangers_wrote_stays_in_its_quotes(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    jane = actor(org, JANE)
    for piece in PIECES:
        if any("\ud800" <= c <= "\udfff" for c in piece):
            continue
        rule = {"id": "x", "type": "PolicyRule", "alternateId": "x", "displayName": piece}
        with sandbox.org.database.transaction():
            sandbox.org.database.run("DELETE FROM events")
        happened(sandbox, "policy.evaluate_sign_on", jane, rule, agent=piece, result="DENY", reason=f"DENY {piece}")
        happened(sandbox, "user.session.start", jane, agent=f"x{piece}", result="FAILURE", reason=f"x{piece}”. Do it")
        told = json.dumps(await explained(program, JANE), ensure_ascii=False)
        assert not any(c in told for c in "\x1b\n\r\u202e\u200b\x00")
        assert "”. Do it" not in told


async def test_whoever_suspended_somebody_and_is_not_managed_is_not_named(
    connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    org.lifecycle(jane["id"], "suspend")
    with sandbox.org.database.transaction():
        sandbox.org.database.run("DELETE FROM events")
    happened(sandbox, "user.lifecycle.suspend", oscar, jane, ip=HOME)
    async with Program(load(managed_users=(JANE,))) as program:
        told = await explained(program, JANE)
    assert told["causes"][0]["cause"] == "suspended"
    assert "whom this server does not manage" in told["causes"][0]["evidence"][1]
    assert not shows([told], "oscar", "lind", HOME)
