"""The token endpoint: four ways to come by tokens.

Handlers return refusals where the attempt itself must be remembered (a code is used up, a family is revoked), and raise
them where nothing happened.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.sandbox.authorization import cross_origin, dpop
from server.sandbox.authorization.client_authentication import authenticate_client, needs_assertion, require_grant
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.authorization.problems import OAuthProblem, invalid_client, invalid_grant, invalid_request
from server.sandbox.authorization.tables import kept
from server.sandbox.authorization.tokens import base_url, issue, revoke_family
from server.sandbox.org import Org

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
POLL_INTERVAL = 5
"""Seconds a device is told to wait between two polls."""
FASTEST_POLL = 2
"""Seconds between two polls that Okta tolerates: gimme-aws-creds waits no longer, and would fail at a `slow_down`."""

Form = Mapping[str, str]


async def form(request: Request) -> dict[str, str]:
    """The form that was sent; a field that occurs twice is no request (RFC 6749, section 3.2)."""
    sent = await request.form()
    if len(sent) != len(sent.multi_items()):
        raise invalid_request("Parameters must not be repeated.")
    return {name: value for name, value in sent.items() if isinstance(value, str)}


def token(request: Request, sent: Form) -> Response:
    org: Org = request.app.state.org
    cross_origin.require(org, request.headers)
    grant_type = sent.get("grant_type", "")
    handler = _HANDLERS.get(grant_type)
    if handler is None:
        raise OAuthProblem("unsupported_grant_type", "The authorization grant type is not supported.")
    url = f"{base_url(request)}{request.url.path}"
    client = authenticate_client(org, request.headers.get("authorization"), sent, url)
    require_grant(client, grant_type)
    thumbprint = dpop.key_to_bind(request, client)
    answer = handler(request, org, client, sent, thumbprint)
    if isinstance(answer, Response):
        return answer
    return JSONResponse(answer, headers={"dpop-nonce": dpop.nonce(org)} if thumbprint else None)


def _authorization_code(
    request: Request, org: Org, client: OAuthClient, sent: Form, thumbprint: str | None
) -> dict[str, Any] | Response:
    expired = invalid_grant("The authorization code is invalid or has expired.")
    row = org.database.one("SELECT * FROM codes WHERE code = ?", kept(sent.get("code", "")))
    if row is None or row["client_id"] != client.id:
        raise expired
    if row["family"] is not None:
        # A code that comes twice was stolen once (RFC 6749, section 4.1.2): nothing it led to stays valid.
        revoke_family(org, row["family"])
        return expired.response()
    family = hashlib.sha256(row["code"].encode()).hexdigest()[:16]
    org.database.run("UPDATE codes SET family = ? WHERE code = ?", family, row["code"])
    if row["ends"] <= org.clock():
        return expired.response()
    if row["redirect_uri"] != sent.get("redirect_uri"):
        told = "The 'redirect_uri' does not match the redirection URI used in the authorization request."
        return invalid_grant(told).response()
    if row["challenge"] and not hmac.compare_digest(_challenge(sent.get("code_verifier", "")), row["challenge"]):
        return invalid_grant("PKCE verification failed.").response()
    return issue(
        request,
        client,
        row["scopes"].split(),
        user_id=row["user_id"],
        family=family,
        nonce=row["nonce"],
        signed_in=row["signed_in"],
        thumbprint=thumbprint,
    )


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _refresh_token(
    request: Request, org: Org, client: OAuthClient, sent: Form, thumbprint: str | None
) -> dict[str, Any] | Response:
    refused = invalid_grant("The refresh token is invalid or expired.")
    token, now = sent.get("refresh_token", ""), org.clock()
    row = org.database.one("SELECT * FROM refresh_tokens WHERE token = ?", kept(token))
    if row is None or row["client_id"] != client.id or row["ends"] <= now:
        raise refused
    if row["replaced"] is not None and now > row["replaced"] + client.leeway:
        revoke_family(org, row["family"])
        return refused.response()
    user = org.database.one("SELECT status FROM users WHERE id = ?", row["user_id"])
    if user is None or user["status"] in ("DEPROVISIONED", "SUSPENDED"):
        raise refused
    held = row["scopes"].split()
    wanted = sent["scope"].split() if sent.get("scope") else held
    if not set(wanted) <= set(held):
        raise OAuthProblem("invalid_scope", "One or more scopes are not configured for the refresh token.")
    if client.rotates and row["replaced"] is None:
        org.database.run("UPDATE refresh_tokens SET replaced = ? WHERE token = ?", now, row["token"])
    return issue(
        request,
        client,
        wanted,
        user_id=row["user_id"],
        family=row["family"],
        signed_in=row["signed_in"],
        refresh_token=None if client.rotates else token,
        thumbprint=thumbprint,
    )


def _client_credentials(
    request: Request, org: Org, client: OAuthClient, sent: Form, thumbprint: str | None
) -> dict[str, Any]:
    if client.type != "service":
        raise invalid_client(
            "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' "
            "with the Org Authorization Server."
        )
    if client.auth_method != "private_key_jwt":
        raise needs_assertion()
    wanted = sent.get("scope", "").split()
    if not wanted:
        raise invalid_request("The request is missing the 'scope' parameter.")
    if not set(wanted) <= client.scopes:
        raise OAuthProblem(
            "invalid_scope", "One or more scopes are not configured for the authorization server resource."
        )
    return issue(request, client, wanted, thumbprint=thumbprint)


def _device_code(
    request: Request, org: Org, client: OAuthClient, sent: Form, thumbprint: str | None
) -> dict[str, Any] | Response:
    row = org.database.one("SELECT * FROM device_codes WHERE code = ?", kept(sent.get("device_code", "")))
    if row is None or row["client_id"] != client.id:
        raise invalid_grant("The device code is invalid or has expired.")
    now = org.clock()
    if row["ends"] <= now:
        raise OAuthProblem("expired_token", "The device code has expired.")
    if row["status"] == "denied":
        told = "The resource owner or authorization server denied the request."
        raise OAuthProblem("access_denied", told)
    if row["status"] == "pending":
        org.database.run("UPDATE device_codes SET polled = ? WHERE code = ?", now, row["code"])
        if row["polled"] is not None and now < row["polled"] + FASTEST_POLL:
            told = "Slow down the polling frequency. Please try again later."
            return OAuthProblem("slow_down", told).response()
        told = "The device authorization is pending. Please try again later."
        return OAuthProblem("authorization_pending", told).response()
    org.database.run("DELETE FROM device_codes WHERE code = ?", row["code"])
    scopes = row["scopes"].split()
    return issue(request, client, scopes, user_id=row["user_id"], signed_in=row["signed_in"], thumbprint=thumbprint)


_HANDLERS: dict[str, Callable[[Request, Org, OAuthClient, Form, str | None], dict[str, Any] | Response]] = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
    DEVICE_CODE: _device_code,
}


def revoke(request: Request, sent: Form) -> Response:
    """RFC 7009: 200 whether or not there was such a token; a refresh token takes its access tokens with it."""
    org: Org = request.app.state.org
    authenticate_client(org, request.headers.get("authorization"), sent, f"{base_url(request)}{request.url.path}")
    if not sent.get("token"):
        raise invalid_request("The 'token' parameter is missing.")
    held = kept(sent["token"])
    org.database.run("DELETE FROM access_tokens WHERE token = ?", held)
    if row := org.database.one("SELECT family FROM refresh_tokens WHERE token = ?", held):
        revoke_family(org, row["family"])
    return Response(status_code=200)


def introspect(request: Request, sent: Form) -> Response:
    """RFC 7662."""
    org: Org = request.app.state.org
    client = authenticate_client(
        org, request.headers.get("authorization"), sent, f"{base_url(request)}{request.url.path}"
    )
    held, now = kept(sent.get("token", "")), org.clock()
    row = org.database.one("SELECT *, 'access' AS kind FROM access_tokens WHERE token = ?", held) or org.database.one(
        "SELECT *, 'refresh' AS kind FROM refresh_tokens WHERE token = ? AND replaced IS NULL", held
    )
    if row is None or row["client_id"] != client.id or row["ends"] <= now:
        return JSONResponse({"active": False})
    user = org.database.one("SELECT login FROM users WHERE id = ?", row["user_id"])
    told: dict[str, Any] = {
        "active": True,
        "scope": row["scopes"],
        "client_id": client.id,
        "sub": user["login"] if user else client.id,
        "exp": int(row["ends"]),
        "iss": base_url(request),
        "aud": base_url(request),
    }
    if row["kind"] == "access":
        told |= {"token_type": "Bearer", "iat": int(row["issued"]), "jti": row["jti"]}
    if user:
        told |= {"username": user["login"], "uid": row["user_id"]}
    return JSONResponse(told)
