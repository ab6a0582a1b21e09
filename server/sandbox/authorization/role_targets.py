"""The groups and the apps of the catalogue that an administrator's role is limited to.

Recorded in TestAccResourceOktaGroupAdminRole_crud and TestAccResourceOktaAdminRoleTargets_crud of
okta/terraform-provider-okta and TestUsersResource.test_user_group_target_to_role of okta/okta-sdk-python: `limit` is
not obeyed, pages have 20, `self` carries an opaque cursor, and a target that is deleted is no target any more.
"""

import base64
import binascii
from collections.abc import Callable
from sqlite3 import Row

from starlette.responses import JSONResponse, Response

from server.sandbox import catalog, groups
from server.sandbox.applications.documents import find
from server.sandbox.authorization.assignments import (
    APP_TARGETED,
    GROUP_TARGETED,
    TARGET_COLUMNS,
    Holder,
    Target,
    targets,
)
from server.sandbox.authorization.roles import find_assignment, holder, render_target
from server.sandbox.endpoints import ApiCall, Endpoint, no_content, ok
from server.sandbox.problems import OktaProblem, invalid, invalid_cursor, not_found

PAGE = 20
_ROLES: dict[Target, frozenset[str]] = {"groups": GROUP_TARGETED, "apps": APP_TARGETED}


def _assignment(call: ApiCall, kind: Holder, wanted: Target) -> Row:
    """The assignment that the path names, of a role that can be limited to what is wanted.

    Raises:
        OktaProblem: it cannot, or there is no such assignment.
    """
    id, _ = holder(call, kind)
    row = find_assignment(call, kind, id)
    if row["type"] not in _ROLES[wanted]:
        raise OktaProblem(400, "E0000091", "The provided role type was not the same as required role type.")
    return row


def _list(kind: Holder, wanted: Target) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        assignment = _assignment(call, kind, wanted)
        after = _place(call.query.get("after", ""))
        rows = targets(call.org, kind, assignment, wanted, after, PAGE + 1)
        response = JSONResponse([render_target(call, wanted, row) for row in rows[:PAGE]])
        url = f"{call.base}{call.request.url.path}"
        response.headers.append("link", f'<{url}?after={_cursor(after)}&limit={PAGE}>; rel="self"')
        if len(rows) > PAGE:
            last = _cursor(rows[PAGE - 1]["id"])
            response.headers.append("link", f'<{url}?after={last}&limit={PAGE}>; rel="next"')
        return response

    return run


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(b"<a" + place.to_bytes(17)).decode().rstrip("=")


def _place(cursor: str) -> int:
    """What a cursor stands for, 0 for none.

    Raises:
        OktaProblem: it is not one of ours.
    """
    if not cursor:
        return 0
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise invalid_cursor() from None
    if len(raw) != 19 or not raw.startswith(b"<a"):
        raise invalid_cursor()
    return min(int.from_bytes(raw[2:]), 2**63 - 1)


def _named(call: ApiCall, wanted: Target) -> str:
    """The target that the path names: a group by its id, an app by its name in the catalogue, an instance by both.

    Raises:
        OktaProblem: there is none.
    """
    if wanted == "groups":
        return str(groups.find(call.org, call.part("target"))["id"])
    if "instance" in call.request.path_params:
        row = find(call.org, call.part("instance"))
        if row["name"] != call.part("target"):
            raise not_found(call.part("instance"), "AppInstance")
        return f"{row['name']}/{row['id']}"
    if not catalog.known(call.part("target")):
        raise not_found(call.part("target"), "App")
    return call.part("target")


def _add(kind: Holder, wanted: Target) -> Callable[[ApiCall], Response]:
    def run(call: ApiCall) -> Response:
        assignment, target = _assignment(call, kind, wanted), _named(call, wanted)
        call.org.database.run(
            f"INSERT OR IGNORE INTO role_targets (type, {kind}_id, {TARGET_COLUMNS[wanted]}) VALUES (?, ?, ?)",
            *(assignment["type"], assignment[f"{kind}_id"], target),
        )
        _touch(call, kind, assignment)
        return no_content()

    return run


def _remove(kind: Holder, wanted: Target) -> Callable[[ApiCall], Response]:
    """The last one stays: without any, the role would reach everything (Okta's documentation of the call)."""

    def run(call: ApiCall) -> Response:
        assignment, target = _assignment(call, kind, wanted), _named(call, wanted)
        held = targets(call.org, kind, assignment, wanted)
        (found,) = [row["id"] for row in held if row["target"] == target] or [None]
        if found is None:
            raise not_found(target, "UserGroup" if wanted == "groups" else "App")
        if len(held) == 1:
            raise invalid("target", "target: The last target of a role assignment cannot be removed")
        call.org.database.run("DELETE FROM role_targets WHERE id = ?", found)
        _touch(call, kind, assignment)
        return no_content()

    return run


def _add_every_app(call: ApiCall) -> Response:
    """All apps are the target of a role that has no app as its target."""
    assignment = _assignment(call, "user", "apps")
    call.org.database.run(
        "DELETE FROM role_targets WHERE user_id = ? AND type = ?", assignment["user_id"], assignment["type"]
    )
    _touch(call, "user", assignment)
    return ok({})


def _touch(call: ApiCall, kind: Holder, assignment: Row) -> None:
    call.org.database.run(
        f"UPDATE role_assignments SET changed = ? WHERE {kind}_id = ? AND type = ?",
        *(call.org.now(), assignment[f"{kind}_id"], assignment["type"]),
    )


def _endpoints(kind: Holder) -> list[Endpoint]:
    role = f"/api/v1/{kind}s/{{{kind}}}/roles/{{role}}/targets"
    paths: dict[Target, list[str]] = {
        "groups": [f"{role}/groups", f"{role}/groups/{{target}}"],
        "apps": [
            f"{role}/catalog/apps",
            f"{role}/catalog/apps/{{target}}",
            f"{role}/catalog/apps/{{target}}/{{instance}}",
        ],
    }
    return [
        endpoint
        for wanted, (all_of_them, *one) in paths.items()
        for endpoint in (
            Endpoint("GET", all_of_them, _list(kind, wanted), "okta.roles.read"),
            *(Endpoint("PUT", path, _add(kind, wanted), "okta.roles.manage") for path in one),
            *(Endpoint("DELETE", path, _remove(kind, wanted), "okta.roles.manage") for path in one),
        )
    ]


ENDPOINTS = [
    *_endpoints("user"),
    *_endpoints("group"),
    Endpoint("PUT", "/api/v1/users/{user}/roles/{role}/targets/catalog/apps", _add_every_app, "okta.roles.manage"),
]
