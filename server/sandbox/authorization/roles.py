"""Administrator roles, and the endpoints that give them to people and groups and take them away."""

from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import groups, people
from server.sandbox.authorization.assignments import LABELS, Holder, assign, assigned, held, withdraw
from server.sandbox.endpoints import Call, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, invalid, not_found
from server.sandbox.users import named

_EVENTS = {"user": "user.account.privilege", "group": "group.privilege"}


def _render(base: str, row: Row) -> dict[str, Any]:
    kind, holder = ("user", row["user_id"]) if row["user_id"] else ("group", row["group_id"])
    return {
        **_role(row["id"], row["type"], row["created"], kind.upper()),
        "_links": {"assignee": {"href": f"{base}/api/v1/{kind}s/{holder}"}},
    }


def _role(id: str, type: str, created: str, assignment: str) -> dict[str, Any]:
    return {
        "id": id,
        "label": LABELS.get(type, type),
        "type": type,
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": created,
        "assignmentType": assignment,
    }


def _holder(call: Call, kind: Holder) -> tuple[str, dict[str, Any]]:
    """The id of the person or group that the path names, and how the System Log names it."""
    if kind == "user":
        user = named(call)
        return user["id"], people.as_target(user)
    group = groups.find(call.org, call.part("group"))
    return group["id"], groups.as_target(group)


def _list(kind: Holder) -> Callable[[Call], Response]:
    """A person's list has the roles through groups too, each with the group as its assignee."""

    def run(call: Call) -> Response:
        id, _ = _holder(call, kind)
        found = held(call.org, id) if kind == "user" else assigned(call.org, kind, id)
        return ok([_render(call.base, row) for row in found])

    return run


def _get(kind: Holder) -> Callable[[Call], Response]:
    def run(call: Call) -> Response:
        id, _ = _holder(call, kind)
        for row in assigned(call.org, kind, id):
            if row["id"] == call.part("role"):
                return ok(_render(call.base, row))
        raise not_found(call.part("role"), "RoleAssignment")

    return run


def _assign(kind: Holder) -> Callable[[Call], Response]:
    def run(call: Call) -> Response:
        id, target = _holder(call, kind)
        type = call.body().get("type")
        if not isinstance(type, str) or not type:
            raise invalid("type", "type: The field cannot be left blank")
        if type not in LABELS:
            raise invalid("type", "type: The role type is not supported")
        if not assign(call.org, kind, id, type):
            raise OktaProblem(409, "E0000090", "The role specified is already assigned to the user.")
        record(call.org, call.request, f"{_EVENTS[kind]}.grant", target)
        return ok(_render(call.base, assigned(call.org, kind, id)[-1]), status=201)

    return run


def _withdraw(kind: Holder) -> Callable[[Call], Response]:
    """Okta calls it revoked when no role is left, and a grant of what is left until then."""

    def run(call: Call) -> Response:
        id, target = _holder(call, kind)
        if not withdraw(call.org, kind, id, call.part("role")):
            raise not_found(call.part("role"), "RoleAssignment")
        left = held(call.org, id) if kind == "user" else assigned(call.org, kind, id)
        record(call.org, call.request, f"{_EVENTS[kind]}.{'grant' if left else 'revoke'}", target)
        return no_content()

    return run


def _endpoints(kind: Holder) -> list[Endpoint]:
    all_of_them = f"/api/v1/{kind}s/{{{kind}}}/roles"
    one = f"{all_of_them}/{{role}}"
    return [
        Endpoint("GET", all_of_them, _list(kind), "okta.roles.read"),
        Endpoint("POST", all_of_them, _assign(kind), "okta.roles.manage"),
        Endpoint("GET", one, _get(kind), "okta.roles.read"),
        Endpoint("DELETE", one, _withdraw(kind), "okta.roles.manage"),
    ]


ENDPOINTS = [
    *_endpoints("user"),
    *_endpoints("group"),
]
