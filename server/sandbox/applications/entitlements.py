"""Who has which application, and why: it was assigned to them, or to a group of theirs.

An assignment that was made for the person stays whatever becomes of their groups. One through a group comes with the
membership and goes with it. Who is deactivated loses all of them; those through groups come back with the person.
"""

import json
from collections.abc import Iterable
from sqlite3 import Row
from typing import Any

from server.sandbox import people
from server.sandbox.applications.documents import as_target, find
from server.sandbox.applications.profiles import profile_for
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall
from server.sandbox.identifiers import new_id
from server.sandbox.log import record
from server.sandbox.org import Org

_GIVEN = (
    "SELECT app_id, user_id FROM memberships JOIN group_apps USING (group_id) JOIN apps ON apps.id = app_id "
    "JOIN users ON users.id = user_id WHERE users.status <> 'DEPROVISIONED'"
)
"""What groups give to people."""


def held(org: Org, app_id: str, user_id: str) -> Row | None:
    """The assignment of an application to a person, if they have it."""
    return org.database.one("SELECT * FROM app_users WHERE app_id = ? AND user_id = ?", app_id, user_id)


def giving_group(org: Org, app_id: str, user_id: str) -> Row | None:
    """The group that gives an application to a person: of several the one of the first priority."""
    return org.database.one(
        "SELECT groups.* FROM memberships JOIN group_apps USING (group_id) JOIN groups ON groups.id = group_id "
        "LEFT JOIN group_app_details USING (group_id, app_id) WHERE app_id = ? AND user_id = ? "
        "ORDER BY coalesce(priority, 0), groups.id LIMIT 1",
        *(app_id, user_id),
    )


def assign(
    org: Org, app: Row, user: Row, scope: str, user_name: str | None = None, profile: dict[str, Any] | None = None
) -> Row:
    """Give an application to somebody, or keep what is said of who has it. From then on the assignment is this one."""
    now, before = org.now(), held(org, app["id"], user["id"])
    if before is None:
        _insert(org, app, user, scope, user_name, profile)
    else:
        # An update begins the assignment anew: `created` is its time, too (TestAccResourceOktaAppUser_crud).
        org.database.run(
            "UPDATE app_users SET scope = ?, user_name = ?, profile = ?, created = ?, last_updated = ? WHERE id = ?",
            *(scope, user_name or before["user_name"], dump({**json.loads(before["profile"]), **(profile or {})})),
            *(now, now, before["id"]),
        )
    row = held(org, app["id"], user["id"])
    assert row is not None  # it was just put there
    return row


def _insert(
    org: Org, app: Row, user: Row, scope: str, user_name: str | None = None, profile: dict[str, Any] | None = None
) -> str:
    id, now, name = new_id("0ua"), org.now(), user_name or user["login"]
    known = profile_for(app, json.loads(user["profile"]))
    org.database.run(
        "INSERT INTO app_users (id, app_id, user_id, scope, user_name, profile, created, last_updated) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, app["id"], user["id"], scope, name, dump({**known, **(profile or {})}), now, now),
    )
    return id


def record_change(call: ApiCall, what: str, assignment: Row) -> None:
    """Write into the log what happens to an assignment: `add`, `remove`, `update` or `change_username`."""
    app, user = find(call.org, assignment["app_id"]), people.find(call.org, assignment["user_id"])
    _record(call, what, app, user, assignment["id"], assignment["user_name"])


def _record(call: ApiCall, what: str, app: Row, user: Row, id: str, user_name: str) -> None:
    person = people.as_target(user)
    app_user = {**person, "id": id, "type": "AppUser", "alternateId": user_name}
    record(call.org, call.request, f"application.user_membership.{what}", app_user, as_target(app), person)


def end(call: ApiCall, assignment: Row) -> None:
    call.org.database.run("DELETE FROM app_users WHERE id = ?", assignment["id"])
    record_change(call, "remove", assignment)


def settle(call: ApiCall, user_ids: Iterable[str]) -> None:
    """Bring the assignments of people in step with their groups and with whether they are active."""
    if among := sorted(set(user_ids)):
        _settle(call, "user_id IN (SELECT value FROM json_each(?))", dump(among))


def settle_app(call: ApiCall, app_id: str) -> None:
    """Bring the assignments of an application in step with the groups that give it."""
    _settle(call, "app_id = ?", app_id)


def _settle(call: ApiCall, condition: str, value: str) -> None:
    database = call.org.database
    given = f"SELECT * FROM ({_GIVEN}) WHERE {condition}"
    for assignment in database.all(
        f"SELECT * FROM app_users WHERE {condition} AND (user_id IN (SELECT id FROM users WHERE status = "
        f"'DEPROVISIONED') OR scope = 'GROUP' AND (app_id, user_id) NOT IN ({given}))",
        *(value, value),
    ):
        end(call, assignment)
    missing = f"{given} EXCEPT SELECT app_id, user_id FROM app_users"
    apps: dict[str, Row] = {}
    # Whole rows at once: a group may have everybody in it.
    for user in database.all(f"SELECT users.*, app_id FROM ({missing}) JOIN users ON users.id = user_id", value):
        app = apps.get(user["app_id"]) or apps.setdefault(user["app_id"], find(call.org, user["app_id"]))
        id = _insert(call.org, app, user, "GROUP")
        _record(call, "add", app, user, id, user["login"])
