"""OAuth 2.0 and OpenID Connect against an org's own authorization server, with Authlib, and the checks it leaves to us.

Sources: RFC 6749, RFC 7636 (PKCE), RFC 7009 (revocation), RFC 9207 (`iss`), OpenID Connect Core 1.0.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tools.okta.errors import ActionError, Unreachable

TIMEOUT = httpx2.Timeout(15.0, connect=5.0)
ALGORITHMS = ["RS256"]
CLOCK_SKEW = 300
"""Seconds that this machine's clock and Okta's may differ."""


class SignInFailed(ActionError):
    """Okta refused a sign-in or a token, or answered with something that cannot be trusted."""

    code = "sign_in_failed"


class GrantRefused(SignInFailed):
    """The code or refresh token is used up, expired or revoked (RFC 6749, `invalid_grant`)."""

    code = "invalid_grant"


@dataclass(frozen=True)
class Tokens:
    """What a grant was answered with. `expires_at` is in seconds since the epoch, by this machine's clock."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class SignIn:
    """A sign-in that was begun: where to send the person, and what their return must fit."""

    url: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class AuthorizationServer:
    """One org's authorization server, as one client sees it. Use as an async context manager."""

    def __init__(self, org_url: str, client_id: str, client_secret: str | None, redirect_uri: str) -> None:
        self._issuer = org_url
        self._host = urlsplit(org_url).netloc
        self._client = AsyncOAuth2Client(
            client_id,
            client_secret,
            token_endpoint_auth_method="client_secret_basic" if client_secret else "none",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )
        # Authlib would store any JSON object as the token; only an answer that holds one may reach it.
        for hook in ("access_token_response", "refresh_token_response"):
            self._client.register_compliance_hook(hook, self._checked)
        self._metadata: dict[str, Any] | None = None

    async def __aenter__(self) -> "AuthorizationServer":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def begin(self, scopes: tuple[str, ...]) -> SignIn:
        """Start a sign-in with PKCE."""
        endpoint = await self._endpoint("authorization_endpoint")
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        url, _ = self._client.create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier, scope=" ".join(scopes)
        )
        return SignIn(url, state, nonce, verifier)

    async def finish(self, begun: SignIn, returned: Mapping[str, str]) -> tuple[Tokens, str]:
        """The tokens of a sign-in whose `state` fits, and the id of who signed in.

        Raises:
            SignInFailed: Okta or the person refused, or what came back is not what was begun.
        """
        if "error" in returned:
            raise SignInFailed(
                f"Okta refused the sign-in: {_shown(returned, 'error')}.",
                by="okta",
                next_step="Check the app's settings and the person's assignment to it, then connect again.",
            )
        if not hmac.compare_digest(returned.get("state", ""), begun.state) or "code" not in returned:
            raise SignInFailed("What the browser brought back does not belong to this sign-in.")
        if "iss" in returned and returned["iss"] != self._issuer:
            raise SignInFailed("What the browser brought back comes from another authorization server.")
        answer = await self._ask(
            self._client.fetch_token,
            await self._endpoint("token_endpoint"),
            grant_type="authorization_code",
            code=returned["code"],
            code_verifier=begun.verifier,
        )
        return _tokens(answer, None), await self._subject(str(answer.get("id_token", "")), begun.nonce)

    async def refresh(self, refresh_token: str, scopes: tuple[str, ...]) -> Tokens:
        """New tokens for a refresh token, which may be used up by that.

        Raises:
            GrantRefused: it is not accepted any more. SignInFailed, Unreachable: it may still be.
        """
        endpoint = await self._endpoint("token_endpoint")
        answer = await self._ask(self._client.refresh_token, endpoint, refresh_token=refresh_token)
        return _tokens(answer, refresh_token, scopes)

    async def revoke(self, token: str, kind: str) -> None:
        """Take a token back (RFC 7009); `kind` is `access_token` or `refresh_token`."""
        endpoint = await self._endpoint("revocation_endpoint")
        response = await self._ask(self._client.revoke_token, endpoint, token=token, token_type_hint=kind)
        if not response.is_success:
            raise self._refused(response)

    async def _subject(self, id_token: str, nonce: str) -> str:
        """Who signed in, by an ID token that is really this org's, for us, and for this sign-in."""
        keys = await self._get(await self._endpoint("jwks_uri"))
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            jwt.JWTClaimsRegistry(
                leeway=CLOCK_SKEW,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(token.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise SignInFailed(
                f"The ID token of {self._host} cannot be trusted ({type(error).__name__}); nothing was kept.",
                next_step="Check the org URL, the client ID and this machine's clock, then connect again.",
            ) from None
        return str(token.claims["sub"])

    async def _endpoint(self, name: str) -> str:
        """An address of the authorization server, from its own description of itself, checked once."""
        if self._metadata is None:
            found = await self._get(f"{self._issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise SignInFailed(
                    f"{self._host} says that it is {str(found.get('issuer'))[:100]}.",
                    code="issuer_mismatch",
                    next_step="Connect the org by that URL, if it is yours.",
                )
            self._metadata = found
        endpoint = self._metadata.get(name)
        if not isinstance(endpoint, str) or urlsplit(endpoint)[:2] != urlsplit(self._issuer)[:2]:
            raise SignInFailed(f"{self._host} names no {name} of its own.")
        return endpoint

    async def _get(self, url: str) -> dict[str, Any]:
        response = await self._ask(self._client.request, "GET", url, withhold_token=True)
        try:
            found = response.json() if response.is_success else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise SignInFailed(
                f"{self._host} is not an Okta org: {urlsplit(url).path} answered {response.status_code}.",
                code="not_an_org",
                next_step="Check the org URL; it looks like https://dev-12345.okta.com",
            )
        return found

    async def _ask(self, call: Any, *arguments: Any, **more: Any) -> Any:
        """A request, with what the network or the server say against it as our errors."""
        try:
            return await call(*arguments, **more)
        except httpx2.TransportError as error:
            raise Unreachable(
                f"{self._host} cannot be reached: {str(error)[:120] or type(error).__name__}.",
                retryable=True,
                next_step="Check the network and the org URL, then try again.",
            ) from None
        except OAuthError as error:
            raise SignInFailed(f"{self._host} refused: {error.error}. {error.description or ''}", by="okta") from None

    def _checked(self, response: httpx2.Response) -> httpx2.Response:
        """A token endpoint's answer, if it is one (RFC 6749, section 5.1)."""
        if response.is_success:
            try:
                answer = response.json()
            except ValueError:
                answer = None
            if isinstance(answer, dict) and answer.get("access_token") and answer.get("token_type"):
                return response
        raise self._refused(response)

    def _refused(self, response: httpx2.Response) -> ActionError:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        told = answer if isinstance(answer, dict) else {}
        error = str(told.get("error") or told.get("errorCode") or f"HTTP {response.status_code}")[:60]
        description = str(told.get("error_description") or told.get("errorSummary") or "")[:200]
        kind = GrantRefused if error == "invalid_grant" else SignInFailed
        passing = response.status_code == 429 or response.status_code >= 500
        request_id = response.headers.get("x-okta-request-id")
        return kind(
            f"{self._host} refused a token: {error}. {description}".strip(),
            by="okta",
            retryable=passing,
            okta_request_id=request_id,
            next_step="Check the client ID, the client secret and the app's settings."
            if error in ("invalid_client", "unauthorized_client")
            else None,
        )


def _tokens(answer: Mapping[str, Any], refresh_token: str | None, scopes: tuple[str, ...] = ()) -> Tokens:
    if str(answer["token_type"]).lower() != "bearer":
        raise SignInFailed(
            f"Okta answered with a token of the kind {answer['token_type']}, which is not supported.",
            next_step="Switch off “Require Demonstrating Proof of Possession (DPoP)” in the app's settings.",
        )
    lifetime = answer.get("expires_in")
    return Tokens(
        access_token=str(answer["access_token"]),
        refresh_token=str(answer["refresh_token"]) if answer.get("refresh_token") else refresh_token,
        expires_at=time.time() + (float(lifetime) if isinstance(lifetime, int | float) else 3600.0),
        # An answer without a scope was granted what was asked for (RFC 6749, section 5.1).
        scopes=tuple(str(answer["scope"]).split()) if answer.get("scope") else scopes,
    )


def _shown(returned: Mapping[str, str], name: str) -> str:
    """An error that came through the browser, which anybody may have written: short, and printable."""
    text = f"{returned[name]}: {returned.get(f'{name}_description', '')}".rstrip(": .")
    return "".join(c for c in text if c.isprintable())[:240]
