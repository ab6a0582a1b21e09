"""From a table of endpoints to routes: authenticate, check the scope, run in one transaction, answer."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox.authorization.access import TokenHolder, authenticate, require
from server.sandbox.org import Org
from server.sandbox.problems import Denied, no_such_method, not_well_formed


@dataclass
class ApiCall:
    """One request to the API, as an endpoint sees it."""

    org: Org
    request: Request
    principal: TokenHolder
    raw_body: bytes

    @property
    def base(self) -> str:
        """The org's URL, as the caller reached it."""
        return str(self.request.base_url).rstrip("/")

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def flag(self, name: str, default: bool) -> bool:
        """A boolean of the query; Okta does not mind its case."""
        given = self.query.get(name)
        return default if given is None else given.lower() == "true"

    def body(self, root: str | None = None) -> dict[str, Any]:
        """The JSON object that was sent.

        Raises:
            OktaProblem: there is none, or it lacks the part without which it means nothing.
        """
        try:
            sent = json.loads(self.raw_body)
        except ValueError:
            raise not_well_formed() from None
        if not isinstance(sent, dict) or (root is not None and not isinstance(sent.get(root), dict)):
            raise not_well_formed()
        return sent

    def optional_body(self) -> dict[str, Any]:
        return self.body() if self.raw_body.strip() else {}


@dataclass(frozen=True)
class Endpoint:
    """What answers a method of a path; `run` is synchronous, so that a request's transaction is never interleaved."""

    method: str
    path: str
    run: Callable[[ApiCall], Response]
    scope: str


def routes(endpoints: Iterable[Endpoint], settle: Callable[[ApiCall], None]) -> list[Route]:
    """One route a path; a method that it has not is a 405 of Okta's kind.

    `settle` does what follows from each request, in the transaction of the request.
    """
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [Route(path, _answering(methods, settle), methods=_ANY) for path, methods in by_path.items()]


_ANY = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


def _answering(methods: dict[str, Endpoint], settle: Callable[[ApiCall], None]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        org: Org = request.app.state.org
        body = await request.body()
        with org.database.transaction():
            principal = authenticate(request)
            endpoint = methods.get(request.method)
            if endpoint is None:
                raise no_such_method()
            require(principal, endpoint.scope, request)
            call = ApiCall(org, request, principal, body)
            org.due.clear()  # what a request left that was undone
            response = endpoint.run(call)
            settle(call)
            return response

    return answer


def anyone(method: str, path: str, run: Callable[[Request, bytes], Response]) -> Route:
    """The route of a path that needs no credential, for it is where one is got."""

    async def answer(request: Request) -> Response:
        org: Org = request.app.state.org
        body = await request.body()
        if request.method != method:
            raise no_such_method()
        with org.database.transaction():
            try:
                return run(request, body)
            except Denied as denied:  # inside the transaction, which goes on to be kept
                return denied.response()

    return Route(path, answer, methods=_ANY)


def ok(content: Any, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    return JSONResponse(content, status, headers=headers)


def no_content() -> Response:
    return Response(status_code=204)
