"""OAuth 2.0 and OpenID Connect against an org's own authorization server, with Authlib, and the checks it leaves to us.

Sources: RFC 6749, RFC 7523 (assertions), RFC 7636 (PKCE), RFC 7009 (revocation), RFC 8628 (devices), RFC 9207 (`iss`),
RFC 9449 (DPoP), OpenID Connect Core 1.0.
"""

import asyncio
import hmac
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.connections.dpop import Prover, clock_offset, prover_of
from server.connections.explained import explained
from server.connections.keys import ASSERTION_TYPE, assertion, dumped, generate, key_id, parsed
from server.connections.lease import TOKEN_SECONDS
from server.connections.models import OPENID_SCOPES, Credentials, Tokens
from server.connections.network import Bounded, network
from server.connections.sign_in import DeviceSignIn, GrantRefused, SignIn, SignInFailed
from server.settings import Settings
from tools.okta.errors import ActionError, Unreachable
from tools.text.lines import readable

ALGORITHMS = ["RS256"]
CLOCK_SKEW = 300
"""Seconds that this machine's clock and Okta's may differ."""
LARGEST_ANSWER = 1024 * 1024
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_FORM = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded;charset=UTF-8"}


class _OnceMore(Exception):
    """The server requires a proof, or another nonce in it."""


class AuthorizationServer:
    """One org's authorization server, as one client sees it. Use as an async context manager."""

    def __init__(
        self,
        org_url: str,
        client_id: str,
        credentials: Credentials,
        settings: Settings,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` sends the requests; by default a pool of its own does."""
        self._issuer = org_url
        self._client_id = client_id
        self._host = urlsplit(org_url).netloc
        self.credentials = credentials
        """The client's credentials. A DPoP key is added if the app turns out to require it."""
        self._key = parsed(credentials.private_key) if credentials.private_key else None
        self._prover = prover_of(credentials)
        by_secret = credentials.client_secret and not self._key
        self._client = AsyncOAuth2Client(
            client_id,
            credentials.client_secret if by_secret else None,
            token_endpoint_auth_method="client_secret_basic" if by_secret else "none",
            redirect_uri=settings.redirect_uri,
            code_challenge_method="S256",
            timeout=httpx2.Timeout(TOKEN_SECONDS, connect=5.0),
            follow_redirects=False,
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [_bound]},
            **({"transport": transport} if transport is not None else network(settings)),
        )
        # Authlib would store any JSON object as the token, so only an answer that holds one may reach it.
        for hook in ("access_token_response", "refresh_token_response"):
            self._client.register_compliance_hook(hook, self._checked)
        self._metadata: dict[str, Any] | None = None
        self.clock_offset = 0.0
        """Seconds that Okta's clock is ahead of ours, as its `Date` tells."""

    async def __aenter__(self) -> "AuthorizationServer":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def begin(self, scopes: tuple[str, ...]) -> SignIn:
        """Start a sign-in with PKCE."""
        endpoint = await self.endpoint("authorization_endpoint")
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        url, _ = self._client.create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier, scope=" ".join(scopes)
        )
        return SignIn(url, state, nonce, verifier)

    async def finish(self, begun: SignIn, returned: Mapping[str, str]) -> tuple[Tokens, str]:
        """The tokens of a sign-in whose `state` matches, and the id of the person who signed in.

        Raises:
            SignInFailed: Okta or the person refused, or the answer does not match the sign-in.
        """
        if "error" in returned:
            error, description = (_printable(returned.get(name, "")) for name in ("error", "error_description"))
            raise SignInFailed(
                f"Okta refused the sign-in: {error}: {description}".rstrip(": ") + ".",
                by="okta",
                error=error,
                next_step=explained(error, description),
            )
        if not hmac.compare_digest(returned.get("state", "").encode(), begun.state.encode()) or "code" not in returned:
            raise SignInFailed("The browser's answer does not belong to this sign-in.")
        announced = await self._says("authorization_response_iss_parameter_supported")
        if ("iss" in returned or announced) and returned.get("iss") != self._issuer:
            issuer = _printable(returned["iss"]) if "iss" in returned else "it does not say from which"
            raise SignInFailed(
                f"The browser's answer comes from another authorization server than {self._issuer}: {issuer}.",
                next_step="Connect again; if it recurs, somebody may be intercepting the sign-in.",
            )
        answer = await self._grant("authorization_code", code=returned["code"], code_verifier=begun.verifier)
        return self._tokens(answer, None), await self._subject(str(answer.get("id_token", "")), begun.nonce)

    async def begin_on_device(self, scopes: tuple[str, ...]) -> DeviceSignIn:
        """Start a sign-in that a person completes on any other device (RFC 8628)."""
        endpoint = await self.endpoint("device_authorization_endpoint")
        response = await self._post(endpoint, scope=" ".join(scopes))
        told = self._object(response)
        if not response.is_success or "device_code" not in told:
            raise self._refused(response)
        return DeviceSignIn(
            device_code=str(told["device_code"]),
            user_code=_printable(str(told["user_code"])),
            url=self._own(str(told["verification_uri"])),
            complete_url=self._own(str(told.get("verification_uri_complete") or told["verification_uri"])),
            expires_in=float(told.get("expires_in", 600)),
            interval=float(told.get("interval", 5)),
        )

    async def finish_on_device(self, begun: DeviceSignIn) -> tuple[Tokens, str]:
        """Wait until the person has signed in, and give the tokens and who it was.

        Raises:
            SignInFailed: they denied it, or did not come in time.
        """
        ends, interval = time.monotonic() + begun.expires_in, begun.interval
        while time.monotonic() < ends:
            await asyncio.sleep(interval)
            try:
                answer = await self._grant(DEVICE_CODE, device_code=begun.device_code)
            except Unreachable:
                interval = min(interval * 2, 60.0)
            except SignInFailed as error:
                if error.error == "slow_down":
                    interval += 5.0
                elif error.error != "authorization_pending" and not error.retryable:
                    raise
            else:
                return self._tokens(answer, None), await self._subject(str(answer.get("id_token", "")), None)
        raise SignInFailed("Nobody signed in on another device in time; nothing was changed.", error="expired_token")

    async def as_itself(self, scopes: tuple[str, ...]) -> Tokens:
        """Tokens of a service app, without a person (RFC 6749, section 4.4)."""
        return self._tokens(await self._grant("client_credentials", scope=" ".join(scopes)), None, scopes)

    async def refresh(self, refresh_token: str, scopes: tuple[str, ...]) -> Tokens:
        """New tokens for a refresh token, which may be used up in the process.

        Raises:
            GrantRefused: it is no longer accepted. SignInFailed, Unreachable: it may still be valid.
        """
        answer = await self._grant("refresh_token", refresh_token=refresh_token)
        return self._tokens(answer, refresh_token, scopes)

    async def revoke(self, token: str, kind: str) -> None:
        """Revoke a token (RFC 7009); `kind` is `access_token` or `refresh_token`."""
        endpoint = await self.endpoint("revocation_endpoint")
        response = await self._post(endpoint, token=token, token_type_hint=kind)
        if not response.is_success:
            raise self._refused(response)

    async def probe(self, *, device: bool = False) -> SignInFailed | None:
        """Why the org does not accept the client, tested with an invalid code. None if it does.

        The code is for the grant that the client uses: with `device`, the device grant.
        """
        try:
            if device:
                await self._grant(DEVICE_CODE, device_code="no-such-code")
            else:
                await self._grant("authorization_code", code="no-such-code", code_verifier="x" * 43)
        except GrantRefused:
            return None
        except SignInFailed as error:
            # A service app may not use this grant, but this shows that it is known.
            return None if error.error == "unauthorized_client" and self._key is not None else error
        except Unreachable as error:
            return SignInFailed(error.summary, next_step=error.next_step)
        return None

    async def refuses_redirect_uri(self) -> str | None:
        """Why the org would refuse our redirect URI; None if it accepts it."""
        begun = await self.begin(OPENID_SCOPES)
        url = httpx2.URL(begun.url).copy_merge_params({"prompt": "none"})
        response = await self._ask(self._client.request, "GET", str(url), withhold_token=True)
        if response.is_redirect:
            return None
        words = response.text.lower()
        if "client_id" in words:
            return f"The org has no app with the client ID {_printable(self._client_id)}."
        return "The app does not list the redirect URI."

    async def discover(self) -> None:
        """Read the authorization server's metadata, unless that was done.

        Raises:
            SignInFailed, Unreachable: it cannot be read, or is not of this org.
        """
        await self._described()

    async def endpoint(self, name: str) -> str:
        """The URL of an endpoint of the authorization server.

        Raises:
            SignInFailed: it is not an org, claims to be another one, or names a URL elsewhere.
        """
        endpoint = (await self._described()).get(name)
        if not isinstance(endpoint, str):
            raise SignInFailed(f"{self._host} publishes no {name}.")
        return self._own(endpoint)

    async def _says(self, name: str) -> bool:
        """Whether the authorization server's metadata lists a capability."""
        return (await self._described()).get(name) is True

    async def _described(self) -> dict[str, Any]:
        """The authorization server's metadata, checked once."""
        if self._metadata is None:
            found = await self._get(f"{self._issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise SignInFailed(
                    f"{self._host} identifies itself as {_printable(str(found.get('issuer')))[:100]}.",
                    code="issuer_mismatch",
                    next_step="If that org is yours, connect it by that URL.",
                )
            self._metadata = found
        return self._metadata

    def _own(self, url: str) -> str:
        """A URL named by the org, if it is the org's own: neither secrets nor people are sent elsewhere."""
        if urlsplit(url)[:2] != urlsplit(self._issuer)[:2]:
            raise SignInFailed(f"{self._host} publishes an endpoint on another host.")
        return url

    async def _grant(self, grant_type: str, **sent: str) -> Mapping[str, Any]:
        """The token endpoint's answer, after retries with new proofs if it requires a nonce in them."""
        endpoint = await self.endpoint("token_endpoint")
        for _ in range(3):  # without a proof, with one, with one that has a nonce
            headers = dict(_FORM)
            if self._prover:
                headers["DPoP"] = self._prover.proof("POST", endpoint)
            try:
                answer: Mapping[str, Any] = await self._ask(
                    self._client.fetch_token,
                    endpoint,
                    grant_type=grant_type,
                    headers=headers,
                    **sent,
                    **self._assertion(endpoint),
                )
            except _OnceMore:
                continue
            return answer
        raise SignInFailed(f"{self._host} keeps requesting another DPoP proof.", by="okta")

    async def _post(self, endpoint: str, **sent: str) -> httpx2.Response:
        """Post a form, authenticated as the client."""
        data = {**sent, **self._assertion(endpoint)}
        auth = self._client.client_auth(self._client.token_endpoint_auth_method)
        response: httpx2.Response = await self._ask(
            self._client.request, "POST", endpoint, data=data, auth=auth, withhold_token=True
        )
        return response

    def _assertion(self, endpoint: str) -> dict[str, str]:
        if self._key is None:
            return {}
        signed = assertion(self._key, self._client_id, endpoint, self.clock_offset)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}

    async def _subject(self, id_token: str, nonce: str | None) -> str:
        """The person who signed in, by an ID token verified to be from this org, for us and for this sign-in."""
        keys = await self._get(await self.endpoint("jwks_uri"))
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        if nonce is not None:
            wanted["nonce"] = {"essential": True, "value": nonce}
        try:
            token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
            now = int(time.time() + self.clock_offset)
            jwt.JWTClaimsRegistry(now=now, leeway=CLOCK_SKEW, **wanted).validate(token.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise SignInFailed(
                f"The ID token of {self._host} cannot be trusted ({type(error).__name__}); nothing was kept.",
                next_step="Check the org URL, the client ID and this machine's clock, then connect again.",
            ) from None
        return str(token.claims["sub"])

    async def _get(self, url: str) -> dict[str, Any]:
        response = await self._ask(self._client.request, "GET", url, withhold_token=True)
        self._read_clock(response)
        found = self._object(response)
        if not response.is_success or not found:
            raise SignInFailed(
                f"{self._host} is not an Okta org: {urlsplit(url).path} answered {response.status_code}.",
                code="not_an_org",
                next_step="Check the org URL; it looks like https://dev-12345.okta.com",
            )
        return found

    def _read_clock(self, response: httpx2.Response) -> None:
        if (offset := clock_offset(response)) is None:
            return
        self.clock_offset = offset
        if self._prover:
            self._prover.clock_offset = self.clock_offset

    async def _ask(self, call: Any, *arguments: Any, **more: Any) -> Any:
        """Make a request within its timeout, turning network and server errors into ours."""
        try:
            async with asyncio.timeout(TOKEN_SECONDS):
                return await call(*arguments, **more)
        except (httpx2.TransportError, TimeoutError) as error:
            slow = isinstance(error, TimeoutError | httpx2.TimeoutException)
            reason = "it timed out" if slow else str(error)[:120].rstrip(".") or type(error).__name__
            raise Unreachable(
                f"{self._host} cannot be reached: {reason}.",
                retryable=True,
                next_step="Check the network and the org URL, then try again; okta-actions doctor finds the cause.",
            ) from None
        except OAuthError as error:
            raise SignInFailed(
                f"{self._host} refused: {_printable(str(error.error))}.", by="okta", error=str(error.error)
            ) from None

    def _object(self, response: httpx2.Response) -> dict[str, Any]:
        """The JSON object of an answer; empty if it holds none."""
        try:
            found = response.json()
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _checked(self, response: httpx2.Response) -> httpx2.Response:
        """A token endpoint's answer, if it is valid (RFC 6749, section 5.1)."""
        answer = self._object(response)
        wanted = self._prover is not None and self._prover.learn(response)
        self._read_clock(response)
        if response.is_success and answer.get("access_token") and answer.get("token_type"):
            return response
        if wanted and answer.get("error") == "use_dpop_nonce":
            raise _OnceMore
        if self._prover is None and answer.get("error") == "invalid_dpop_proof":
            # The app demands that tokens are bound to a key. From now on they are.
            key = generate("EC")
            self.credentials = replace(self.credentials, dpop_key=dumped(key))
            self._prover = Prover(key)
            self._prover.clock_offset = self.clock_offset
            raise _OnceMore
        raise self._refused(response)

    def _refused(self, response: httpx2.Response) -> ActionError:
        told = self._object(response)
        error = _printable(str(told.get("error") or told.get("errorCode") or f"HTTP {response.status_code}"))[:60]
        description = _printable(str(told.get("error_description") or told.get("errorSummary") or ""))[:200]
        kind = GrantRefused if error == "invalid_grant" else SignInFailed
        passing = response.status_code == 429 or response.status_code >= 500
        return kind(
            f"{self._host} refused: {error}. {description}".strip(),
            by="okta",
            error=error,
            passing=passing,
            okta_request_id=_printable(response.headers.get("x-okta-request-id", "")) or None,
            next_step="Try again later." if passing else explained(error, description, self._kid),
        )

    @property
    def _kid(self) -> str:
        return readable(key_id(self._key)) if self._key else ""

    def _tokens(self, answer: Mapping[str, Any], refresh_token: str | None, scopes: tuple[str, ...] = ()) -> Tokens:
        kind = str(answer["token_type"])
        if kind.lower() not in ("bearer", "dpop") or (kind.lower() == "dpop") is not (self._prover is not None):
            raise SignInFailed(
                f"Okta answered with a token of the kind {_printable(kind)[:20]}, which was not requested.",
                next_step="Connect again; if it recurs, check “Demonstrating Proof of Possession” in the app.",
            )
        told = answer.get("expires_in")
        lifetime = float(told) if isinstance(told, int | float) and told > 0 else 3600.0
        return Tokens(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]) if answer.get("refresh_token") else refresh_token,
            expires_at=time.time() + lifetime,
            # An answer without a scope was granted what was asked for (RFC 6749, section 5.1).
            scopes=tuple(str(answer["scope"]).split()) if answer.get("scope") else scopes,
            lifetime=lifetime,
            kind="DPoP" if kind.lower() == "dpop" else "Bearer",
        )


async def _bound(response: httpx2.Response) -> None:
    # The limit does not count decompressed bytes, so compression is refused.
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise httpx2.ReadError("it used a content encoding that was not requested")
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = Bounded(response.stream, LARGEST_ANSWER)


def _printable(text: str) -> str:
    """Text that came over the wire or through the browser, which anybody may have written: one short line."""
    return "".join(c if c.isprintable() else " " for c in text)[:240]
