"""Factors as the org keeps them, pushes that wait for their person, and how people answer these."""

import json
from sqlite3 import Row
from typing import Any

from server.sandbox.database import dump
from server.sandbox.factors.kinds import FactorKind, kind_of
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org
from server.sandbox.problems import not_found

TABLES = """
-- `secret` is the seed of a token, the hash of an answer or the challenge of a key; `sent` is the last code that was
-- sent, `used` the last step of a clock whose code was used, and `ends` when an activation on a device times out.
CREATE TABLE IF NOT EXISTS factors (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, type TEXT NOT NULL,
    provider TEXT NOT NULL, status TEXT NOT NULL, profile TEXT NOT NULL, secret TEXT, created TEXT NOT NULL,
    last_updated TEXT NOT NULL, sent TEXT, sent_at REAL, sent_ends REAL, used INTEGER, ends REAL,
    last_verified TEXT
);
CREATE INDEX IF NOT EXISTS factors_by_user ON factors (user_id);
CREATE TABLE IF NOT EXISTS factor_failures (
    factor_id TEXT NOT NULL REFERENCES factors (id) ON DELETE CASCADE, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS factor_failures_by_factor ON factor_failures (factor_id);
CREATE TABLE IF NOT EXISTS factor_transactions (
    id TEXT PRIMARY KEY, factor_id TEXT NOT NULL REFERENCES factors (id) ON DELETE CASCADE, ends REAL NOT NULL,
    result TEXT NOT NULL, polls INTEGER NOT NULL, number INTEGER
);
CREATE INDEX IF NOT EXISTS factor_transactions_by_factor ON factor_transactions (factor_id);
-- A number that was verified once stays the person's, whatever becomes of the factor.
CREATE TABLE IF NOT EXISTS phones (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, type TEXT NOT NULL, id TEXT NOT NULL,
    number TEXT NOT NULL, PRIMARY KEY (user_id, type)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS push_answers (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, answer TEXT NOT NULL, polls INTEGER NOT NULL
) WITHOUT ROWID;
"""
LATER = [("factors", "last_verified", "TEXT")]
"""Columns that files of earlier versions lack: table, name, kind."""
STATUSES = ("PENDING_ACTIVATION", "ENROLLED", "ACTIVE", "INACTIVE", "EXPIRED", "DISABLED")


def of_person(org: Org, user_id: str) -> list[Row]:
    """A person's factors in the order in which they were enrolled."""
    return org.database.all("SELECT * FROM factors WHERE user_id = ? ORDER BY rowid", user_id)


def find(org: Org, user_id: str, id: str) -> Row:
    """One factor of a person.

    Raises:
        OktaProblem: they have none with this id.
    """
    row = org.database.one("SELECT * FROM factors WHERE user_id = ? AND id = ?", user_id, id)
    if row is None:
        raise not_found(id, "UserFactor")
    return row


def insert(org: Org, user_id: str, kind: FactorKind, profile: dict[str, Any], status: str, **columns: Any) -> Row:
    """A new factor. Phones that were verified are kept beside it."""
    id, now = new_id(kind.prefix if status == "ACTIVE" else kind.pending_prefix), org.now()
    known = {"created": now, "last_updated": now, **columns}
    row = {"id": id, "user_id": user_id, "type": kind.type, "provider": kind.provider, "status": status} | known
    names, marks = ", ".join([*row, "profile"]), ", ".join("?" * (len(row) + 1))
    org.database.run(f"INSERT INTO factors ({names}) VALUES ({marks})", *row.values(), dump(profile))
    made = find(org, user_id, id)
    if status == "ACTIVE":
        keep_phone(org, made)
    return made


def begin_anew(org: Org, row: Row, profile: dict[str, Any], status: str, **columns: Any) -> Row:
    """Enrol what is not active yet a second time; it stays the same factor."""
    fresh = {"profile": dump(profile), "status": status, "last_updated": org.now(), "sent": None, "sent_at": None}
    row = change(org, row, **fresh, **columns)
    if status == "ACTIVE":
        keep_phone(org, row)
    return row


def change(org: Org, row: Row, **columns: Any) -> Row:
    names = ", ".join(f"{name} = ?" for name in columns)
    org.database.run(f"UPDATE factors SET {names} WHERE id = ?", *columns.values(), row["id"])
    return find(org, row["user_id"], row["id"])


def remove(org: Org, row: Row) -> None:
    org.database.run("DELETE FROM factors WHERE id = ?", row["id"])


def keep_phone(org: Org, row: Row) -> None:
    """Remember the number of a factor that works."""
    number = json.loads(row["profile"]).get("phoneNumber")
    if number:
        id = new_id("mbl")
        org.database.run("INSERT OR REPLACE INTO phones VALUES (?, ?, ?, ?)", row["user_id"], row["type"], id, number)


def logged_name(row: Row) -> str:
    """What the System Log calls the kind of a factor."""
    return kind_of(row["type"], row["provider"]).name


def as_target(row: Row) -> dict[str, Any]:
    """A factor as the System Log names one."""
    name = kind_of(row["type"], row["provider"]).label
    return {"id": row["id"], "type": "AuthenticatorEnrollment", "alternateId": "unknown", "displayName": name}
