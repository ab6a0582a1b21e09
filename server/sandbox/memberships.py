"""Who is in which group: put there by hand (`rule_id` is null) or kept there by a group rule."""

from sqlite3 import Row
from typing import Any

from server.sandbox import groups, people
from server.sandbox.endpoints import ApiCall
from server.sandbox.log import OKTA_SYSTEM, record
from server.sandbox.org import Org

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


def of(org: Org, user_id: str) -> dict[str, str | None]:
    """A person's groups, each with the rule that keeps them there."""
    rows = org.database.all("SELECT group_id, rule_id FROM memberships WHERE user_id = ?", user_id)
    return {row["group_id"]: row["rule_id"] for row in rows}


def names(org: Org, user_id: str) -> list[tuple[str, str]]:
    """Id and name of each group of a person."""
    rows = org.database.all(
        "SELECT id, name FROM groups WHERE id IN (SELECT group_id FROM memberships WHERE user_id = ?)", user_id
    )
    return [(row["id"], row["name"]) for row in rows]


def add(call: ApiCall, group: Row, user: Row, rule_id: str | None = None) -> None:
    """Put someone into a group; nothing happens to who is in it already."""
    added = call.org.database.run(
        "INSERT OR IGNORE INTO memberships VALUES (?, ?, ?)", user["id"], group["id"], rule_id
    )
    if added.rowcount:
        _touched(call, group, user, "group.user_membership.add", rule_id)


def remove(call: ApiCall, group: Row, user: Row) -> None:
    """Take someone out of a group; nothing happens to who is not in it."""
    removed = call.org.database.run(
        "DELETE FROM memberships WHERE user_id = ? AND group_id = ?", user["id"], group["id"]
    )
    if removed.rowcount:
        _touched(call, group, user, "group.user_membership.remove")


def hand_over(org: Org, group: Row, user: Row, rule_id: str) -> None:
    """A rule keeps a member from now on."""
    org.database.run(
        "UPDATE memberships SET rule_id = ? WHERE user_id = ? AND group_id = ?", rule_id, user["id"], group["id"]
    )


def kept_by(org: Org, rule_id: str) -> list[Row]:
    """Person and group of each membership that a rule keeps."""
    return org.database.all("SELECT user_id, group_id FROM memberships WHERE rule_id = ?", rule_id)


def let_go(org: Org, rule_id: str) -> None:
    """Whom a rule kept is in its groups by hand from now on."""
    org.database.run("UPDATE memberships SET rule_id = NULL WHERE rule_id = ?", rule_id)


def _touched(call: ApiCall, group: Row, user: Row, event: str, rule_id: str | None = None) -> None:
    """Where a rule did it, the org itself is who did it, and the debug data names the rule."""
    call.org.due.add(user["id"])
    call.org.database.run("UPDATE groups SET last_membership_updated = ? WHERE id = ?", call.org.now(), group["id"])
    by_rule: dict[str, Any] = {"actor": OKTA_SYSTEM, "debug": {"triggeredByGroupRuleId": rule_id}} if rule_id else {}
    record(call.org, call.request, event, people.as_target(user), groups.as_target(group), **by_rule)
