"""The groups endpoints: create, read, list, change, delete."""

import json
from contextlib import nullcontext
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization.assignments import assigned
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.identifiers import new_id
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import forbidden, invalid, not_found
from server.sandbox.schemas import attributes, mistakes
from server.sandbox.scim import Dialect, SqlColumn

TABLES = """
CREATE TABLE IF NOT EXISTS groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    type TEXT NOT NULL DEFAULT 'OKTA_GROUP',
    object_class TEXT NOT NULL DEFAULT 'okta:user_group',
    profile TEXT NOT NULL,
    created TEXT NOT NULL,
    last_updated TEXT NOT NULL,
    last_membership_updated TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS groups_by_name ON groups (name, id);
"""
_DATES = {
    "created": "created",
    "lastUpdated": "last_updated",
    "lastMembershipUpdated": "last_membership_updated",
}
_EXACT = frozenset({"eq"})
_ORDERED = frozenset({"eq", "gt", "ge", "lt", "le"})
_WORDS = frozenset({"eq", "sw", "co", "pr"})


def find(org: Org, id: str) -> Row:
    """The group of this id.

    Raises:
        OktaProblem: there is none.
    """
    row = org.database.one("SELECT * FROM groups WHERE id = ?", id)
    if row is None:
        raise not_found(id, "UserGroup")
    return row


def insert(org: Org, profile: dict[str, Any], type: str = "OKTA_GROUP", object_class: str = "okta:user_group") -> Row:
    id, now = new_id("00g"), org.now()
    org.database.run(
        "INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, profile["name"], type, object_class, dump(profile), now, now, now),
    )
    return find(org, id)


def everyone(org: Org) -> Row:
    """The group that everybody is in; every org has it from the start."""
    row = org.database.one("SELECT * FROM groups WHERE type = 'BUILT_IN'")
    return row or insert(org, {"name": "Everyone", "description": "All users in your organization"}, "BUILT_IN")


def as_target(row: Row) -> dict[str, Any]:
    """A group as the System Log names one."""
    return {"id": row["id"], "type": "UserGroup", "alternateId": "unknown", "displayName": row["name"]}


def render(base: str, row: Row) -> dict[str, Any]:
    here = f"{base}/api/v1/groups/{row['id']}"
    logos = [
        {"name": size, "href": f"{base}/assets/img/logos/groups/okta-{size}.png", "type": "image/png"}
        for size in ("medium", "large")
    ]
    return {
        "id": row["id"],
        **{name: row[column] for name, column in _DATES.items()},
        "objectClass": [row["object_class"]],
        "type": row["type"],
        "profile": {"description": None, **json.loads(row["profile"])},
        "_links": {"logo": logos, "users": {"href": f"{here}/users"}, "apps": {"href": f"{here}/apps"}},
    }


def _checked(org: Org, sent: dict[str, Any], holder: str | None = None) -> dict[str, Any]:
    """A group's profile, if it is one.

    Raises:
        OktaProblem: naming the first mistake in its summary, and each in its causes.
    """
    profile = {name: value for name, value in sent.items() if value is not None}
    known = attributes(org, "group")
    unknown = [f"Property name '{name}' is not defined in profile" for name in profile if name not in known]
    if unknown:
        raise invalid("profile", *unknown)
    causes = mistakes(org, "group", profile)
    name = profile.get("name")
    if not name:
        causes.insert(0, "name: The field cannot be left blank")
    elif isinstance(name, str):
        taken = org.database.one("SELECT id FROM groups WHERE name = ?", name)
        if taken is not None and taken["id"] != holder:
            causes.append("name: An object with this field already exists in the current organization")
    if causes:
        raise invalid(causes[0].partition(":")[0], *causes)
    return profile


def create_group(call: ApiCall) -> Response:
    row = insert(call.org, _checked(call.org, call.body("profile")["profile"]))
    record(call.org, call.request, "group.lifecycle.create", as_target(row))
    return ok(render(call.base, row))


def get_group(call: ApiCall) -> Response:
    return ok(_with_stats(call, find(call.org, call.part("group"))))


def _with_stats(call: ApiCall, row: Row) -> dict[str, Any]:
    """The group, with its numbers if the caller asked for them."""
    group = render(call.base, row)
    if "stats" in call.query.get("expand", "").split(","):
        # Two counts from indexes: a look at each member of Everyone would take long in a large org.
        members = call.org.database.one(
            "SELECT (SELECT count(*) FROM memberships WHERE group_id = ?) - "
            "(SELECT count(*) FROM users CROSS JOIN memberships ON user_id = users.id AND group_id = ? "
            "WHERE status = 'DEPROVISIONED') AS count",
            *(row["id"], row["id"]),
        )
        apps = call.org.database.one("SELECT count(*) AS count FROM group_apps WHERE group_id = ?", row["id"])
        assert members is not None  # count(*) always answers
        assert apps is not None
        stats = {
            "usersCount": members["count"],
            "appsCount": apps["count"],
            "groupPushMappingsCount": 0,
            "hasAdminPrivilege": bool(assigned(call.org, "group", row["id"])),
        }
        group["_embedded"] = {"stats": {**stats, "_links": {}}}
    return group


def list_groups(call: ApiCall) -> Response:
    q = call.query.get("q")
    listing = Listing("groups", default=300 if q else 10_000, most=10_000, paged=not q)
    if q:
        listing.require("name >= ? AND name < ?", q, q + "\U0010ffff")
    if "search" in call.query:
        listing.require_filter(call.query["search"], Dialect(lambda attribute: _column(call.org, attribute)))
        by = _column(call.org, call.query.get("sortBy", "id"))
        if by is None:
            raise invalid("sortBy", "sortBy: The attribute is unknown")
        if "sortBy" in call.query:
            listing.order = by
            listing.descending = call.query.get("sortOrder", "").lower() in ("desc", "descending")
    if "filter" in call.query:
        listing.require_filter(call.query["filter"], Dialect(_filtered))
    searched = "search" in call.query or q is not None
    with call.org.index.searching("groups") if searched else nullcontext():
        return listing.answer(call, lambda row: _with_stats(call, row))


def _column(org: Org, attribute: str) -> SqlColumn | None:
    if attribute in ("id", "type"):
        return SqlColumn(attribute, operators=_EXACT)
    if attribute in _DATES:
        return SqlColumn(_DATES[attribute], "date", _ORDERED)
    scope, _, name = attribute.partition(".")
    if scope != "profile" or name not in attributes(org, "group"):
        return None
    return SqlColumn("name" if name == "name" else f"json_extract(profile, '$.{name}')", operators=_WORDS)


def _filtered(attribute: str) -> SqlColumn | None:
    if attribute in ("id", "type"):
        return SqlColumn(attribute, operators=_EXACT)
    if attribute in ("lastUpdated", "lastMembershipUpdated"):
        return SqlColumn(_DATES[attribute], "date", _ORDERED)
    return None


def change_group(call: ApiCall) -> Response:
    """What is not sent is emptied."""
    row = find(call.org, call.part("group"))
    sent = call.body("profile")["profile"]
    if row["type"] != "OKTA_GROUP":
        raise forbidden()
    profile = _checked(call.org, sent, holder=row["id"])
    call.org.database.run(
        "UPDATE groups SET name = ?, profile = ?, last_updated = ? WHERE id = ?",
        *(profile["name"], dump(profile), call.org.now(), row["id"]),
    )
    changed = find(call.org, row["id"])
    record(call.org, call.request, "group.profile.update", as_target(changed))
    return ok(render(call.base, changed))


def delete_group(call: ApiCall) -> Response:
    row = find(call.org, call.part("group"))
    if row["type"] != "OKTA_GROUP":
        raise forbidden()
    members = call.org.database.all("SELECT user_id FROM memberships WHERE group_id = ?", row["id"])
    call.org.due |= {member["user_id"] for member in members}
    call.org.database.run("DELETE FROM groups WHERE id = ?", row["id"])
    record(call.org, call.request, "group.lifecycle.delete", as_target(row))
    return no_content()


_GROUP = "/api/v1/groups/{group}"
ENDPOINTS = [
    Endpoint("POST", "/api/v1/groups", create_group, "okta.groups.manage"),
    Endpoint("GET", "/api/v1/groups", list_groups, "okta.groups.read"),
    Endpoint("GET", _GROUP, get_group, "okta.groups.read"),
    Endpoint("PUT", _GROUP, change_group, "okta.groups.manage"),
    Endpoint("DELETE", _GROUP, delete_group, "okta.groups.manage"),
]
