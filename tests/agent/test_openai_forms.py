"""The judge of requests knows what the API refuses: a test of the agent is worth as much as this."""

from typing import Any

import pytest

from openai_forms import faults

CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "x"}
USER = {"role": "user", "content": "Hello"}
CLOSED = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
ASKED = {
    "role": "assistant",
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}],
}
ANSWERED = {"role": "tool", "tool_call_id": "c1", "content": "x"}


def function(**more: Any) -> dict[str, Any]:
    return {"type": "function", "name": "f", "parameters": CLOSED, "strict": True, **more}


def with_property(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return function(parameters={**CLOSED, "properties": {"x": schema}, "required": ["x"], **more})


def responses(*items: dict[str, Any], **more: Any) -> list[str]:
    return faults("responses", {"model": "m", "input": [USER, *items], "store": False, **more})


def chat(*messages: dict[str, Any], **more: Any) -> list[str]:
    return faults("chat", {"model": "m", "messages": [USER, *messages], **more})


def test_what_the_api_takes_has_no_faults() -> None:
    assert responses(CALL, OUTPUT, stream=True, tools=[function(), with_property({"type": ["string", "null"]})]) == []
    assert chat(ASKED, ANSWERED, stream=True, stream_options={"include_usage": True}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        responses(CALL),
        responses(OUTPUT),
        responses(CALL, OUTPUT, OUTPUT),
        responses(CALL, USER, OUTPUT),
        responses({"type": "reasoning", "id": "r", "summary": []}),
        responses({"type": "function_call", "name": "f"}),
        responses({"role": "user", "content": 7}),
        responses(messages=[]),
        responses(max_output_tokens="many"),
        responses(stream_options={"include_usage": True}),
        responses(tools=[function(name="a name")]),
        responses(tools=[function(description="x" * 1025)]),
        responses(tools=[{"type": "function", "function": {"name": "f"}}]),
        responses(tools=[function(parameters={"type": "object", "properties": {}})]),
        responses(tools=[with_property({"type": "string"}, required=[])]),
        responses(tools=[with_property({"type": "string", "default": "x"})]),
        responses(tools=[with_property({"type": "string", "maxLength": 3})]),
        responses(tools=[with_property({"type": "string", "format": "uri"})]),
        responses(tools=[with_property({"type": "array"})]),
        responses(tools=[with_property({"type": "array", "items": {"type": "object", "additionalProperties": True}})]),
        responses(tools=[with_property({})]),
        chat(ASKED),
        chat(ANSWERED),
        chat(ASKED, USER, ANSWERED),
        chat({"role": "assistant", "content": None}),
        chat({"role": "robot", "content": "x"}),
        chat(tools=[]),
        chat(tools=[function()]),
        chat(input=[]),
    ],
)
def test_what_the_api_refuses_has(wrong: list[str]) -> None:
    assert wrong


def test_strictness_is_asked_only_of_what_says_that_it_is_strict() -> None:
    assert responses(tools=[function(strict=False, parameters={"type": "object"})]) == []
