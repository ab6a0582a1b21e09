"""An API token as the client sends one."""

from collections.abc import Generator

import httpx2


class ApiToken(httpx2.Auth):
    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["authorization"] = f"SSWS {self._token}"
        yield request
