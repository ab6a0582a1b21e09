"""Resource sets: what a custom role reaches, and who has which custom role for it (its bindings).

Shapes: TestAccResourceOktaResourceSet_crud in okta/terraform-provider-okta; refusals: errors.md, section 7
(TestResourceSetAPIResource in okta/okta-sdk-python). Bindings are as in Okta's API description.
"""

import re
from sqlite3 import Row
from typing import Any

from starlette.responses import JSONResponse, Response

from server.sandbox import groups, people
from server.sandbox.authorization import custom_roles
from server.sandbox.authorization.assignments import Holder, assign_custom
from server.sandbox.authorization.custom_roles import checked_label
from server.sandbox.authorization.granting import refuse_group
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import invalid, not_found

TABLES = """
CREATE TABLE IF NOT EXISTS resource_sets (
    id TEXT PRIMARY KEY, label TEXT NOT NULL UNIQUE COLLATE NOCASE, description TEXT NOT NULL,
    created TEXT NOT NULL, last_updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (
    id TEXT PRIMARY KEY, set_id TEXT NOT NULL REFERENCES resource_sets (id) ON DELETE CASCADE, path TEXT NOT NULL,
    created TEXT NOT NULL, UNIQUE (set_id, path)
) WITHOUT ROWID;
"""
_SETS = "/api/v1/iam/resource-sets"


def find(org: Org, text: str) -> Row:
    """The set of this id or label.

    Raises:
        OktaProblem: there is none; Okta calls it a policy then.
    """
    row = org.database.one("SELECT * FROM resource_sets WHERE ? IN (id, label)", text)
    if row is None:
        raise not_found(text, "IAMPolicy")
    return row


_TAKEN = "There is already a resource set with this name."


def list_sets(call: ApiCall) -> Response:
    rows = call.org.database.all("SELECT * FROM resource_sets ORDER BY id")
    return ok({"resource-sets": [_render(call, row) for row in rows]})


def create_set(call: ApiCall) -> Response:
    label, description = checked_label(call, "resource_sets", _TAKEN)
    paths = _paths(call, "resources")
    id, now = new_id("iam"), call.org.now()
    call.org.database.run("INSERT INTO resource_sets VALUES (?, ?, ?, ?, ?)", id, label, description, now, now)
    _add(call, id, paths)
    return _answer(call, find(call.org, id))


def get_set(call: ApiCall) -> Response:
    return _answer(call, find(call.org, call.part("set")))


def change_set(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    label, description = checked_label(call, "resource_sets", _TAKEN, holder=row["id"])
    call.org.database.run(
        "UPDATE resource_sets SET label = ?, description = ?, last_updated = ? WHERE id = ?",
        *(label, description, call.org.now(), row["id"]),
    )
    return _answer(call, find(call.org, row["id"]))


def delete_set(call: ApiCall) -> Response:
    """Whoever had a role for it has it no more."""
    row = find(call.org, call.part("set"))
    call.org.database.run("DELETE FROM role_assignments WHERE set_id = ?", row["id"])
    call.org.database.run("DELETE FROM resource_sets WHERE id = ?", row["id"])
    return no_content()


def _answer(call: ApiCall, row: Row) -> Response:
    shown = _render(call, row)
    return JSONResponse(shown, headers={"link": f'<{shown["_links"]["self"]["href"]}>; rel="self"'})


def _render(call: ApiCall, row: Row) -> dict[str, Any]:
    here = f"{call.base}{_SETS}/{row['id']}"
    return {
        "id": row["id"],
        "label": row["label"],
        "description": row["description"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "_links": {
            "bindings": {"href": f"{here}/bindings"},
            "self": {"href": here},
            "resources": {"href": f"{here}/resources"},
        },
    }


def _paths(call: ApiCall, part: str) -> list[str]:
    """The resources that were sent: addresses of this org or resource names, as paths."""
    sent = call.body().get(part)
    if not isinstance(sent, list) or not sent:
        raise invalid(part, f"{part}: The field cannot be left blank")
    found = []
    for one in sent:
        path = re.fullmatch(r"(?:https?://[^/]+)?(/api/v1/[^?#]+)|(orn:okta:\w+:\w+:[\w:]+)", str(one))
        if path is None:
            raise invalid(part, f"{part}: Invalid resource: {one}")
        found.append(path[1] or path[2])
    return list(dict.fromkeys(found))


def _add(call: ApiCall, set_id: str, paths: list[str]) -> None:
    for path in paths:
        call.org.database.run(
            "INSERT OR IGNORE INTO resources VALUES (?, ?, ?, ?)", new_id("ire"), set_id, path, call.org.now()
        )


def list_resources(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    here = f"{call.base}{_SETS}/{row['id']}"
    found = call.org.database.all("SELECT * FROM resources WHERE set_id = ? ORDER BY id", row["id"])
    links = {"resource-set": {"href": here}, "self": {"href": f"{here}/resources"}}
    body = {"resources": [_resource(call, here, one) for one in found], "_links": links}
    return JSONResponse(body, headers={"link": f'<{here}/resources>; rel="self"'})


def _resource(call: ApiCall, here: str, row: Row) -> dict[str, Any]:
    path = row["path"]
    kind = path.split("/")[3] if path.startswith("/") else ""
    orn = path
    if kind:
        room = "idp" if kind == "apps" else "directory"
        orn = f"orn:okta:{room}:{call.org.id}:{':'.join(path.split('/')[3:])}"
    target = {"href": f"{call.base}{path}"} if kind else None
    return {
        "id": row["id"],
        "orn": orn,
        "created": row["created"],
        "lastUpdated": row["created"],
        "_links": {
            **({"self": target} if target else {}),
            "resource": {"href": f"{here}/resources/{row['id']}"},
            **({kind: target} if target and kind in ("users", "groups") else {}),
        },
    }


def add_resources(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    _add(call, row["id"], _paths(call, "additions"))
    return _answer(call, row)


def remove_resource(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    removed = call.org.database.run(
        "DELETE FROM resources WHERE set_id = ? AND id = ?", row["id"], call.part("resource")
    )
    if not removed.rowcount:
        raise not_found(call.part("resource"), "IAMResource")
    return no_content()


def list_bindings(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    here = f"{call.base}{_SETS}/{row['id']}/bindings"
    found = call.org.database.all(
        "SELECT DISTINCT custom_id FROM role_assignments WHERE set_id = ? ORDER BY custom_id", row["id"]
    )
    return ok({"roles": [_binding(here, one["custom_id"]) for one in found], "_links": {"self": {"href": here}}})


def _binding(here: str, role_id: str) -> dict[str, Any]:
    one = f"{here}/{role_id}"
    return {"id": role_id, "_links": {"self": {"href": one}, "members": {"href": f"{one}/members"}}}


def create_binding(call: ApiCall) -> Response:
    row = find(call.org, call.part("set"))
    role = custom_roles.find(call.org, str(call.body().get("role")))
    _bind(call, row, role, _members(call, "members"))
    return ok(_binding(f"{call.base}{_SETS}/{row['id']}/bindings", role["id"]))


def _members(call: ApiCall, part: str) -> list[tuple[Holder, str]]:
    """The people and groups whose addresses were sent."""
    found: list[tuple[Holder, str]] = []
    for path in _paths(call, part):
        match = re.fullmatch(r"/api/v1/(user|group)s/(\w+)", path)
        if match is None:
            raise invalid(part, f"{part}: Invalid member: {path}")
        if match[1] == "user":
            found.append(("user", people.find(call.org, match[2])["id"]))
        else:
            found.append(("group", groups.find(call.org, match[2])["id"]))
    return found


def _bind(call: ApiCall, row: Row, role: Row, members: list[tuple[Holder, str]]) -> None:
    for kind, id in members:
        if kind == "group":
            refuse_group(call, id)
        assign_custom(call.org, kind, id, role["id"], row["id"])


def _bound(call: ApiCall) -> tuple[Row, Row, list[Row]]:
    """The set and the role that the path names, and who has the role for the set; nobody means no binding."""
    row = find(call.org, call.part("set"))
    role = custom_roles.find(call.org, call.part("custom"))
    found = call.org.database.all(
        "SELECT * FROM role_assignments WHERE set_id = ? AND custom_id = ? ORDER BY id", row["id"], role["id"]
    )
    if not found:
        raise not_found(call.part("custom"), "IAMPolicy")
    return row, role, found


def get_binding(call: ApiCall) -> Response:
    row, role, _ = _bound(call)
    return ok(_binding(f"{call.base}{_SETS}/{row['id']}/bindings", role["id"]))


def delete_binding(call: ApiCall) -> Response:
    row, role, _ = _bound(call)
    call.org.database.run("DELETE FROM role_assignments WHERE set_id = ? AND custom_id = ?", row["id"], role["id"])
    return no_content()


def list_members(call: ApiCall) -> Response:
    row, role, found = _bound(call)
    binding = f"{call.base}{_SETS}/{row['id']}/bindings/{role['id']}"
    return ok({"members": [_member(call, one) for one in found], "_links": {"binding": {"href": binding}}})


def _member(call: ApiCall, row: Row) -> dict[str, Any]:
    kind = "user" if row["user_id"] else "group"
    href = f"{call.base}/api/v1/{kind}s/{row[f'{kind}_id']}"
    return {
        "id": row["id"],
        "created": row["created"],
        "lastUpdated": row["created"],
        "_links": {"self": {"href": href}},
    }


def add_members(call: ApiCall) -> Response:
    row, role, _ = _bound(call)
    _bind(call, row, role, _members(call, "additions"))
    return ok(_binding(f"{call.base}{_SETS}/{row['id']}/bindings", role["id"]))


def _find_member(call: ApiCall) -> Row:
    for row in _bound(call)[2]:
        if row["id"] == call.part("member"):
            return row
    raise not_found(call.part("member"), "IAMPrincipal")


def get_member(call: ApiCall) -> Response:
    return ok(_member(call, _find_member(call)))


def remove_member(call: ApiCall) -> Response:
    call.org.database.run("DELETE FROM role_assignments WHERE id = ?", _find_member(call)["id"])
    return no_content()


_ONE = f"{_SETS}/{{set}}"
_BINDING = f"{_ONE}/bindings/{{custom}}"
ENDPOINTS = [
    Endpoint("GET", _SETS, list_sets, "okta.roles.read"),
    Endpoint("POST", _SETS, create_set, "okta.roles.manage"),
    Endpoint("GET", _ONE, get_set, "okta.roles.read"),
    Endpoint("PUT", _ONE, change_set, "okta.roles.manage"),
    Endpoint("DELETE", _ONE, delete_set, "okta.roles.manage"),
    Endpoint("GET", f"{_ONE}/resources", list_resources, "okta.roles.read"),
    Endpoint("PATCH", f"{_ONE}/resources", add_resources, "okta.roles.manage"),
    Endpoint("DELETE", f"{_ONE}/resources/{{resource}}", remove_resource, "okta.roles.manage"),
    Endpoint("GET", f"{_ONE}/bindings", list_bindings, "okta.roles.read"),
    Endpoint("POST", f"{_ONE}/bindings", create_binding, "okta.roles.manage"),
    Endpoint("GET", _BINDING, get_binding, "okta.roles.read"),
    Endpoint("DELETE", _BINDING, delete_binding, "okta.roles.manage"),
    Endpoint("GET", f"{_BINDING}/members", list_members, "okta.roles.read"),
    Endpoint("PATCH", f"{_BINDING}/members", add_members, "okta.roles.manage"),
    Endpoint("GET", f"{_BINDING}/members/{{member}}", get_member, "okta.roles.read"),
    Endpoint("DELETE", f"{_BINDING}/members/{{member}}", remove_member, "okta.roles.manage"),
]
