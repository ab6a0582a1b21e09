"""A link on the dashboard is followed: the person who is signed in goes on to the application, and the log tells it."""

import json
from sqlite3 import Row

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.sandbox import people
from server.sandbox.applications.documents import as_target
from server.sandbox.applications.entitlements import held
from server.sandbox.authorization import pages, sessions
from server.sandbox.log import record
from server.sandbox.org import Org

PATH = "/home/"


async def follow(request: Request) -> Response:
    org: Org = request.app.state.org
    with org.database.transaction():
        return _follow(org, request)


def _follow(org: Org, request: Request) -> Response:
    """To the sign-in page and back, to where the application is, or to a page that says why not."""
    session = sessions.current(request)
    if session is None:
        return pages.sign_in(request.url.path)
    app = org.database.one("SELECT * FROM apps WHERE id = ? AND status = 'ACTIVE'", request.path_params["app"])
    if app is None:
        return pages.page("Page not found", "<p>There is no such application.</p>", status=404)
    user = people.find(org, session.user_id)
    if held(org, app["id"], user["id"]) is None:
        target, who = as_target(app), people.as_target(user)
        reason = "User is not assigned to the application"
        record(org, request, "app.generic.unauth_app_access_attempt", target, actor=who, failure=reason)
        return pages.refused("The application is not assigned to you.")
    record_sign_on(org, request, user, app)
    url = (json.loads(app["document"]).get("settings", {}).get("app") or {}).get("url")
    if isinstance(url, str) and url.startswith(("https://", "http://")):
        return RedirectResponse(url, 303)
    return pages.page("Signed in", "<p>Here the application would begin.</p>")


def record_sign_on(org: Org, request: Request, user: Row, app: Row, initiated: str = "OKTA_INITIATED") -> None:
    """Write down that somebody signed on to an application, and by which assignment."""
    who = people.as_target(user)
    targets = [{**as_target(app), "detailEntry": {"signOnModeType": app["sign_on_mode"]}}]
    if (assignment := held(org, app["id"], user["id"])) is not None:
        targets.append({**who, "id": assignment["id"], "type": "AppUser", "alternateId": assignment["user_name"]})
    debug = {"initiationType": initiated, "signOnMode": app["sign_on_mode"]}
    record(org, request, "user.authentication.sso", *targets, actor=who, debug=debug)


ROUTES = [Route(f"{PATH}{{name}}/{{app}}/{{link}}", follow, methods=["GET"])]
