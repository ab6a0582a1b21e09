"""Administrator roles, and the endpoints that give them to people and groups and take them away."""

from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from starlette.responses import Response

from server.sandbox import catalog, groups, people
from server.sandbox.applications import documents
from server.sandbox.authorization import custom_roles, resource_sets
from server.sandbox.authorization.assignments import (
    LABELS,
    Holder,
    Target,
    assign,
    assign_custom,
    assigned,
    held,
    label,
    targets,
    withdraw,
)
from server.sandbox.authorization.granting import refuse_group
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.log import record
from server.sandbox.problems import OktaProblem, invalid, not_found
from server.sandbox.users import named

_EVENTS = {"user": "user.account.privilege", "group": "group.privilege"}


def render(call: ApiCall, row: Row) -> dict[str, Any]:
    """An assignment, with what it is limited to if the caller asked for that."""
    kind: Holder = "user" if row["user_id"] else "group"
    id = row[f"{kind}_id"]
    wanted = call.query.get("expand", "").split(",")
    limits: dict[str, Any] = {}
    if "targets/groups" in wanted:
        limits["groups"] = [render_target(call, "groups", one) for one in targets(call.org, kind, row, "groups")]
    if "targets/catalog/apps" in wanted:
        limits["catalog"] = {"apps": [render_target(call, "apps", one) for one in targets(call.org, kind, row, "apps")]}
    return {
        **_role(call, row["id"], row["type"].partition(" ")[0], row["created"], kind.upper()),
        "lastUpdated": row["changed"] or row["created"],
        "_links": {"assignee": {"href": f"{call.base}/api/v1/{kind}s/{id}"}},
        **(_custom(call, row, f"{call.base}/api/v1/{kind}s/{id}") if row["custom_id"] else {}),
        **({"_embedded": {"targets": limits}} if limits else {}),
    }


def _custom(call: ApiCall, row: Row, assignee: str) -> dict[str, Any]:
    """What a custom role's assignment says besides: which role it is, and for which resources (API description)."""
    role, iam = custom_roles.find(call.org, row["custom_id"]), f"{call.base}/api/v1/iam"
    one = f"{iam}/roles/{role['id']}"
    return {
        "label": role["label"],
        "role": role["id"],
        "resource-set": row["set_id"],
        "_links": {
            "assignee": {"href": assignee},
            "resource-set": {"href": f"{iam}/resource-sets/{row['set_id']}"},
            "permissions": {"href": f"{one}/permissions"},
            "role": {"href": one},
        },
    }


def render_target(call: ApiCall, wanted: Target, row: Row) -> dict[str, Any]:
    if wanted == "groups":
        return groups.render(call.base, groups.find(call.org, row["target"]))
    _, _, instance = row["target"].partition("/")
    if not instance:
        return catalog.render(call.base, row["target"])
    app = documents.find(call.org, instance)
    here = {"self": {"href": f"{call.base}/api/v1/apps/{app['id']}"}}
    return {"name": app["label"], "status": app["status"], "id": app["id"], "_links": here}


def _role(call: ApiCall, id: str, type: str, created: str, assignment: str) -> dict[str, Any]:
    return {
        "id": id,
        "label": label(call.org, type),
        "type": type,
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": created,
        "assignmentType": assignment,
    }


def holder(call: ApiCall, kind: Holder) -> tuple[str, dict[str, Any]]:
    """The id of the person or group that the path names, and how the System Log names it."""
    if kind == "user":
        user = named(call)
        return user["id"], people.as_target(user)
    group = groups.find(call.org, call.part("group"))
    return group["id"], groups.as_target(group)


def find_assignment(call: ApiCall, kind: Holder, holder_id: str) -> Row:
    """The role that the path names and that was given to this person or group itself.

    Raises:
        OktaProblem: there is none; one that a person has through a group is the group's.
    """
    for row in assigned(call.org, kind, holder_id):
        if row["id"] == call.part("role"):
            return row
    raise not_found(call.part("role"), "RoleAssignment")


def _list(kind: Holder) -> Callable[[ApiCall], Response]:
    """A person's list has the roles through groups too, each with the group as its assignee."""

    def run(call: ApiCall) -> Response:
        id, _ = holder(call, kind)
        found = held(call.org, id) if kind == "user" else assigned(call.org, kind, id)
        return ok([render(call, row) for row in found])

    return run


def _get(kind: Holder) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        id, _ = holder(call, kind)
        return ok(render(call, find_assignment(call, kind, id)))

    return run


def _assign(kind: Holder) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        id, target = holder(call, kind)
        type = call.body().get("type")
        if not isinstance(type, str) or not type:
            raise invalid("type", "type: The field cannot be left blank")
        if type not in (*LABELS, "CUSTOM"):
            raise invalid("type", "type: The role type is not supported")
        if kind == "group":
            refuse_group(call, id)
        if not (_give_custom(call, kind, id) if type == "CUSTOM" else assign(call.org, kind, id, type)):
            raise OktaProblem(409, "E0000090", "The role specified is already assigned to the user.")
        record(call.org, call.request, f"{_EVENTS[kind]}.grant", target)
        return ok(render(call, assigned(call.org, kind, id)[-1]), status=201)

    return run


def _give_custom(call: ApiCall, kind: Holder, id: str) -> bool:
    sent = call.body()
    role = custom_roles.find(call.org, str(sent.get("role")))
    return assign_custom(
        call.org, kind, id, role["id"], resource_sets.find(call.org, str(sent.get("resource-set")))["id"]
    )


def _withdraw(kind: Holder) -> Callable[[ApiCall], Response]:
    """Okta calls it revoked when no role is left, and a grant of what is left until then."""

    def run(call: ApiCall) -> Response:
        id, target = holder(call, kind)
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
