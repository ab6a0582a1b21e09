"""Proofs of possession (RFC 9449): who presents a token bound to a key shows that they hold the key."""

import base64
import hashlib
import hmac
import json
import secrets
from urllib.parse import unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.requests import Request
from starlette.responses import Response

from server.sandbox.authorization.clients import ALGORITHMS, OAuthClient
from server.sandbox.authorization.problems import OAuthProblem
from server.sandbox.authorization.tables import kept
from server.sandbox.org import Org

LONGEST_AGE = 300
NONCE_LIFETIME = 24 * 3600
"""Both in seconds."""

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS)
_REGISTRY.max_header_length = 4096


class BadProof(Exception):
    """What is wrong with a proof, in Okta's words as far as they are known."""


class NonceWanted(OAuthProblem):
    """The proof must hold a nonce of ours, which comes with this."""

    def __init__(self, nonce: str) -> None:
        super().__init__("use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
        self._nonce = nonce

    def response(self) -> Response:
        response = super().response()
        response.headers["dpop-nonce"] = self._nonce
        return response


def key_to_bind(request: Request, client: OAuthClient) -> str | None:
    """The thumbprint of the key that a token is to be bound to; None where neither side wants that.

    Raises:
        OAuthProblem: the app demands a proof and there is none, or the proof is no good.
    """
    if "dpop" not in request.headers:
        if client.dpop:
            raise OAuthProblem("invalid_dpop_proof", "The DPoP proof JWT header is missing.")
        return None
    org: Org = request.app.state.org
    try:
        claims, thumbprint = _verified(request)
    except BadProof as error:
        raise OAuthProblem("invalid_dpop_proof", str(error)) from None
    if claims.get("nonce") not in (nonce(org), nonce(org, -1)):
        raise NonceWanted(nonce(org))
    return thumbprint


def prepare(org: Org) -> None:
    """Make the key of the nonces, before the first refusal, with which it would be undone."""
    nonce(org)


def nonce(org: Org, windows: int = 0) -> str:
    """The nonce of the time, or of `windows` of a day later."""
    key: str = org.fact("dpop_nonce_key", lambda: secrets.token_hex(16))
    window = int(org.clock() // NONCE_LIFETIME) + windows
    return hmac.new(key.encode(), str(window).encode(), hashlib.sha256).hexdigest()[:32]


def verify_for_resource(request: Request, access_token: str, thumbprint: str) -> None:
    """Let a request pass whose proof is for this token, made with the key that the token is bound to.

    Raises:
        BadProof: it is not.
    """
    claims, held = _verified(request)
    digest = hashlib.sha256(access_token.encode()).digest()
    if claims.get("ath") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        raise BadProof("The DPoP proof's ath does not match the access token.")
    if not hmac.compare_digest(held, thumbprint):
        raise BadProof("The DPoP proof is not signed with the key that the token is bound to.")


def _verified(request: Request) -> tuple[dict[str, object], str]:
    """The claims of a request's one proof, and the thumbprint of its key."""
    org: Org = request.app.state.org
    sent = request.headers.getlist("dpop")
    if len(sent) != 1:
        raise BadProof("The DPoP proof JWT header must occur once.")
    try:
        header = json.loads(_decoded(sent[0].split(".")[0]))
        jwk = header["jwk"]
        if header.get("typ") != "dpop+jwt" or header.get("alg") not in ALGORITHMS or "d" in jwk:
            raise BadProof("The DPoP proof JWT's header is not valid.")
        key = (RSAKey if jwk.get("kty") == "RSA" else ECKey).import_key(jwk)
        claims = jwt.decode(sent[0], key, algorithms=ALGORITHMS, registry=_REGISTRY).claims
    except (JoseError, ValueError, KeyError, TypeError, IndexError):
        raise BadProof("The DPoP proof JWT is not valid.") from None
    if claims.get("htm") != request.method:
        raise BadProof("The DPoP proof's htm does not match the request's method.")
    # Compared as RFC 3986 would, in which %40 and @ are the same (RFC 9449, section 4.3).
    if unquote(str(claims.get("htu"))) != unquote(str(request.url.replace(query="", fragment=""))):
        raise BadProof("The DPoP proof's htu does not match the request's URL.")
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or abs(org.clock() - issued) > LONGEST_AGE:
        raise BadProof("The DPoP proof was not issued recently.")
    if not isinstance(claims.get("jti"), str):
        raise BadProof("The DPoP proof has no jti.")
    org.database.run("DELETE FROM assertions WHERE ends < ?", org.clock())
    row = (kept(f"dpop {claims['jti']}"), org.clock() + LONGEST_AGE)
    if not org.database.run("INSERT OR IGNORE INTO assertions VALUES (?, ?)", *row).rowcount:
        raise BadProof("The DPoP proof has already been used.")
    return claims, key.thumbprint()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
