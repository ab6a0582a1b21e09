"""A model behind OpenAI's Responses API."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any

from openai import AsyncOpenAI
from openai.types.responses import Response

from server.agent.model import Function, Item, ModelError, Reply, Returned, Said, ToolCall
from server.agent.openai_errors import cut_off, ended_early, explained, failed, is_stream, not_the_form

MOST_OUTPUT = 16_000
"""Token limit for one answer, reasoning included: it stops a model that does not come to an end."""


class ResponsesModel:
    """Sends the whole conversation each time and has OpenAI store none of it, because it is about people."""

    def __init__(self, client: AsyncOpenAI, name: str, *, stream: bool = True) -> None:
        self.name = name
        self._client = client
        self._stream = stream

    async def answer(
        self, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
    ) -> AsyncGenerator[str | Reply, None]:
        request: dict[str, Any] = {
            "model": self.name,
            "instructions": instructions,
            "max_output_tokens": MOST_OUTPUT,
            "store": False,
            # Large parts bypass the SDK, which would search all of them for names to translate and find none.
            "extra_body": {
                "input": [part for item in conversation for part in _input(item)],
                "tools": [_tool(function) for function in functions],
            },
        }
        response: Response | None = None
        empty = True
        with explained(self.name):
            if not self._stream:
                response = await self._client.responses.create(**request)
                if not isinstance(response, Response):  # the SDK returns a page as its text
                    raise not_the_form()
                if said := _reply(response).text:
                    yield said
            else:
                async with await self._client.responses.create(**request, stream=True) as events:
                    async for event in events:
                        empty = False
                        if event.type in ("response.output_text.delta", "response.refusal.delta"):
                            yield event.delta
                        elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                            response = event.response
                        elif event.type == "error":
                            raise failed(event.code, event.message)
                if empty and not is_stream(events.response):
                    raise not_the_form()
        if response is None:
            raise ended_early()
        yield _reply(response)

    async def aclose(self) -> None:
        await self._client.close()


def _input(item: Item) -> Iterable[dict[str, Any]]:
    if isinstance(item, Said):
        return [{"role": "user", "content": item.text}]
    if isinstance(item, Returned):
        return [{"type": "function_call_output", "call_id": item.call.id, "output": item.text}]
    return item.wire


def _tool(function: Function) -> dict[str, Any]:
    return {
        "type": "function",
        "name": function.name,
        "description": function.description,
        "parameters": function.parameters,
        "strict": function.strict,
    }


def _reply(response: Response) -> Reply:
    if response.status == "failed":
        error = response.error
        raise failed(error.code, error.message) if error else ModelError("The model failed without a reason.")
    if response.status == "incomplete":
        details = response.incomplete_details
        raise cut_off((details.reason if details else None) or "no reason given")
    said, calls, wire = [], [], []
    for item in response.output:
        if item.type == "message":
            said += [part.text if part.type == "output_text" else part.refusal for part in item.content]
        elif item.type == "function_call":
            calls.append(ToolCall(item.call_id, item.name, item.arguments))
        elif item.type != "reasoning" or not item.encrypted_content:
            # The server does not store this, so it takes it back only encrypted.
            continue
        wire.append(item.to_dict(mode="json", exclude_none=True))
    tokens = response.usage.total_tokens if response.usage else 0
    return Reply("".join(said), tuple(calls), tokens, tuple(wire))
