"""Applications as OAuth clients, their keys, policies and schemas, and who may administer them."""

from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from apps import service_app, token
from connected_org import Org
from server.sandbox.running import RunningSandbox

APPS = "/api/v1/apps"
RSA = RSAKey.generate_key(2048, auto_kid=True)
BOOKMARK = {"label": "Wiki", "name": "bookmark", "signOnMode": "BOOKMARK"}
CLIENT = {
    "label": "Timesheets",
    "name": "oidc_client",
    "signOnMode": "OPENID_CONNECT",
    "settings": {
        "oauthClient": {
            "application_type": "web",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["https://time.example.com/callback"],
        }
    },
}


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["errorCode"], body["errorSummary"]


def made(http: httpx2.Client) -> dict[str, Any]:
    answer = http.post(APPS, json=BOOKMARK)
    assert answer.status_code == 200, answer.text
    app: dict[str, Any] = answer.json()
    return app


def exchange(sandbox: RunningSandbox, id: str, secret: str) -> tuple[int, str]:
    """What a client is told that proves who it is and sends a code that is none."""
    sent = {"grant_type": "authorization_code", "code": "none"}
    answer = httpx2.post(f"{sandbox.url}/oauth2/v1/token", data=sent, auth=httpx2.BasicAuth(id, secret))
    return answer.status_code, answer.json()["error"]


def test_a_client_of_openid_connect_is_an_application_and_a_client(
    http: httpx2.Client, sandbox: RunningSandbox
) -> None:
    app = http.post(APPS, json=CLIENT).json()
    credentials, settings = app["credentials"]["oauthClient"], app["settings"]["oauthClient"]
    assert (credentials["client_id"], settings["redirect_uris"]) == (app["id"], ["https://time.example.com/callback"])
    client = http.get(f"/oauth2/v1/clients/{app['id']}").json()
    assert (client["client_name"], client["application_type"]) == ("Timesheets", "web")
    known = (app["id"], credentials["client_secret"])
    assert exchange(sandbox, *known) == (400, "invalid_grant")
    one = f"{APPS}/{app['id']}"
    http.post(f"{one}/lifecycle/deactivate")
    assert exchange(sandbox, *known) == (401, "invalid_client"), "it is switched off"
    http.post(f"{one}/lifecycle/activate")
    renamed = http.put(one, json={**CLIENT, "label": "Hours"}).json()
    assert (renamed["label"], renamed["credentials"]["oauthClient"]) == ("Hours", credentials)
    assert http.get(f"/oauth2/v1/clients/{app['id']}").json()["client_name"] == "Hours"
    http.post(f"{one}/lifecycle/deactivate")
    assert http.delete(one).status_code == 204
    assert http.get(f"/oauth2/v1/clients/{app['id']}").status_code in (401, 404)


def test_a_client_may_bring_its_own_id_and_secret(http: httpx2.Client, sandbox: RunningSandbox) -> None:
    """TestAccResourceOktaAppOauth_customClientID."""
    mine = {"client_id": "something_from_somewhere", "client_secret": "a-secret-of-my-own"}
    sent = {**CLIENT, "credentials": {"oauthClient": mine}}
    app = http.post(APPS, json=sent).json()
    assert app["id"].startswith("0oa")
    assert app["credentials"]["oauthClient"].items() >= mine.items()
    assert exchange(sandbox, *mine.values()) == (400, "invalid_grant")
    (secret,) = http.get(f"{APPS}/{app['id']}/credentials/secrets").json()
    assert secret["client_secret"] == mine["client_secret"]
    assert told(http.post(APPS, json=sent))[:2] == (400, "E0000001"), "the id is taken"


def test_a_client_that_is_registered_is_listed_as_an_application(http: httpx2.Client) -> None:
    sent = {"client_name": "Registered", "redirect_uris": ["https://a.example.com/"]}
    id = http.post("/oauth2/v1/clients", json=sent).json()["client_id"]
    (app,) = http.get(APPS, params={"q": "Registered"}).json()
    assert (app["id"], app["name"], app["status"]) == (id, "oidc_client", "ACTIVE")
    assert app["credentials"]["signing"]["kid"]
    http.delete(f"/oauth2/v1/clients/{id}")
    assert http.get(f"{APPS}/{id}").status_code == 404


def test_an_application_of_saml_signs_with_a_key_that_can_be_changed(http: httpx2.Client) -> None:
    """TestAccAppSaml_userGroups."""
    sent = {"label": "Expenses", "name": "concur", "signOnMode": "SAML_2_0"}
    app = http.post(APPS, json=sent).json()
    keys = f"{APPS}/{app['id']}/credentials/keys"
    (first,) = http.get(keys).json()
    assert first["kid"] == app["credentials"]["signing"]["kid"]
    new = http.post(f"{keys}/generate", params={"validityYears": 2})
    assert new.status_code == 201
    assert {key["kid"] for key in http.get(keys).json()} == {first["kid"], new.json()["kid"]}
    assert http.get(f"{keys}/{new.json()['kid']}").json() == new.json()
    assert first["expiresAt"] > new.json()["expiresAt"]
    signing = {"credentials": {"signing": {"kid": new.json()["kid"]}}}
    changed = http.put(f"{APPS}/{app['id']}", json={**sent, **signing}).json()
    assert changed["credentials"]["signing"] == {"kid": new.json()["kid"]}
    kept = http.put(f"{APPS}/{app['id']}", json=sent).json()
    assert kept["credentials"]["signing"] == {"kid": new.json()["kid"]}
    assert told(http.post(f"{keys}/generate", params={"validityYears": 1}))[:2] == (400, "E0000001")


def test_an_application_follows_another_sign_on_policy(http: httpx2.Client) -> None:
    app = made(http)
    assert "accessPolicy" not in app["_links"]
    policy = "rst7l8bcgtubQYi7g1d7"
    assert http.put(f"{APPS}/{app['id']}/policies/{policy}").status_code == 204
    assert http.get(f"{APPS}/{app['id']}").json()["_links"]["accessPolicy"]["href"].endswith(policy)
    assert told(http.put(f"{APPS}/{app['id']}/policies/none"))[2].endswith("none (Policy)")


def test_the_users_of_an_application_have_a_schema_of_their_own(http: httpx2.Client) -> None:
    """TestAccAppUserSchemas_crud and TestAccAppUserBaseSchema_change."""
    app = http.post(APPS, json=CLIENT).json()
    url = f"/api/v1/meta/schemas/apps/{app['id']}/default"
    schema = http.get(url).json()
    assert (schema["title"], list(schema["definitions"]["base"]["properties"])[:2]) == (
        "Timesheets User",
        ["userName", "name"],
    )
    assert (schema["definitions"]["custom"]["properties"], schema["definitions"]["base"]["required"]) == (
        {},
        ["userName"],
    )
    size = {"title": "Size", "type": "string", "enum": ["S", "M"]}
    changes = {"custom": {"properties": {"size": size}}, "base": {"properties": {"name": {"required": True}}}}
    changed = http.post(url, json={"definitions": changes}).json()["definitions"]
    assert changed["custom"]["properties"]["size"]["enum"] == ["S", "M"]
    assert changed["base"]["required"] == ["userName", "name"]
    refused = http.post(url, json={"definitions": {"custom": {"properties": {"userName": size}}}})
    assert told(refused) == (400, "E0000001", "Api validation failed: updateAppUserSchemas")
    gone = http.post(url, json={"definitions": {"custom": {"properties": {"size": None}}}}).json()
    assert gone["definitions"]["custom"]["properties"] == {}
    assert told(http.get("/api/v1/meta/schemas/apps/none/default"))[2].endswith("none (AppInstance)")


def test_a_role_is_limited_to_an_instance_until_that_is_deleted(http: httpx2.Client, org: Org) -> None:
    """TestAccResourceOktaGroupAdminRole_crud."""
    app, group = made(http), org.create_group("App keepers")
    role = http.post(f"/api/v1/groups/{group}/roles", json={"type": "APP_ADMIN"}).json()["id"]
    targets = f"/api/v1/groups/{group}/roles/{role}/targets/catalog/apps"
    assert told(http.put(f"{targets}/salesforce/{app['id']}"))[2].endswith("(AppInstance)"), "it is none"
    assert http.put(f"{targets}/bookmark/{app['id']}").status_code == 204
    (target,) = http.get(targets).json()
    assert (target["id"], target["name"], target["status"]) == (app["id"], "Wiki", "ACTIVE")
    http.post(f"{APPS}/{app['id']}/lifecycle/deactivate")
    http.delete(f"{APPS}/{app['id']}")
    assert http.get(targets).json() == []


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "", "okta.apps.read"),
        ("GET", "/{}", "okta.apps.read"),
        ("GET", "/{}/users", "okta.apps.read"),
        ("GET", "/{}/groups", "okta.apps.read"),
        ("POST", "", "okta.apps.manage"),
        ("PUT", "/{}", "okta.apps.manage"),
        ("DELETE", "/{}", "okta.apps.manage"),
        ("POST", "/{}/lifecycle/deactivate", "okta.apps.manage"),
        ("POST", "/{}/users", "okta.apps.manage"),
        ("PUT", "/{}/groups/00gx", "okta.apps.manage"),
    ],
)
def test_a_token_without_the_scope_is_told_which_is_missing(
    http: httpx2.Client, method: str, path: str, scope: str
) -> None:
    id, kid = service_app(http, RSA, "okta.users.read")
    bearer = token(http, id, RSA, kid, "okta.users.read").json()["access_token"]
    url = f"{http.base_url}{APPS}{path}".format(made(http)["id"])
    answer = httpx2.request(method, url, headers={"authorization": f"Bearer {bearer}"})
    assert (answer.status_code, answer.content) == (403, b"")
    assert f'scope="{scope}"' in answer.headers["www-authenticate"]
