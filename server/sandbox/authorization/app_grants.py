"""The okta.* scopes that administrators grant to apps."""

import json
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization import clients
from server.sandbox.authorization.access import app_actor
from server.sandbox.authorization.client_roles import named_client
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.authorization.scopes import KNOWN_SCOPES
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import invalid, not_found


def _render(call: ApiCall, client: OAuthClient, row: Row, *, expanded: bool = False) -> dict[str, Any]:
    app = f"{call.base}/api/v1/apps/{call.part('id')}"
    return {
        "id": row["id"],
        "status": "ACTIVE",
        "created": row["created"],
        "createdBy": json.loads(row["granted_by"]),
        "lastUpdated": row["created"],
        "issuer": call.base,
        "clientId": client.id,
        "scopeId": row["scope"],
        "source": "ADMIN",
        **({"_embedded": {"scope": {"id": row["scope"]}}} if expanded else {}),
        "_links": {
            "app": {"href": app, "title": client.name},
            "self": {"href": f"{app}/grants/{row['id']}", "hints": {"allow": ["GET", "DELETE"]}},
            "client": {"href": f"{call.base}/oauth2/v1/clients/{client.id}", "title": client.name},
        },
    }


def _rows(call: ApiCall, client: OAuthClient) -> list[Row]:
    return call.org.database.all("SELECT * FROM app_grants WHERE client_id = ? ORDER BY rowid", client.id)


def _named(call: ApiCall, client: OAuthClient) -> Row:
    for row in _rows(call, client):
        if row["id"] == call.part("grant"):
            return row
    raise not_found(call.part("grant"), "OAuth2Grant")


def _list(call: ApiCall) -> Response:
    client, expanded = named_client(call, "AppInstance"), call.query.get("expand") == "scope"
    return ok([_render(call, client, row, expanded=expanded) for row in _rows(call, client)])


def _get(call: ApiCall) -> Response:
    client, expanded = named_client(call, "AppInstance"), call.query.get("expand") == "scope"
    return ok(_render(call, client, _named(call, client), expanded=expanded))


def _grant(call: ApiCall) -> Response:
    """Grant a scope. One that is granted already stays as it is."""
    client, sent = named_client(call, "AppInstance"), call.body()
    blank = [f"{name}: The field cannot be left blank" for name in ("scopeId", "issuer") if not sent.get(name)]
    if blank:
        raise invalid(blank[0].partition(":")[0], *blank)
    if sent["scopeId"] not in KNOWN_SCOPES:
        raise invalid("scopeId", "scopeId: The scope does not exist")
    if str(sent["issuer"]).rstrip("/") != call.base:
        raise invalid("issuer", f"issuer: The issuer must be {call.base}")
    by = {"id": call.principal.id, "type": "App" if call.principal.kind == "app" else "User"}
    clients.grant(call.org, client.id, [sent["scopeId"]], by)
    (row,) = (row for row in _rows(call, client) if row["scope"] == sent["scopeId"])
    record(call.org, call.request, "app.oauth2.admin.consent.grant", app_actor(call.org, client.id))
    return ok(_render(call, client, row, expanded=True))


def _revoke(call: ApiCall) -> Response:
    client = named_client(call, "AppInstance")
    call.org.database.run("DELETE FROM app_grants WHERE id = ?", _named(call, client)["id"])
    record(call.org, call.request, "app.oauth2.admin.consent.revoke", app_actor(call.org, client.id))
    return no_content()


_ALL = "/api/v1/apps/{id}/grants"
ENDPOINTS = [
    Endpoint("GET", _ALL, _list, "okta.appGrants.read"),
    Endpoint("POST", _ALL, _grant, "okta.appGrants.manage"),
    Endpoint("GET", f"{_ALL}/{{grant}}", _get, "okta.appGrants.read"),
    Endpoint("DELETE", f"{_ALL}/{{grant}}", _revoke, "okta.appGrants.manage"),
]
