"""Who is in which group, by hand or by a rule, and the endpoints for it."""

from sqlite3 import Row

from starlette.responses import Response

from server.sandbox import groups, people
from server.sandbox.endpoints import Call, Endpoint, no_content
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import forbidden, unsupported

TABLES = """
CREATE TABLE IF NOT EXISTS memberships (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    rule_id TEXT,
    PRIMARY KEY (user_id, group_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships_by_group ON memberships (group_id, user_id);
"""


def join_everyone(org: Org, user: Row) -> None:
    group = groups.everyone(org)
    org.database.run("INSERT INTO memberships (user_id, group_id) VALUES (?, ?)", user["id"], group["id"])


def add(call: Call, group: Row, user: Row, rule_id: str | None = None) -> None:
    """Put someone into a group; nothing happens to who is in it already."""
    added = call.org.database.run(
        "INSERT OR IGNORE INTO memberships VALUES (?, ?, ?)", user["id"], group["id"], rule_id
    )
    if added.rowcount:
        _touched(call, group, user, "group.user_membership.add")


def remove(call: Call, group: Row, user: Row) -> None:
    """Take someone out of a group; nothing happens to who is not in it."""
    removed = call.org.database.run(
        "DELETE FROM memberships WHERE user_id = ? AND group_id = ?", user["id"], group["id"]
    )
    if removed.rowcount:
        _touched(call, group, user, "group.user_membership.remove")


def _touched(call: Call, group: Row, user: Row, event: str) -> None:
    call.org.database.run("UPDATE groups SET last_membership_updated = ? WHERE id = ?", call.org.now(), group["id"])
    record(call.org, call.request, event, people.as_target(user), groups.as_target(group))


def list_members(call: Call) -> Response:
    group = groups.find(call.org, call.part("group"))
    # A cross join keeps its order in SQLite: members by the group's index, each then looked up.
    source = "memberships CROSS JOIN users ON users.id = user_id"
    listing = Listing("users", default=1000, most=1000, source=source, key="user_id", keep=())
    listing.require("group_id = ?", group["id"])
    listing.require("status <> 'DEPROVISIONED'")
    return listing.answer(call, lambda row: people.render_listed(call.base, call.org, row))


def put_member(call: Call) -> Response:
    group = groups.find(call.org, call.part("group"))
    user = people.find(call.org, call.part("user"))
    if group["type"] == "BUILT_IN":
        raise unsupported()
    if group["type"] == "APP_GROUP":
        raise forbidden()
    add(call, group, user)
    return no_content()


def delete_member(call: Call) -> Response:
    group = groups.find(call.org, call.part("group"))
    user = people.find(call.org, call.part("user"))
    if group["type"] != "OKTA_GROUP":
        raise forbidden()
    remove(call, group, user)
    return no_content()


_MEMBERS = "/api/v1/groups/{group}/users"
ENDPOINTS = [
    Endpoint("GET", _MEMBERS, list_members, "okta.groups.read"),
    Endpoint("PUT", f"{_MEMBERS}/{{user}}", put_member, "okta.groups.manage"),
    Endpoint("DELETE", f"{_MEMBERS}/{{user}}", delete_member, "okta.groups.manage"),
]
