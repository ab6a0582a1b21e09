"""The endpoints of a group's members."""

from starlette.responses import Response

from server.sandbox import groups, memberships, people, rules
from server.sandbox.endpoints import ApiCall, Endpoint, no_content
from server.sandbox.listings import Listing
from server.sandbox.problems import forbidden, unsupported


def list_members(call: ApiCall) -> Response:
    group = groups.find(call.org, call.part("group"))
    # A cross join keeps its order in SQLite: members by the group's index, each then looked up.
    source = "memberships CROSS JOIN users ON users.id = user_id"
    listing = Listing("users", default=1000, most=1000, source=source, key="user_id", keep=())
    listing.require("group_id = ?", group["id"])
    listing.require("status <> 'DEPROVISIONED'")
    with call.org.index.listing_members():
        return listing.answer(call, lambda row: people.render_listed(call.base, call.org, row))


def put_member(call: ApiCall) -> Response:
    group = groups.find(call.org, call.part("group"))
    user = people.find(call.org, call.part("user"))
    if group["type"] == "BUILT_IN":
        raise unsupported()
    if group["type"] == "APP_GROUP":
        raise forbidden()
    memberships.add(call, group, user)
    return no_content()


def delete_member(call: ApiCall) -> Response:
    group = groups.find(call.org, call.part("group"))
    user = people.find(call.org, call.part("user"))
    if group["type"] != "OKTA_GROUP":
        raise forbidden()
    rules.except_from(call, group, user)
    memberships.remove(call, group, user)
    return no_content()


_MEMBERS = "/api/v1/groups/{group}/users"
ENDPOINTS = [
    Endpoint("GET", _MEMBERS, list_members, "okta.groups.read"),
    Endpoint("PUT", f"{_MEMBERS}/{{user}}", put_member, "okta.groups.manage"),
    Endpoint("DELETE", f"{_MEMBERS}/{{user}}", delete_member, "okta.groups.manage"),
]
