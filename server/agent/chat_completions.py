"""A model behind the Chat Completions API, which nearly every server of models speaks."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from server.agent.model import Call, Function, Item, Reply, Returned, Said
from server.agent.openai_errors import cut_off, ended_early, explained


class ChatCompletionsModel:
    def __init__(self, client: AsyncOpenAI, name: str, *, stream: bool = True) -> None:
        self.name = name
        self._client = client
        self._stream = stream

    async def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        # What is large goes past the SDK, which would look for names to translate in all of it, and finds none.
        body: dict[str, Any] = {
            "messages": [{"role": "system", "content": instructions}, *(_message(item) for item in conversation)]
        }
        if functions:  # an empty list is refused
            body["tools"] = [_tool(function) for function in functions]
        request: dict[str, Any] = {"model": self.name, "messages": (), "extra_body": body}
        answer = _Answer()
        with explained(self.name):
            if not self._stream:
                answer.take(await self._client.chat.completions.create(**request))
                if answer.text:
                    yield answer.text
            else:
                request["stream_options"] = {"include_usage": True}
                async with await self._client.chat.completions.create(**request, stream=True) as chunks:
                    async for chunk in chunks:
                        if piece := answer.add(chunk):
                            yield piece
        if answer.ended is None:
            raise ended_early()
        if answer.ended in ("length", "content_filter"):
            raise cut_off(answer.ended)
        yield Reply(answer.text, tuple(answer.calls.values()), answer.tokens)

    async def aclose(self) -> None:
        await self._client.close()


@dataclass
class _Answer:
    """An answer, whole or while it arrives in pieces."""

    text: str = ""
    ended: str | None = None
    tokens: int = 0
    calls: dict[int, Call] = field(default_factory=dict)

    def take(self, whole: ChatCompletion) -> None:
        self.tokens = whole.usage.total_tokens if whole.usage else 0
        for choice in whole.choices[:1]:
            message, self.ended = choice.message, choice.finish_reason
            self.text = (message.content or "") + (message.refusal or "")
            for index, call in enumerate(message.tool_calls or ()):
                if call.type == "function":
                    self._begin(index, call.id, call.function.name, call.function.arguments)

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Take a piece in, and give its text."""
        self.tokens = chunk.usage.total_tokens if chunk.usage else self.tokens
        piece = ""
        for choice in chunk.choices[:1]:
            delta, self.ended = choice.delta, choice.finish_reason or self.ended
            piece = (delta.content or "") + (delta.refusal or "")
            for part in delta.tool_calls or ():
                name, arguments = (part.function.name, part.function.arguments) if part.function else (None, None)
                if part.index in self.calls:
                    call = self.calls[part.index]
                    self.calls[part.index] = replace(call, arguments=call.arguments + (arguments or ""))
                else:
                    self._begin(part.index, part.id, name, arguments)
        self.text += piece
        return piece

    def _begin(self, index: int, id: str | None, name: str | None, arguments: str | None) -> None:
        # Not every server gives its calls an id.
        self.calls[index] = Call(id or f"call_{uuid4().hex}", name or "", arguments or "")


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
