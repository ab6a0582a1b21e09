"""What surrounds every answer of an org: forgiving paths, common headers, rate limits, faults and refusals."""

import asyncio
from email.utils import formatdate
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox.authorization import cross_origin
from server.sandbox.faults import Fault
from server.sandbox.identifiers import new_request_id
from server.sandbox.org import Org
from server.sandbox.problems import OktaProblem, broken, forbidden, no_such_method, too_many_requests

_COMMON = {"cache-control": "no-cache, no-store", "pragma": "no-cache", "expires": "0"}


class Wire:
    """The outermost layer of the sandbox."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org
        self._answers: dict[str, list[Message]] = {}
        self._stale: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Okta tolerates a trailing slash and doubled slashes.
        path = "/" + "/".join(part for part in scope["path"].split("/") if part)
        sent = scope.get("raw_path") or b""
        scope = {
            **scope,
            "path": path,
            "sent_path": sent,
            "raw_path": path.encode(),
            "state": {"request_id": new_request_id()},
        }
        fault = self._org.faults.next(scope["method"], path)
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop_before":
            _drop(receive)
            return
        try:
            messages = await self._answer(scope, receive, fault)
        except ClientDisconnect:
            return
        if fault is not None and fault.kind == "delay_after":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop_after":
            _drop(receive)
            return
        for message in messages:
            await send(message)

    async def _answer(self, scope: Scope, receive: Receive, fault: Fault | None) -> list[Message]:
        """The whole answer. It is kept, so that a later read can be stale if a test wants it to be."""
        url = f"{scope['path']}?{scope['query_string'].decode()}"
        if scope["method"] == "GET" and self._stale.get(url, 0) > 0 and url in self._answers:
            self._stale[url] -= 1
            return self._answers[url]
        date = formatdate(self._org.clock(), usegmt=True)
        headers = {**_COMMON, "date": date, "x-okta-request-id": scope["state"]["request_id"]}
        headers |= cross_origin.headers(self._org, scope["path"], Headers(scope=scope))
        problem = None
        if scope["path"].startswith("/api/v1/"):
            admitted, told = self._org.limits.take(scope["method"], scope["path"], self._org.clock())
            headers |= told
            problem = None if admitted else too_many_requests()
            if problem is None and b"%2f" in scope["sent_path"].lower():
                problem = no_such_method()  # okta-sdk-nodejs#430: a login with a slash in it, encoded, is a 405
        if fault is not None and fault.kind == "status":
            problem = _refusal(fault.status)
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                mutable = MutableHeaders(scope=message)
                for name, value in headers.items():
                    mutable.setdefault(name, value)
                for name, values in fault.headers.items() if fault is not None else ():
                    del mutable[name]
                    for value in values:
                        mutable.append(name, value)
            messages.append(message)

        try:
            if problem is not None:
                raise problem
            await self._app(scope, receive, collect)
        except OktaProblem as refused:
            messages.clear()
            await refused.response()(scope, receive, collect)
        self._remember(scope["method"], url, messages)
        return messages

    def _remember(self, method: str, url: str, messages: list[Message]) -> None:
        if not self._org.faults.stale_reads:
            return
        if method == "GET":
            self._answers[url] = messages
        else:
            self._stale = dict.fromkeys(self._answers, self._org.faults.stale_reads)


def _refusal(status: int) -> OktaProblem:
    match status:
        case 403:
            return forbidden()
        case 429:
            return too_many_requests()
        case _:
            return broken(status)


def _drop(receive: Any) -> None:
    """Close the connection without a word. ASGI has no message for that, so uvicorn's transport is asked directly."""
    receive.__self__.transport.abort()
