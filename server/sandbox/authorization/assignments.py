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
    "MOBILE_ADMIN": "Mobile Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
    "ACCESS_CERTIFICATIONS_ADMIN": "Access Certifications Administrator",
    "ACCESS_REQUESTS_ADMIN": "Access Requests Administrator",
    "WORKFLOWS_ADMIN": "Workflows Administrator",
}
_OLDER_LABELS = {
    # Recorded until April 2023 (TestAccAppSaml_userGroups) and in 2016 (oktakit's assign_role_to_user).
    "USER_ADMIN": "User Administrator",
    "SUPER_ADMIN": "Super Organization Administrator",
}
GROUP_TARGETED = frozenset({"USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"})
APP_TARGETED = frozenset({"APP_ADMIN"})
_CHANGES = {
    # What the holders of a role may change; all of them may read. Okta goes into more detail than scopes do.
    "APP_ADMIN": frozenset({"apps", "clients"}),
    "USER_ADMIN": frozenset({"users", "groups", "sessions"}),
    "GROUP_MEMBERSHIP_ADMIN": frozenset({"groups"}),
    "HELP_DESK_ADMIN": frozenset({"users", "sessions"}),
}

Holder = Literal["user", "group"]
Target = Literal["groups", "apps"]
TARGET_COLUMNS: dict[Target, str] = {"groups": "target_group_id", "apps": "app"}


def label(org: Org, type: str) -> str:
    """What people call a role; Okta renamed some, and orgs were switched over at different times."""
    return (_OLDER_LABELS if org.older_role_labels else LABELS).get(type) or LABELS.get(type, type)


def role_id(type: str, prefix: str) -> str:
    """Of an assignment. Where the role can be limited to groups or apps it is the type itself, in base32."""
    named = type in GROUP_TARGETED | APP_TARGETED
    return base64.b32encode(type.encode()).decode().rstrip("=") if named else new_id(prefix)


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


def assign_custom(org: Org, kind: Holder, id: str, custom_id: str, set_id: str) -> bool:
    """Give a custom role for a set of resources. False if it was given before. As `type` it counts once a set."""
    made = org.database.run(
        f"INSERT OR IGNORE INTO role_assignments (id, type, {kind}_id, created, custom_id, set_id) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        *(new_id("irb"), f"CUSTOM {custom_id} {set_id}", id, org.now(), custom_id, set_id),
    )
    return made.rowcount > 0


def withdraw(org: Org, kind: Holder, id: str, role: str) -> bool:
    """Take a role away, by its id. False if there is none."""
    removed = org.database.run(f"DELETE FROM role_assignments WHERE {kind}_id = ? AND id = ?", id, role)
    return removed.rowcount > 0


def targets(org: Org, kind: Holder, assignment: Row, wanted: Target, after: int = 0, most: int = -1) -> list[Row]:
    """What an assignment is limited to, from a place in the list on."""
    return org.database.all(
        f"SELECT id, {TARGET_COLUMNS[wanted]} AS target FROM role_targets WHERE {kind}_id = ? AND type = ? "
        f"AND {TARGET_COLUMNS[wanted]} IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
        *(assignment[f"{kind}_id"], assignment["type"], after, most),
    )


def holders(org: Org, after: str, most: int) -> list[str]:
    """The ids of people who have a role, directly or through a group, in order: so many that come after one."""
    rows = org.database.all(
        "SELECT id FROM (SELECT user_id AS id FROM role_assignments WHERE user_id > ? UNION "
        "SELECT memberships.user_id FROM role_assignments CROSS JOIN memberships USING (group_id) "
        "WHERE memberships.user_id > ?) JOIN users USING (id) WHERE status <> 'DEPROVISIONED' ORDER BY id LIMIT ?",
        *(after, after, most),
    )
    return [row["id"] for row in rows]
