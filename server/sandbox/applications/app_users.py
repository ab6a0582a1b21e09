"""The endpoints of an application's users."""

import json
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import people
from server.sandbox.applications import entitlements
from server.sandbox.applications.documents import BUILT_IN, find, find_active
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.listings import Listing
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, invalid, not_found, not_well_formed


def render(call: ApiCall, app: Row, row: Row) -> dict[str, Any]:
    org, here = call.org, f"{call.base}/api/v1"
    links: dict[str, Any] = {
        "app": {"href": f"{here}/apps/{app['id']}"},
        "user": {"href": f"{here}/users/{row['user_id']}"},
    }
    if row["scope"] == "GROUP" and (group := entitlements.giving_group(org, app["id"], row["user_id"])) is not None:
        links["group"] = {"name": group["name"], "href": f"{here}/groups/{group['id']}"}
    return {
        "id": row["user_id"],
        "externalId": None,
        "created": row["created"],
        "lastUpdated": row["last_updated"],
        "scope": row["scope"],
        "status": "ACTIVE",
        "statusChanged": row["created"],
        "passwordChanged": row["password_changed"],
        "syncState": "DISABLED",
        "credentials": None if app["name"] in BUILT_IN else {"userName": row["user_name"]},
        "profile": json.loads(row["profile"]),
        "_links": links,
    }


def embedded(call: ApiCall, app: Row, user_id: str) -> dict[str, Any] | None:
    """A person's assignment as it comes along with the application; nothing where they do not have it."""
    row = entitlements.held(call.org, app["id"], user_id)
    return render(call, app, row) if row is not None else None


def list_app_users(call: ApiCall) -> Response:
    app = find(call.org, call.part("app"))
    listing = Listing("app_users", default=50, most=500, keep=("q",))
    listing.require("app_id = ?", app["id"])
    if q := call.query.get("q"):
        words = ("first_name", "last_name", "email")
        whose = " OR ".join(f"{word} >= ? AND {word} < ?" for word in words)
        beyond = q + "\U0010ffff"
        listing.require(
            f"(user_name >= ? COLLATE NOCASE AND user_name < ? COLLATE NOCASE "
            f"OR user_id IN (SELECT id FROM users WHERE {whose}))",
            *([q, beyond] * 4),
        )

    def shown(row: Row) -> dict[str, Any]:
        entry = render(call, app, row)
        if call.query.get("expand") == "user":
            user = people.find(call.org, row["user_id"])
            entry["_embedded"] = {"user": people.render(call.base, call.org, user)}
        return entry

    return listing.answer(call, shown)


def get_app_user(call: ApiCall) -> Response:
    """Of two that are gone it is the person whom Okta misses (TestAccResourceOktaAppUser_crud)."""
    people.find(call.org, call.part("user"))
    app = find(call.org, call.part("app"))
    return ok(render(call, app, _named(call.org, app, call.part("user"))))


def _named(org: Org, app: Row, id: str) -> Row:
    """A person's assignment.

    Raises:
        OktaProblem: there is no such person, or they do not have the application.
    """
    user = people.find(org, id)
    row = entitlements.held(org, app["id"], user["id"])
    if row is None:
        raise not_found(id, "AppUser")
    return row


def assign(call: ApiCall) -> Response:
    """An assignment that is there is changed; one through a group is the person's own from then on."""
    sent = call.body()
    app = find_active(call.org, call.part("app"))
    id = sent.get("id")
    if not isinstance(id, str) or not id:
        raise invalid("id", "id: The field cannot be left blank")
    return _assigned(call, app, people.find(call.org, id), sent, scope="USER")


def change(call: ApiCall) -> Response:
    """Who does not have the application gets it (TestAccResourceOktaAppUser_crud)."""
    sent = call.body()
    app, user = find_active(call.org, call.part("app")), people.find(call.org, call.part("user"))
    before = entitlements.held(call.org, app["id"], user["id"])
    return _assigned(call, app, user, sent, scope=sent.get("scope") or (before["scope"] if before else "USER"))


def _assigned(call: ApiCall, app: Row, user: Row, sent: dict[str, Any], *, scope: str) -> Response:
    """
    Raises:
        OktaProblem: the person is deactivated (Okta's error code E0000117), or what was sent is no assignment.
    """
    org = call.org
    if scope not in ("USER", "GROUP"):
        raise invalid("scope", "scope: The scope must be one of USER, GROUP")
    if user["status"] == "DEPROVISIONED":
        summary = "Cannot assign apps or update app profiles for an inactive user."
        raise OktaProblem(403, "E0000117", summary)
    credentials, profile = sent.get("credentials") or {}, sent.get("profile") or {}
    if not isinstance(credentials, dict) or not isinstance(profile, dict):
        raise not_well_formed()
    if scope == "GROUP" and entitlements.giving_group(org, app["id"], user["id"]) is None:
        scope = "USER"  # no group gives it
    before = entitlements.held(org, app["id"], user["id"])
    row = entitlements.assign(org, app, user, scope, credentials.get("userName"), profile)
    if (credentials.get("password") or {}).get("value") and app["sign_on_mode"] in ("BROWSER_PLUGIN", "AUTO_LOGIN"):
        org.database.run("UPDATE app_users SET password_changed = ? WHERE id = ?", org.now(), row["id"])
    row = _named(org, app, user["id"])
    if before is None:
        entitlements.record_change(call, "add", row)
    else:
        renamed = before["user_name"] != row["user_name"]
        entitlements.record_change(call, "change_username" if renamed else "update", row)
    return ok(render(call, app, row))


def withdraw(call: ApiCall) -> Response:
    """
    Raises:
        OktaProblem: a group of theirs gives the application (recorded in public threads; its code is E0000046).
    """
    app = find_active(call.org, call.part("app"))
    row = _named(call.org, app, call.part("user"))
    if entitlements.giving_group(call.org, app["id"], row["user_id"]) is not None:
        cause = "The application cannot be unassigned from the user while their group memberships grant them access"
        raise OktaProblem(403, "E0000046", "Deactivate application for user forbidden.", [cause])
    entitlements.end(call, row)
    return no_content()


_USERS = "/api/v1/apps/{app}/users"
ENDPOINTS = [
    Endpoint("GET", _USERS, list_app_users, "okta.apps.read"),
    Endpoint("POST", _USERS, assign, "okta.apps.manage"),
    Endpoint("GET", f"{_USERS}/{{user}}", get_app_user, "okta.apps.read"),
    Endpoint("POST", f"{_USERS}/{{user}}", change, "okta.apps.manage"),
    Endpoint("DELETE", f"{_USERS}/{{user}}", withdraw, "okta.apps.manage"),
]
