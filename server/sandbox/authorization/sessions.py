"""Who is signed in at the org in a browser."""

import secrets
from dataclasses import dataclass
from sqlite3 import Row

from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import people
from server.sandbox.authorization.tables import kept
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.policies import deciding
from server.sandbox.problems import PasswordExpired

COOKIE = "idx"
LIFETIME = 2 * 3600
"""Seconds of a session that somebody began by signing in."""
TOKEN_LIFETIME = 300
"""Seconds in which a session token must be used."""
_SHUT_OUT = ("SUSPENDED", "DEPROVISIONED")


@dataclass(frozen=True)
class OrgSession:
    user_id: str
    began: float
    proof: str
    """What a form of this session carries, so that no other site can send it (CSRF)."""


def current(request: Request, cookie: str | None = None) -> OrgSession | None:
    """The session that the request's cookie stands for, or another one that was just begun."""
    org: Org = request.app.state.org
    cookie = cookie or request.cookies.get(COOKIE, "")
    row = org.database.one("SELECT * FROM sessions WHERE cookie = ? AND ends > ?", kept(cookie), org.clock())
    if row is None or people.find(org, row["user_id"])["status"] in _SHUT_OUT:
        return None
    return OrgSession(row["user_id"], row["began"], kept(f"form {cookie}"))


def current_id(request: Request) -> str | None:
    """The id that the API knows this session by."""
    org: Org = request.app.state.org
    row = org.database.one("SELECT id FROM sessions WHERE cookie = ?", kept(request.cookies.get(COOKIE, "")))
    return str(row["id"]) if row else None


def begin(org: Org, user_id: str, lifetime: float = LIFETIME) -> str:
    """A new session's cookie."""
    cookie, now = secrets.token_urlsafe(32), org.clock()
    org.database.run(
        "INSERT INTO sessions (cookie, user_id, began, ends, id, lifetime) VALUES (?, ?, ?, ?, ?, ?)",
        *(kept(cookie), user_id, now, now + lifetime, "102" + secrets.token_urlsafe(17)[:22], lifetime),
    )
    return cookie


def remember(response: Response, cookie: str) -> None:
    response.set_cookie(COOKIE, cookie, max_age=LIFETIME, httponly=True, samesite="lax")


def end(request: Request) -> None:
    org: Org = request.app.state.org
    org.database.run("DELETE FROM sessions WHERE cookie = ?", kept(request.cookies.get(COOKIE, "")))


def give_token(org: Org, user_id: str) -> str:
    """A token for whoever proved who they are, good for one session."""
    token, now = "20111" + secrets.token_urlsafe(30), org.clock()
    org.database.run("DELETE FROM session_tokens WHERE ends <= ?", now)
    org.database.run("INSERT INTO session_tokens VALUES (?, ?, ?)", kept(token), user_id, now + TOKEN_LIFETIME)
    return token


def redeem(org: Org, token: str) -> str | None:
    """The cookie of the session that a token is good for, or None if it is none (any more)."""
    row = org.database.one("DELETE FROM session_tokens WHERE token = ? RETURNING user_id, ends", kept(token))
    if row is None or row["ends"] <= org.clock():
        return None
    return begin(org, row["user_id"])


def sign_in(request: Request, login: str, password: str, response: Response) -> bool:
    """Check a password and, if it is right, begin a session on `response`."""
    org: Org = request.app.state.org
    row = proven(request, login, password)
    if row is None:
        return False
    remember(response, begin(org, row["id"]))
    return True


def proven(request: Request, login: str, password: str) -> Row | None:
    """The person whose login and password these are, if they may sign in; it counts as a sign-in.

    What fails is counted: nothing may be raised after it in the same request, which would undo it.

    Raises:
        Denied: a policy keeps them out, or (PasswordExpired) the password is too old.
    """
    org: Org = request.app.state.org
    deciding.block(request)
    row = people.find_login(org, login)
    if row is None:
        unknown = {"id": "unknown", "type": "User", "alternateId": login, "displayName": "unknown"}
        record(org, request, "user.session.start", actor=unknown, failure="VERIFICATION_ERROR")
        return None
    right = people.matches(password, row["password"])
    if right and row["status"] == "ACTIVE" and deciding.has_expired(org, row):
        row = people.change(org, row["id"], status="PASSWORD_EXPIRED", status_changed=org.now())
    expired = right and row["status"] == "PASSWORD_EXPIRED"
    if not right or row["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
        _fail(request, row, right)
        return None
    deciding.admit(request, row)
    if expired:
        record(org, request, "user.session.start", actor=people.as_target(row), failure="PASSWORD_EXPIRED")
        raise PasswordExpired()
    people.change(org, row["id"], last_login=org.now(), failed_sign_ins=0)
    record(org, request, "user.session.start", actor=people.as_target(row))
    return row


def _fail(request: Request, row: Row, right: bool) -> None:
    """Write down a sign-in that failed; too many in a row, as the password policy counts, lock the account."""
    org: Org = request.app.state.org
    who, locked = people.as_target(row), row["status"] == "LOCKED_OUT"
    reason = "LOCKED_OUT" if locked else "GENERAL_NONSUCCESS" if right else "INVALID_CREDENTIALS"
    record(org, request, "user.session.start", actor=who, failure=reason)
    if right or row["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
        return
    failed = row["failed_sign_ins"] + 1
    people.change(org, row["id"], failed_sign_ins=failed)
    most = deciding.password_settings(org, row)["lockout"]["maxAttempts"]
    if most and failed >= most:
        now = org.now()
        moved = {"status": "LOCKED_OUT", "status_before": row["status"], "status_changed": now, "last_updated": now}
        people.change(org, row["id"], **moved)
        record(org, request, "user.account.lock", who, actor=who, failure="LOCKED_OUT")
