"""Apps that administrators make over the wire, and what these apps can do then."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey

from apps import let, register, token
from browser import Browser
from server.sandbox.authorization.clients import find, register_client
from server.sandbox.authorization.endpoints import MANAGEMENT_SCOPES
from server.sandbox.authorization.grants import DEVICE_CODE
from server.sandbox.running import RunningSandbox

CALLBACK = "http://localhost:1/callback"
RSA = RSAKey.generate_key(2048, auto_kid=True)
EC = ECKey.generate_key("P-256", auto_kid=True)
WEB: dict[str, Any] = {"client_name": "Web", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code"]}
SERVICE: dict[str, Any] = {
    "client_name": "Service",
    "application_type": "service",
    "grant_types": ["client_credentials"],
    "response_types": ["token"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": {"keys": [RSA.as_dict(private=False)]},
}


def refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["error"], told["error_description"]


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "EC"])
def test_a_service_app_made_over_the_wire_gets_in_once_it_has_a_scope_and_a_role(
    http: httpx2.Client, key: RSAKey | ECKey
) -> None:
    named = {**key.as_dict(private=False), "kid": "chosen by the caller"}
    made = register(http, **{**SERVICE, "jwks": {"keys": [named]}})
    id = made["client_id"]
    assert "client_secret" not in made
    assert "client_secret_expires_at" not in made
    assert made["jwks"]["keys"][0]["kid"] == "chosen by the caller"

    def ask() -> httpx2.Response:
        return token(http, id, key, "chosen by the caller", "okta.users.read")

    assert refusal(ask())[:2] == (400, "invalid_scope")
    let(http, id, "okta.users.read")
    headers = {"authorization": f"Bearer {ask().json()['access_token']}"}
    url = f"{http.base_url}/api/v1/users?limit=1"
    assert httpx2.get(url, headers=headers).json()["errorCode"] == "E0000006", "a scope without a role"
    role = http.post(f"/oauth2/v1/clients/{id}/roles", json={"type": "READ_ONLY_ADMIN"})
    assert (role.status_code, role.json()["assignmentType"]) == (200, "CLIENT")
    assert len(httpx2.get(url, headers=headers).json()) == 1
    assert http.delete(f"/oauth2/v1/clients/{id}/roles/{role.json()['id']}").status_code == 204
    assert http.get(f"/oauth2/v1/clients/{id}/roles").json() == []
    assert httpx2.get(url, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("type", "method"), [("web", "client_secret_basic"), ("native", "none"), ("browser", "none"), ("web", "post")]
)
def test_apps_made_over_the_wire_sign_people_in(
    sandbox: RunningSandbox, http: httpx2.Client, type: str, method: str
) -> None:
    method = "client_secret_post" if method == "post" else method
    grants = ["authorization_code", "refresh_token"]
    app = register(
        http, **{**WEB, "application_type": type, "token_endpoint_auth_method": method, "grant_types": grants}
    )
    let(http, app["client_id"], "okta.users.read")
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "state": "s",
        "scope": "openid offline_access okta.users.read",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with Browser() as browser:
        browser._client.follow_redirects = True
        page = browser.open(f"{sandbox.url}/oauth2/v1/authorize?{httpx2.QueryParams(query)}")
        page = browser.sign_in(page, sandbox)
        browser._client.follow_redirects = False
        form = {**page.form.fields, "answer": "allow"}
        back = browser._client.post(f"{sandbox.url}{page.form.action}", data=form).headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
    known = {"client_id": app["client_id"]}
    secret = app.get("client_secret", "")
    assert bool(secret) is (method != "none")
    basic = method == "client_secret_basic"
    answer = httpx2.post(
        f"{sandbox.url}/oauth2/v1/token",
        data={**sent, **({} if basic else known), **({"client_secret": secret} if method.endswith("post") else {})},
        auth=httpx2.BasicAuth(app["client_id"], secret) if basic else None,
    ).json()
    assert set(answer["scope"].split()) == {"openid", "offline_access", "okta.users.read"}
    headers = {"authorization": f"Bearer{answer['access_token']}"}
    assert httpx2.get(f"{sandbox.url}/api/v1/users/me", headers=headers).status_code == 200


def test_what_is_made_is_listed_read_changed_and_deleted(http: httpx2.Client) -> None:
    made = register(http, **WEB, client_uri="https://example.com", logo_uri=None)
    url = f"/oauth2/v1/clients/{made['client_id']}"
    assert (made["client_secret_expires_at"], made["token_endpoint_auth_method"]) == (0, "client_secret_basic")
    assert (made["application_type"], made["response_types"]) == ("web", ["code"])
    secret = made.pop("client_secret")
    assert http.get(url).json() == made
    changed = http.put(url, json={**WEB, "client_name": "Web 2", "redirect_uris": ["https://example.com/cb"]})
    assert changed.status_code == 200, changed.text
    assert changed.json()["client_secret"] == secret
    assert (changed.json()["client_name"], changed.json()["client_uri"]) == ("Web 2", None)
    found = http.get("/oauth2/v1/clients?q=web").json()
    assert [one["client_name"] for one in found] == ["Web 2"]
    page = http.get("/oauth2/v1/clients?limit=1")
    assert len(page.json()) == 1
    assert 'rel="next"' in str(page.headers.get_list("link"))
    assert http.delete(url).status_code == 204
    assert refusal(http.get(url)) == (401, "invalid_client", "Invalid value for 'client_id' parameter.")
    assert http.delete(url).status_code == 401


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({**WEB, "client_name": None}, "client_name"),
        ({**WEB, "client_name": "Okta Actions"}, "client_name"),
        ({**WEB, "client_name": 7}, "client_name"),
        ({**WEB, "application_type": "desktop"}, "application_type"),
        ({**WEB, "grant_types": ["refresh_token"]}, "grant_types"),
        ({**WEB, "grant_types": []}, "grant_types"),
        ({**WEB, "grant_types": ["authorization_code", "magic"]}, "grant_types"),
        ({**WEB, "grant_types": "authorization_code"}, "grant_types"),
        ({**WEB, "response_types": ["token"]}, "response_types"),
        ({**WEB, "redirect_uris": []}, "redirect_uris"),
        ({**WEB, "redirect_uris": ["/callback"]}, "redirect_uris"),
        ({**WEB, "redirect_uris": ["https://example.com/#there"]}, "redirect_uris"),
        ({**WEB, "redirect_uris": ["https://[::1/"]}, "redirect_uris"),
        ({**WEB, "token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({**WEB, "application_type": "browser", "token_endpoint_auth_method": "client_secret_post"}, "token_endpoint"),
        ({**WEB, "dpop_bound_access_tokens": "yes"}, "dpop_bound_access_tokens"),
        ({**WEB, "client_uri": 1}, "client_uri"),
        ({**WEB, "jwks_uri": "https://example.com/keys"}, "jwks_uri"),
        ({**SERVICE, "jwks": None}, "jwks"),
        ({**SERVICE, "jwks": []}, "jwks"),
        ({**SERVICE, "jwks": {"keys": []}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": [{"kty": "oct", "k": "abc"}]}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": [{"kty": "RSA", "n": "??", "e": "AQAB"}]}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}]}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": ["a key"]}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": [RSA.as_dict(private=True)]}}, "jwks"),
        ({**SERVICE, "jwks": {"keys": [EC.as_dict(private=False)] * 2}}, "jwks"),
        ({**SERVICE, "grant_types": ["authorization_code"]}, "grant_types"),
    ],
)
def test_settings_that_make_no_app_are_refused_by_name_and_make_none(
    http: httpx2.Client, settings: dict[str, Any], field: str
) -> None:
    before = http.get("/oauth2/v1/clients").json()
    status, error, told = refusal(http.post("/oauth2/v1/clients", json=settings))
    assert (status, error) == (400, "invalid_client_metadata")
    assert told.startswith(field)
    assert http.get("/oauth2/v1/clients").json() == before


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"client_id": "0oaanother0000000000"}, "client_id"),
        ({"application_type": "native"}, "application_type"),
        ({"client_id_issued_at": 1}, "client_id_issued_at"),
        ({"redirect_uris": None}, "redirect_uris"),
        ({"client_name": "Okta Actions"}, "client_name"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(http: httpx2.Client, more: dict[str, Any], field: str) -> None:
    made = register(http, **WEB)
    url = f"/oauth2/v1/clients/{made['client_id']}"
    before = http.get(url).json()
    assert refusal(http.put(url, json={**WEB, **more}))[2].startswith(f"{field}: ")
    assert http.get(url).json() == before


def test_a_key_without_a_name_gets_one_that_is_no_thumbprint(http: httpx2.Client) -> None:
    nameless = {name: value for name, value in EC.as_dict(private=False).items() if name != "kid"}
    (key,) = register(http, **{**SERVICE, "jwks": {"keys": [nameless]}})["jwks"]["keys"]
    assert len(key["kid"]) == 43
    assert key["kid"] != EC.thumbprint()


@pytest.mark.parametrize("root", ["/api/v1/apps/{}/credentials/jwks", "/oauth2/v1/clients/{}/jwks"])
def test_keys_are_rotated_one_by_one(http: httpx2.Client, root: str) -> None:
    id = register(http, **SERVICE)["client_id"]
    let(http, id, "okta.users.read")
    url = root.format(id)
    (first,) = http.get(url).json()
    assert refused(http.post(f"{url}/{first['id']}/lifecycle/deactivate")) == "the only one stays"
    second = http.post(url, json={**EC.as_dict(private=False), "kid": "second", "status": "INACTIVE"})
    assert second.status_code == 201, second.text
    one = f"{url}/{second.json()['id']}"
    assert refusal(token(http, id, EC, "second", "okta.users.read"))[2] == "The client_assertion JWT kid is invalid."
    assert http.post(f"{one}/lifecycle/activate").json()["status"] == "ACTIVE"
    assert token(http, id, EC, "second", "okta.users.read").status_code == 200
    assert token(http, id, EC, None, "okta.users.read").status_code == 200, "the kid is optional"
    assert refused(http.delete(one)) == "it is active"
    assert http.post(f"{url}/{first['id']}/lifecycle/deactivate").status_code == 200
    assert token(http, id, RSA, None, "okta.users.read").status_code == 401
    assert http.delete(f"{url}/{first['id']}").status_code == 204
    assert [key["kid"] for key in http.get(url).json()] == ["second"]
    assert http.get(f"{url}/{first['id']}").status_code == 404
    assert http.post(url, json={**EC.as_dict(private=False), "kid": "second"}).status_code == 400, "the name is taken"
    assert http.post(url, json=EC.as_dict(private=True)).status_code == 400


def refused(answer: httpx2.Response) -> str:
    told = answer.json()
    assert (answer.status_code, told["errorCode"]) == (400, "E0000001")
    return "it is active" if "deleted" in told["errorCauses"][0]["errorSummary"] else "the only one stays"


@pytest.mark.parametrize("root", ["/api/v1/apps/{}/credentials/secrets", "/oauth2/v1/clients/{}/secrets"])
def test_secrets_are_rotated_one_by_one(http: httpx2.Client, root: str) -> None:
    made = register(http, **WEB)
    id, url = made["client_id"], root.format(made["client_id"])

    def works(secret: str) -> bool:
        answer = httpx2.post(
            f"{http.base_url}/oauth2/v1/token",
            data={"grant_type": "authorization_code", "code": "none"},
            auth=httpx2.BasicAuth(id, secret),
        )
        return bool(answer.json()["error"] == "invalid_grant")

    (first,) = http.get(url).json()
    assert first["client_secret"] == made["client_secret"]
    second = http.post(url).json()
    assert len(second["secret_hash"]) == 22
    assert works(made["client_secret"])
    assert works(second["client_secret"])
    assert http.post(url).status_code == 400, "two are the most"
    assert refused(http.delete(f"{url}/{first['id']}")) == "it is active"
    assert http.post(f"{url}/{first['id']}/lifecycle/deactivate").json()["status"] == "INACTIVE"
    assert not works(made["client_secret"])
    assert refused(http.post(f"{url}/{second['id']}/lifecycle/deactivate")) == "the only one stays"
    assert http.delete(f"{url}/{first['id']}").status_code == 204
    fresh = http.post(f"/oauth2/v1/clients/{id}/lifecycle/newSecret").json()["client_secret"]
    assert works(fresh)
    assert not works(second["client_secret"])


def test_grants_are_given_read_and_taken_back(http: httpx2.Client) -> None:
    id = register(http, **SERVICE)["client_id"]
    url, issuer = f"/api/v1/apps/{id}/grants", str(http.base_url).rstrip("/")
    given = http.post(url, json={"scopeId": "okta.apps.read", "issuer": issuer})
    assert given.status_code == 200
    grant = given.json()
    assert grant.pop("_embedded") == {"scope": {"id": "okta.apps.read"}}
    assert grant["createdBy"]["type"] == "User"
    assert http.post(url, json={"scopeId": "okta.apps.read", "issuer": issuer}).json()["id"] == grant["id"]
    assert http.get(url).json() == [grant]
    assert http.get(f"{url}/{grant['id']}").json() == grant
    for wrong in ({"scopeId": "okta.magic.read", "issuer": issuer}, {"scopeId": "okta.apps.read"}, {}):
        assert http.post(url, json=wrong).json()["errorCode"] == "E0000001"
    elsewhere = {"scopeId": "okta.apps.read", "issuer": "https://elsewhere.example"}
    assert http.post(url, json=elsewhere).status_code == 400
    assert token(http, id, RSA, str(RSA.kid), "okta.apps.read").status_code == 200
    assert http.delete(f"{url}/{grant['id']}").status_code == 204
    assert http.get(url).json() == []
    assert token(http, id, RSA, str(RSA.kid), "okta.apps.read").status_code == 400
    assert "(AppInstance)" in http.get("/api/v1/apps/0oanobody00000000000/grants").json()["errorSummary"]


def test_a_service_app_needs_its_own_type_and_a_key(http: httpx2.Client) -> None:
    with_secret = register(http, **{**SERVICE, "token_endpoint_auth_method": "client_secret_basic", "jwks": None})
    both = register(http, **{**WEB, "grant_types": ["authorization_code", "client_credentials"]})
    for app, told in ((with_secret, "private_key_jwt"), (both, "'application_type' of 'service'")):
        answer = httpx2.post(
            f"{http.base_url}/oauth2/v1/token",
            data={"grant_type": "client_credentials", "scope": "okta.users.read"},
            auth=httpx2.BasicAuth(app["client_id"], app["client_secret"]),
        )
        assert refusal(answer)[:2] == (401, "invalid_client")
        assert told in refusal(answer)[2]


def test_an_app_deleted_is_out_at_once(http: httpx2.Client) -> None:
    id = register(http, **SERVICE)["client_id"]
    let(http, id, "okta.users.read")
    http.post(f"/oauth2/v1/clients/{id}/roles", json={"type": "ORG_ADMIN"})
    headers = {"authorization": f"Bearer {token(http, id, RSA, None, 'okta.users.read').json()['access_token']}"}
    assert httpx2.get(f"{http.base_url}/api/v1/users?limit=1", headers=headers).status_code == 200
    http.delete(f"/oauth2/v1/clients/{id}")
    assert httpx2.get(f"{http.base_url}/api/v1/users?limit=1", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("role", "allowed"), [("READ_ONLY_ADMIN", False), ("ORG_ADMIN", True), ("APP_ADMIN", True), ("USER_ADMIN", False)]
)
def test_only_who_administers_apps_makes_them_and_only_super_administrators_grant_scopes(
    sandbox: RunningSandbox, http: httpx2.Client, role: str, allowed: bool
) -> None:
    key = {"keys": [RSA.as_dict(private=False)]}
    scopes = ["okta.clients.manage", "okta.appGrants.manage", "okta.roles.manage"]
    id, _ = register_client(
        sandbox.org, "Maker", grant_types=["client_credentials"], scopes=scopes, jwks=key, role=role
    )
    headers = {"authorization": f"Bearer {token(http, id, RSA, None, ' '.join(scopes)).json()['access_token']}"}
    with httpx2.Client(base_url=sandbox.url, headers=headers) as maker:
        made = maker.post("/oauth2/v1/clients", json=SERVICE)
        assert made.status_code == (201 if allowed else 403)
        assert maker.get("/oauth2/v1/clients").status_code == 200
        own = {"scopeId": "okta.users.manage", "issuer": sandbox.url}
        assert maker.post(f"/api/v1/apps/{id}/grants", json=own).status_code == 403
        assert maker.post(f"/oauth2/v1/clients/{id}/roles", json={"type": "SUPER_ADMIN"}).status_code == 403
    assert httpx2.post(f"{sandbox.url}/oauth2/v1/clients", json=SERVICE).status_code == 403


@pytest.fixture
def of_earlier(tmp_path: Path) -> Iterator[tuple[RunningSandbox, str, str]]:
    """An org whose file is as earlier versions wrote it: one secret, all keys, scopes and the role in the app's row."""
    file = tmp_path / "org.db"
    with RunningSandbox(file) as before:
        run = before.org.database.run
        id, secret = before.demo.client_id, before.demo.client_secret
        kept = before.org.database.all("SELECT hash FROM client_secrets WHERE client_id = ?", id)
        (hashed,) = (row["hash"] for row in kept)
        before.org.database.script(
            "DROP TABLE client_secrets; DROP TABLE client_keys; DROP TABLE client_roles; DROP TABLE app_grants;"
            "DROP TABLE clients; DROP TABLE app_users; DROP TABLE apps;"
            "CREATE TABLE clients (id TEXT PRIMARY KEY, name TEXT NOT NULL, secret TEXT, redirect_uris TEXT NOT NULL,"
            " grant_types TEXT NOT NULL, scopes TEXT NOT NULL, jwks TEXT NOT NULL, rotates INTEGER NOT NULL,"
            " leeway INTEGER NOT NULL, access_lifetime INTEGER NOT NULL, dpop INTEGER NOT NULL DEFAULT 0, role TEXT"
            ") WITHOUT ROWID;"
            "DELETE FROM facts WHERE name IN ('demo_native_client', 'demo_service_client')"
        )
        insert = "INSERT INTO clients VALUES (?, ?, ?, '[]', ?, 'okta.users.read', ?, 1, 30, 3600, 0, 'ORG_ADMIN')"
        run(insert, id, "Okta Actions", hashed, json.dumps(["authorization_code"]), '{"keys": []}')
        jwks = json.dumps({"keys": [RSA.as_dict(private=False)]})
        run(insert, "0oaservice000000001d7", "Old service", None, json.dumps(["client_credentials"]), jwks)
    with RunningSandbox(file, api_token="t") as after:
        yield after, id, secret


def test_apps_of_an_earlier_versions_file_go_on(of_earlier: tuple[RunningSandbox, str, str]) -> None:
    sandbox, id, secret = of_earlier
    assert (sandbox.demo.client_id, sandbox.demo.client_secret) == (id, secret)
    client = find(sandbox.org, id)
    assert client is not None
    assert client.scopes == frozenset(MANAGEMENT_SCOPES)
    shown = {row["id"]: row["label"] for row in sandbox.org.database.all("SELECT id, label FROM apps")}
    assert shown.items() >= {id: "Okta Actions", "0oaservice000000001d7": "Old service"}.items()
    basic = httpx2.BasicAuth(id, secret)
    sent = {"grant_type": "authorization_code", "code": "none"}
    assert refusal(httpx2.post(f"{sandbox.url}/oauth2/v1/token", data=sent, auth=basic))[1] == "invalid_grant"
    with httpx2.Client(base_url=sandbox.url) as http:
        answer = token(http, "0oaservice000000001d7", RSA, str(RSA.kid), "okta.users.read")
        assert answer.status_code == 200, answer.text


def test_the_sandboxs_own_native_app_works_on_a_device(sandbox: RunningSandbox) -> None:
    id = sandbox.demo.native_client_id
    started = httpx2.post(
        f"{sandbox.url}/oauth2/v1/device/authorize", data={"client_id": id, "scope": "openid okta.users.read"}
    ).json()
    browser = Browser.signed_in(sandbox)
    browser.submit(browser.open(started["verification_uri_complete"]), press="allow")
    sent = {"grant_type": DEVICE_CODE, "device_code": started["device_code"], "client_id": id}
    assert "okta.users.read" in httpx2.post(f"{sandbox.url}/oauth2/v1/token", data=sent).json()["scope"]


def test_the_sandboxs_own_service_app_works_with_its_key(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    key = RSAKey.import_key(sandbox.service_key)
    assert str(key.kid) != key.thumbprint()
    answer = token(http, sandbox.demo.service_client_id, key, str(key.kid), " ".join(MANAGEMENT_SCOPES))
    assert answer.status_code == 200, answer.text
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    assert httpx2.get(f"{sandbox.url}/api/v1/users?limit=1", headers=headers).status_code == 200
    thumbprint = token(http, sandbox.demo.service_client_id, key, key.thumbprint(), "okta.users.read")
    assert refusal(thumbprint)[2] == "The client_assertion JWT kid is invalid."


def test_a_browser_lets_only_the_pages_of_an_app_see_tokens(sandbox: RunningSandbox, http: httpx2.Client) -> None:
    app = {**WEB, "application_type": "browser", "redirect_uris": ["https://spa.example:8443/callback"]}
    register(http, **app)
    asking = {"access-control-request-method": "POST", "access-control-request-headers": "x-okta-user-agent-extended"}
    sent = {"grant_type": "authorization_code", "code": "none", "client_id": "nobody"}
    for origin, seen in (("https://spa.example:8443", True), ("https://spa.example", False), ("null", False)):
        headers = {"origin": origin}
        before = httpx2.options(f"{sandbox.url}/oauth2/v1/token", headers=headers | asking)
        assert before.status_code == 200
        assert ("x-okta-user-agent-extended" in before.headers.get("access-control-allow-headers", "")) is seen
        answer = httpx2.post(f"{sandbox.url}/oauth2/v1/token", data=sent, headers=headers)
        assert answer.headers.get("access-control-allow-origin") == (origin if seen else None)
        assert refusal(answer)[1] == ("invalid_client" if seen else "invalid_request")
        keys = httpx2.get(f"{sandbox.url}/oauth2/v1/keys", headers=headers)
        assert ("access-control-allow-origin" in keys.headers) is seen
    people = http.get("/api/v1/users?limit=1", headers={"origin": "https://spa.example:8443"})
    assert "access-control-allow-origin" not in people.headers


def test_the_scopes_of_every_family_of_the_catalogue_can_be_had() -> None:
    families = "apiTokens apps appGrants clients devices groups networkZones policies roles schemas userRisk users"
    wanted = {f"okta.{family}.{verb}" for family in families.split() for verb in ("read", "manage")}
    assert wanted | {"okta.logs.read"} <= set(MANAGEMENT_SCOPES)
