"""The client for Okta's management API: one org, one keep-alive pool, one deadline for each call."""

import asyncio
import random
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

from tools.okta import answers, bodies
from tools.okta.answers import OktaAnswer
from tools.okta.errors import RECONNECT, InvalidInput, OktaError, RateLimited, Unreachable
from tools.okta.limits import WINDOW, RateLimits, bucket, retry_after, too_many_at_once, until_reset
from tools.okta.reads import this_pass
from tools.okta.secrets import Reveal
from tools.okta.telemetry import Sending, watch
from tools.okta.urls import org_url

LARGEST_BODY = 8 * 1024 * 1024
"""Limit in bytes of one decompressed answer. The largest expected, 1,000 people with long profiles, is some 4 MiB."""
MOST_PAGES = 500
"""Maximum number of pages followed: more than a call has time for, and an end if Okta's list has none."""
MOST_RETRIES = 2
IDLE_SECONDS = 300.0
"""How long an unused connection stays open: a person's next request finds it open. Load balancers and firewalls drop
silent ones from some 350 s on, unnoticed by either end."""
PASSING = (502, 503, 504)
"""Statuses from something between us and Okta, or from a brief outage of Okta."""

_NEXT = re.compile(r'<([^<>]{1,4096})>\s{0,9};\s{0,9}rel="next"')


@dataclass
class Writes:
    """The requests that could change something: Okta's ids of the answered ones, in the order of the answers.

    `idempotent`: repeating them has no further effect. `maybe_done`: one of them was or may have been carried out,
    whatever happened to later ones. `repeated`: the last one was sent again because it got no answer.
    """

    idempotent: bool = False
    ids: list[str] = field(default_factory=list)
    maybe_done: bool = False
    repeated: bool = False


_WRITES: ContextVar[Writes | None] = ContextVar("writes", default=None)


@contextmanager
def noting_writes(*, idempotent: bool) -> Iterator[Writes]:
    """Collect the requests sent meanwhile that could change something. `idempotent` ones are retried if necessary."""
    noted = Writes(idempotent)
    before = _WRITES.set(noted)
    try:
        yield noted
    finally:
        _WRITES.reset(before)


class OktaClient:
    """Okta's management API. Path segments are always percent-encoded, so no id can lead to another endpoint.

    Calls raise `ActionError`s; `deadline` limits a whole call in seconds, waits and retries included, and `patience`
    limits the wait for a rate limit.
    """

    def __init__(
        self,
        url: str,
        auth: httpx2.Auth | None = None,
        *,
        patience: float = 4.0,
        deadline: float = 30.0,
        proxy: str | None = None,
        verify: ssl.SSLContext | bool = True,
        reconnect: str = RECONNECT,
    ) -> None:
        """`reconnect`: the command that signs the connection in again, for errors to name."""
        self.org_url = org_url(url)
        self.host = urlsplit(self.org_url).netloc
        self._auth = auth
        self._patience = patience
        self._deadline = deadline
        self._proxy = proxy
        self._verify = verify
        self._reconnect = reconnect
        self._limits = RateLimits()
        self._pool: httpx2.AsyncClient | None = None
        watch(self)

    async def get(self, *segments: str, **query: Any) -> Any:
        return answers.body(await self._read(segments, self._url(segments, query)))

    async def anew(self, *segments: str) -> Any:
        """Read what changes by itself, whether or not this pass has read it already."""
        return await self._call("GET", segments, {}, None)

    def again(self, url: str) -> None:
        """Send a read of an earlier pass, which this pass is likely to ask for; see `tools.okta.reads`."""
        if (reads := this_pass()) is not None and url.startswith(f"{self.org_url}/api/v1/"):
            path = url.removeprefix(f"{self.org_url}/api/v1/").partition("?")[0]
            reads.begin(url, partial(self._send, "GET", tuple(path.split("/")), httpx2.URL(url), None))

    async def get_of_oauth(self, *segments: str) -> Any:
        """Read from /oauth2/v1, where Okta keeps the data of apps as OAuth clients."""
        url = self._url(segments, {}, base="/oauth2/v1")
        return answers.body(await self._read(segments, url))

    async def put(self, *segments: str, json: Any = None, **query: Any) -> Any:
        return await self._call("PUT", segments, query, json)

    async def delete(self, *segments: str, once: bool = False, **query: Any) -> Any:
        """Delete. If a retry after an unanswered request finds nothing, the first one deleted it.

        `once`: a second request would do more than the first, so one that got no answer is not retried.
        """
        return await self._call("DELETE", segments, query, None, once=once)

    async def post(self, *segments: str, json: Any = None, reveal: Reveal | None = None, **query: Any) -> Any:
        """Post. Unless the action is idempotent, it is retried only if Okta certainly did not process it.

        `reveal` takes the one secret of the answer that somebody is to have. No other is in any answer of this client.
        """
        return await self._call("POST", segments, query, json, reveal=reveal)

    async def pages(self, *segments: str, **query: Any) -> AsyncIterator[list[Any]]:
        """The pages of a list, as `Link: rel="next"` leads from one to the next, all within one deadline.

        Raises:
            OktaError: the list loops or has no end.
        """
        url: httpx2.URL | None = self._url(segments, query)
        ends, seen = time.monotonic() + self._deadline, set[str]()
        while url is not None:
            if str(url) in seen or len(seen) >= MOST_PAGES:
                raise OktaError(
                    f"Okta's pages form a loop, or there are more than {MOST_PAGES} pages; reading stopped.",
                    code="endless_list",
                    status=200,
                )
            # Only the beginning is kept for the pass: a long list would fill the memory.
            answer = await (self._send("GET", segments, url, None, ends=ends) if seen else self._read(segments, url))
            seen.add(str(url))
            yield answers.entries(answer)
            url = self._next(answer)

    async def page(self, *segments: str, after: str | None = None, **query: Any) -> tuple[list[Any], str | None]:
        """One page of a list, and the `after` that asks for the next one, if there is one.

        Nothing else is taken from the link, so a stored `after` can only continue this list.
        """
        url = self._url(segments, {**query, "after": after})
        answer = await (self._read(segments, url) if after is None else self._send("GET", segments, url, None))
        entries, following = answers.entries(answer), self._next(answer)
        if following is not None and not following.params.get("after"):
            raise OktaError(
                "Okta announced another page without saying where it starts.", code="no_cursor", status=answer.status
            )
        if following is not None and following.params["after"] == after:
            raise OktaError("Okta's pages form a loop.", code="endless_list", status=answer.status)
        return entries, following.params["after"] if following is not None else None

    def headroom(self) -> dict[str, tuple[int, int]]:
        """The remaining requests of this minute and the limit, for each rate-limit bucket seen so far."""
        return self._limits.headroom()

    async def warm(self, connections: int = 6) -> None:
        """Open connections that the next calls find open: by default as many as a write reads at once.

        The requests are unauthenticated and change nothing. That one fails is not told: the next call tells it.
        """
        if self._pool is None:
            made = await asyncio.to_thread(self._new_pool)
            if self._pool is None:  # unless a call was quicker
                self._pool = made
        url = self._url((".well-known", "okta-organization"), {}, base="")
        await asyncio.gather(*(self._open(url) for _ in range(connections)), return_exceptions=True)

    async def _open(self, url: httpx2.URL) -> None:
        response = await self.forward(self._connected().build_request("GET", url))
        try:
            await bodies.read(response, LARGEST_BODY)
        finally:
            await response.aclose()

    async def forward(self, request: httpx2.Request) -> httpx2.Response:
        """Send somebody else's request through the pool as it is; the answer's body is still to be read."""
        return await self._connected().send(request, stream=True, auth=None)

    async def aclose(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def _call(
        self,
        method: str,
        segments: tuple[str, ...],
        query: dict[str, Any],
        json: Any,
        *,
        once: bool = False,
        reveal: Reveal | None = None,
    ) -> Any:
        return answers.body(await self._send(method, segments, self._url(segments, query), json, once=once), reveal)

    async def _read(self, segments: tuple[str, ...], url: httpx2.URL) -> OktaAnswer:
        send = partial(self._send, "GET", segments, url, None)
        reads = this_pass()
        return await (send() if reads is None else reads.answer(str(url), send))

    def _url(self, segments: tuple[str, ...], query: dict[str, Any], base: str = "/api/v1") -> httpx2.URL:
        if any(segment in ("", ".", "..") for segment in segments):
            raise InvalidInput("An empty name or id was sent.")
        path = "/".join(quote(segment, safe="") for segment in segments)
        given = {key: _text(value) for key, value in query.items() if value is not None}
        return httpx2.URL(f"{self.org_url}{base}/{path}", params=given or None)

    def _next(self, answer: OktaAnswer) -> httpx2.URL | None:
        for header in answer.headers.get_list("link"):
            if found := _NEXT.search(header):
                try:
                    url = httpx2.URL(found.group(1))
                except httpx2.InvalidURL:
                    raise OktaError(
                        "Okta's link to the next page is not a URL.", code="no_cursor", status=200
                    ) from None
                if (url.scheme, url.netloc.decode()) != (answer.url.scheme, answer.url.netloc.decode()):
                    raise OktaError(
                        "Okta's link to the next page points to another host; it was not followed.",
                        code="foreign_link",
                        status=200,
                    )
                return url
        return None

    async def _send(
        self,
        method: str,
        segments: tuple[str, ...],
        url: httpx2.URL,
        json: Any,
        *,
        ends: float | None = None,
        once: bool = False,
    ) -> OktaAnswer:
        """Send within the deadline or until `ends`, waiting for rate limits and retrying if that is safe."""
        ends = ends if ends is not None else time.monotonic() + self._deadline
        if method != "GET" and (reads := this_pass()) is not None:
            reads.end()
        noted = _WRITES.get()
        # RFC 9110, section 9.2.2; for a POST the action decides.
        idempotent = not once and (method != "POST" or (noted is not None and noted.idempotent))
        unanswered = False
        key = bucket(method, segments)
        retries = 0
        while True:
            await self._wait_for_the_limit(key, ends)
            pause = 0.2 * float(2**retries) * _jitter()
            last = retries >= MOST_RETRIES or time.monotonic() + pause >= ends
            if noted is not None and method != "GET":
                noted.repeated = unanswered
            try:
                with Sending(method, url, retries) as sent:
                    answer = await self._exchange(method, url, json, ends, idempotent=idempotent)
                    sent.answered(answer.status)
            except Unreachable as error:
                if last or not error.retryable:
                    raise
                unanswered |= error.maybe_done
            else:
                self._limits.learn(key, answer.headers)
                if answer.status == 429:
                    pause = self._until_allowed(key, answer, ends, retries)
                elif last or not idempotent or answer.status not in PASSING:
                    gone = method == "DELETE" and unanswered and answer.status == 404
                    return replace(answer, status=204, content=b"") if gone else answer
                else:
                    unanswered = True
                    pause = max(pause, retry_after(answer.headers) or 0.0)
                    if pause > self._patience or time.monotonic() + pause >= ends:
                        return answer
            retries += 1
            await asyncio.sleep(pause)

    async def _wait_for_the_limit(self, key: str, ends: float) -> None:
        while wait := self._limits.wait(key):
            if wait > self._patience or time.monotonic() + wait >= ends:
                raise RateLimited(
                    "Okta's rate limit for this is exhausted; nothing was sent.",
                    retryable=True,
                    retry_after=round(wait, 1),
                    next_step=f"Try again in {round(wait) or 1} s.",
                )
            await asyncio.sleep(wait)

    def _until_allowed(self, key: str, answer: OktaAnswer, ends: float, retries: int) -> float:
        """Seconds until a request refused with 429 may be retried; the refusal is raised if that is too long."""
        asked = retry_after(answer.headers)  # Okta sends none; a proxy in front of it does, for its own limits
        known = asked if asked is not None else until_reset(answer.headers)
        spread = 0.3 * float(2**retries) * _jitter()
        if asked is None and too_many_at_once(answer.headers):
            wait = known = spread
        else:
            wait = max(spread, known) if known is not None else 1.0
            self._limits.hold(key, wait)
        if retries >= MOST_RETRIES or wait > self._patience or time.monotonic() + wait >= ends:
            refused = answers.failure(answer)
            refused.retry_after = round(wait if known is not None else WINDOW, 1)
            refused.next_step = f"Try again in {round(refused.retry_after) or 1} s."
            raise refused
        return wait

    async def _exchange(self, method: str, url: httpx2.URL, json: Any, ends: float, *, idempotent: bool) -> OktaAnswer:
        """One request and its whole answer.

        Raises:
            Unreachable: the network failed; `retryable` if sending it again can do no harm.
        """
        try:
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                return await self._received(self._connected().build_request(method, url, json=json))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Unreachable(
                f"{self.host} cannot be reached: {_reason(error)}. Nothing was sent.",
                retryable=True,
                next_step="Check the network and the org URL, then try again.",
            ) from None
        except (httpx2.TransportError, TimeoutError) as error:
            read = method == "GET"
            if not read and (noted := _WRITES.get()) is not None:
                noted.maybe_done = True
            raise Unreachable(
                f"{self.host} did not answer: {_reason(error)}."
                + ("" if read else " It may or may not have been done."),
                maybe_done=not read,
                retryable=idempotent,
                next_step="Try again." if idempotent else "Check whether it was done before you try again.",
            ) from None

    def _connected(self) -> httpx2.AsyncClient:
        """The pool, created on the first request: its TLS context costs more than the rest of the client."""
        if self._pool is None:
            self._pool = self._new_pool()
        return self._pool

    def _new_pool(self) -> httpx2.AsyncClient:
        from tools.okta.sockets import remember_sockets  # what that imports, a start does not wait for

        made = httpx2.AsyncClient(
            auth=self._auth,
            headers={"accept": "application/json", "accept-encoding": bodies.ACCEPTED},
            timeout=httpx2.Timeout(30.0, connect=5.0),
            limits=httpx2.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=IDLE_SECONDS),
            follow_redirects=False,
            proxy=self._proxy,
            verify=self._verify,
        )
        remember_sockets(made)
        return made

    async def _received(self, request: httpx2.Request) -> OktaAnswer:
        """The answer with its whole body, of limited size."""
        response = await self._connected().send(request, stream=True)
        try:
            received = await bodies.read(response, LARGEST_BODY)
        except bodies.TooLarge:
            raise OktaError(
                f"{self.host} answered with more than {LARGEST_BODY >> 20} MiB; reading stopped.",
                code="answer_too_large",
                status=response.status_code,
                next_step="Ask for less at a time.",
            ) from None
        except bodies.Coded:
            raise OktaError(
                f"{self.host} answered with an unsupported content encoding.",
                code="not_okta",
                status=response.status_code,
                next_step="Check whether a proxy between this machine and Okta changes answers.",
            ) from None
        finally:
            await response.aclose()
        status, noted = response.status_code, _WRITES.get()
        if noted is not None and request.method != "GET":
            noted.maybe_done |= status < 300 or (status >= 500 and status != 501)
            if id := response.headers.get("x-okta-request-id"):
                noted.ids.append(id[:100])
        return OktaAnswer(response.status_code, response.headers, received, request.url, self._reconnect)


def _jitter() -> float:
    return random.uniform(0.5, 1.5)  # noqa: S311 - spreading retries needs no secrecy


def _text(value: Any) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def _reason(error: BaseException) -> str:
    """The reason in network terms, without addresses or queries."""
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return "it timed out"
    return (str(error) or type(error).__name__).splitlines()[0][:120].rstrip(".")
