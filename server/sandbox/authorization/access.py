"""Who calls the management API, and what they may do there."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from server.sandbox.authorization.tables import kept
from server.sandbox.org import Org
from server.sandbox.problems import EmptyProblem, OktaProblem, invalid_session


@dataclass(frozen=True)
class Principal:
    """A caller: an API token with all of its owner's rights, a user through an app, or an app itself.

    `scopes` is None where no scopes limit what may be called. `actor` is the caller as the System Log names it.
    """

    kind: Literal["token", "user", "app"]
    id: str
    scopes: frozenset[str] | None
    client_id: str | None
    actor: dict[str, Any]


def authenticate(request: Request) -> Principal:
    """The caller, by the `Authorization` header. Both spellings of SSWS occur, with the blank and without.

    Raises:
        OktaProblem: there is no such header, or what it carries is not valid (any more).
    """
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.startswith("SSWS"):
        principal = _by_api_token(request, credential or scheme.removeprefix("SSWS"))
    elif scheme == "Bearer":
        principal = _by_access_token(request, credential)
    else:
        raise invalid_session()
    request.state.principal = principal
    return principal


def _by_api_token(request: Request, token: str) -> Principal:
    org: Org = request.app.state.org
    row = org.database.one("SELECT user_id FROM api_tokens WHERE token = ?", kept(token))
    if row is None:
        raise OktaProblem(401, "E0000011", "Invalid token provided", headers={"www-authenticate": "SSWS"})
    return Principal("token", row["user_id"], None, None, user_actor(org, row["user_id"]))


def _by_access_token(request: Request, token: str) -> Principal:
    org: Org = request.app.state.org
    row = org.database.one("SELECT * FROM access_tokens WHERE token = ?", kept(token))
    if row is None or row["ends"] <= org.clock():
        told = "The token has expired." if row is not None else "The access token is invalid."
        headers = {"www-authenticate": _challenge(request, "invalid_token", told)}
        raise OktaProblem(401, "E0000011", "Invalid token provided", headers=headers)
    scopes = frozenset(row["scopes"].split())
    if row["user_id"] is None:
        return Principal("app", row["client_id"], scopes, row["client_id"], app_actor(org, row["client_id"]))
    return Principal("user", row["user_id"], scopes, row["client_id"], user_actor(org, row["user_id"]))


def require(principal: Principal, scope: str, request: Request) -> None:
    """Let the caller go on if a scope allows it; managing includes reading.

    Raises:
        OktaProblem: none does: 403, an empty body, and the missing scope in a header.
    """
    sufficient = {scope, scope.removesuffix(".read") + ".manage"}
    if principal.scopes is None or principal.scopes & sufficient:
        return
    told = "The access token provided does not contain the required scopes."
    challenge = _challenge(request, "insufficient_scope", told, scope)
    raise EmptyProblem(403, {"www-authenticate": f'{challenge}, resource="{request.url.path}"'})


def _challenge(request: Request, error: str, description: str, scope: str = "") -> str:
    realm = f"http://{request.url.netloc}"
    return (
        f'Bearer authorization_uri="{realm}/oauth2/v1/authorize", realm="{realm}", scope="{scope}", '
        f'error="{error}", error_description="{description}"'
    )


def user_actor(org: Org, user_id: str) -> dict[str, Any]:
    row = org.database.one("SELECT id, login, profile FROM users WHERE id = ?", user_id)
    if row is None:
        return {"id": user_id, "type": "User", "alternateId": "unknown", "displayName": "unknown"}
    profile = json.loads(row["profile"])
    name = f"{profile['firstName']} {profile['lastName']}"
    return {"id": row["id"], "type": "User", "alternateId": row["login"], "displayName": name}


def app_actor(org: Org, client_id: str) -> dict[str, Any]:
    row = org.database.one("SELECT name FROM clients WHERE id = ?", client_id)
    name = row["name"] if row else "unknown"
    return {"id": client_id, "type": "PublicClientApp", "alternateId": client_id, "displayName": name}


def end_sessions(org: Org, user_id: str, *, tokens: bool) -> None:
    """Sign a person out everywhere, and out of apps that hold tokens too if `tokens`."""
    org.database.run("DELETE FROM sessions WHERE user_id = ?", user_id)
    if tokens:
        org.database.run("DELETE FROM access_tokens WHERE user_id = ?", user_id)
        org.database.run("DELETE FROM refresh_tokens WHERE user_id = ?", user_id)
