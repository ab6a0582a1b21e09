"""Group owners, sessions over the API, blocks, app links and risk: what recordings show of small families."""

import re

import httpx2
import pytest

from connected_org import API_TOKEN, Org
from server.sandbox.running import RunningSandbox

PASSWORD = "Correct-Horse-7"
LOGIN = "session@example.com"


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def test_people_and_groups_own_a_group_once(http: httpx2.Client, org: Org) -> None:
    """TestAccResourceOktaGroupOwners_crudAndUpdate, …_alreadyAssignedOwner400, …_invalidTypeMismatch."""
    owners, legal = f"/api/v1/groups/{org.create_group('Owned')}/owners", org.group_id("Legal")
    jane = org.user("jane.doe@example.com")["id"]
    made = http.post(owners, json={"id": jane, "type": "USER"})
    added = made.json()
    assert made.status_code == 201
    assert (added["displayName"], added["resolved"], added["originType"]) == ("Jane Doe", True, "OKTA_DIRECTORY")
    assert re.fullmatch(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", added["lastUpdated"])
    assert http.post(owners, json={"id": legal, "type": "GROUP"}).json()["displayName"] == "Legal"
    listed = http.get(owners)
    assert "link" not in listed.headers
    assert [one["id"] for one in listed.json()] == sorted([jane, legal])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.0", listed.json()[0]["lastUpdated"])
    again = http.post(owners, json={"id": jane, "type": "USER"})
    assert told(again) == (400, "E0000001", "Api validation failed: owner")
    assert again.json()["errorCauses"] == [{"errorSummary": "Provided owner is already assigned to this group"}]
    mistaken = told(http.post(owners, json={"id": legal, "type": "USER"}))
    assert mistaken == (404, "E0000007", f"Not found: Resource not found: {legal} (User)")
    for body in ({"type": "USER"}, {"id": jane}, {"id": jane, "type": "APP"}):
        assert told(http.post(owners, json=body))[:2] == (400, "E0000001"), body
    assert http.delete(f"{owners}/{jane}").status_code == 204
    missing = told(http.delete(f"{owners}/{jane}"))
    assert missing == (404, "E0000007", f"Not found: Resource not found: {jane} (LinkedObject)")
    assert told(http.get("/api/v1/groups/nowhere/owners"))[2].endswith("nowhere (UserGroup)")


def test_whoever_is_gone_owns_nothing(http: httpx2.Client, org: Org) -> None:
    owners, owner = f"/api/v1/groups/{org.create_group('Owned')}/owners", org.create_group("Owner")
    person = org.create("gone@example.com")["id"]
    http.post(owners, json={"id": person, "type": "USER"})
    http.post(owners, json={"id": owner, "type": "GROUP"})
    http.delete(f"/api/v1/groups/{owner}")
    for _ in range(2):
        http.delete(f"/api/v1/users/{person}")
    assert http.get(owners).json() == []


def token(http: httpx2.Client, password: str = PASSWORD) -> httpx2.Response:
    """Nobody needs a credential to sign in."""
    return httpx2.post(f"{http.base_url}/api/v1/authn", json={"username": LOGIN, "password": password})


def begin(http: httpx2.Client, session_token: str) -> httpx2.Response:
    return httpx2.post(f"{http.base_url}/api/v1/sessions", json={"sessionToken": session_token})


def test_a_password_is_worth_a_token_and_the_token_one_session(http: httpx2.Client, org: Org) -> None:
    """TestSessionsResource in okta-sdk-python."""
    user = org.create(LOGIN, password=PASSWORD)
    signed_in = token(http).json()
    assert (signed_in["status"], signed_in["_embedded"]["user"]["id"]) == ("SUCCESS", user["id"])
    answer = begin(http, signed_in["sessionToken"])
    session = answer.json()
    assert (session["userId"], session["login"], session["status"]) == (user["id"], LOGIN, "ACTIVE")
    assert session["_links"]["self"]["href"].endswith("/api/v1/sessions/me")
    one = f"/api/v1/sessions/{session['id']}"
    shown = http.get(one).json()
    assert {**shown, "_links": 0} == {**session, "_links": 0}
    assert shown["_links"]["user"]["href"].endswith(user["id"])
    assert told(begin(http, signed_in["sessionToken"])) == (401, "E0000004", "Authentication failed")
    assert http.post(f"{one}/lifecycle/refresh").json()["id"] == session["id"]
    assert http.delete(one).status_code == 204
    gone = (404, "E0000007", f"Not found: Resource not found: {session['id']} (AppSession)")
    assert told(http.get(one)) == told(http.delete(one)) == told(http.post(f"{one}/lifecycle/refresh")) == gone


def test_who_may_not_sign_in_gets_no_token(http: httpx2.Client, org: Org) -> None:
    user = org.create(LOGIN, password=PASSWORD)
    refused = (401, "E0000004", "Authentication failed")
    assert told(token(http, "wrong")) == refused
    org.lifecycle(user["id"], "suspend")
    assert told(token(http)) == refused
    assert told(begin(http, "nonsense")) == refused
    assert told(httpx2.post(f"{http.base_url}/api/v1/sessions"))[:2] == (400, "E0000003")
    assert told(http.get("/api/v1/sessions/"))[:2] == (405, "E0000022")


def test_a_session_token_and_a_session_end_in_time(http: httpx2.Client, org: Org, sandbox: RunningSandbox) -> None:
    org.create(LOGIN, password=PASSWORD)
    late, used = token(http).json()["sessionToken"], token(http).json()["sessionToken"]
    one = f"/api/v1/sessions/{begin(http, used).json()['id']}"
    now = sandbox.org.clock()
    sandbox.org.clock = lambda: now + 301
    assert begin(http, late).status_code == 401
    assert http.get(one).status_code == 200
    http.post(f"{one}/lifecycle/refresh")
    sandbox.org.clock = lambda: now + 301 + 7199
    assert http.get(one).status_code == 200
    sandbox.org.clock = lambda: now + 301 + 7201
    assert http.get(one).status_code == 404


def test_clearing_a_persons_sessions_ends_those_of_the_api(http: httpx2.Client, org: Org) -> None:
    user = org.create(LOGIN, password=PASSWORD)
    one = f"/api/v1/sessions/{begin(http, token(http).json()['sessionToken']).json()['id']}"
    assert http.delete(f"/api/v1/users/{user['id']}/sessions").status_code == 204
    assert http.get(one).status_code == 404


def asked(sandbox: RunningSandbox, **more: str) -> dict[str, str]:
    """A request for a code that shows nobody a page."""
    row = sandbox.org.database.one("SELECT redirect_uris FROM clients WHERE id = ?", sandbox.demo.client_id)
    assert row is not None
    query = {"response_type": "code", "client_id": sandbox.demo.client_id, "scope": "openid", "state": "s"}
    return {**query, "redirect_uri": row["redirect_uris"].split('"')[1], "prompt": "none", **more}


def test_a_session_token_signs_in_at_the_authorization_endpoint(sandbox: RunningSandbox) -> None:
    """As okta-auth-js and gimme-aws-creds use it: a code at once, and a session in the browser until it signs out."""
    demo, authorize = sandbox.demo, f"{sandbox.url}/oauth2/v1/authorize"
    proof = {"username": demo.admin_login, "password": demo.admin_password}
    token = httpx2.post(f"{sandbox.url}/api/v1/authn", json=proof).json()["sessionToken"]
    first = httpx2.get(authorize, params=asked(sandbox, sessionToken=token))
    assert "code=" in first.headers["location"]
    api = {"authorization": f"SSWS {API_TOKEN}"}
    with httpx2.Client(cookies=first.cookies) as browser:
        assert "code=" in browser.get(authorize, params=asked(sandbox)).headers["location"]
        me = browser.get(f"{sandbox.url}/api/v1/sessions/me", headers=api).json()
        assert me["login"] == demo.admin_login
        assert browser.get(f"{sandbox.url}/oauth2/v1/logout").status_code == 200
        assert httpx2.get(f"{sandbox.url}/api/v1/sessions/{me['id']}", headers=api).status_code == 404
    again = httpx2.get(authorize, params=asked(sandbox, sessionToken=token))
    assert "error=login_required" in again.headers["location"], "the token was used"


def test_after_signing_out_only_a_clients_own_address_is_gone_to(sandbox: RunningSandbox) -> None:
    logout, ours = f"{sandbox.url}/oauth2/v1/logout", asked(sandbox)["redirect_uri"]
    query = {"client_id": sandbox.demo.client_id, "state": "s"}
    back = httpx2.get(logout, params={**query, "post_logout_redirect_uri": ours})
    assert back.headers["location"] == f"{ours}?state=s"
    strange = httpx2.get(logout, params={**query, "post_logout_redirect_uri": "https://evil.example/"})
    assert (strange.status_code, "location" in strange.headers) == (400, False)
    hint = {"id_token_hint": "nonsense", "post_logout_redirect_uri": ours}
    assert httpx2.get(logout, params=hint).status_code == 400


def test_a_pushed_request_is_as_good_as_one_in_the_address(sandbox: RunningSandbox) -> None:
    """RFC 9126."""
    demo = sandbox.demo
    pushed = asked(sandbox)
    auth = httpx2.BasicAuth(demo.client_id, demo.client_secret)
    par = f"{sandbox.url}/oauth2/v1/par"
    answer = httpx2.post(par, data=pushed, auth=auth)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 300)
    name, value = demo.session_cookie
    with httpx2.Client(cookies={name: value}) as browser:
        query = {"client_id": demo.client_id, "request_uri": answer.json()["request_uri"]}
        back = browser.get(f"{sandbox.url}/oauth2/v1/authorize", params=query).headers["location"]
        assert "code=" in back
        assert back.endswith("state=s")
        stranger = browser.get(f"{sandbox.url}/oauth2/v1/authorize", params={**query, "client_id": "0oaNobody"})
        assert stranger.status_code == 400
        now = sandbox.org.clock()
        sandbox.org.clock = lambda: now + 301
        assert browser.get(f"{sandbox.url}/oauth2/v1/authorize", params=query).status_code == 400
    assert httpx2.post(par, data=pushed, auth=httpx2.BasicAuth(demo.client_id, "wrong")).status_code == 401
    assert httpx2.post(par, data={**pushed, "request_uri": "x"}, auth=auth).status_code == 400


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
def test_what_the_metadata_names_is_there(sandbox: RunningSandbox, name: str) -> None:
    """TestAccDataSourceOktaOAuthAuthorizationServer_read has the keys; an address that is named answers."""
    document = httpx2.get(f"{sandbox.url}/.well-known/{name}").json()
    missing = {
        "claims_supported",
        "request_parameter_supported",
        "request_object_signing_alg_values_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
        "identity_chaining_requested_token_types_supported",
        "pushed_authorization_request_endpoint",
        "end_session_endpoint",
    } - document.keys()
    assert missing == set()
    endpoints = {key: url for key, url in document.items() if key.endswith("_endpoint")}
    del endpoints["registration_endpoint"]  # client registration is the clients API
    absent = {key for key, url in endpoints.items() if httpx2.post(url).status_code == 404}
    assert absent == set()
    assert ("jwks_uri" in document) == (name == "openid-configuration")


def test_blocks_app_links_and_risk(http: httpx2.Client, org: Org) -> None:
    """TestUsersResource.test_list_user_blocks and test_list_app_links, TestAccResourceOktaUserRisk_crud."""
    jane = f"/api/v1/users/{org.user('jane.doe@example.com')['id']}"
    assert told(http.get(f"{jane}/blocks"))[:2] == (401, "E0000015")
    links = http.get(f"{jane}/appLinks")
    assert (links.json(), "link" in links.headers) == ([], False)
    assert http.get(f"{jane}/risk").json()["riskLevel"] == "NONE"
    assert told(http.put(f"{jane}/risk", json={"riskLevel": "EXTREME"}))[:2] == (400, "E0000001")
    for level, status in (("LOW", 201), ("HIGH", 200)):
        answer = http.put(f"{jane}/risk", json={"riskLevel": level})
        assert (answer.status_code, answer.json()["riskLevel"]) == (status, level)
    assert http.get(f"{jane}/risk").json()["riskLevel"] == "HIGH"
    for part in ("blocks", "appLinks", "risk"):
        assert told(http.get(f"/api/v1/users/nobody/{part}"))[2].endswith("nobody (User)")
        assert told(http.delete(f"{jane}/{part}"))[:2] == (405, "E0000022")
