"""Servers that nearly speak the API of models: what they leave out or write otherwise is understood, or said."""

import json
import socket
from typing import Any

import httpx2
import openai
import pytest

from agents import Watcher, an_agent, code, outcomes
from openai_server import OpenAIServer, Raw, Says, events, outputs
from server.agent.backoff import Again
from server.agent.chat_completions import ChatCompletionsModel
from server.agent.model import ModelError, Said
from server.agent.turn import Report
from server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]

JANE = {"user_id": "jane.doe@example.com"}
EVERYONE = {"group_id": "Everyone"}
PAGE = Raw("<html>Sign in to the proxy.</html>", "text/html")
EACH_WAY = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


def delta(delta: object, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"delta": delta, "finish_reason": finish}]}


def part(name: str | None, arguments: object, **more: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **more}


def whole(message: dict[str, Any], finish: str, **more: Any) -> Raw:
    return Raw(json.dumps({"choices": [{"message": message, "finish_reason": finish}], **more}))


async def answered(settings: Settings, *steps: Raw | Says, **more: Any) -> tuple[Report, OpenAIServer, Watcher]:
    seen = Watcher()
    with OpenAIServer(*steps) as model:
        async with an_agent(settings, model, model_api="chat", **more) as agent:
            return await agent.turn("Look them up.", seen), model, seen


async def test_a_stream_with_holes_is_an_answer(settings: Settings) -> None:
    lax = events(
        {"choices": None},
        {"choices": []},
        delta(None),
        delta({"content": "Hel"}),
        delta({"content": "lo.", "tool_calls": None}, "stop"),
        {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}},
    )
    report, _, _ = await answered(settings, lax)
    assert (report.answer, report.error, report.tokens) == ("Hello.", None, 7)


async def test_a_whole_answer_with_holes_is_an_answer(settings: Settings) -> None:
    calls = [part("lookup_user", JANE), part("lookup_group", json.dumps(EVERYONE), id="")]
    steps = [whole({"tool_calls": calls}, "tool_calls", usage={}), whole({"content": "Hello."}, "stop", usage=None)]
    report, _, _ = await answered(settings, *steps, model_stream=False)
    assert (report.answer, report.error, report.tokens) == ("Hello.", None, 0)
    assert outcomes(report) == [("lookup_user", "done"), ("lookup_group", "done")]


USER, GROUP = json.dumps(JANE), json.dumps(EVERYONE)


@pytest.mark.parametrize(
    "parts",
    [
        [part("lookup_user", JANE, id="a"), part("lookup_group", EVERYONE, id="b")],
        [part("lookup_user", USER, id="a", index=0), part("lookup_group", GROUP, id="b", index=0)],
        [
            part("lookup_user", USER[:5], id="a", index=0),
            part(None, USER[5:], id="a", index=0),
            part("lookup_group", GROUP[:5], id="b", index=0),
            part(None, GROUP[5:], index=0),
        ],
        [
            part("lookup_user", USER[:5], id="a"),
            part(None, USER[5:]),
            part("lookup_group", GROUP[:5], id="b"),
            part(None, GROUP[5:], id=""),
        ],
        [
            part("lookup_user", USER[:5], index=0),
            part("lookup_group", GROUP[:5], index=1),
            part(None, USER[5:], index=0),
            part(None, GROUP[5:], index=1),
        ],
    ],
    ids=["no index, whole", "one index, whole", "one index, in pieces", "no index, in pieces", "no id"],
)
async def test_calls_side_by_side_are_told_apart(settings: Settings, parts: list[dict[str, Any]]) -> None:
    streamed = events(*[delta({"tool_calls": [one]}) for one in parts], delta({}, "tool_calls"))
    report, model, _ = await answered(settings, streamed, Says("Both are there."))
    assert [(made.name, made.arguments) for made in report.calls] == [("lookup_user", JANE), ("lookup_group", EVERYONE)]
    assert outcomes(report) == [("lookup_user", "done"), ("lookup_group", "done")]
    assert len(outputs(model.requests[1])) == 2


@EACH_WAY
@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_a_page_in_place_of_an_answer_is_said_at_once(settings: Settings, api: str, stream: bool) -> None:
    with OpenAIServer(PAGE) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Hello?", Watcher())
    assert code(report) == "model_failed"
    assert "does not follow the API" in str(report.error)
    assert "OPENAI_BASE_URL" in str(report.error)


@pytest.mark.parametrize("body", ["[]", "{}", "null", '{"choices": null}', '{"choices": []}'])
async def test_json_that_is_no_answer_is_said_at_once(settings: Settings, body: str) -> None:
    report, _, _ = await answered(settings, Raw(body), model_stream=False)
    assert "does not follow the API" in str(report.error)


@EACH_WAY
@pytest.mark.parametrize("error", ["boom", {"message": "boom"}, {"message": "boom", "code": 400}])
async def test_an_error_with_the_status_of_success_keeps_its_words(
    settings: Settings, error: object, stream: bool
) -> None:
    step = events({"error": error}) if stream else Raw(json.dumps({"error": error}))
    report, _, seen = await answered(settings, step, model_stream=stream)
    assert code(report) == "model_failed"
    assert "boom" in str(report.error)
    assert not any(isinstance(event, Again) for event in seen.events)


@EACH_WAY
@pytest.mark.parametrize(
    "body",
    [
        {"detail": "no such field"},
        {"detail": [{"loc": ["body", "tools", 0], "msg": "no such field", "type": "extra_forbidden"}]},
        {"error": "no such field"},
        {"error": {"message": "no such field"}},
        {"message": "no such field"},
        {"errors": [{"message": "no such field"}]},
        {"reason": "no such field"},
        "no such field",
    ],
    ids=str,
)
async def test_a_refused_request_keeps_the_servers_words(settings: Settings, body: object, stream: bool) -> None:
    raw = Raw(body, "text/plain", 422) if isinstance(body, str) else Raw(json.dumps(body), status=422)
    report, _, _ = await answered(settings, raw, model_stream=stream)
    assert code(report) == "model_failed"
    assert "422" in str(report.error)
    assert "no such field" in str(report.error)


async def test_a_refusal_of_any_length_is_a_sentence(settings: Settings) -> None:
    for body in ("x" * 200_000, json.dumps({"detail": "y" * 200_000}), "[" * 500 + "]" * 500, ""):
        report, _, _ = await answered(settings, Raw(body, status=422))
        assert len(str(report.error)) < 1000


@EACH_WAY
@pytest.mark.parametrize("number", [503, "503", 429, 408, 409])
async def test_an_error_that_gives_a_passing_status_for_its_code_is_asked_again(
    settings: Settings, number: int | str, stream: bool
) -> None:
    failure = {"error": {"message": "Busy.", "code": number}}
    step = events(delta({"content": "He"}), failure) if stream else Raw(json.dumps(failure))
    report, _, seen = await answered(settings, step, Says("Here I am."), model_stream=stream)
    assert (report.answer, report.error) == ("Here I am.", None)
    assert sum(isinstance(event, Again) for event in seen.events) == 1


async def test_a_server_that_took_the_request_and_is_silent_is_not_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        timeout = httpx2.Timeout(5.0, read=0.1)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, timeout=timeout)
        model = ChatCompletionsModel(client, "m")
        with pytest.raises(ModelError, match="does not answer") as refused:
            async for _ in model.answer("", [Said("Hello?")], []):
                pass
        await model.aclose()
    assert not refused.value.retryable
