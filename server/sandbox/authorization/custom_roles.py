"""Custom administrator roles and what each permits.

Shapes: TestAccResourceOktaAdminRoleCustom_crud in okta/terraform-provider-okta; refusals: errors.md, section 7
(TestRoleAPIResource in okta/okta-sdk-python). A role is named by its id or its label.
"""

from sqlite3 import Row
from typing import Any

from starlette.responses import JSONResponse, Response

from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import invalid, not_found

TABLES = """
CREATE TABLE IF NOT EXISTS custom_roles (
    id TEXT PRIMARY KEY, label TEXT NOT NULL UNIQUE COLLATE NOCASE, description TEXT NOT NULL,
    created TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS custom_permissions (
    role_id TEXT NOT NULL REFERENCES custom_roles (id) ON DELETE CASCADE, label TEXT NOT NULL, created TEXT NOT NULL,
    PRIMARY KEY (role_id, label)
) WITHOUT ROWID;
"""


def find(org: Org, text: str) -> Row:
    """The role of this id or label.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM custom_roles WHERE ? IN (id, label)", text)
    if row is None:
        raise not_found(text, "CustomRole")
    return row


def checked_label(call: ApiCall, table: str, told: str, holder: str | None = None) -> tuple[str, str]:
    """The label and description that were sent, if the label is given and nobody else's.

    Raises:
        OktaProblem: it is not; `told` is the cause where it is somebody else's.
    """
    sent = call.body()
    label, description = sent.get("label"), sent.get("description")
    if not isinstance(label, str) or not label:
        raise invalid("label", "label: Label must be specified")
    if not isinstance(description, str):
        raise invalid("description", "description: The field cannot be left blank")
    taken = call.org.database.one(f"SELECT id FROM {table} WHERE label = ?", label)
    if taken is not None and taken["id"] != holder:
        raise invalid("label", f"label: {told}")
    return label, description


_TAKEN = "There is already an admin role with this name."


def list_roles(call: ApiCall) -> Response:
    rows = call.org.database.all("SELECT * FROM custom_roles ORDER BY id")
    return ok({"roles": [_render(call, row) for row in rows]})


def create_role(call: ApiCall) -> Response:
    label, description = checked_label(call, "custom_roles", _TAKEN)
    permissions = call.body().get("permissions")
    if not isinstance(permissions, list) or not permissions:
        raise invalid("permissions", "permissions: The field cannot be left blank")
    for permission in permissions:
        _check(permission)
    id, now = new_id("cr0"), call.org.now()
    call.org.database.run("INSERT INTO custom_roles VALUES (?, ?, ?, ?, ?)", id, label, description, now, now)
    for permission in dict.fromkeys(permissions):
        call.org.database.run("INSERT INTO custom_permissions VALUES (?, ?, ?)", id, permission, now)
    return _answer(call, find(call.org, id))


def _check(permission: Any) -> None:
    if not isinstance(permission, str) or not permission.startswith("okta."):
        raise invalid("permissions", f"permissions: Invalid permission: {permission}")


def get_role(call: ApiCall) -> Response:
    return _answer(call, find(call.org, call.part("custom")))


def change_role(call: ApiCall) -> Response:
    row = find(call.org, call.part("custom"))
    label, description = checked_label(call, "custom_roles", _TAKEN, holder=row["id"])
    call.org.database.run(
        "UPDATE custom_roles SET label = ?, description = ?, last_updated = ? WHERE id = ?",
        *(label, description, call.org.now(), row["id"]),
    )
    return _answer(call, find(call.org, row["id"]))


def delete_role(call: ApiCall) -> Response:
    """Whoever had the role has it no more."""
    row = find(call.org, call.part("custom"))
    call.org.database.run("DELETE FROM role_assignments WHERE custom_id = ?", row["id"])
    call.org.database.run("DELETE FROM custom_roles WHERE id = ?", row["id"])
    return no_content()


def _answer(call: ApiCall, row: Row) -> Response:
    role = _render(call, row)
    return JSONResponse(role, headers={"link": f'<{role["_links"]["self"]["href"]}>; rel="self"'})


def _render(call: ApiCall, row: Row) -> dict[str, Any]:
    here = f"{call.base}/api/v1/iam/roles/{row['id']}"
    return {
        "id": row["id"],
        "label": row["label"],
        "description": row["description"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "_links": {"permissions": {"href": f"{here}/permissions"}, "self": {"href": here}},
    }


def _permissions(call: ApiCall, role: Row) -> list[dict[str, Any]]:
    here = f"{call.base}/api/v1/iam/roles/{role['id']}"
    rows = call.org.database.all("SELECT * FROM custom_permissions WHERE role_id = ? ORDER BY label", role["id"])
    return [
        {
            "label": row["label"],
            "created": row["created"],
            "lastUpdated": row["created"],
            "conditions": None,
            "_links": {"role": {"href": here}, "self": {"href": f"{here}/permissions/{row['label']}"}},
        }
        for row in rows
    ]


def list_permissions(call: ApiCall) -> Response:
    return ok({"permissions": _permissions(call, find(call.org, call.part("custom")))})


def get_permission(call: ApiCall) -> Response:
    for permission in _permissions(call, find(call.org, call.part("custom"))):
        if permission["label"] == call.part("permission"):
            return ok(permission)
    raise not_found(call.part("permission"), "Permission")


def add_permission(call: ApiCall) -> Response:
    row = find(call.org, call.part("custom"))
    _check(call.part("permission"))
    call.org.database.run(
        "INSERT OR IGNORE INTO custom_permissions VALUES (?, ?, ?)",
        *(row["id"], call.part("permission"), call.org.now()),
    )
    return no_content()


def remove_permission(call: ApiCall) -> Response:
    row, permission = find(call.org, call.part("custom")), call.part("permission")
    removed = call.org.database.run(
        "DELETE FROM custom_permissions WHERE role_id = ? AND label = ?", row["id"], permission
    )
    if not removed.rowcount:
        raise not_found(permission, "Permission")
    return no_content()


_ROLES = "/api/v1/iam/roles"
_ONE = f"{_ROLES}/{{custom}}"
_PERMISSION = f"{_ONE}/permissions/{{permission}}"
ENDPOINTS = [
    Endpoint("GET", _ROLES, list_roles, "okta.roles.read"),
    Endpoint("POST", _ROLES, create_role, "okta.roles.manage"),
    Endpoint("GET", _ONE, get_role, "okta.roles.read"),
    Endpoint("PUT", _ONE, change_role, "okta.roles.manage"),
    Endpoint("DELETE", _ONE, delete_role, "okta.roles.manage"),
    Endpoint("GET", f"{_ONE}/permissions", list_permissions, "okta.roles.read"),
    Endpoint("GET", _PERMISSION, get_permission, "okta.roles.read"),
    Endpoint("POST", _PERMISSION, add_permission, "okta.roles.manage"),
    Endpoint("DELETE", _PERMISSION, remove_permission, "okta.roles.manage"),
]
