"""The authorization server: every way to a token, and every way it is refused."""

import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from browser import Browser
from server.sandbox.authorization.clients import ASSERTION_TYPE, register_client
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.running import RunningSandbox
from signing_in import ELSEWHERE, SCOPES, StoppingBrowser, sent_back, tokens
from signing_in import SigningApp as App


@pytest.fixture
def app(sandbox: RunningSandbox) -> App:
    return App(sandbox)


def error(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_person_signs_in_consents_and_the_app_gets_what_was_granted(app: App) -> None:
    browser = StoppingBrowser(app.sandbox)
    browser._client.cookies.clear()
    page = browser.open(app.authorize_url(scope=f"{SCOPES} okta.logs.read"))
    wrong = browser.submit(page, username=app.sandbox.demo.admin_login, password="Wrong-Horse-1")
    assert wrong.status == 401
    assert "Unable to sign in" in wrong.text
    page = browser.sign_in(page, app.sandbox)
    assert "<code>okta.groups.manage" in page.text
    assert "<code>okta.logs.read" not in page.text, "the app was not granted it, so it is dropped"
    back = dict(parse_qsl(urlsplit(browser.submit(page, press="allow").url).query))
    assert back["state"] == "the-state"
    answer = app.exchange(back["code"]).json()
    assert answer["token_type"] == "Bearer"
    assert set(answer["scope"].split()) == set(SCOPES.split())
    assert app.call(answer["access_token"]).json()["profile"]["login"] == app.sandbox.demo.admin_login


def test_a_person_who_denies_sends_the_app_an_error(app: App) -> None:
    browser = StoppingBrowser(app.sandbox)
    page = browser.submit(browser.open(app.authorize_url()), press="deny")
    back = dict(parse_qsl(urlsplit(page.url).query))
    assert back == {
        "error": "access_denied",
        "error_description": "The resource owner denied the request.",
        "state": "the-state",
    }


def test_consent_is_asked_once_and_only_from_the_persons_own_page(app: App) -> None:
    browser = StoppingBrowser(app.sandbox)
    page = browser.open(app.authorize_url())
    forged = browser.submit(page, press="allow", proof="x")
    assert (forged.status, "expired" in forged.text) == (400, True)
    assert browser.submit(page, press="allow").url.startswith(ELSEWHERE)
    assert browser.open(app.authorize_url()).url.startswith(ELSEWHERE)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "okta.users.read nonsense"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "okta.apps.manage"}, "access_denied"),
    ],
)
def test_errors_go_back_to_the_app_with_its_state(app: App, more: dict[str, str | None], wanted: str) -> None:
    back = sent_back(app, **more)
    assert (back["error"], back["state"]) == (wanted, "the-state")
    assert "code" not in back


@pytest.mark.parametrize("more", [{"redirect_uri": "http://evil.example/"}, {"client_id": "0oanobody00000000000"}])
def test_an_address_that_is_not_the_apps_is_never_gone_to(app: App, more: dict[str, str]) -> None:
    answer = httpx2.get(app.authorize_url(**more))
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_no_session_and_no_prompt_is_login_required(app: App) -> None:
    answer = httpx2.get(app.authorize_url(prompt="none"))
    assert dict(parse_qsl(urlsplit(answer.headers["location"]).query))["error"] == "login_required"


def test_the_id_token_is_the_orgs_for_this_app_and_this_sign_in(app: App) -> None:
    answer = tokens(app)
    document = httpx2.get(f"{app.sandbox.url}/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(httpx2.get(document["jwks_uri"]).json())
    claims = jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == app.sandbox.url == document["issuer"]
    assert (claims["aud"], claims["nonce"]) == (app.id, "the-nonce")
    assert 0 < claims["exp"] - time.time() <= 3600
    assert "email" not in claims, "nobody asked for it"
    headers = {"authorization": f"Bearer {answer['access_token']}"}
    assert httpx2.get(f"{app.sandbox.url}/oauth2/v1/userinfo", headers=headers).json()["sub"] == claims["sub"]


@pytest.mark.parametrize(
    "more", [{"code_verifier": "x" * 50}, {"redirect_uri": "http://localhost:2/"}, {"code": "nonsense"}]
)
def test_a_code_is_worth_nothing_without_what_belongs_to_it(app: App, more: dict[str, str]) -> None:
    code = sent_back(app)["code"]
    assert error(app.exchange(more.pop("code", code), **more)) == (400, "invalid_grant")


def test_a_code_used_twice_takes_back_what_it_led_to(app: App) -> None:
    code = sent_back(app)["code"]
    first = app.exchange(code).json()
    assert error(app.exchange(code)) == (400, "invalid_grant")
    assert app.call(first["access_token"]).status_code == 401
    assert error(app.refresh(first["refresh_token"])) == (400, "invalid_grant")


def test_a_code_expires(app: App) -> None:
    code, now = sent_back(app)["code"], time.time()
    app.sandbox.org.clock = lambda: now + 301
    assert error(app.exchange(code)) == (400, "invalid_grant")


def test_another_apps_code_is_worth_nothing(app: App) -> None:
    assert error(App(app.sandbox).exchange(sent_back(app)["code"])) == (400, "invalid_grant")


def test_a_wrong_secret_is_an_invalid_client(app: App) -> None:
    app.secret = "wrong"
    assert error(app.token(grant_type="refresh_token", refresh_token="x")) == (401, "invalid_client")


def test_a_public_app_needs_pkce_and_no_secret(sandbox: RunningSandbox) -> None:
    app = App(sandbox, secret=False)
    assert sent_back(app, code_challenge=None)["error"] == "invalid_request"
    assert "access_token" in tokens(app)


def test_refresh_tokens_rotate_and_a_late_reuse_ends_the_family(app: App) -> None:
    first = tokens(app)
    second = app.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = app.refresh(first["refresh_token"])
    assert again.status_code == 200, "within the leeway a lost answer can be asked for again"
    now = time.time()
    app.sandbox.org.clock = lambda: now + 31
    assert error(app.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert error(app.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert app.call(second["access_token"]).status_code == 401


def test_a_refresh_may_ask_for_less_and_not_for_more(app: App) -> None:
    first = tokens(app, scope="openid offline_access okta.users.read")
    assert error(app.refresh(first["refresh_token"], scope="okta.groups.manage")) == (400, "invalid_scope")
    assert app.refresh(first["refresh_token"], scope="okta.users.read").json()["scope"] == "okta.users.read"


def test_without_offline_access_there_is_no_refresh_token(app: App) -> None:
    assert "refresh_token" not in tokens(app, scope="openid okta.users.read")


def test_an_access_token_ends(app: App) -> None:
    token, now = tokens(app)["access_token"], time.time()
    app.sandbox.org.clock = lambda: now + 3601
    answer = app.call(token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_missing_scope_is_an_empty_403_that_names_it(app: App) -> None:
    token = tokens(app, scope="openid okta.users.read")["access_token"]
    answer = app.call(token, "/api/v1/groups")
    assert (answer.status_code, answer.content) == (403, b"")
    assert 'scope="okta.groups.read", error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_managing_includes_reading(app: App) -> None:
    token = tokens(app, scope="openid okta.groups.manage")["access_token"]
    assert app.call(token, "/api/v1/groups").status_code == 200
    assert app.call(token, "/api/v1/users").status_code == 403


def test_someone_without_an_admin_role_grants_no_management(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    login, password = "plain.person@example.com", "Correct-Horse-7"
    profile = {"firstName": "Plain", "lastName": "Person", "login": login, "email": login}
    http.post("/api/v1/users", json={"profile": profile, "credentials": {"password": {"value": password}}})
    app, browser = App(sandbox), StoppingBrowser(sandbox)
    browser._client.cookies.clear()
    page = browser.submit(browser.open(app.authorize_url()), username=login, password=password)
    answer = app.exchange(dict(parse_qsl(urlsplit(browser.submit(page, press="allow").url).query))["code"]).json()
    assert answer["scope"] == "openid offline_access"


def test_revoking_the_refresh_token_takes_the_access_token_with_it(app: App) -> None:
    found, url = tokens(app), f"{app.sandbox.url}/oauth2/v1"
    auth = httpx2.BasicAuth(app.id, app.secret or "")
    active = httpx2.post(f"{url}/introspect", data={"token": found["access_token"]}, auth=auth).json()
    assert (active["active"], active["username"]) == (True, app.sandbox.demo.admin_login)
    for token in (found["refresh_token"], "unknown"):
        answer = httpx2.post(f"{url}/revoke", data={"token": token}, auth=auth)
        assert (answer.status_code, answer.content) == (200, b"")
    assert httpx2.post(f"{url}/introspect", data={"token": found["access_token"]}, auth=auth).json() == {
        "active": False
    }
    assert app.call(found["access_token"]).status_code == 401


def assertion(id: str, url: str, key: RSAKey | ECKey, **more: Any) -> str:
    now = int(time.time())
    claims = {"iss": id, "sub": id, "aud": url, "iat": now, "exp": now + 300, "jti": secrets.token_hex(8), **more}
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048, auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)])
def test_a_service_app_proves_itself_with_its_key(sandbox: RunningSandbox, key: RSAKey | ECKey) -> None:
    jwks = {"keys": [key.as_dict(private=False)]}
    id, secret = register_client(
        sandbox.org, "A service", grant_types=["client_credentials"], scopes=["okta.users.read"], jwks=jwks
    )
    url = f"{sandbox.url}/oauth2/v1/token"

    def ask(
        scope: str = "okta.users.read", key: RSAKey | ECKey = key, signed: str = "", **claims: Any
    ) -> httpx2.Response:
        sent = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed or assertion(id, url, key, **claims),
        }
        return httpx2.post(url, data=sent)

    assert secret is None
    answer = ask().json()
    assert (answer["scope"], "refresh_token" in answer) == ("okta.users.read", False)
    headers = {"authorization": f"Bearer {answer['access_token']}"}
    assert httpx2.get(f"{sandbox.url}/api/v1/users?limit=1", headers=headers).status_code == 200
    assert httpx2.get(f"{sandbox.url}/api/v1/users/me", headers=headers).status_code == 404, "an app is no user"
    for scope in ("okta.groups.read", "okta.users.read okta.groups.read"):
        assert error(ask(scope=scope)) == (400, "invalid_scope"), "all of it or nothing"
    once = assertion(id, url, key)
    assert ask(signed=once).status_code == 200
    for refused in (
        ask(signed=once),
        ask(aud="https://elsewhere.example/token"),
        ask(exp=int(time.time()) - 1),
        ask(exp=int(time.time()) + 4000),
        ask(sub="0oaanother0000000000"),
        ask(key=ECKey.generate_key("P-256", auto_kid=True)),
        ask(signed="not.a.jwt"),
    ):
        assert error(refused) == (401, "invalid_client")


def test_a_device_is_connected_on_another_screen(sandbox: RunningSandbox) -> None:
    app, now = App(sandbox, grant_types=[DEVICE_CODE, "refresh_token"], secret=False), [time.time()]
    sandbox.org.clock = lambda: now[0]
    started = httpx2.post(
        f"{sandbox.url}/oauth2/v1/device/authorize", data={"client_id": app.id, "scope": SCOPES}
    ).json()

    def poll() -> httpx2.Response:
        now[0] += 5
        return app.token(grant_type=DEVICE_CODE, device_code=started["device_code"])

    assert error(poll()) == (400, "authorization_pending")
    now[0] -= 4
    assert error(poll()) == (400, "slow_down")
    browser = Browser.signed_in(sandbox)
    assert browser.submit(browser.open(started["verification_uri"]), user_code="WRONGONE").status == 400
    page = browser.open(started["verification_uri_complete"])
    assert "Device connected" in browser.submit(page, press="allow").text
    answer = poll().json()
    assert set(answer["scope"].split()) == set(SCOPES.split())
    assert "refresh_token" in answer
    assert error(poll()) == (400, "invalid_grant")


def test_a_device_that_is_denied_or_forgotten_gets_nothing(sandbox: RunningSandbox) -> None:
    app, now = App(sandbox, grant_types=[DEVICE_CODE], secret=False), [time.time()]
    sandbox.org.clock = lambda: now[0]
    started = [
        httpx2.post(f"{sandbox.url}/oauth2/v1/device/authorize", data={"client_id": app.id, "scope": "openid"}).json()
        for _ in range(2)
    ]
    browser = Browser.signed_in(sandbox)
    browser.submit(browser.open(started[0]["verification_uri_complete"]), press="deny")
    denied = app.token(grant_type=DEVICE_CODE, device_code=started[0]["device_code"])
    assert error(denied) == (400, "access_denied")
    now[0] += 601
    late = app.token(grant_type=DEVICE_CODE, device_code=started[1]["device_code"])
    assert error(late) == (400, "expired_token")


def test_pages_do_not_run_what_a_name_says(sandbox: RunningSandbox) -> None:
    evil = '<script>alert("x")</script>'
    app = App(sandbox)
    sandbox.org.database.run("UPDATE clients SET name = ? WHERE id = ?", evil, app.id)
    page = Browser.signed_in(sandbox).open(app.authorize_url(login_hint=evil))
    assert evil not in page.text
    assert "&lt;script&gt;" in page.text
