"""Sign-ins over the API that take more than one step: a password that must be changed, or was forgotten.

Source: Okta's Authentication API (https://developer.okta.com/docs/reference/api/authn/), as far as a password goes.
"""

import json
import secrets
from sqlite3 import Row
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox import people
from server.sandbox.authorization import sessions
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import base_url
from server.sandbox.endpoints import anyone
from server.sandbox.identifiers import new_token, okta_time
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, not_well_formed
from server.sandbox.users import permitted

RECOVERY_LIFETIME = 3600
"""Seconds in which a link to choose a new password must be used."""
STATE_LIFETIME = 300
_AUTHN = "/api/v1/authn"


def sent(body: bytes) -> dict[str, Any]:
    """The JSON object of a request that needs no credential.

    Raises:
        OktaProblem: it is none.
    """
    try:
        given = json.loads(body)
    except ValueError:
        raise not_well_formed() from None
    if not isinstance(given, dict):
        raise not_well_formed()
    return given


def success(request: Request, user: Row) -> Response:
    """Somebody is who they say: a token for one session."""
    org: Org = request.app.state.org
    return JSONResponse(
        {
            "expiresAt": okta_time(org.clock() + sessions.TOKEN_LIFETIME),
            "status": "SUCCESS",
            "sessionToken": sessions.give_token(org, user["id"]),
            **_embedded(user),
            "_links": {"cancel": _link(request, "cancel")},
        }
    )


def must_change(request: Request, user: Row) -> Response:
    return _next(request, user, "PASSWORD_EXPIRED", "changePassword", "credentials/change_password")


def _next(request: Request, user: Row, status: str, name: str, path: str, **more: Any) -> Response:
    """What comes next, and the token that it takes."""
    org: Org = request.app.state.org
    token = _keep(org, f"00{secrets.token_urlsafe(30)}", user["id"], status, STATE_LIFETIME)
    return JSONResponse(
        {
            "stateToken": token,
            "expiresAt": okta_time(org.clock() + STATE_LIFETIME),
            "status": status,
            **more,
            **_embedded(user),
            "_links": {"next": {"name": name, **_link(request, path)}, "cancel": _link(request, "cancel")},
        }
    )


def _embedded(user: Row) -> dict[str, Any]:
    profile = json.loads(user["profile"])
    shown = {name: profile.get(name) for name in ("login", "firstName", "lastName")}
    about = {
        "id": user["id"],
        "passwordChanged": user["password_changed"],
        "profile": {**shown, "locale": "en_US", "timeZone": "America/Los_Angeles"},
    }
    return {"_embedded": {"user": about}}


def _link(request: Request, path: str) -> dict[str, Any]:
    return {"href": f"{base_url(request)}{_AUTHN}/{path}", "hints": {"allow": ["POST"]}}


def recovery_token(org: Org, user_id: str) -> str:
    """What a link carries by which somebody chooses a new password, once."""
    return _keep(org, new_token(), user_id, "RECOVERY", RECOVERY_LIFETIME)


def _keep(org: Org, token: str, user_id: str, status: str, lifetime: float) -> str:
    now = org.clock()
    org.database.run("DELETE FROM state_tokens WHERE ends <= ?", now)
    org.database.run("INSERT INTO state_tokens VALUES (?, ?, ?, ?)", kept(token), user_id, status, now + lifetime)
    return token


def _holder(org: Org, token: Any, status: str) -> Row | None:
    """Whose token it is. Whoever uses it up says so with `_used`."""
    found = org.database.one(
        "SELECT user_id FROM state_tokens WHERE token = ? AND status = ? AND ends > ?",
        *(kept(str(token)), status, org.clock()),
    )
    return people.find(org, found["user_id"]) if found else None


def _used(org: Org, token: Any) -> None:
    org.database.run("DELETE FROM state_tokens WHERE token = ?", kept(str(token)))


def begin_recovery(request: Request, body: bytes) -> Response:
    org, token = request.app.state.org, sent(body).get("recoveryToken")
    user = _holder(org, token, "RECOVERY")
    if user is None:
        told = "You have accessed an account recovery link that has expired or been previously used."
        raise OktaProblem(403, "E0000105", told)
    _used(org, token)
    path = "credentials/reset_password"
    return _next(request, user, "PASSWORD_RESET", "resetPassword", path, recoveryType="PASSWORD")


def change_password(request: Request, body: bytes) -> Response:
    given = sent(body)
    user = _stateful(request, given, "PASSWORD_EXPIRED")
    if not people.matches(str(given.get("oldPassword")), user["password"]):
        cause = "oldPassword: The credentials provided were incorrect."
        raise OktaProblem(403, "E0000014", "Update of credentials failed", [cause])
    return _chosen(request, given, user)


def reset_password(request: Request, body: bytes) -> Response:
    given = sent(body)
    return _chosen(request, given, _stateful(request, given, "PASSWORD_RESET"))


def _stateful(request: Request, given: dict[str, Any], status: str) -> Row:
    user = _holder(request.app.state.org, given.get("stateToken"), status)
    if user is None or user["status"] in ("SUSPENDED", "DEPROVISIONED", "LOCKED_OUT"):
        raise OktaProblem(401, "E0000011", "Invalid token provided")
    return user


def _chosen(request: Request, given: dict[str, Any], user: Row) -> Response:
    """The new password counts, and its owner is signed in."""
    org: Org = request.app.state.org
    profile = {"profile": {"login": user["login"]}}
    changed = people.set_password(org, user, permitted(str(given.get("newPassword") or ""), profile))
    _used(org, given.get("stateToken"))
    who = people.as_target(changed)
    record(org, request, "user.account.update_password", who, actor=who)
    changed = people.change(org, user["id"], last_login=org.now())
    record(org, request, "user.session.start", actor=who)
    return success(request, changed)


ROUTES: list[Route] = [
    anyone("POST", f"{_AUTHN}/recovery/token", begin_recovery),
    anyone("POST", f"{_AUTHN}/credentials/change_password", change_password),
    anyone("POST", f"{_AUTHN}/credentials/reset_password", reset_password),
]
