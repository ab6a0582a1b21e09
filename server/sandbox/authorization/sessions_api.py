"""Sessions over the API: a password for a one-time token, the token for a session, and what becomes of the session.

Recorded in okta/okta-sdk-python, tests/integration/cassettes/test_sessions_it (TestSessionsResource). Where it does not
record how a person who may not sign in is refused, all are refused as one with a wrong password is.
"""

from sqlite3 import Row
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox import people
from server.sandbox.authorization import sessions, transactions
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import base_url
from server.sandbox.endpoints import ApiCall, Endpoint, anyone, no_content, ok
from server.sandbox.identifiers import new_id, okta_time
from server.sandbox.org import Org
from server.sandbox.problems import PasswordExpired, authentication_failed, not_found

_PATH = "/api/v1/sessions"


def authenticate(request: Request, body: bytes) -> Response:
    """Sign in with a password, without a cookie: a token for one session."""
    org, sent = request.app.state.org, transactions.sent(body)
    login, password = str(sent.get("username") or ""), str(sent.get("password") or "")
    try:
        user = sessions.proven(request, login, password)
    except PasswordExpired:
        expired = people.find_login(org, login)
        assert expired is not None  # it was found by its password
        return transactions.must_change(request, expired)
    if user is None:
        return authentication_failed().response()  # not raised: that it failed is counted
    return transactions.success(request, user)


def begin(request: Request, body: bytes) -> Response:
    """A session for a session token; whose it is, the token says."""
    org, token = request.app.state.org, transactions.sent(body).get("sessionToken")
    cookie = sessions.redeem(org, token) if isinstance(token, str) else None
    if cookie is None:
        raise authentication_failed()
    row = org.database.one("SELECT * FROM sessions WHERE cookie = ?", kept(cookie))
    response = JSONResponse(_render(base_url(request), org, row, "me"))
    sessions.remember(response, cookie)
    return response


def _find(call: ApiCall) -> Row:
    id = call.part("session")
    if id == "me":
        id = sessions.current_id(call.request) or id
    row = call.org.database.one("SELECT * FROM sessions WHERE id = ? AND ends > ?", id, call.org.clock())
    if row is None:
        raise not_found(call.part("session"), "AppSession")
    return row


def get_session(call: ApiCall) -> Response:
    row = _find(call)
    return ok(_render(call.base, call.org, row, row["id"]))


def refresh_session(call: ApiCall) -> Response:
    """The session lasts as long from now on as it did from its beginning."""
    row = _find(call)
    ends = call.org.clock() + (row["lifetime"] or sessions.LIFETIME)
    call.org.database.run("UPDATE sessions SET ends = ? WHERE id = ?", ends, row["id"])
    row = _find(call)
    return ok(_render(call.base, call.org, row, row["id"]))


def end_session(call: ApiCall) -> Response:
    call.org.database.run("DELETE FROM sessions WHERE id = ?", _find(call)["id"])
    return no_content()


def _render(base: str, org: Org, row: Row | None, name: str) -> dict[str, Any]:
    """A session, as it is called in its own links: by its id, or `me` for whoever began it."""
    assert row is not None  # it was found or made by the caller
    user = people.find(org, row["user_id"])
    here, began = f"{base}{_PATH}/{name}", okta_time(row["began"])
    return {
        "id": row["id"],
        "userId": user["id"],
        "login": user["login"],
        "createdAt": began,
        "expiresAt": okta_time(row["ends"]),
        "status": "ACTIVE",
        "lastPasswordVerification": began,
        "lastFactorVerification": None,
        "amr": ["pwd"],
        "idp": {"id": org.fact("identity_provider", lambda: new_id("00o")), "type": "OKTA"},
        "mfaActive": False,
        "_links": {
            "self": {"href": here, "hints": {"allow": ["GET", "DELETE"]}},
            "refresh": {"href": f"{here}/lifecycle/refresh", "hints": {"allow": ["POST"]}},
            "user": {
                "name": people.as_target(user)["displayName"],
                "href": f"{base}/api/v1/users/{'me' if name == 'me' else user['id']}",
                "hints": {"allow": ["GET"]},
            },
        },
    }


_ONE = f"{_PATH}/{{session}}"
ENDPOINTS = [
    Endpoint("GET", _ONE, get_session, "okta.sessions.read"),
    Endpoint("DELETE", _ONE, end_session, "okta.sessions.manage"),
    Endpoint("POST", f"{_ONE}/lifecycle/refresh", refresh_session, "okta.sessions.manage"),
]
ROUTES: list[Route] = [
    anyone("POST", "/api/v1/authn", authenticate),
    *transactions.ROUTES,
    anyone("POST", _PATH, begin),
]
