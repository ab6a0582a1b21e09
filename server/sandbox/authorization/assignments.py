"""Administrator roles as the org keeps them: who has which, and how far each goes."""

import base64
from sqlite3 import Row
from typing import Literal

from server.sandbox.identifiers import new_id
from server.sandbox.org import Org

LABELS = {
    "SUPER_ADMIN": "Super Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "APP_ADMIN": "Application Administrator",
    "USER_ADMIN": "Group Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
}
_BY_TYPE = frozenset({"APP_ADMIN", "USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"})
"""Roles that can be limited to some groups or apps. Their id is the type itself, in base32, whoever has them."""
_CHANGES = {
    # What the holders of a role may change; all of them may read. Okta goes into more detail than scopes do.
    "APP_ADMIN": frozenset({"apps", "clients"}),
    "USER_ADMIN": frozenset({"users", "groups", "sessions"}),
    "GROUP_MEMBERSHIP_ADMIN": frozenset({"groups"}),
    "HELP_DESK_ADMIN": frozenset({"users", "sessions"}),
    "API_ACCESS_MANAGEMENT_ADMIN": frozenset[str](),
    "REPORT_ADMIN": frozenset[str](),
    "READ_ONLY_ADMIN": frozenset[str](),
}

Holder = Literal["user", "group"]


def role_id(type: str, prefix: str) -> str:
    return base64.b32encode(type.encode()).decode().rstrip("=") if type in _BY_TYPE else new_id(prefix)


def allows(type: str, scope: str) -> bool:
    """Whether a role goes as far as a scope. Only super administrators make administrators and grant scopes."""
    resource, verb = scope.split(".")[1:]
    if verb == "read" or type == "SUPER_ADMIN":
        return True
    return resource not in ("roles", "appGrants") and (type == "ORG_ADMIN" or resource in _CHANGES.get(type, ()))


def held(org: Org, user_id: str) -> list[Row]:
    """The roles that a person has, directly or through a group."""
    return org.database.all(
        "SELECT * FROM role_assignments WHERE user_id = ? "
        "OR group_id IN (SELECT group_id FROM memberships WHERE user_id = ?) ORDER BY rowid",
        *(user_id, user_id),
    )


def assigned(org: Org, kind: Holder, id: str) -> list[Row]:
    """The roles that were given to this person or this group itself."""
    return org.database.all(f"SELECT * FROM role_assignments WHERE {kind}_id = ? ORDER BY rowid", id)


def assign(org: Org, kind: Holder, id: str, type: str) -> bool:
    """Give a role. False if it was given before."""
    made = org.database.run(
        f"INSERT OR IGNORE INTO role_assignments (id, type, {kind}_id, created) VALUES (?, ?, ?, ?)",
        *(role_id(type, "ra1" if kind == "user" else "gra"), type, id, org.now()),
    )
    return made.rowcount > 0


def withdraw(org: Org, kind: Holder, id: str, role: str) -> bool:
    """Take a role away, by its id. False if there is none."""
    removed = org.database.run(f"DELETE FROM role_assignments WHERE {kind}_id = ? AND id = ?", id, role)
    return removed.rowcount > 0
