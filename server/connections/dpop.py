"""Proofs of possession (RFC 9449): a token that is bound to a key is worth nothing without it."""

import base64
import hashlib
import time
from email.utils import parsedate_to_datetime
from uuid import uuid4

import httpx2
from joserfc import jwt
from joserfc.jws import JWSRegistry

from server.connections.keys import Key, algorithm, parsed
from server.connections.models import Credentials

# A proof's header holds a public key; an RSA one is longer than joserfc's limit.
_REGISTRY = JWSRegistry(algorithms=["ES256", "ES384", "ES512", "RS256"])
_REGISTRY.max_header_length = 4096


def prover_of(credentials: Credentials) -> "Prover | None":
    """The prover for the key that tokens are bound to; None if they are not bound."""
    return Prover(parsed(credentials.dpop_key)) if credentials.dpop_key else None


TOLERANCE = 5.0
"""Seconds by which two clocks may differ unnoticed: `Date` has whole seconds, and an answer takes a while."""


def clock_offset(response: httpx2.Response) -> float | None:
    """Seconds that a server's clock is ahead of ours, by its `Date`; 0 within the tolerance."""
    try:
        offset = parsedate_to_datetime(response.headers["date"]).timestamp() - time.time()
    except (KeyError, ValueError, TypeError):
        return None
    return offset if abs(offset) > TOLERANCE else 0.0


class Prover:
    """Signs proofs with one key, and remembers the nonce that each server requires."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._jwk = key.as_dict(private=False)
        self._public = {name: self._jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in self._jwk}
        self._nonces: dict[str, str] = {}
        self.clock_offset = 0.0
        """Seconds that Okta's clock is ahead of ours."""

    def proof(self, method: str, url: httpx2.URL | str, access_token: str | None = None) -> str:
        """A proof for one request; with `access_token` for a resource, without for the token endpoint."""
        url = httpx2.URL(url)
        claims: dict[str, object] = {
            "jti": str(uuid4()),
            "htm": method,
            "htu": str(url.copy_with(query=None, fragment=None)),
            "iat": int(time.time() + self.clock_offset),
        }
        if access_token is not None:
            digest = hashlib.sha256(access_token.encode("ascii")).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if nonce := self._nonces.get(self._place(url, access_token)):
            claims["nonce"] = nonce
        header = {"typ": "dpop+jwt", "alg": algorithm(self._key), "jwk": self._public}
        return jwt.encode(header, claims, self._key, registry=_REGISTRY)

    def learn(self, response: httpx2.Response, access_token: str | None = None) -> bool:
        """Learn a server's nonce and time. Returns whether either is new, so that a retry helps."""
        return self._learn_nonce(response, access_token) | self._learn_time(response)

    def _learn_time(self, response: httpx2.Response) -> bool:
        offset = clock_offset(response)
        if offset is None or abs(offset - self.clock_offset) <= TOLERANCE:
            return False
        self.clock_offset = offset
        return True

    def _learn_nonce(self, response: httpx2.Response, access_token: str | None) -> bool:
        nonce = response.headers.get("dpop-nonce")
        place = self._place(response.request.url, access_token)
        if not nonce or len(nonce) > 1024 or self._nonces.get(place) == nonce:
            return False
        self._nonces[place] = nonce
        return True

    @staticmethod
    def _place(url: httpx2.URL, access_token: str | None) -> str:
        # The token endpoint and the API behind the same name keep nonces of their own (RFC 9449, section 8.2).
        return f"{url.netloc.decode()} {'api' if access_token else 'token'}"
