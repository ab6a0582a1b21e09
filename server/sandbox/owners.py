"""Group owners: people and groups who answer for a group.

Shapes: TestAccResourceOktaGroupOwners_crudAndUpdate, …_alreadyAssignedOwner400 and …_invalidTypeMismatch in
okta/terraform-provider-okta. When an owner was added is told in one form to who adds it and in another in the list.
"""

from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import groups, people
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.problems import invalid, not_found

TABLES = """
CREATE TABLE IF NOT EXISTS group_owners (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE, id TEXT NOT NULL,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    owner_group_id TEXT REFERENCES groups (id) ON DELETE CASCADE,
    added REAL NOT NULL, PRIMARY KEY (group_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS group_owners_by_user ON group_owners (user_id);
CREATE INDEX IF NOT EXISTS group_owners_by_group ON group_owners (owner_group_id);
"""


def list_owners(call: ApiCall) -> Response:
    """All of them, in the order of their ids and without a Link header."""
    group = groups.find(call.org, call.part("group"))
    found = call.org.database.all("SELECT * FROM group_owners WHERE group_id = ? ORDER BY id", group["id"])
    return ok([_render(call, row, "%Y-%m-%d %H:%M:%S.0") for row in found])


def add_owner(call: ApiCall) -> Response:
    org, group, sent = call.org, groups.find(call.org, call.part("group")), call.body()
    id, type = str(sent.get("id") or ""), sent.get("type")
    if not id:
        raise invalid("id", "id: The field cannot be left blank")
    if type not in ("USER", "GROUP"):
        raise invalid("type", "type: The owner type is not supported")
    owner = people.find(org, id) if type == "USER" else groups.find(org, id)
    added = org.database.run(
        "INSERT OR IGNORE INTO group_owners VALUES (?, ?, ?, ?, ?)",
        *(group["id"], owner["id"], owner["id"] if type == "USER" else None),
        *(owner["id"] if type == "GROUP" else None, org.clock()),
    )
    if not added.rowcount:
        raise invalid("owner", "Provided owner is already assigned to this group")
    row = org.database.one("SELECT * FROM group_owners WHERE group_id = ? AND id = ?", group["id"], owner["id"])
    assert row is not None  # it was added above
    return ok(_render(call, row, "%a %b %d %H:%M:%S UTC %Y"), status=201)


def remove_owner(call: ApiCall) -> Response:
    group, owner = groups.find(call.org, call.part("group")), call.part("owner")
    removed = call.org.database.run("DELETE FROM group_owners WHERE group_id = ? AND id = ?", group["id"], owner)
    if not removed.rowcount:
        raise not_found(owner, "LinkedObject")
    return no_content()


def _render(call: ApiCall, row: Row, form: str) -> dict[str, Any]:
    if row["user_id"]:
        kind, name = "USER", people.as_target(people.find(call.org, row["user_id"]))["displayName"]
    else:
        kind, name = "GROUP", groups.find(call.org, row["owner_group_id"])["name"]
    return {
        "id": row["id"],
        "type": kind,
        "resolved": True,
        "originId": None,
        "originType": "OKTA_DIRECTORY",
        "displayName": name,
        "lastUpdated": datetime.fromtimestamp(int(row["added"]), UTC).strftime(form),
    }


_OWNERS = "/api/v1/groups/{group}/owners"
ENDPOINTS = [
    Endpoint("GET", _OWNERS, list_owners, "okta.groups.read"),
    Endpoint("POST", _OWNERS, add_owner, "okta.groups.manage"),
    Endpoint("DELETE", f"{_OWNERS}/{{owner}}", remove_owner, "okta.groups.manage"),
]
