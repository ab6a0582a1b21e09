"""User types: kinds of people, each with a schema of its own. Every org has one, the default.

Shapes: TestAccResourceOktaUserType_crud in okta/terraform-provider-okta.
"""

import re
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.log import OKTA_SYSTEM
from server.sandbox.org import Org
from server.sandbox.problems import forbidden, invalid, not_found
from server.sandbox.schemas import schema_id, user_type_id

TABLES = """
CREATE TABLE IF NOT EXISTS user_types (
    id TEXT PRIMARY KEY, schema_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL,
    description TEXT, made_by TEXT NOT NULL, changed_by TEXT NOT NULL, created TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
"""
_SYSTEM = OKTA_SYSTEM["id"]
_DESCRIPTION = "Okta user profile template with default permission settings"


def every(org: Org) -> list[Row]:
    made = org.fact("created", org.now)
    org.database.run(
        "INSERT OR IGNORE INTO user_types VALUES (?, ?, 'user', 'User', ?, ?, ?, ?, ?)",
        *(user_type_id(org), schema_id(org), _DESCRIPTION, _SYSTEM, _SYSTEM, made, made),
    )
    return org.database.all("SELECT * FROM user_types ORDER BY created, id")


def find(org: Org, id: str) -> Row:
    """The type of this id, or the default one.

    Raises:
        OktaProblem: there is none.
    """
    wanted = user_type_id(org) if id == "default" else id
    for row in every(org):
        if row["id"] == wanted:
            return row
    raise not_found(id, "CVDType")


def list_types(call: ApiCall) -> Response:
    return ok([_render(call, row) for row in every(call.org)])


def get_type(call: ApiCall) -> Response:
    return ok(_render(call, find(call.org, call.part("type"))))


def create_type(call: ApiCall) -> Response:
    org, sent = call.org, call.body()
    causes = [
        f"{name}: The field cannot be left blank"
        for name in ("name", "displayName")
        if not isinstance(sent.get(name), str) or not sent[name]
    ]
    name = str(sent.get("name") or "")
    if name and not re.fullmatch(r"[A-Za-z_]\w{0,99}", name, re.ASCII):
        causes.append("name: Does not match required pattern")
    if any(row["name"] == name for row in every(org)):
        causes.append("name: An object with this field already exists in the current organization")
    if causes:
        raise invalid(causes[0].partition(":")[0], *causes)
    id, now, by = new_id("oty"), org.now(), call.principal.id
    org.database.run(
        "INSERT INTO user_types VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, "osc" + id[3:], name, sent["displayName"], sent.get("description"), by, by, now, now),
    )
    return ok(_render(call, find(org, id)))


def change_type(call: ApiCall) -> Response:
    """Change what people read. The name stays: a request that sends another one is refused."""
    row, sent = find(call.org, call.part("type")), call.body()
    if sent.get("name", row["name"]) != row["name"]:
        raise invalid("name", "name: The field cannot be changed")
    shown = sent.get("displayName", row["display_name"])
    if not isinstance(shown, str) or not shown:
        raise invalid("displayName", "displayName: The field cannot be left blank")
    call.org.database.run(
        "UPDATE user_types SET display_name = ?, description = ?, changed_by = ?, last_updated = ? WHERE id = ?",
        *(shown, sent.get("description", row["description"]), call.principal.id, call.org.now(), row["id"]),
    )
    return ok(_render(call, find(call.org, row["id"])))


def delete_type(call: ApiCall) -> Response:
    row = find(call.org, call.part("type"))
    if row["id"] == user_type_id(call.org):
        raise forbidden()
    call.org.database.run("DELETE FROM schemas WHERE kind = ?", row["id"])
    call.org.database.run("DELETE FROM user_types WHERE id = ?", row["id"])
    return no_content()


def _render(call: ApiCall, row: Row) -> dict[str, Any]:
    meta = f"{call.base}/api/v1/meta"
    return {
        "id": row["id"],
        "displayName": row["display_name"],
        "name": row["name"],
        "description": row["description"],
        "createdBy": row["made_by"],
        "lastUpdatedBy": row["changed_by"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "default": row["id"] == user_type_id(call.org),
        "_links": {
            "schema": {"rel": "schema", "href": f"{meta}/schemas/user/{row['schema_id']}", "method": "GET"},
            "self": {"rel": "self", "href": f"{meta}/types/user/{row['id']}", "method": "GET"},
        },
    }


_TYPES = "/api/v1/meta/types/user"
ENDPOINTS = [
    Endpoint("GET", _TYPES, list_types, "okta.userTypes.read"),
    Endpoint("POST", _TYPES, create_type, "okta.userTypes.manage"),
    Endpoint("GET", f"{_TYPES}/{{type}}", get_type, "okta.userTypes.read"),
    Endpoint("POST", f"{_TYPES}/{{type}}", change_type, "okta.userTypes.manage"),
    Endpoint("PUT", f"{_TYPES}/{{type}}", change_type, "okta.userTypes.manage"),
    Endpoint("DELETE", f"{_TYPES}/{{type}}", delete_type, "okta.userTypes.manage"),
]
