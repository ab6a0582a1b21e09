"""A model behind the Chat Completions API. Nearly every model server speaks it, each with its own variations.

Answers are read as plain JSON, not as the SDK's types: many servers omit or change fields that the types promise.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from openai import AsyncOpenAI, AsyncStream

from server.agent.model import Function, Item, Reply, Returned, Said, ToolCall
from server.agent.openai_errors import cut_off, ended_early, explained, failed, is_stream, not_the_form

PATH = "/chat/completions"


class ChatCompletionsModel:
    def __init__(self, client: AsyncOpenAI, name: str, *, stream: bool = True) -> None:
        self.name = name
        self._client = client
        self._stream = stream

    async def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": "system", "content": instructions}, *(_message(item) for item in conversation)],
        }
        if functions:  # an empty list is refused
            body["tools"] = [_tool(function) for function in functions]
        answer = _Answer()
        with explained(self.name):
            if not self._stream:
                answer.take(await self._client.post(PATH, cast_to=object, body=body))
                if answer.text:
                    yield answer.text
            else:
                body |= {"stream": True, "stream_options": {"include_usage": True}}
                kind = AsyncStream[object]
                async with await self._client.post(
                    PATH, cast_to=object, body=body, stream=True, stream_cls=kind
                ) as chunks:
                    async for chunk in chunks:
                        if piece := answer.add(chunk):
                            yield piece
                if answer.empty and not is_stream(chunks.response):
                    raise not_the_form()
        if answer.ended is None:
            raise ended_early()
        if answer.ended in ("length", "content_filter"):
            raise cut_off(answer.ended)
        yield Reply(answer.text, answer.made(), answer.tokens)

    async def aclose(self) -> None:
        await self._client.close()


@dataclass
class _Begun:
    """A call, as far as it has arrived. Not every server gives its calls an id."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class _Answer:
    """An answer, complete or still arriving in pieces."""

    text: str = ""
    ended: str | None = None
    tokens: int = 0
    empty: bool = True
    calls: list[_Begun] = field(default_factory=list)
    _at: dict[int, _Begun] = field(default_factory=dict)
    """The current call at each index."""

    def take(self, whole: object) -> None:
        """Take in an answer that arrived in one piece.

        Raises:
            ModelError: it is an error, or is not in the API's form.
        """
        if not isinstance(whole, Mapping):
            raise not_the_form()
        if error := whole.get("error"):
            described = _object(error)
            raise failed(described.get("code"), str(described.get("message") or error))
        if not whole.get("choices"):
            raise not_the_form()
        self._usage(whole)
        for choice in _objects(whole["choices"])[:1]:
            self.ended = choice.get("finish_reason")
            message = _object(choice.get("message"))
            self.text = _text(message)
            for part in _objects(message.get("tool_calls")):
                if part.get("function"):
                    self.calls.append(_Begun())
                    _continue(self.calls[-1], part)

    def add(self, chunk: object) -> str:
        """Take in a piece and return its text."""
        self.empty = False
        if not isinstance(chunk, Mapping):
            raise not_the_form()
        self._usage(chunk)
        piece = ""
        for choice in _objects(chunk.get("choices"))[:1]:
            self.ended = choice.get("finish_reason") or self.ended
            delta = _object(choice.get("delta"))
            piece = _text(delta)
            for part in _objects(delta.get("tool_calls")):
                _continue(self._begun(part), part)
        self.text += piece
        return piece

    def made(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(call.id or f"call_{uuid4().hex}", call.name, call.arguments) for call in self.calls)

    def _begun(self, part: Mapping[str, Any]) -> _Begun:
        """The call that a piece continues, or a new one: some servers number all calls alike, and some not at all."""
        index, id = part.get("index"), part.get("id")
        if index is None:
            last = self.calls[-1] if self.calls else None
            call = next((call for call in self.calls if id and call.id == id), last)
        else:
            call = self._at.get(index)
        if call is None or (id and call.id and id != call.id):
            call = _Begun()
            self.calls.append(call)
            if index is not None:
                self._at[index] = call
        return call

    def _usage(self, part: Mapping[str, Any]) -> None:
        usage = _object(part.get("usage"))
        parts = (usage.get("prompt_tokens") or 0) + (usage.get("completion_tokens") or 0)
        self.tokens = usage.get("total_tokens") or parts or self.tokens


def _continue(call: _Begun, part: Mapping[str, Any]) -> None:
    function = _object(part.get("function"))
    arguments = function.get("arguments")
    call.id = call.id or str(part.get("id") or "")
    call.name = call.name or function.get("name") or ""
    call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


def _text(message: Mapping[str, Any]) -> str:
    return (message.get("content") or "") + (message.get("refusal") or "")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _message(item: Item) -> dict[str, Any]:
    if isinstance(item, Said):
        return {"role": "user", "content": item.text}
    if isinstance(item, Returned):
        return {"role": "tool", "tool_call_id": item.call.id, "content": item.text}
    message: dict[str, Any] = {"role": "assistant", "content": item.text}
    if item.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in item.calls
        ]
    return message


def _tool(function: Function) -> dict[str, Any]:
    described = {"name": function.name, "description": function.description, "parameters": function.parameters}
    return {"type": "function", "function": {**described, "strict": function.strict}}
