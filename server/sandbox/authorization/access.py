"""Who calls the management API, and what they may do there."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request

from server.sandbox.authorization.assignments import allows, held
from server.sandbox.authorization.clients import ALGORITHMS
from server.sandbox.authorization.dpop import BadProof, verify_for_resource
from server.sandbox.authorization.tables import kept
from server.sandbox.org import Org
from server.sandbox.problems import EmptyProblem, OktaProblem, forbidden, invalid_session
from server.sandbox.profiles import full_name

_AUTHORIZATION = re.compile(r"(SSWS|Bearer|DPoP) *(.*)")


@dataclass(frozen=True)
class TokenHolder:
    """A caller: an API token with all of its owner's rights, a user through an app, or an app itself.

    `scopes` is None where no scopes limit what may be called. `actor` is the caller as the System Log names it.
    """

    kind: Literal["token", "user", "app"]
    id: str
    scopes: frozenset[str] | None
    client_id: str | None
    actor: dict[str, Any]


def authenticate(request: Request) -> TokenHolder:
    """The caller, by the `Authorization` header.

    Raises:
        OktaProblem: there is no such header, or what it carries is not valid (any more).
    """
    scheme, credential = sent_credential(request)
    if scheme == "SSWS":
        principal = _by_api_token(request, credential)
    elif scheme in ("Bearer", "DPoP"):
        principal = _by_access_token(request, credential, scheme)
    else:
        raise invalid_session()
    request.state.principal = principal
    return principal


def sent_credential(request: Request) -> tuple[str, str]:
    """The scheme and what follows it. Okta's own SDKs leave out the blank between the two, and Okta does not mind."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", "").strip())
    return (found[1], found[2]) if found else ("", "")


def _by_api_token(request: Request, token: str) -> TokenHolder:
    org: Org = request.app.state.org
    row = org.database.one("SELECT user_id FROM api_tokens WHERE token = ?", kept(token))
    if row is None:
        raise OktaProblem(401, "E0000011", "Invalid token provided", headers={"www-authenticate": "SSWS"})
    return TokenHolder("token", row["user_id"], None, None, user_actor(org, row["user_id"]))


def _by_access_token(request: Request, token: str, scheme: str) -> TokenHolder:
    org: Org = request.app.state.org
    row = org.database.one("SELECT * FROM access_tokens WHERE token = ?", kept(token))
    if row is None or row["ends"] <= org.clock():
        told = "The token has expired." if row is not None else "The access token is invalid."
        headers = {"www-authenticate": _challenge(request, "invalid_token", told)}
        raise OktaProblem(401, "E0000011", "Invalid token provided", headers=headers)
    if (problem := possession_problem(request, token, scheme, row["thumbprint"])) is not None:
        headers = {"www-authenticate": problem}
        raise OktaProblem(401, "E0000011", "Invalid token provided", headers=headers)
    scopes = frozenset(row["scopes"].split())
    if row["user_id"] is None:
        return TokenHolder("app", row["client_id"], scopes, row["client_id"], app_actor(org, row["client_id"]))
    return TokenHolder("user", row["user_id"], scopes, row["client_id"], user_actor(org, row["user_id"]))


def possession_problem(request: Request, token: str, scheme: str, thumbprint: str | None) -> str | None:
    """The challenge that answers a token without the proof that belongs to it, or with one that it has no use for."""
    if thumbprint is None:
        return None if scheme == "Bearer" else _challenge(request, "invalid_token", "The token is not bound to a key.")
    algorithms = " ".join(ALGORITHMS)
    if scheme == "Bearer":
        told = "The token is bound to a key: the DPoP scheme must be used."
        return f'DPoP algs="{algorithms}", error="invalid_token", error_description="{told}"'
    try:
        verify_for_resource(request, token, thumbprint)
    except BadProof as error:
        return f'DPoP algs="{algorithms}", error="invalid_dpop_proof", error_description="{error}"'
    return None


def require(principal: TokenHolder, scope: str, request: Request) -> None:
    """Let the caller go on if a scope allows it; managing includes reading, and "" is open to all who are known.

    Raises:
        OktaProblem: none does: 403, an empty body, and the missing scope in a header.
    """
    sufficient = {scope, scope.removesuffix(".read") + ".manage"}
    if principal.scopes is None or not scope:
        return
    if principal.scopes & sufficient:
        if not _role_allows(request.app.state.org, principal, scope):
            raise forbidden()
        return
    told = "The access token provided does not contain the required scopes."
    challenge = _challenge(request, "insufficient_scope", told, scope)
    raise EmptyProblem(403, {"www-authenticate": f'{challenge}, resource="{request.url.path}"'})


def _role_allows(org: Org, principal: TokenHolder, scope: str) -> bool:
    """Whether any of the caller's administrator roles goes as far as the scope."""
    if principal.kind == "user":
        roles = [row["type"] for row in held(org, principal.id)]
    else:
        roles = [
            row["type"] for row in org.database.all("SELECT type FROM client_roles WHERE client_id = ?", principal.id)
        ]
    return any(allows(role, scope) for role in roles)


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
    return {"id": row["id"], "type": "User", "alternateId": row["login"], "displayName": full_name(profile)}


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
