"""A server of a model on loopback: it speaks Responses and Chat Completions, judges each request, plays a script."""

import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self

import anyio
import uvicorn
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response as ResponsesResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from openai_forms import faults

KEY = "sk-the-key-of-the-tests"


@dataclass(frozen=True)
class Says:
    """The model says this, in pieces, and then calls these functions: (name, arguments), or raw text for arguments.

    `cut`: the connection breaks after the text, before the end. `drip`: seconds before each piece.
    """

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any] | str], ...] = ()
    refuses: bool = False
    incomplete: str | None = None
    cut: bool = False
    drip: float = 0.0


def calls(*which: tuple[str, dict[str, Any] | str], text: str = "") -> Says:
    return Says(text, which)


@dataclass(frozen=True)
class Fails:
    """The server answers with an error."""

    status: int
    code: str | None = None
    message: str = "It does not work."
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """The server answers with this, in whatever form it is."""

    body: str
    media_type: str = "application/json"
    status: int = 200


def events(*chunks: object) -> Raw:
    """Chunks as a server streams them that keeps to no form."""
    return Raw("".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "text/event-stream")


TOO_LONG = Fails(400, "context_length_exceeded", "Your input exceeds the context window of this model.")

Step = Says | Fails | Raw
Next = Step | Callable[[dict[str, Any]], Step]
"""A step, or what makes it of the request."""


class OpenAIServer:
    """Plays one step of the script for each request that is in order; one that is not is refused, and noted."""

    def __init__(self, *script: Next, then: Iterable[Next] = ()) -> None:
        self._script = chain(script, then)
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.faults: list[str] = []
        # The protocol is named because asyncio sets TCP_NODELAY only then; without it pieces wait 40 ms.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        routes = [
            Route("/v1/responses", self._responses, methods=["POST"]),
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        assert self.faults == []

    async def _responses(self, request: Request) -> Response:
        return await self._answer("responses", request, _response_events, _response)

    async def _chat(self, request: Request) -> Response:
        return await self._answer("chat", request, _chat_chunks, _completion)

    async def _answer(
        self,
        api: str,
        request: Request,
        stream: Callable[[Says, str], Iterator[tuple[bool, str]]],
        whole: Callable[[Says, str], dict[str, Any]],
    ) -> Response:
        body = await request.json()
        self.times.append(time.monotonic())
        self.requests.append(body)
        wrong = faults(api, body)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            wrong.append("no key")
        step = next(self._script, None)
        if step is None:
            wrong.append("one request more than the script has steps")
        if wrong or step is None:
            self.faults += wrong
            return _error(400, "invalid_request", "; ".join(wrong))
        if callable(step):
            step = step(body)
        if isinstance(step, Fails):
            return _error(step.status, step.code, step.message, step.headers)
        if isinstance(step, Raw):
            return Response(step.body, step.status, media_type=step.media_type)
        id = f"{len(self.requests)}"
        if body.get("stream"):
            return StreamingResponse(_paced(step, stream(step, id)), media_type="text/event-stream")
        if step.drip:
            await anyio.sleep(step.drip * len(step.text.split(" ")))
        return JSONResponse(whole(step, id))


def outputs(body: dict[str, Any]) -> list[str]:
    """What the functions returned, as the model is told it, in either API."""
    if "messages" in body:
        return [message["content"] for message in body["messages"] if message["role"] == "tool"]
    return [item["output"] for item in body["input"] if item.get("type") == "function_call_output"]


async def _paced(step: Says, parts: Iterator[tuple[bool, str]]) -> AsyncIterator[str]:
    for is_text, part in parts:
        if is_text and step.drip:
            await anyio.sleep(step.drip)
        yield part
    if step.cut:
        raise ConnectionResetError  # uvicorn closes the connection in the middle of the body


def _error(status: int, code: str | None, message: str, headers: dict[str, str] | None = None) -> Response:
    error = {"message": message, "type": "error", "param": None, "code": code}
    return JSONResponse({"error": error}, status, headers)


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word + " " for word in words[:-1]] + words[-1:] if text else []


def _arguments(call: tuple[str, dict[str, Any] | str]) -> str:
    return call[1] if isinstance(call[1], str) else json.dumps(call[1])


# Responses


def _items(step: Says, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = [
        {"type": "reasoning", "id": f"rs_{id}", "summary": [], "encrypted_content": f"sealed {id}"},
        {"type": "reasoning", "id": f"rx_{id}", "summary": []},
    ]
    if step.text:
        part = {"type": "refusal", "refusal": step.text} if step.refuses else {"type": "output_text", "text": step.text}
        content = [part if step.refuses else {**part, "annotations": [], "logprobs": []}]
        message = {"type": "message", "id": f"msg_{id}", "role": "assistant", "status": "completed"}
        items.append({**message, "content": content})
    for at, call in enumerate(step.calls):
        named = {"type": "function_call", "id": f"fc_{id}_{at}", "call_id": f"call_{id}_{at}", "name": call[0]}
        items.append({**named, "arguments": _arguments(call), "status": "completed"})
    return items


def _response(step: Says, id: str, status: str | None = None) -> dict[str, Any]:
    status = status or ("incomplete" if step.incomplete else "completed")
    response = {
        "id": f"resp_{id}",
        "object": "response",
        "created_at": 1.0,
        "model": "m",
        "status": status,
        "output": [] if status == "in_progress" else _items(step, id),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "incomplete_details": {"reason": step.incomplete} if step.incomplete else None,
        "usage": {
            "input_tokens": 90,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 10,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 100,
        },
    }
    ResponsesResponse.model_validate(response)
    return response


def _response_events(step: Says, id: str) -> Iterator[tuple[bool, str]]:
    """The events of a streamed response; with each, whether it is a piece of text."""
    number = 0

    def event(type: str, **more: Any) -> tuple[bool, str]:
        nonlocal number
        number += 1
        data = {"type": type, "sequence_number": number, **more}
        return type.endswith("text.delta"), f"event: {type}\ndata: {json.dumps(data)}\n\n"

    yield event("response.created", response=_response(step, id, "in_progress"))
    for at, item in enumerate(_items(step, id)):
        place = {"output_index": at, "item_id": item["id"]}
        yield event("response.output_item.added", output_index=at, item={**item, "status": "in_progress"})
        if item["type"] == "message" and step.refuses:
            yield event("response.refusal.delta", delta=step.text, content_index=0, **place)
        elif item["type"] == "message":
            for piece in _pieces(step.text):
                yield event("response.output_text.delta", delta=piece, content_index=0, logprobs=[], **place)
        elif item["type"] == "function_call":
            yield event("response.function_call_arguments.delta", delta=item["arguments"], **place)
        yield event("response.output_item.done", output_index=at, item=item)
    if step.cut:
        return
    yield event(f"response.{'incomplete' if step.incomplete else 'completed'}", response=_response(step, id))


# Chat Completions


def _completion(step: Says, id: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if step.refuses else step.text or None}
    message["refusal"] = step.text if step.refuses else None
    if step.calls:
        message["tool_calls"] = [
            {"id": f"call_{id}_{at}", "type": "function", "function": {"name": call[0], "arguments": _arguments(call)}}
            for at, call in enumerate(step.calls)
        ]
    completion = {
        "id": id,
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(step), "logprobs": None}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
    }
    ChatCompletion.model_validate(completion)
    return completion


def _finish(step: Says) -> str:
    if step.incomplete:
        return {"max_output_tokens": "length"}.get(step.incomplete, step.incomplete)
    return "tool_calls" if step.calls else "stop"


def _chat_chunks(step: Says, id: str) -> Iterator[tuple[bool, str]]:
    """The chunks of a streamed completion; with each, whether it is a piece of text."""

    def chunk(delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> str:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        data = {"id": id, "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}
        ChatCompletionChunk.model_validate(data)
        return f"data: {json.dumps(data)}\n\n"

    yield False, chunk({"role": "assistant", "content": ""})
    for piece in _pieces(step.text):
        yield True, chunk({"refusal" if step.refuses else "content": piece})
    for at, call in enumerate(step.calls):
        begun = {"name": call[0], "arguments": ""}
        yield (
            False,
            chunk({"tool_calls": [{"index": at, "id": f"call_{id}_{at}", "type": "function", "function": begun}]}),
        )
        written = _arguments(call)
        for half in (written[:5], written[5:]):
            yield False, chunk({"tool_calls": [{"index": at, "function": {"arguments": half}}]})
    if step.cut:
        return
    yield False, chunk({}, _finish(step))
    yield False, chunk(None, usage={"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100})
    yield False, "data: [DONE]\n\n"
