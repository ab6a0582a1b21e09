"""Which other sites' pages may call the authorization server: those that a redirect URI of an app belongs to (CORS)."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from server.sandbox.authorization.problems import invalid_request
from server.sandbox.org import Org

PATHS = frozenset(
    {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        *(f"/oauth2/v1/{name}" for name in ("token", "revoke", "introspect", "keys", "userinfo")),
    }
)


def allowed(org: Org, origin: str) -> bool:
    for row in org.database.all("SELECT redirect_uris FROM clients"):
        for uri in json.loads(row["redirect_uris"]):
            parts = urlsplit(uri)
            if f"{parts.scheme}://{parts.netloc}" == origin:
                return True
    return False


def headers(org: Org, path: str, sent: Mapping[str, str]) -> dict[str, str]:
    """What an answer tells the browser that asked for a page of another site."""
    origin = sent.get("origin", "")
    if path not in PATHS or not origin or not allowed(org, origin):
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": sent.get("access-control-request-headers", "Content-Type"),
        "access-control-expose-headers": "DPoP-Nonce, WWW-Authenticate, X-Okta-Request-Id",
        "vary": "Origin",
    }


def require(org: Org, sent: Mapping[str, str]) -> None:
    """Refuse a token to a page that no app belongs to.

    Raises:
        OAuthProblem: the request comes from such a page.
    """
    origin = sent.get("origin")
    if origin and not allowed(org, origin):
        told = "Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri."
        raise invalid_request(told)
