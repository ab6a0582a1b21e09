"""The endpoints of the groups that an application is assigned to, and of the applications that a group gives."""

import json
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import groups
from server.sandbox.applications import documents, entitlements
from server.sandbox.applications.documents import as_target, find, find_active
from server.sandbox.database import dump
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.listings import Listing
from server.sandbox.log import record
from server.sandbox.problems import invalid, not_found, not_well_formed


def _render(call: ApiCall, app: Row, group: Row) -> dict[str, Any]:
    details = call.org.database.one(
        "SELECT * FROM group_app_details WHERE app_id = ? AND group_id = ?", app["id"], group["id"]
    )
    here = f"{call.base}/api/v1/apps/{app['id']}"
    shown = {
        "id": group["id"],
        "lastUpdated": details["last_updated"] if details else app["last_updated"],
        "priority": details["priority"] if details else 0,
        "profile": json.loads(details["profile"]) if details else {},
        "_links": {
            "app": {"href": here},
            "self": {"href": f"{here}/groups/{group['id']}"},
            "group": {"href": f"{call.base}/api/v1/groups/{group['id']}"},
        },
    }
    if call.query.get("expand") == "group":
        shown["_embedded"] = {"group": groups.render(call.base, group)}
    return shown


def _gives(call: ApiCall, app: Row, group: Row) -> bool:
    return bool(
        call.org.database.all("SELECT 1 FROM group_apps WHERE app_id = ? AND group_id = ?", app["id"], group["id"])
    )


def list_groups(call: ApiCall) -> Response:
    app = find(call.org, call.part("app"))
    listing = Listing("groups", default=20, most=200, source="group_apps", key="group_id", keep=("q",))
    listing.require("app_id = ?", app["id"])
    if q := call.query.get("q"):
        listing.require("group_id IN (SELECT id FROM groups WHERE name >= ? AND name < ?)", q, q + "\U0010ffff")
    return listing.answer(call, lambda group: _render(call, app, group))


def get_group(call: ApiCall) -> Response:
    app, group = find(call.org, call.part("app")), groups.find(call.org, call.part("group"))
    if not _gives(call, app, group):
        raise not_found(group["id"], "GroupAppAssignment")
    return ok(_render(call, app, group))


def assign(call: ApiCall) -> Response:
    """All of its members have the application then. One that is there is replaced."""
    app, group = find_active(call.org, call.part("app")), groups.find(call.org, call.part("group"))
    sent = call.optional_body()
    priority, profile = sent.get("priority") or 0, sent.get("profile") or {}
    if not isinstance(profile, dict):
        raise not_well_formed()
    if not isinstance(priority, int) or not 0 <= priority <= 100:
        raise invalid("priority", "priority: The priority must be between 0 and 100")
    made = not _gives(call, app, group)
    call.org.database.run("INSERT OR IGNORE INTO group_apps VALUES (?, ?)", group["id"], app["id"])
    call.org.database.run(
        "INSERT OR REPLACE INTO group_app_details VALUES (?, ?, ?, ?, ?)",
        *(group["id"], app["id"], priority, dump(profile), call.org.now()),
    )
    _record(call, "add" if made else "update", app, group)
    entitlements.settle_app(call, app["id"])
    return ok(_render(call, app, group))


def withdraw(call: ApiCall) -> Response:
    """Its members lose the application, unless it was assigned to them or another group gives it."""
    app, group = find_active(call.org, call.part("app")), groups.find(call.org, call.part("group"))
    if not _gives(call, app, group):
        raise not_found(group["id"], "GroupAppAssignment")
    call.org.database.run("DELETE FROM group_apps WHERE app_id = ? AND group_id = ?", app["id"], group["id"])
    _record(call, "remove", app, group)
    entitlements.settle_app(call, app["id"])
    return no_content()


def _record(call: ApiCall, what: str, app: Row, group: Row) -> None:
    event = f"group.application_assignment.{what}"
    record(call.org, call.request, event, groups.as_target(group), as_target(app))


def list_apps_of_group(call: ApiCall) -> Response:
    group = groups.find(call.org, call.part("group"))
    listing = Listing("apps", default=20, most=200, source="group_apps", key="app_id", keep=())
    listing.require("group_id = ?", group["id"])
    return listing.answer(call, lambda app: documents.render(call.base, call.org, app))


_GROUPS = "/api/v1/apps/{app}/groups"
ENDPOINTS = [
    Endpoint("GET", _GROUPS, list_groups, "okta.apps.read"),
    Endpoint("GET", f"{_GROUPS}/{{group}}", get_group, "okta.apps.read"),
    Endpoint("PUT", f"{_GROUPS}/{{group}}", assign, "okta.apps.manage"),
    Endpoint("DELETE", f"{_GROUPS}/{{group}}", withdraw, "okta.apps.manage"),
    Endpoint("GET", "/api/v1/groups/{group}/apps", list_apps_of_group, "okta.groups.read"),
]
