"""How an app proves at the token endpoint who it is."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.sandbox.authorization.clients import ALGORITHMS, ASSERTION_TYPE, OAuthClient, find_active
from server.sandbox.authorization.problems import OAuthProblem, invalid_client, invalid_request
from server.sandbox.authorization.tables import kept
from server.sandbox.org import Org

LONGEST_ASSERTION = 3600
"""Seconds."""


def authenticate_client(org: Org, authorization: str | None, form: Mapping[str, str], url: str) -> OAuthClient:
    """The client that sent a form: by Basic, by a secret in the form, by a signed assertion, or, if public, by its id.

    Raises:
        OAuthProblem: it is unknown, or does not prove that it is who it says.
    """
    if "client_assertion_type" in form:
        if form["client_assertion_type"] != ASSERTION_TYPE:
            raise invalid_request("The client_assertion_type is invalid.")
        return _by_assertion(org, form.get("client_assertion", ""), url)
    id, secret = _basic(authorization) if authorization else (form.get("client_id"), form.get("client_secret"))
    client = find_active(org, id)
    if client is None:
        raise invalid_client("Invalid value for 'client_id' parameter.")
    if client.auth_method == "private_key_jwt":
        raise needs_assertion()
    held = kept(secret or "")
    if not client.public and not any(hmac.compare_digest(held, one) for one in client.secrets):
        raise invalid_client("The client secret supplied for a confidential client is invalid.")
    return client


def needs_assertion() -> OAuthProblem:
    return invalid_client(
        "OAuthClient Credentials requests to the Org Authorization Server must use the private_key_jwt "
        "token_endpoint_auth_method."
    )


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = ""
    if scheme.lower() != "basic":
        raise invalid_client("The authorization header is malformed.")
    return unquote_plus(id), unquote_plus(secret)


def _by_assertion(org: Org, assertion: str, url: str) -> OAuthClient:
    """RFC 7523: signed with one of the client's keys, for this endpoint, short-lived, used once."""
    header, unproven = _parts(assertion)
    client, now = find_active(org, unproven.get("sub")), org.clock()
    if client is None:
        raise invalid_client("Invalid value for 'client_id' parameter.")
    claims = _signed_claims(client, assertion, header.get("kid"))
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


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims, on trust: the signature decides whether they are true."""
    try:
        header, claims = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in assertion.split(".")[:2]
        )
    except ValueError:
        raise invalid_client("The client_assertion is not a JWT.") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise invalid_client("The client_assertion is not a JWT.")
    return header, claims


def _signed_claims(client: OAuthClient, assertion: str, kid: object) -> dict[str, Any]:
    """The claims, if one of the client's keys signed them: the one that the header names, if it names one."""
    if not client.keys:
        told = "The client does not have a JWKSet configured, but the client_assertion requires one."
        raise invalid_client(told)
    named = [jwk for jwk in client.keys if kid is None or jwk.get("kid") == kid]
    if not named:
        raise invalid_client("The client_assertion JWT kid is invalid.")
    for jwk in named:
        try:
            (key,) = KeySet.import_key_set({"keys": [jwk]}).keys
            return dict(jwt.decode(assertion, key, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError):
            continue
    raise invalid_client("The client_assertion signature is invalid.")


def require_grant(client: OAuthClient, grant_type: str) -> None:
    """Raise OAuthProblem unless the app's settings allow the grant."""
    if grant_type not in client.grant_types:
        raise OAuthProblem("unauthorized_client", "The client is not authorized to use the provided grant type.")
