"""Everybody who has an administrator's role, directly or through a group.

Shape: TestAccDataSourceIamAssigneesUsers_withLimit in okta/terraform-provider-okta, which sends an empty `after`. The
next page is a link in the body, as Okta's API description has it.
"""

import re
from typing import Any

from starlette.responses import Response

from server.sandbox.authorization.assignments import holders
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.problems import invalid_cursor

PAGE = 100


def list_assignees(call: ApiCall) -> Response:
    after, given = call.query.get("after", ""), call.query.get("limit", "")
    if after and not re.fullmatch(r"[A-Za-z0-9]{20}", after):
        raise invalid_cursor()
    limit = min(int(given), PAGE) if given.isdecimal() and int(given) > 0 else PAGE
    found = holders(call.org, after, limit + 1)
    page: dict[str, Any] = {"value": [_render(call, id) for id in found[:limit]]}
    if len(found) > limit:
        href = f"{call.base}{call.request.url.path}?after={found[limit - 1]}&limit={limit}"
        page["_links"] = {"next": {"href": href}}
    return ok(page)


def _render(call: ApiCall, id: str) -> dict[str, Any]:
    here = f"{call.base}/api/v1/users/{id}"
    return {
        "id": id,
        "orn": f"orn:okta:directory:{call.org.id}:users:{id}",
        "_links": {"roles": {"href": f"{here}/roles"}, "self": {"href": here}},
    }


ENDPOINTS = [Endpoint("GET", "/api/v1/iam/assignees/users", list_assignees, "okta.roles.read")]
