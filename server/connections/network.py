"""Network settings for reaching Okta: proxies and certificate authorities of a company's own network."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2

from server.settings import Settings
from tools.okta.errors import InvalidInput


def network(settings: Settings) -> dict[str, Any]:
    """Options of every HTTP client that talks to Okta.

    A proxy is taken from OKTA_ACTIONS_PROXY, or from HTTPS_PROXY and NO_PROXY as everywhere.

    Raises:
        InvalidInput: the file of certificates cannot be used.
    """
    options: dict[str, Any] = {}
    if settings.proxy:
        options["proxy"] = settings.proxy
    if settings.ca_bundle:
        import ssl

        try:
            context = ssl.create_default_context()
            context.load_verify_locations(cafile=str(settings.ca_bundle))
            options["verify"] = context
        except (OSError, ssl.SSLError) as error:
            raise InvalidInput(
                f"OKTA_ACTIONS_CA_BUNDLE cannot be used: {error.strerror or type(error).__name__}.",
                code="invalid_setting",
                next_step="It must be a PEM file of certificates.",
            ) from None
    return options


class Through(httpx2.AsyncBaseTransport):
    """Sends a client's requests through another client's pool, which stays open when this client is closed."""

    def __init__(self, forward: Callable[[httpx2.Request], Awaitable[httpx2.Response]]) -> None:
        self._forward = forward

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._forward(request)


class Bounded(httpx2.AsyncByteStream):
    """A body that aborts the request if it grows too large: an authorization server's answers are small."""

    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > self._most:
                raise httpx2.ReadError("its answer is larger than an authorization server's")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
