"""Lockouts: too many wrong passwords in a row, and nobody signs in as that person until they are unlocked.

Okta's default password policy locks after ten (Okta's help, "About password policies").
"""

from sqlite3 import Row

from starlette.requests import Request

from server.sandbox import people
from server.sandbox.log import record
from server.sandbox.org import Org

TABLES = """
CREATE TABLE IF NOT EXISTS wrong_passwords (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, count INTEGER NOT NULL
) WITHOUT ROWID;
"""
MOST_WRONG = 10


def missed(org: Org, request: Request, row: Row) -> None:
    """Count a wrong password, and lock the person out if it was one too many."""
    counted = org.database.one(
        "INSERT INTO wrong_passwords VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
        row["id"],
    )
    if counted is None or counted["count"] < MOST_WRONG:
        return
    begin_anew(org, row)
    now = org.now()
    locked = people.change(
        org, row["id"], status="LOCKED_OUT", status_before=row["status"], status_changed=now, last_updated=now
    )
    whose = people.as_target(locked)
    record(org, request, "user.account.lock", whose, actor=whose)


def begin_anew(org: Org, row: Row) -> None:
    """Whoever proves who they are has typed no wrong password any more."""
    org.database.run("DELETE FROM wrong_passwords WHERE user_id = ?", row["id"])
