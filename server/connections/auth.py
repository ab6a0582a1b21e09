"""Puts a connection's credentials on each request to Okta."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import httpx2

from server.connections.keeper import TokenKeeper
from server.connections.models import Tokens

if TYPE_CHECKING:
    from server.connections.dpop import Prover


NO_FEATURE = "E0000015"
"""Okta's code for a feature that the org does not have, which it answers with 401 as if a token were wrong."""


class ConnectionAuth(httpx2.Auth):
    """Sends the connection's access token, and retries once with a new one if Okta refuses it or misses a scope."""

    def __init__(self, keeper: TokenKeeper) -> None:
        self._keeper = keeper

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        prover = await self._keeper.prover()
        tokens = await self._keeper.tokens()
        _sign(request, tokens, prover)
        response = yield request
        if response.status_code == 401 and prover is not None and prover.learn(response, tokens.access_token):
            _sign(request, tokens, prover)
            response = yield request
        if response.status_code == 401 and not await _lacks_a_feature(response):
            fresh = await self._keeper.tokens(rejected=tokens.access_token)
            if fresh.access_token != tokens.access_token:
                tokens = fresh
                _sign(request, tokens, prover)
                response = yield request
        if response.status_code == 403 and (lacked := _lacked(response)):
            # Okta has done nothing, so the request may be sent again.
            wider = await self._keeper.with_scope(lacked, tokens.access_token)
            if wider is not None:
                _sign(request, wider, prover)
                yield request


class FixedAuth(httpx2.Auth):
    """Sends one fixed access token or API token on each request."""

    def __init__(self, tokens: Tokens, prover: "Prover | None" = None) -> None:
        self._tokens = tokens
        self._prover = prover

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        _sign(request, self._tokens, self._prover)
        response = yield request
        if response.status_code == 401 and self._prover and self._prover.learn(response, self._tokens.access_token):
            _sign(request, self._tokens, self._prover)
            yield request


async def _lacks_a_feature(response: httpx2.Response) -> bool:
    """Whether Okta refuses because the org does not have what was asked for: another token would not help."""
    await response.aread()
    return NO_FEATURE.encode() in response.content


def _lacked(response: httpx2.Response) -> str:
    """The scope that Okta misses in the token (RFC 6750, section 3.1), or several, any one of which is enough."""
    challenge = response.headers.get("www-authenticate", "")
    return challenge.partition('scope="')[2].partition('"')[0] if "insufficient_scope" in challenge else ""


def _sign(request: httpx2.Request, tokens: Tokens, prover: "Prover | None") -> None:
    request.headers["authorization"] = f"{tokens.kind} {tokens.access_token}"
    if prover is not None:
        request.headers["dpop"] = prover.proof(request.method, request.url, tokens.access_token)
