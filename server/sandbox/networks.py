"""Network zones: ranges of addresses that policies speak of, and the system's own two."""

import json
from functools import partial
from sqlite3 import Row
from typing import Any

from server.sandbox.database import dump
from server.sandbox.identifiers import new_id
from server.sandbox.log.places import within
from server.sandbox.org import Org

TABLES = """
CREATE TABLE IF NOT EXISTS zones (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, document TEXT NOT NULL, created TEXT NOT NULL,
    last_updated TEXT NOT NULL
) WITHOUT ROWID;
"""
"""`document` is what an administrator sets: type, usage, gateways, proxies."""

LEGACY, BLOCKED = "LegacyIpZone", "BlockedIpZone"


def insert(org: Org, name: str, document: dict[str, Any], *, created: str | None = None) -> str:
    id, now = new_id("nzo"), created or org.now()
    org.database.run("INSERT INTO zones VALUES (?, ?, 'ACTIVE', ?, ?, ?)", id, name, dump(document), now, now)
    return id


def prepare(org: Org) -> None:
    """The zones that every org has."""
    for name, usage in ((LEGACY, "POLICY"), (BLOCKED, "BLOCKLIST")):
        document = {"type": "IP", "usage": usage, "system": True, "gateways": None, "proxies": None}
        org.fact(f"zone {name}", partial(insert, org, name, document))


def around(org: Org, address: str) -> list[Row]:
    """The active zones that an address is in."""
    rows = org.database.all("SELECT * FROM zones WHERE status = 'ACTIVE' ORDER BY created, id")
    return [row for row in rows if any(within(address, range) for range in _ranges(row))]


def as_target(row: Row) -> dict[str, Any]:
    """A zone as the System Log names one."""
    return {"id": row["id"], "type": "NetworkZone", "alternateId": "unknown", "displayName": row["name"]}


def names(org: Org, address: str) -> list[str]:
    return [row["name"] for row in around(org, address)]


def _ranges(row: Row) -> list[str]:
    document = json.loads(row["document"])
    return [part["value"] for part in document.get("gateways") or ()]
