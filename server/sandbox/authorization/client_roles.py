"""Administrator roles of apps: what a service app may do is bounded by them as well as by its scopes."""

from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization import clients
from server.sandbox.authorization.access import app_actor
from server.sandbox.authorization.assignments import LABELS
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, invalid, not_found


def named_client(call: ApiCall, entity: str = "PublicClientApp") -> OAuthClient:
    """The app that the path names; among applications (`AppInstance`) its own id may be another than the client's.

    Raises:
        OktaProblem: there is none; `entity` is what it would be.
    """
    id = call.part("id")
    if entity == "AppInstance" and (row := call.org.database.one("SELECT client_id FROM apps WHERE id = ?", id)):
        id = row["client_id"]
    client = clients.find(call.org, id)
    if client is None:
        raise not_found(call.part("id"), entity)
    return client


def _rows(call: ApiCall, client: OAuthClient) -> list[Row]:
    return call.org.database.all("SELECT * FROM client_roles WHERE client_id = ? ORDER BY rowid", client.id)


def _named(call: ApiCall, client: OAuthClient) -> Row:
    for row in _rows(call, client):
        if row["id"] == call.part("role"):
            return row
    raise not_found(call.part("role"), "RoleAssignment")


def _render(base: str, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "label": LABELS.get(row["type"], row["type"]),
        "type": row["type"],
        "status": "ACTIVE",
        "created": row["created"],
        "lastUpdated": row["created"],
        "assignmentType": "CLIENT",
        "_links": {"assignee": {"href": f"{base}/oauth2/v1/clients/{row['client_id']}"}},
    }


def _list(call: ApiCall) -> Response:
    return ok([_render(call.base, row) for row in _rows(call, named_client(call))])


def _get(call: ApiCall) -> Response:
    return ok(_render(call.base, _named(call, named_client(call))))


def _assign(call: ApiCall) -> Response:
    client, type = named_client(call), call.body().get("type")
    if not isinstance(type, str) or not type:
        raise invalid("type", "type: The field cannot be left blank")
    if type not in LABELS:
        raise invalid("type", "type: The role type is not supported")
    if not clients.add_role(call.org, client.id, type):
        raise OktaProblem(409, "E0000090", "The role specified is already assigned to the user.")
    record(call.org, call.request, "app.oauth2.client.privilege.grant", app_actor(call.org, client.id))
    return ok(_render(call.base, _rows(call, client)[-1]))


def _withdraw(call: ApiCall) -> Response:
    client = named_client(call)
    row = _named(call, client)
    call.org.database.run("DELETE FROM client_roles WHERE client_id = ? AND id = ?", client.id, row["id"])
    left = "grant" if _rows(call, client) else "revoke"  # what is left is granted, as with people
    record(call.org, call.request, f"app.oauth2.client.privilege.{left}", app_actor(call.org, client.id))
    return no_content()


_ROLES = "/oauth2/v1/clients/{id}/roles"
ENDPOINTS = [
    Endpoint("GET", _ROLES, _list, "okta.roles.read"),
    Endpoint("POST", _ROLES, _assign, "okta.roles.manage"),
    Endpoint("GET", f"{_ROLES}/{{role}}", _get, "okta.roles.read"),
    Endpoint("DELETE", f"{_ROLES}/{{role}}", _withdraw, "okta.roles.manage"),
]
