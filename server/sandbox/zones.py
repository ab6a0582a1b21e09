"""The endpoints of network zones."""

import json
from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import networks
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.log.places import is_range
from server.sandbox.problems import OktaProblem, invalid, not_found

_PATH = "/api/v1/zones"
_STATUSES = {"activate": "ACTIVE", "deactivate": "INACTIVE"}


def render(call: ApiCall, row: Row) -> dict[str, Any]:
    document, here = json.loads(row["document"]), f"{call.base}{_PATH}/{row['id']}"
    links: dict[str, Any] = {
        "self": {"href": here, "hints": {"allow": ["GET", "PUT"] if document["system"] else ["GET", "PUT", "DELETE"]}}
    }
    if not document["system"]:
        step = "deactivate" if row["status"] == "ACTIVE" else "activate"
        links[step] = {"href": f"{here}/lifecycle/{step}", "hints": {"allow": ["POST"]}}
    return {
        "type": document["type"],
        "id": row["id"],
        "name": row["name"],
        "status": row["status"],
        "usage": document["usage"],
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "system": document["system"],
        "gateways": document["gateways"],
        "proxies": document["proxies"],
        "_links": links,
    }


def find(call: ApiCall) -> Row:
    id = call.part("zone")
    row = call.org.database.one("SELECT * FROM zones WHERE id = ?", id)
    if row is None:
        raise not_found(id, "NetworkZone")
    return row


def list_zones(call: ApiCall) -> Response:
    """All of them; filters and pages are for orgs with more zones than there are here."""
    rows = call.org.database.all("SELECT * FROM zones ORDER BY created, id")
    return ok([render(call, row) for row in rows])


def get_zone(call: ApiCall) -> Response:
    return ok(render(call, find(call)))


def create_zone(call: ApiCall) -> Response:
    sent = call.body()
    name = _name(call, sent, None)
    id = networks.insert(call.org, name, _document(sent, system=False))
    return _answered(call, id, "create")


def change_zone(call: ApiCall) -> Response:
    row, sent = find(call), call.body()
    held = json.loads(row["document"])
    document = _document(sent, system=held["system"])
    if held["system"]:
        document["usage"] = held["usage"]
    call.org.database.run(
        "UPDATE zones SET name = ?, document = ?, last_updated = ? WHERE id = ?",
        *(row["name"] if held["system"] else _name(call, sent, row["id"]), dump(document), call.org.now(), row["id"]),
    )
    return _answered(call, row["id"], "update")


def _name(call: ApiCall, sent: dict[str, Any], holder: str | None) -> str:
    name = sent.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", "name: The field cannot be left blank")
    taken = call.org.database.one("SELECT id FROM zones WHERE name = ?", name)
    if taken is not None and taken["id"] != holder:
        raise invalid("name", "name: An object with this field already exists in the current organization")
    return name


def _document(sent: dict[str, Any], *, system: bool) -> dict[str, Any]:
    if sent.get("type", "IP") != "IP":
        raise invalid("type", "type: Only zones of addresses are kept here.")
    parts = {}
    for part in ("gateways", "proxies"):
        ranges = sent.get(part)
        for each in ranges or ():
            if not isinstance(each, dict) or not is_range(str(each.get("value", ""))):
                raise invalid(part, f"{part}: The IP address format is not valid")
        parts[part] = [{"type": _kind(each["value"]), "value": each["value"]} for each in ranges or ()] or None
    return {"type": "IP", "usage": sent.get("usage") or "POLICY", "system": system, **parts}


def _kind(range: str) -> str:
    return "RANGE" if "-" in range else "CIDR"


def delete_zone(call: ApiCall) -> Response:
    row = find(call)
    _only_ours(row)
    call.org.database.run("DELETE FROM zones WHERE id = ?", row["id"])
    record(call.org, call.request, "zone.delete", networks.as_target(row))
    return no_content()


def _only_ours(row: Row) -> None:
    if json.loads(row["document"])["system"]:
        raise OktaProblem(403, "E0000077", "Cannot modify the system attribute because it is read-only.")


def _switch(step: str) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        row = find(call)
        _only_ours(row)
        call.org.database.run("UPDATE zones SET status = ? WHERE id = ?", _STATUSES[step], row["id"])
        return _answered(call, row["id"], step)

    return run


def _answered(call: ApiCall, id: str, step: str) -> Response:
    row = call.org.database.one("SELECT * FROM zones WHERE id = ?", id)
    assert row is not None  # it was just changed
    record(call.org, call.request, f"zone.{step}", networks.as_target(row))
    return ok(render(call, row))


_ONE = f"{_PATH}/{{zone}}"
_READ, _MANAGE = "okta.networkZones.read", "okta.networkZones.manage"
ENDPOINTS = [
    Endpoint("GET", _PATH, list_zones, _READ),
    Endpoint("POST", _PATH, create_zone, _MANAGE),
    Endpoint("GET", _ONE, get_zone, _READ),
    Endpoint("PUT", _ONE, change_zone, _MANAGE),
    Endpoint("DELETE", _ONE, delete_zone, _MANAGE),
    *(Endpoint("POST", f"{_ONE}/lifecycle/{step}", _switch(step), _MANAGE) for step in _STATUSES),
]
