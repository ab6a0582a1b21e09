"""Small things that hang on a person: blocks, and their risk level."""

from starlette.responses import Response

from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.org import Org
from server.sandbox.problems import feature_missing, invalid
from server.sandbox.users import named

TABLES = """
CREATE TABLE IF NOT EXISTS risks (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, level TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS device_blocks (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, applies_to TEXT NOT NULL
) WITHOUT ROWID;
"""
BLOCKED = ("UNKNOWN_DEVICES", "ANY_DEVICES")
_LEVELS = ("LOW", "MEDIUM", "HIGH")


def list_blocks(call: ApiCall) -> Response:
    """Off by default, as in the recorded org (TestUsersResource.test_list_user_blocks)."""
    user = named(call)
    if not call.org.device_blocks:
        raise feature_missing()
    row = call.org.database.one("SELECT applies_to FROM device_blocks WHERE user_id = ?", user["id"])
    applies_to = "ANY_DEVICES" if user["status"] == "LOCKED_OUT" else row["applies_to"] if row else None
    return ok([{"type": "DEVICE_BASED", "appliesTo": applies_to}] if applies_to else [])


def block_devices(org: Org, user_id: str, applies_to: str | None) -> None:
    """Keep a person out on some devices, as Okta does by itself after attempts from devices that it does not know."""
    org.device_blocks = True
    org.database.run("DELETE FROM device_blocks WHERE user_id = ?", user_id)
    if applies_to is not None:
        org.database.run("INSERT INTO device_blocks VALUES (?, ?)", user_id, applies_to)


def get_risk(call: ApiCall) -> Response:
    user = named(call)
    row = call.org.database.one("SELECT level FROM risks WHERE user_id = ?", user["id"])
    return _risk(call, user["id"], row["level"] if row else "NONE")


def set_risk(call: ApiCall) -> Response:
    """201 for the first level that a person is given, 200 for later ones (TestAccResourceOktaUserRisk_crud)."""
    user, level = named(call), call.body().get("riskLevel")
    if level not in _LEVELS:
        raise invalid("riskLevel", f"riskLevel: The risk level must be one of {', '.join(_LEVELS)}")
    first = call.org.database.one("SELECT 1 FROM risks WHERE user_id = ?", user["id"]) is None
    call.org.database.run("INSERT OR REPLACE INTO risks VALUES (?, ?)", user["id"], level)
    return _risk(call, user["id"], level, 201 if first else 200)


def _risk(call: ApiCall, user_id: str, level: str, status: int = 200) -> Response:
    here = f"{call.base}/api/v1/users/{user_id}"
    reason = {"reason": "Admin override risk"} if level != "NONE" else {}
    links = {
        "user": {"href": here, "hints": {"allow": ["GET"]}},
        "self": {"href": f"{here}/risk", "hints": {"allow": ["GET", "PUT"]}},
    }
    return ok({"riskLevel": level, **reason, "_links": links}, status=status)


_USER = "/api/v1/users/{user}"
ENDPOINTS = [
    Endpoint("GET", f"{_USER}/blocks", list_blocks, "okta.users.read"),
    Endpoint("GET", f"{_USER}/risk", get_risk, "okta.userRisk.read"),
    Endpoint("PUT", f"{_USER}/risk", set_risk, "okta.userRisk.manage"),
]
