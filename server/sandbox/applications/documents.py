"""Applications as the API shows them."""

import json
from sqlite3 import Row
from typing import Any

from server.sandbox.applications.kinds import Document, orgs_kid, usual
from server.sandbox.authorization import clients
from server.sandbox.authorization.clients import WITH_SECRET, OAuthClient
from server.sandbox.org import Org
from server.sandbox.problems import not_found

BUILT_IN = ("saasure", "okta_enduser", "okta_browser_plugin")
"""What every org has: the Admin Console, the dashboard and its browser plugin. Nobody switches these off."""


def find(org: Org, id: str) -> Row:
    """The application of this id.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM apps WHERE id = ?", id)
    if row is None:
        raise not_found(id, "AppInstance")
    return row


def find_active(org: Org, id: str) -> Row:
    """The application whose assignments are to change. An inactive one is not found, although it can be read.

    Raises:
        OktaProblem: there is none (okta/terraform-provider-okta#1502 has the answer for groups of an inactive one; that
            it is the same for people is an assumption).
    """
    row = find(org, id)
    if row["status"] != "ACTIVE":
        raise not_found(id, "AppInstance")
    return row


def as_target(row: Row) -> dict[str, Any]:
    """An application as the System Log names one."""
    return {"id": row["id"], "type": "AppInstance", "alternateId": row["label"], "displayName": row["label"]}


def document_of(org: Org, row: Row) -> Document:
    """What an application is beside its name, label and status; of an OAuth client the most is kept with the client."""
    document = usual(row["name"], row["sign_on_mode"], json.loads(row["document"]))
    client = clients.find(org, row["client_id"]) if row["client_id"] else None
    if client is not None:
        credentials, settings = document["credentials"], document["settings"]
        credentials.setdefault("signing", {"kid": orgs_kid(org)})
        credentials["oauthClient"] = {**credentials.get("oauthClient", {}), **_client_credentials(org, client)}
        settings["oauthClient"] = {**settings.get("oauthClient", {}), **_client_settings(client)}
    return document


def _client_credentials(org: Org, client: OAuthClient) -> dict[str, Any]:
    secret = clients.shown_secret(org, client.id) if client.auth_method in WITH_SECRET else None
    return {
        "client_id": client.id,
        **({"client_secret": secret} if secret else {}),
        "token_endpoint_auth_method": client.auth_method,
    }


def _client_settings(client: OAuthClient) -> dict[str, Any]:
    details = client.details
    keys = {"jwks": {"keys": list(client.keys)}} if client.keys else {}
    return {
        "client_uri": details.get("client_uri"),
        "logo_uri": details.get("logo_uri"),
        "redirect_uris": list(client.redirect_uris),
        "response_types": details.get("response_types") or ["code"],
        "grant_types": sorted(client.grant_types),
        "application_type": client.type,
        "dpop_bound_access_tokens": client.dpop,
        "participate_slo": False,
        **keys,
    }


def render(base: str, org: Org, row: Row) -> dict[str, Any]:
    document = document_of(org, row)
    return {
        "id": row["id"],
        "orn": f"orn:okta:idp:{org.id}:apps:{row['name']}:{row['id']}",
        "name": row["name"],
        "label": row["label"],
        "status": row["status"],
        "lastUpdated": row["last_updated"],
        "created": row["created"],
        **{part: document[part] for part in ("accessibility", "visibility", "features")},
        "signOnMode": row["sign_on_mode"],
        "credentials": document["credentials"],
        "universalLogout": None,
        "settings": document["settings"],
        "_links": _links(base, row, document),
    }


def link(base: str, row: Row, name: str) -> str:
    """The address that a link on the dashboard leads to."""
    return f"{base}/home/{row['name']}/{row['id']}/{name}"


def logo(base: str, row: Row) -> str:
    return f"{base}/assets/img/logos/{row['name']}.png"


def _links(base: str, row: Row, document: Document) -> dict[str, Any]:
    here = f"{base}/api/v1/apps/{row['id']}"
    step = "deactivate" if row["status"] == "ACTIVE" else "activate"
    shown = [name for name, on in document["visibility"]["appLinks"].items() if on]
    links: dict[str, Any] = {
        "uploadLogo": {"href": f"{here}/logo", "hints": {"allow": ["POST"]}},
        "appLinks": [{"name": name, "href": link(base, row, name), "type": "text/html"} for name in shown],
        "policies": {"href": f"{here}/policies", "hints": {"allow": ["PUT"]}},
        "groups": {"href": f"{here}/groups"},
        "logo": [{"name": "medium", "href": logo(base, row), "type": "image/png"}],
        "users": {"href": f"{here}/users"},
        step: {"href": f"{here}/lifecycle/{step}"},
    }
    if row["policy_id"]:
        links["accessPolicy"] = {"href": f"{base}/api/v1/policies/{row['policy_id']}"}
    if row["client_id"]:
        links["clientCredentials"] = [{"name": "secrets", "href": f"{here}/credentials/secrets"}]
    if row["sign_on_mode"] == "SAML_2_0":
        links["metadata"] = {"href": f"{here}/sso/saml/metadata", "type": "application/xml"}
    return links
