"""Administrator roles: what people and apps may do, whatever their scopes allow."""

import base64
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization import clients
from server.sandbox.endpoints import Call, Endpoint, ok
from server.sandbox.people import find
from server.sandbox.problems import not_found

LABELS = {
    "SUPER_ADMIN": "Super Organization Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "USER_ADMIN": "Group Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
}


def _role(type: str, created: str) -> dict[str, Any]:
    # Standard roles have the type itself, in base32, as their id.
    id = base64.b32encode(type.encode()).decode().rstrip("=")
    return {
        "id": id,
        "label": LABELS.get(type, type),
        "type": type,
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": created,
        "assignmentType": "USER",
    }


def of_user(call: Call) -> Response:
    user = find(call.org, call.part("id"))
    row = call.org.database.one("SELECT role FROM admins WHERE user_id = ?", user["id"])
    return ok([_role(row["role"], call.org.now())] if row else [])


def of_client(call: Call) -> Response:
    client = clients.find(call.org, call.part("id"))
    if client is None:
        raise not_found(call.part("id"), "PublicClientApp")
    return ok([{**_role(client.role, call.org.now()), "assignmentType": "CLIENT"}] if client.role else [])


ENDPOINTS = [
    Endpoint("GET", "/api/v1/users/{id}/roles", of_user, "okta.roles.read"),
    Endpoint("GET", "/oauth2/v1/clients/{id}/roles", of_client, "okta.roles.read"),
]
