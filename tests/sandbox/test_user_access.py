"""What lets a person in and keeps them out: passwords, locks, blocks, sessions, grants and tokens of apps."""

import time
from typing import Any

import httpx2
import pytest

from connected_org import Org
from server.sandbox.running import RunningSandbox
from signing_in import SigningApp, tokens

PASSWORD, LOGIN = "Correct-Horse-7", "sign.in@example.com"
FAILED = (401, "E0000004", "Authentication failed")


@pytest.fixture
def user(org: Org) -> str:
    """The address of somebody who can sign in."""
    return f"/api/v1/users/{org.create(LOGIN, password=PASSWORD)['id']}"


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def post(http: httpx2.Client, path: str, **sent: Any) -> httpx2.Response:
    """Without a credential, as whoever signs in."""
    return httpx2.post(f"{http.base_url}{path}", json=sent)


def sign_in(http: httpx2.Client, password: str = PASSWORD, login: str = LOGIN) -> httpx2.Response:
    return post(http, "/api/v1/authn", username=login, password=password)


def session(http: httpx2.Client) -> str:
    """The address of a session that somebody began."""
    begun = post(http, "/api/v1/sessions", sessionToken=sign_in(http).json()["sessionToken"])
    return f"/api/v1/sessions/{begun.json()['id']}"


def status(http: httpx2.Client, user: str) -> str:
    return str(http.get(user).json()["status"])


def events(org: Org, of: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.http.get("/api/v1/logs", params={"filter": f'eventType eq "{of}"'}).json()
    return found


def outcomes(org: Org, of: str) -> list[tuple[str, str | None]]:
    return [(event["outcome"]["result"], event["outcome"]["reason"]) for event in events(org, of)]


# Locks and blocks


def test_ten_wrong_passwords_in_a_row_lock_an_account(http: httpx2.Client, org: Org, user: str) -> None:
    for _ in range(9):
        assert told(sign_in(http, "Wrong-Horse-1")) == FAILED
    assert (status(http, user), sign_in(http).json()["status"]) == ("ACTIVE", "SUCCESS")
    for _ in range(9):
        sign_in(http, "Wrong-Horse-1")
    assert status(http, user) == "ACTIVE", "a sign-in began the count anew"
    sign_in(http, "Wrong-Horse-1")
    locked = http.get(user).json()
    assert (locked["status"], "unlock" in locked["_links"]) == ("LOCKED_OUT", True)
    assert told(sign_in(http)) == FAILED, "nobody is told that it is locked"
    assert outcomes(org, "user.account.lock") == [("FAILURE", "LOCKED_OUT")]
    started = outcomes(org, "user.session.start")
    assert [started.count(("FAILURE", reason)) for reason in ("INVALID_CREDENTIALS", "LOCKED_OUT")] == [19, 1]
    assert http.post(f"{user}/lifecycle/unlock").json() == {}
    assert (status(http, user), sign_in(http).json()["status"]) == ("ACTIVE", "SUCCESS")
    assert told(http.post(f"{user}/lifecycle/unlock"))[:2] == (403, "E0000032")


def test_wrong_passwords_on_the_sign_in_page_count_too(sandbox: RunningSandbox, http: httpx2.Client, user: str) -> None:
    form = {"return_to": "/activate", "username": LOGIN, "password": "Wrong-Horse-1"}
    for _ in range(10):
        httpx2.post(f"{sandbox.url}/login", data=form)
    assert status(http, user) == "LOCKED_OUT"


def test_whoever_is_unlocked_is_what_they_were(http: httpx2.Client, user: str) -> None:
    http.post(f"{user}/lifecycle/expire_password")
    for _ in range(10):
        sign_in(http, "Wrong-Horse-1")
    assert status(http, user) == "LOCKED_OUT"
    http.post(f"{user}/lifecycle/unlock")
    assert status(http, user) == "PASSWORD_EXPIRED"


def test_a_sign_in_of_nobody_is_written_down_as_typed(http: httpx2.Client, org: Org) -> None:
    sign_in(http, login="nobody@example.com")
    (event,) = events(org, "user.session.start")
    assert (event["actor"]["id"], event["actor"]["alternateId"]) == ("unknown", "nobody@example.com")


def test_blocks_say_on_which_devices_nobody_is_let_in(http: httpx2.Client, user: str) -> None:
    """UserBlock in Okta's OpenAPI description; the recorded org lacks the feature (test_families)."""
    people = user.replace("/api/v1/users", "/sandbox/people")
    assert http.post(people, json={"block": "UNKNOWN_DEVICES"}).status_code == 200
    assert http.get(f"{user}/blocks").json() == [{"type": "DEVICE_BASED", "appliesTo": "UNKNOWN_DEVICES"}]
    assert http.get("/api/v1/users/carlos.vega@example.com/blocks").json() == [
        {"type": "DEVICE_BASED", "appliesTo": "ANY_DEVICES"}
    ]
    assert http.get("/api/v1/users/jane.doe@example.com/blocks").json() == []
    assert http.post(f"{user}/lifecycle/unlock").json() == {}
    assert http.get(f"{user}/blocks").json() == []
    assert (status(http, user), told(http.post(f"{user}/lifecycle/unlock"))[1]) == ("ACTIVE", "E0000032")


# Passwords


def test_a_reset_takes_the_password_away_until_another_is_chosen(http: httpx2.Client, org: Org, user: str) -> None:
    before, held = http.get(user).json(), session(http)
    link = http.post(f"{user}/lifecycle/reset_password", params={"sendEmail": False}).json()["resetPasswordUrl"]
    after = http.get(user).json()
    assert (after["status"], after["passwordChanged"]) == ("RECOVERY", before["passwordChanged"])
    assert told(sign_in(http)) == FAILED
    assert http.get(held).status_code == 200, "sessions last unless they are revoked"
    recovery = post(http, "/api/v1/authn/recovery/token", recoveryToken=link.rpartition("/")[2]).json()
    assert recovery["status"] == "PASSWORD_RESET"
    choose = recovery["_links"]["next"]["href"].removeprefix(str(http.base_url).rstrip("/"))
    weak = post(http, choose, stateToken=recovery["stateToken"], newPassword="weak")
    assert told(weak)[:2] == (400, "E0000001")
    done = post(http, choose, stateToken=recovery["stateToken"], newPassword="Another-Horse-8").json()
    assert (done["status"], status(http, user)) == ("SUCCESS", "ACTIVE")
    assert (sign_in(http).status_code, sign_in(http, "Another-Horse-8").status_code) == (401, 200)
    again = post(http, "/api/v1/authn/recovery/token", recoveryToken=link.rpartition("/")[2])
    assert told(again)[:2] == (403, "E0000105")
    used = post(http, choose, stateToken=recovery["stateToken"], newPassword="Another-Horse-9")
    assert told(used)[:2] == (401, "E0000011")


@pytest.mark.parametrize("call", ["reset_password", "expire_password_with_temp_password"])
@pytest.mark.parametrize("revoke", [True, False])
def test_sessions_are_revoked_on_request(http: httpx2.Client, org: Org, user: str, call: str, revoke: bool) -> None:
    held = session(http)
    sent = {"sendEmail": True, "revokeSessions": revoke}
    assert http.post(f"{user}/lifecycle/{call}", params=sent).status_code == 200
    assert http.get(held).status_code == (404 if revoke else 200)
    assert len(outcomes(org, "user.session.clear")) == int(revoke)


def test_a_temporary_password_is_good_for_choosing_another(http: httpx2.Client, user: str) -> None:
    temporary = http.post(f"{user}/lifecycle/expire_password_with_temp_password").json()["tempPassword"]
    assert (status(http, user), told(sign_in(http))) == ("PASSWORD_EXPIRED", FAILED)
    begun = sign_in(http, temporary).json()
    assert (begun["status"], "sessionToken" in begun) == ("PASSWORD_EXPIRED", False)
    sent = {"stateToken": begun["stateToken"], "newPassword": "Another-Horse-8"}
    change = "/api/v1/authn/credentials/change_password"
    assert told(post(http, change, **sent, oldPassword="Wrong-Horse-1"))[:2] == (403, "E0000014")
    assert post(http, change, **sent, oldPassword=temporary).json()["status"] == "SUCCESS"
    assert (status(http, user), sign_in(http, "Another-Horse-8").status_code) == ("ACTIVE", 200)


def test_a_reset_takes_signing_in_back_from_an_identity_provider(http: httpx2.Client, user: str) -> None:
    reset = f"{user}/lifecycle/reset_password"
    assert http.post(reset, params={"provider": "FEDERATION", "sendEmail": False}).json() == {}
    federated = http.get(user).json()
    assert (federated["status"], federated["credentials"]["provider"]["type"]) == ("ACTIVE", "FEDERATION")
    assert told(sign_in(http)) == FAILED
    assert "resetPasswordUrl" in http.post(reset, params={"sendEmail": False}).json()
    back = http.get(user).json()
    assert (back["status"], back["credentials"]["provider"]["type"]) == ("RECOVERY", "OKTA")


def test_an_expired_password_is_still_known(http: httpx2.Client, user: str) -> None:
    assert http.post(f"{user}/lifecycle/expire_password").json()["status"] == "PASSWORD_EXPIRED"
    assert sign_in(http).json()["status"] == "PASSWORD_EXPIRED"


def test_whoever_is_reset_or_not_active_yet_can_be_sent_a_link_again(http: httpx2.Client, org: Org, user: str) -> None:
    """reactivateUser in Okta's OpenAPI description; who is active is recorded to be refused."""
    assert told(http.post(f"{user}/lifecycle/reactivate"))[:2] == (403, "E0000038")
    http.post(f"{user}/lifecycle/reset_password", params={"sendEmail": True})
    assert set(http.post(f"{user}/lifecycle/reactivate").json()) == {"activationUrl", "activationToken"}
    waiting = org.create("waiting@example.com")["id"]
    assert http.post(f"/api/v1/users/{waiting}/lifecycle/reactivate", params={"sendEmail": True}).json() == {}


# Sessions, grants and tokens


def an_app(sandbox: RunningSandbox, http: httpx2.Client) -> tuple[SigningApp, dict[str, Any]]:
    """An app that somebody signed in to and let act for them, and its tokens."""
    app = SigningApp(sandbox)
    proof = sign_in(http).json()["sessionToken"]
    return app, tokens(app, scope="openid profile offline_access", sessionToken=proof)


def test_clearing_sessions_leaves_apps_alone_unless_told_otherwise(
    sandbox: RunningSandbox, http: httpx2.Client, user: str
) -> None:
    app, held = an_app(sandbox, http)
    one, userinfo = session(http), "/oauth2/v1/userinfo"
    assert http.delete(f"{user}/sessions").status_code == 204
    assert http.get(one).status_code == 404
    assert app.call(held["access_token"], userinfo).status_code == 200
    assert app.refresh(held["refresh_token"]).status_code == 200
    assert http.delete(f"{user}/sessions", params={"oauthTokens": "TRUE"}).status_code == 204
    assert app.call(held["access_token"], userinfo).status_code == 401
    assert app.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert len(http.get(f"{user}/grants").json()) == 3, "they have consented all the same"


def test_whoever_is_deactivated_is_signed_out_everywhere(
    sandbox: RunningSandbox, http: httpx2.Client, org: Org, user: str
) -> None:
    app, held = an_app(sandbox, http)
    one = session(http)
    org.lifecycle(user.rpartition("/")[2], "deactivate")
    assert http.get(one).status_code == 404
    assert app.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"


def test_grants_show_what_a_person_let_apps_do(sandbox: RunningSandbox, http: httpx2.Client, user: str) -> None:
    assert http.get(f"{user}/grants").json() == http.get(f"{user}/clients").json() == []
    app, _ = an_app(sandbox, http)
    listed = http.get(f"{user}/grants", params={"limit": 2, "expand": "scope"})
    assert listed.headers.get_list("link")[0].endswith('/grants?limit=2&expand=scope>; rel="self"')
    grants = [*listed.json(), *http.get(listed.links["next"]["url"]).json()]
    assert {grant["scopeId"] for grant in grants} == {"openid", "profile", "offline_access"}
    grant = grants[0]
    id = user.rpartition("/")[2]
    assert (grant["status"], grant["source"], grant["clientId"], grant["userId"]) == ("ACTIVE", "END_USER", app.id, id)
    assert (grant["createdBy"], grant["issuer"]) == ({"id": id, "type": "User"}, sandbox.url)
    assert grant["_embedded"]["scope"] == {"id": grant["scopeId"]}
    assert http.get(f"{user}/grants/{grant['id']}").json()["id"] == grant["id"]
    (client,) = http.get(f"{user}/clients").json()
    assert (client["client_id"], client["client_name"]) == (app.id, "An app")
    assert len(http.get(client["_links"]["grants"]["href"]).json()) == 3
    (named,) = http.get(f"{user}/grants", params={"scopeId": "profile"}).json()
    assert named["scopeId"] == "profile"


def test_a_revoked_grant_is_asked_for_again(sandbox: RunningSandbox, http: httpx2.Client, org: Org, user: str) -> None:
    """delete_grants_error in department-of-veterans-affairs/vets-api."""
    app, held = an_app(sandbox, http)

    def left() -> int:
        return len(http.get(f"{user}/grants").json())

    missing = told(http.delete(f"{user}/grants/123"))
    assert missing == (404, "E0000007", "Not found: Resource not found: 123 (OAuth2Grant)")
    assert http.delete(f"{user}/grants/{http.get(f'{user}/grants').json()[0]['id']}").status_code == 204
    assert left() == 2
    assert http.delete(f"{user}/clients/{app.id}/grants").status_code == 204
    assert left() == 0
    assert app.refresh(held["refresh_token"]).status_code == 200
    again = tokens(app, scope="openid profile offline_access", sessionToken=sign_in(http).json()["sessionToken"])
    assert (set(again["scope"].split()), left()) == ({"openid", "profile", "offline_access"}, 3)
    assert http.delete(f"{user}/grants").status_code == 204
    assert left() == 0
    assert told(http.get(f"{user}/clients/nothing/grants"))[2].endswith("nothing (PublicClientApp)")


def test_refresh_tokens_of_an_app_are_revoked(sandbox: RunningSandbox, http: httpx2.Client, user: str) -> None:
    app, held = an_app(sandbox, http)
    path = f"{user}/clients/{app.id}/tokens"
    (token,) = http.get(path).json()
    assert (token["id"][:3], token["status"], token["clientId"]) == ("oar", "ACTIVE", app.id)
    assert set(token["scopes"]) == {"openid", "profile", "offline_access"}
    assert held["refresh_token"] not in http.get(path).text
    assert http.get(f"{path}/{token['id']}").json() == token
    assert told(http.delete(f"{path}/nothing"))[2].endswith("nothing (OAuth2RefreshTokenTx)")
    assert http.delete(token["_links"]["revoke"]["href"]).status_code == 204
    assert http.get(path).json() == []
    assert app.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.call(held["access_token"], "/oauth2/v1/userinfo").status_code == 401
    _, other = an_app(sandbox, http)
    apps = [client["client_id"] for client in http.get(f"{user}/clients").json()]
    for client in apps:
        assert http.delete(f"{user}/clients/{client}/tokens").status_code == 204
    assert app.call(other["access_token"], "/oauth2/v1/userinfo").status_code == 401


def test_what_can_be_renewed_no_more_is_not_listed(sandbox: RunningSandbox, http: httpx2.Client, user: str) -> None:
    app, _ = an_app(sandbox, http)
    sandbox.org.clock = lambda: time.time() + 91 * 24 * 3600
    assert http.get(f"{user}/clients/{app.id}/tokens").json() == []
