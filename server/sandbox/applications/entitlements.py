"""Who has which application, and why: it was assigned to them, or to a group of theirs.

An assignment that was made for the person stays whatever becomes of their groups. One through a group comes with the
membership and goes with it. Who is deactivated loses all of them; those through groups come back with the person.
"""

import json
from sqlite3 import Row
from typing import Any

from server.sandbox.applications.profiles import profile_for, user_name_for
from server.sandbox.database import dump
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org


def held(org: Org, app_id: str, user_id: str) -> Row | None:
    """The assignment of an application to a person, if they have it."""
    return org.database.one("SELECT * FROM app_users WHERE app_id = ? AND user_id = ?", app_id, user_id)


def assign(
    org: Org,
    app: Row,
    user: Row,
    scope: str,
    *,
    user_name: str | None = None,
    profile: dict[str, Any] | None = None,
) -> Row:
    """Give an application to somebody who does not have it."""
    id, now = new_id("0ua"), org.now()
    org.database.run(
        "INSERT INTO app_users (id, app_id, user_id, scope, user_name, profile, created, last_updated) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(id, app["id"], user["id"], scope, user_name or user_name_for(app, user)),
        *(dump(profile_for(app, json.loads(user["profile"])) | (profile or {})), now, now),
    )
    row = held(org, app["id"], user["id"])
    assert row is not None  # it was just put there
    return row
