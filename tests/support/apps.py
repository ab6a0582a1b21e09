"""Apps of the sandbox, made over the wire as an administrator's script makes them."""

import base64
import hashlib
import secrets
import time
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from server.sandbox.authorization.clients import ASSERTION_TYPE


def register(http: httpx2.Client, **settings: Any) -> dict[str, Any]:
    answer = http.post("/oauth2/v1/clients", json=settings)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def let(http: httpx2.Client, id: str, *scopes: str) -> None:
    """Grant scopes to an app."""
    for scope in scopes:
        sent = {"scopeId": scope, "issuer": str(http.base_url).rstrip("/")}
        assert http.post(f"/api/v1/apps/{id}/grants", json=sent).status_code == 200


def token(
    http: httpx2.Client,
    id: str,
    key: RSAKey | ECKey,
    kid: str | None,
    scope: str,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """What a service app is answered that asks for a token with its key."""
    url, now = f"{str(http.base_url).rstrip('/')}/oauth2/v1/token", int(time.time())
    claims = {"iss": id, "sub": id, "aud": url, "iat": now, "exp": now + 300, "jti": secrets.token_hex(8)}
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    header = {"alg": algorithm, **({"kid": kid} if kid else {})}
    sent = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode(header, claims, key, algorithms=[algorithm]),
    }
    return httpx2.post(url, data=sent, headers=headers)


def service_app(http: httpx2.Client, key: RSAKey | ECKey, *scopes: str, dpop: bool = False) -> tuple[str, str]:
    """A service app that may administer: its client id, and the kid that the org gave its key."""
    public = {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}
    made = register(
        http,
        client_name="A service app",
        application_type="service",
        grant_types=["client_credentials"],
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [public]},
        dpop_bound_access_tokens=dpop,
    )
    let(http, made["client_id"], *scopes)
    assert http.post(f"/oauth2/v1/clients/{made['client_id']}/roles", json={"type": "ORG_ADMIN"}).status_code == 200
    return made["client_id"], made["jwks"]["keys"][0]["kid"]


def proof(key: ECKey, method: str, url: str, *, token: str = "", nonce: str = "") -> str:
    """A proof of possession (RFC 9449) for one request."""
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": secrets.token_hex(8)}
    if token:
        digest = hashlib.sha256(token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if nonce:
        claims["nonce"] = nonce
    return jwt.encode(header, claims, key, algorithms=["ES256"])
