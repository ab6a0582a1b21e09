"""The apps that may ask for tokens, and how each proves who it is."""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from server.sandbox.authorization.problems import OAuthProblem, invalid_client
from server.sandbox.authorization.tables import kept
from server.sandbox.identifiers import new_id
from server.sandbox.org import Org

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
LONGEST_ASSERTION = 3600
"""Seconds."""


@dataclass(frozen=True)
class Client:
    """An app of the org. `scopes` are the okta.* scopes that an administrator granted to it."""

    id: str
    name: str
    secret: str | None
    redirect_uris: tuple[str, ...]
    grant_types: frozenset[str]
    scopes: frozenset[str]
    jwks: KeySetSerialization
    rotates: bool
    leeway: int
    access_lifetime: int
    dpop: bool
    """Whether its tokens must be bound to a key."""
    role: str | None
    """The administrator role that the app itself has."""


def register_client(
    org: Org,
    name: str,
    *,
    grant_types: Sequence[str] = ("authorization_code", "refresh_token"),
    redirect_uris: Sequence[str] = (),
    scopes: Sequence[str] = (),
    secret: bool = True,
    jwks: Mapping[str, Any] | None = None,
    rotates: bool = True,
    leeway: int = 30,
    access_lifetime: int = 3600,
    dpop: bool = False,
    role: str | None = "ORG_ADMIN",
) -> tuple[str, str | None]:
    """A new app: its client id, and its client secret unless it is public or has keys. Lifetimes are in seconds."""
    id = new_id("0oa")
    made = secrets.token_urlsafe(48) if secret and jwks is None else None
    with org.database.transaction():
        org.database.run(
            "INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(id, name, kept(made) if made else None, json.dumps(list(redirect_uris)), json.dumps(list(grant_types))),
            *(" ".join(scopes), json.dumps(jwks or {"keys": []}), rotates, leeway, access_lifetime),
            *(dpop, role),
        )
    return id, made


def find(org: Org, id: str | None) -> Client | None:
    row = org.database.one("SELECT * FROM clients WHERE id = ?", id)
    if row is None:
        return None
    return Client(
        id=row["id"],
        name=row["name"],
        secret=row["secret"],
        redirect_uris=tuple(json.loads(row["redirect_uris"])),
        grant_types=frozenset(json.loads(row["grant_types"])),
        scopes=frozenset(row["scopes"].split()),
        jwks=json.loads(row["jwks"]),
        rotates=bool(row["rotates"]),
        leeway=row["leeway"],
        access_lifetime=row["access_lifetime"],
        dpop=bool(row["dpop"]),
        role=row["role"],
    )


def authenticate_client(org: Org, authorization: str | None, form: Mapping[str, str], url: str) -> Client:
    """The client that sent a form: by Basic, by a secret in the form, by a signed assertion, or, if public, by its id.

    Raises:
        OAuthProblem: it is unknown, or does not prove that it is who it says.
    """
    if form.get("client_assertion_type") == ASSERTION_TYPE:
        return _by_assertion(org, form.get("client_assertion", ""), url)
    id, secret = _basic(authorization) if authorization else (form.get("client_id"), form.get("client_secret"))
    client = find(org, id)
    if client is None:
        raise invalid_client("Invalid value for 'client_id' parameter.")
    if client.jwks["keys"]:
        raise invalid_client(
            "Client Credentials requests to the Org Authorization Server must use the private_key_jwt "
            "token_endpoint_auth_method."
        )
    if client.secret is not None and not hmac.compare_digest(kept(secret or ""), client.secret):
        raise invalid_client("The client secret supplied for a confidential client is invalid.")
    return client


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = ""
    if scheme.lower() != "basic":
        raise invalid_client("The authorization header is malformed.")
    return unquote_plus(id), unquote_plus(secret)


def _by_assertion(org: Org, assertion: str, url: str) -> Client:
    """RFC 7523: signed with one of the client's keys, for this endpoint, short-lived, used once."""
    client, now = find(org, _unverified_subject(assertion)), org.clock()
    if client is None:
        raise invalid_client("Invalid value for 'client_id' parameter.")
    try:
        claims = jwt.decode(assertion, KeySet.import_key_set(client.jwks), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError):
        raise invalid_client("The client_assertion signature is invalid.") from None
    if claims.get("iss") != claims.get("sub"):
        raise invalid_client("The client_assertion's iss and sub claims must be the client_id.")
    audience = claims.get("aud")
    if url not in (audience if isinstance(audience, list) else [audience]):
        raise invalid_client("The audience claim for client_assertion must be the endpoint invoked for the request.")
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires <= now:
        raise invalid_client("The client_assertion token is expired.")
    if expires > now + LONGEST_ASSERTION:
        raise invalid_client("The client_assertion token has an expiration too far into the future.")
    if jti := claims.get("jti"):
        org.database.run("DELETE FROM assertions WHERE ends < ?", now)
        used = org.database.run("INSERT OR IGNORE INTO assertions VALUES (?, ?)", kept(f"{client.id} {jti}"), expires)
        if not used.rowcount:
            raise invalid_client("The client_assertion token has already been used.")
    return client


def _unverified_subject(assertion: str) -> str | None:
    """Whose assertion this claims to be; the signature decides whether it is."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        raise invalid_client("The client_assertion is not a JWT.") from None
    return claims.get("sub") if isinstance(claims, dict) else None


def require_grant(client: Client, grant_type: str) -> None:
    """Raise OAuthProblem unless the app's settings allow the grant."""
    if grant_type not in client.grant_types:
        raise OAuthProblem("unauthorized_client", "The client is not authorized to use the provided grant type.")
