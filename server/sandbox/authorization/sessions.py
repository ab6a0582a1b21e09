"""Who is signed in at the org in a browser."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import people
from server.sandbox.authorization.tables import kept
from server.sandbox.log import record
from server.sandbox.org import Org

COOKIE = "idx"
LIFETIME = 2 * 3600
"""Seconds of a session that somebody began by signing in."""


@dataclass(frozen=True)
class Session:
    user_id: str
    began: float
    proof: str
    """What a form of this session carries, so that no other site can send it (CSRF)."""


def current(request: Request) -> Session | None:
    """The session that the request's cookie stands for."""
    org: Org = request.app.state.org
    cookie = request.cookies.get(COOKIE, "")
    row = org.database.one("SELECT * FROM sessions WHERE cookie = ? AND ends > ?", kept(cookie), org.clock())
    return Session(row["user_id"], row["began"], kept(f"form {cookie}")) if row else None


def begin(org: Org, user_id: str, lifetime: float = LIFETIME) -> str:
    """A new session's cookie."""
    cookie, now = secrets.token_urlsafe(32), org.clock()
    org.database.run("INSERT INTO sessions VALUES (?, ?, ?, ?)", kept(cookie), user_id, now, now + lifetime)
    return cookie


def sign_in(request: Request, login: str, password: str, response: Response) -> bool:
    """Check a password and, if it is right, begin a session on `response`."""
    org: Org = request.app.state.org
    row = people.find_login(org, login)
    if row is None or row["status"] != "ACTIVE" or not people.matches(password, row["password"]):
        return False
    people.change(org, row["id"], last_login=org.now())
    record(org, request, "user.session.start", actor=people.as_target(row))
    response.set_cookie(COOKIE, begin(org, row["id"]), max_age=LIFETIME, httponly=True, samesite="lax")
    return True
