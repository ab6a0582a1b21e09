"""The key that the org signs its tokens with."""

from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from server.sandbox.authorization.clients import new_key_id
from server.sandbox.org import Org

ALGORITHM = "RS256"


def _make() -> dict[str, Any]:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return dict(key.as_dict(private=True))


def make() -> tuple[dict[str, Any], dict[str, Any]]:
    """A key pair for an app, private and public, as Okta's Admin Console makes them: RSA, with a kid of its choice.

    RSA because Okta's own SDKs sign with nothing else.
    """
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM, "kid": new_key_id()})
    return dict(key.as_dict(private=True)), dict(key.as_dict(private=False))


def prepare(org: Org) -> None:
    """Make the key now, so that no request waits for it."""
    org.fact("signing_key", _make)


@lru_cache(maxsize=8)
def _key(thumbprint: str, *members: tuple[str, str]) -> RSAKey:
    return RSAKey.import_key(dict(members))


def _signing_key(org: Org) -> RSAKey:
    jwk: dict[str, str] = org.fact("signing_key", _make)
    return _key(jwk["kid"], *sorted(jwk.items()))


def public_keys(org: Org) -> dict[str, Any]:
    return {"keys": [_signing_key(org).as_dict(private=False)]}


def sign(org: Org, claims: dict[str, Any], typ: str = "JWT") -> str:
    key = _signing_key(org)
    return jwt.encode({"alg": ALGORITHM, "kid": str(key.kid), "typ": typ}, claims, key)


def audience(org: Org, token: str) -> str | None:
    """Whom a token of ours was made for, whether or not it has expired; None if it is none of ours."""
    try:
        claims = jwt.decode(token, _signing_key(org), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        return None
    return str(claims.get("aud"))
