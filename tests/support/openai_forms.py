"""The published form of requests to the OpenAI API, and what it does not say but the API demands.

The form is that of the SDK's own parameter types, which are generated from the API's OpenAPI document. They cannot
forbid what they do not know, so unknown names are looked for here, and so are the rules that hold between parts.
"""

import re
from collections.abc import Iterator
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming as ChatWhole
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming as ChatStreamed
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming as ResponsesWhole
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming as ResponsesStreamed
from pydantic import TypeAdapter, ValidationError

FORMS = {
    ("responses", True): ResponsesStreamed,
    ("responses", False): ResponsesWhole,
    ("chat", True): ChatStreamed,
    ("chat", False): ChatWhole,
}
ADAPTERS = {which: TypeAdapter[Any](form) for which, form in FORMS.items()}
STRICT_KEYWORDS = {"type", "description", "enum", "const", "anyOf", "items", "properties", "required"}
STRICT_KEYWORDS |= {"additionalProperties", "pattern", "format", "minimum", "maximum", "minItems", "maxItems"}
FORMATS = {"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def faults(api: str, body: dict[str, Any]) -> list[str]:
    """What is wrong with a request; nothing, if the API would take it."""
    which = (api, body.get("stream") is True)
    known = set(FORMS[which].__annotations__)
    for base in getattr(FORMS[which], "__orig_bases__", ()):
        known |= set(getattr(base, "__annotations__", ()))
    found = [f"{name} is no parameter" for name in body.keys() - known]
    if "stream_options" in body and not which[1]:
        found.append("stream_options without stream")
    try:
        _read_all(ADAPTERS[which].validate_python(body))
    except ValidationError as error:
        return [*found, str(error)]
    rules = _responses if api == "responses" else _chat
    return [*found, *rules(body)]


def _read_all(value: Any) -> None:
    """Pydantic looks at the parts of an Iterable only when they are read."""
    if isinstance(value, dict):
        for part in value.values():
            _read_all(part)
    elif not isinstance(value, str | bytes) and hasattr(value, "__iter__"):
        for part in value:
            _read_all(part)


def _responses(body: dict[str, Any]) -> Iterator[str]:
    open_calls: list[str] = []
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind == "function_call_output":
            if item.get("call_id") not in open_calls:
                yield f"an output for {item.get('call_id')}, which was not called"
            else:
                open_calls.remove(item["call_id"])
            continue
        if item.get("role") == "user" and open_calls:
            yield f"no output for {open_calls}"
        if kind == "function_call":
            open_calls.append(item["call_id"])
        if kind == "reasoning" and body.get("store") is False and not item.get("encrypted_content"):
            yield "a reasoning item that is neither stored nor sent"
    if open_calls:
        yield f"no output for {open_calls}"
    for tool in body.get("tools", ()):
        yield from _tool(tool)


def _chat(body: dict[str, Any]) -> Iterator[str]:
    open_calls: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                yield f"an answer to {message['tool_call_id']}, which was not called"
            else:
                open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            yield f"no answer to {open_calls}"
        open_calls = [call["id"] for call in message.get("tool_calls", ())]
        if message["role"] == "assistant" and not message.get("content") and not open_calls:
            yield "an assistant message without content and calls"
    if open_calls:
        yield f"no answer to {open_calls}"
    if body.get("tools") == []:
        yield "an empty list of tools"
    for tool in body.get("tools", ()):
        yield from _tool(tool["function"])


def _tool(function: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", function["name"]):
        yield f"{function['name']} is no name of a function"
    if len(function.get("description") or "") > 1024:
        yield f"the description of {function['name']} is too long"
    parameters = function["parameters"]
    if parameters.get("type") != "object":
        yield f"the parameters of {function['name']} are no object"
    if function.get("strict"):
        yield from strict_faults(parameters, function["name"])


def strict_faults(schema: dict[str, Any], place: str) -> Iterator[str]:
    """Where a schema breaks the rules of strict mode (OpenAI's guide “Structured outputs”, supported schemas)."""
    for keyword in schema.keys() - STRICT_KEYWORDS:
        yield f"{keyword} in {place}"
    if schema.get("format", "date") not in FORMATS:
        yield f"the format of {place}"
    if not schema.keys() & {"type", "anyOf", "enum", "const"}:
        yield f"{place} may be anything"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "object" in types:
        if schema.get("additionalProperties") is not False:
            yield f"{place} is open"
        if set(schema.get("required", ())) != set(schema.get("properties", {"": None})):
            yield f"{place} does not require all its properties"
    if "array" in types and "items" not in schema:
        yield f"{place} is a list of anything"
    for name, part in schema.get("properties", {}).items():
        yield from strict_faults(part, f"{place}.{name}")
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        yield from strict_faults(part, f"{place}[]")
