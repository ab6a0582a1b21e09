"""Tokens: what a grant is answered with, and how each is remembered and revoked."""

import json
import secrets
from sqlite3 import Row
from typing import Any

from starlette.requests import Request

from server.sandbox.authorization.access import app_actor, user_actor
from server.sandbox.authorization.clients import OAuthClient
from server.sandbox.authorization.keys import sign
from server.sandbox.authorization.tables import kept
from server.sandbox.identifiers import new_id
from server.sandbox.log import record
from server.sandbox.org import Org
from server.sandbox.profiles import full_name

REFRESH_LIFETIME = 90 * 24 * 3600
"""Seconds."""


def base_url(request: Request) -> str:
    """The org's URL as the caller reached it, which is also the issuer."""
    return str(request.base_url).rstrip("/")


def issue(
    request: Request,
    client: OAuthClient,
    scopes: list[str],
    *,
    user_id: str | None = None,
    family: str | None = None,
    nonce: str | None = None,
    signed_in: float | None = None,
    refresh_token: str | None = None,
    thumbprint: str | None = None,
) -> dict[str, Any]:
    """The token endpoint's answer (RFC 6749, section 5.1).

    A refresh token is made if the scopes ask for one, unless `refresh_token` is one that goes on to be used.
    """
    org: Org = request.app.state.org
    issuer, now, family = base_url(request), org.clock(), family or secrets.token_hex(8)
    user = org.database.one("SELECT * FROM users WHERE id = ?", user_id) if user_id else None
    claims: dict[str, Any] = {
        "ver": 1,
        "jti": f"AT.{secrets.token_urlsafe(32)}",
        "iss": issuer,
        "aud": issuer,
        "sub": user["login"] if user else client.id,
        "iat": int(now),
        "exp": int(now) + client.access_lifetime,
        "cid": client.id,
        "scp": scopes,
    }
    if user:
        claims |= {"uid": user["id"], "auth_time": int(signed_in or now)}
    if thumbprint:
        claims["cnf"] = {"jkt": thumbprint}
    access_token = sign(org, claims, "application/okta-internal-at+jwt")
    org.database.run(
        "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(kept(access_token), claims["jti"], family, client.id, user_id, " ".join(scopes)),
        *(now, now + client.access_lifetime, thumbprint),
    )
    answer: dict[str, Any] = {
        "token_type": "DPoP" if thumbprint else "Bearer",
        "expires_in": client.access_lifetime,
        "access_token": access_token,
        "scope": " ".join(scopes),
    }
    actor = user_actor(org, user_id) if user_id else app_actor(org, client.id)
    record(org, request, "app.oauth2.token.grant.access_token", app_actor(org, client.id), actor=actor)
    if user and "offline_access" in scopes and "refresh_token" in client.grant_types:
        answer["refresh_token"] = refresh_token or _refresh_token(org, client, user["id"], family, scopes, signed_in)
        record(org, request, "app.oauth2.token.grant.refresh_token", app_actor(org, client.id), actor=actor)
    if user and "openid" in scopes:
        answer["id_token"] = sign(org, _identity(issuer, client, user, scopes, nonce, now, signed_in or now))
    return answer


def _refresh_token(
    org: Org, client: OAuthClient, user_id: str, family: str, scopes: list[str], signed_in: float | None
) -> str:
    token = secrets.token_urlsafe(32)
    now = org.clock()
    org.database.run(
        "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)",
        *(kept(token), family, client.id, user_id, " ".join(scopes), signed_in or now, now + REFRESH_LIFETIME),
        *(new_id("oar"), now),
    )
    return token


def _identity(
    issuer: str, client: OAuthClient, user: Row, scopes: list[str], nonce: str | None, now: float, signed_in: float
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core, section 2)."""
    return {
        "ver": 1,
        "jti": f"ID.{secrets.token_urlsafe(32)}",
        "iss": issuer,
        "aud": client.id,
        "iat": int(now),
        "exp": int(now) + 3600,
        "auth_time": int(signed_in),
        "amr": ["pwd"],
        "idp": "00o",
        **({"nonce": nonce} if nonce else {}),
        **about(user, scopes),
    }


_NAMES = {"given_name": "firstName", "family_name": "lastName"}


def about(user: Row, scopes: list[str]) -> dict[str, Any]:
    """What may be told about a person (OpenID Connect Core, section 5.4)."""
    profile = json.loads(user["profile"])
    claims = {"sub": user["id"]}
    if "profile" in scopes:
        claims |= {
            "preferred_username": user["login"],
            "name": full_name(profile),
            **{claim: profile[name] for claim, name in _NAMES.items() if profile.get(name)},
        }
    if "email" in scopes:
        claims |= {"email": profile["email"], "email_verified": True}
    return claims


def revoke_family(org: Org, family: str) -> None:
    """Everything that one sign-in led to."""
    org.database.run("DELETE FROM access_tokens WHERE family = ?", family)
    org.database.run("DELETE FROM refresh_tokens WHERE family = ?", family)
