"""What a person finds on their dashboard: a link for each way into an application that they have."""

import json
from typing import Any

from starlette.responses import Response

from server.sandbox.applications.documents import link, logo
from server.sandbox.applications.kinds import usual
from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.users import named


def list_app_links(call: ApiCall) -> Response:
    """Of active applications that are not hidden. No Link header (TestUsersResource.test_list_app_links).

    The keys are those of Okta's OpenAPI description, AssignedAppLink.
    """
    user = named(call)
    links: list[dict[str, Any]] = []
    rows = call.org.database.all(
        "SELECT apps.*, app_users.id AS assignment_id FROM app_users JOIN apps ON apps.id = app_id "
        "WHERE user_id = ? AND apps.status = 'ACTIVE' ORDER BY apps.created, apps.id",
        user["id"],
    )
    for row in rows:
        visibility = usual(row["name"], row["sign_on_mode"], json.loads(row["document"]))["visibility"]
        shown = [] if visibility["hide"]["web"] else [name for name, on in visibility["appLinks"].items() if on]
        for name in shown:
            links.append(
                {
                    "id": user["id"],
                    "label": row["label"],
                    "linkUrl": link(call.base, row, name),
                    "logoUrl": logo(call.base, row),
                    "appName": row["name"],
                    "appInstanceId": row["id"],
                    "appAssignmentId": row["assignment_id"],
                    "credentialsSetup": False,
                    "hidden": False,
                    "sortOrder": len(links),
                }
            )
    return ok(links)


ENDPOINTS = [Endpoint("GET", "/api/v1/users/{user}/appLinks", list_app_links, "okta.users.read")]
