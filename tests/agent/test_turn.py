"""A turn of the agent: each ends in an answer or a clear error, and says what was done; no write is ever repeated."""

from collections.abc import Callable
from itertools import repeat
from typing import Any

import anyio
import pytest

from agents import Watcher, an_agent, code, outcomes
from openai_server import TOO_LONG, Fails, OpenAIServer, Says, calls, outputs
from org import Org
from server.agent.backoff import Again
from server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]

JANE = "jane.doe@example.com"
APIS = [("responses", True), ("responses", False), ("chat", True), ("chat", False)]
EACH_API = pytest.mark.parametrize(
    ("api", "stream"), APIS, ids=["responses-stream", "responses", "chat-stream", "chat"]
)
BOTH_APIS = pytest.mark.parametrize("api", ["responses", "chat"])
LOOK = ("lookup_user", {"user_id": JANE})
JOIN = ("add_user_to_group", {"user_id": JANE, "group_id": "Engineering"})
ADDED = "group.user_membership.add"
NEW = {"first_name": "New", "last_name": "Person", "login": "new@example.com", "email": "new@example.com"}
SOON = {"retry-after": "0.01"}


# Answers


@EACH_API
async def test_it_answers_from_what_the_tools_say(settings: Settings, api: str, stream: bool) -> None:
    seen = Watcher()
    script = [calls(LOOK, ("lookup_group", {"group_id": "Everyone"}), text="One moment. "), Says("She is active.")]
    with OpenAIServer(*script) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Is Jane active?", seen)
    assert (report.answer, report.error, report.rounds, report.tokens) == ("She is active.", None, 2, 200)
    assert outcomes(report) == [("lookup_user", "done"), ("lookup_group", "done")]
    jane, everyone = outputs(model.requests[1])
    assert '"status":"ACTIVE"' in jane
    assert '"name":"Everyone"' in everyone
    assert seen.text == "One moment. She is active."


@EACH_API
async def test_a_story_of_three_writes(settings: Settings, org: Org, api: str, stream: bool) -> None:
    join = ("add_user_to_group", {"user_id": "new@example.com", "group_id": "Engineering"})
    update = ("update_user_profile", {"user_id": "new@example.com", "attributes": [{"name": "nickName", "value": "N"}]})
    nulls = dict.fromkeys(["title", "department", "group_ids", "attributes", "send_email"])
    script = [calls(("create_user", {**nulls, **NEW})), calls(join, update), Says("Done.")]
    with OpenAIServer(*script) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("A new person for Engineering, please.", Watcher())
    assert [made.outcome for made in report.calls] == ["done"] * 3
    assert "Engineering" in org.groups_of("new@example.com")
    assert org.user("new@example.com")["profile"]["nickName"] == "N"
    assert all(made.changed for made in report.calls)


async def test_reads_run_at_once_and_writes_in_their_order(settings: Settings) -> None:
    seen = Watcher()
    leave = ("remove_user_from_group", JOIN[1])
    script = [calls(LOOK, ("lookup_group", {"group_id": "Everyone"}), JOIN, leave, LOOK), Says("Done.")]
    with OpenAIServer(*script) as model:
        async with an_agent(settings, model) as agent:
            report = await agent.turn("In and out again.", seen)
    names = ["lookup_user", "lookup_group", "add_user_to_group", "remove_user_from_group", "lookup_user"]
    assert [made.name for made in report.calls] == names
    assert [step for step, _ in seen.calls[:4]] == ["started", "started", "finished", "finished"]
    assert seen.calls[4:] == [(step, name) for name in names[2:] for step in ("started", "finished")]


async def test_the_conversation_goes_on(settings: Settings) -> None:
    with OpenAIServer(calls(LOOK), Says("Active."), Says("I said so."), Says("Hello.")) as model:
        async with an_agent(settings, model) as agent:
            await agent.turn("Is she active?", Watcher())
            await agent.turn("Sure?", Watcher())
            agent.reset()
            await agent.turn("Hello", Watcher())
    asked = model.requests[2]["input"]
    assert [item.get("role") or item["type"] for item in asked] == [
        *["user", "reasoning", "function_call", "function_call_output", "reasoning", "assistant", "user"]
    ]
    assert len(model.requests[3]["input"]) == 1
    assert all(request["store"] is False for request in model.requests)


@EACH_API
async def test_a_refusal_of_the_model_is_its_answer(settings: Settings, api: str, stream: bool) -> None:
    seen = Watcher()
    with OpenAIServer(Says("I will not do that.", refuses=True), Says("Yes?")) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Something bad.", seen)
            await agent.turn("Something good.", seen)
    assert (report.answer, report.error) == ("I will not do that.", None)
    assert seen.text == "I will not do that.Yes?"


# Calls that cannot be made


@BOTH_APIS
async def test_a_call_that_cannot_be_made_is_explained_once(settings: Settings, api: str) -> None:
    wrong: list[tuple[str, Any, str]] = [
        ("lookup_user", '{"user_id": "jane', "not JSON"),
        ("lookup_user", '["jane"]', "not a JSON object"),
        ("delete_everything", {}, "There is no tool delete_everything"),
    ]
    tries = [step for name, given, _ in wrong for step in (calls((name, given)), calls(LOOK), Says("She is active."))]
    with OpenAIServer(*tries, calls(JOIN), calls(wrong[0][:2]), calls(wrong[2][:2])) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            for name, _, told in wrong:
                report = await agent.turn("Is Jane active?", Watcher())
                assert outcomes(report) == [(name, "unusable"), ("lookup_user", "done")]
                assert told in outputs(model.requests[-1])[-2]
            report = await agent.turn("Put Jane into Engineering.", Watcher())
    assert code(report) == "model_failed"
    assert outcomes(report)[0] == ("add_user_to_group", "done")


async def test_what_the_server_refuses_the_model_is_told(settings: Settings) -> None:
    wrong = ("lookup_user", {"user_id": "nobody@example.com"})
    with OpenAIServer(calls(wrong, ("lookup_user", {"who": JANE})), Says("There is nobody.")) as model:
        async with an_agent(settings, model) as agent:
            report = await agent.turn("Who is nobody?", Watcher())
    assert outcomes(report) == [("lookup_user", "refused")] * 2
    unknown, misspelt = outputs(model.requests[1])
    assert "No person has" in unknown
    assert "who" in misspelt


# A server of a model in trouble


@EACH_API
async def test_a_connection_cut_in_an_answer_repeats_the_answer_and_no_write(
    settings: Settings, org: Org, api: str, stream: bool
) -> None:
    seen = Watcher()
    cut = Says("It is do", cut=True) if stream else Fails(502)
    with OpenAIServer(calls(JOIN), cut, Says("It is done.")) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Put Jane into Engineering.", seen)
    assert (report.answer, report.error) == ("It is done.", None)
    assert sum(isinstance(event, Again) for event in seen.events) == 1
    assert org.events().count(ADDED) == 1
    assert model.requests[1] == model.requests[2]


@BOTH_APIS
async def test_a_connection_cut_in_a_call_makes_the_call_once(settings: Settings, org: Org, api: str) -> None:
    with OpenAIServer(Says("", (JOIN,), cut=True), calls(JOIN), Says("Done.")) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
    assert outcomes(report) == [("add_user_to_group", "done")]
    assert org.events().count(ADDED) == 1


@BOTH_APIS
async def test_it_asks_again_after_trouble_that_passes(settings: Settings, api: str) -> None:
    troubles = [Fails(429, headers=SOON), Fails(429), Fails(500, headers=SOON), Fails(503)]
    with OpenAIServer(*[step for trouble in troubles for step in (trouble, Says("Here I am."))]) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            for trouble in troubles:
                seen = Watcher()
                report = await agent.turn("Hello?", seen)
                assert report.answer == "Here I am."
                (again,) = [event for event in seen.events if isinstance(event, Again)]
                wanted = trouble.headers.get("retry-after")
                assert again.seconds == float(wanted) if wanted else again.seconds >= 0.5
                assert model.times[-1] - model.times[-2] >= again.seconds


@BOTH_APIS
async def test_trouble_that_stays_ends_the_turn_and_says_what_was_done(settings: Settings, org: Org, api: str) -> None:
    with OpenAIServer(calls(("create_user", NEW)), then=repeat(Fails(500, headers=SOON))) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            report = await agent.turn("A new person, please.", Watcher())
    assert code(report) == "model_failed"
    assert "500" in str(report.error)
    assert len(model.requests) == 1 + 5
    assert [made.changed for made in report.calls] == [True]
    assert org.events().count("user.lifecycle.create") == 1


@BOTH_APIS
async def test_trouble_that_asking_again_does_not_mend_ends_the_turn(settings: Settings, api: str) -> None:
    troubles: list[tuple[Fails | Says, str]] = [
        (Fails(429, headers={"retry-after": "3600"}), "429"),
        (Fails(429, "insufficient_quota"), "no credit"),
        (Fails(401, "invalid_api_key", "Incorrect key sk-th…sts"), "OPENAI_API_KEY"),
        (Fails(404, "model_not_found"), "OKTA_ACTIONS_MODEL"),
        (Fails(400, "invalid_request", "No."), "No."),
        (TOO_LONG, "/reset"),
        (Fails(400, None, "This model's maximum context length is 4096 tokens."), "/reset"),
        (Says("So mu", incomplete="max_output_tokens"), "ended the answer early"),
        (Says("So mu", incomplete="content_filter"), "ended the answer early"),
    ]
    with OpenAIServer(*[step for trouble, _ in troubles for step in (calls(LOOK), trouble)]) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            for _, said in troubles:
                report = await agent.turn("Is Jane active?", Watcher())
                assert said in str(report.error)
                assert "sk-" not in str(report.error)
                assert outcomes(report) == [("lookup_user", "done")]
                agent.reset()
    assert len(model.requests) == 2 * len(troubles)


async def test_after_an_error_the_conversation_can_go_on(settings: Settings) -> None:
    with OpenAIServer(calls(LOOK, LOOK), Fails(400), Says("She is.")) as model:
        async with an_agent(settings, model) as agent:
            assert (await agent.turn("Is Jane active?", Watcher())).error
            assert (await agent.turn("And now?", Watcher())).answer == "She is."


async def test_nobody_there_is_said(settings: Settings) -> None:
    with OpenAIServer() as model:
        pass
    async with an_agent(settings, model, model_seconds=1) as agent:
        report = await agent.turn("Hello?", Watcher())
    assert code(report) in ("model_unreachable", "turn_limit")


# Bounds


@BOTH_APIS
async def test_an_endless_loop_ends_at_the_bound(settings: Settings, org: Org, api: str) -> None:
    with OpenAIServer(calls(JOIN), then=repeat(calls(LOOK))) as model:
        async with an_agent(settings, model, model_api=api, model_rounds=4) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            assert code(report) == "turn_limit"
            assert "4 rounds" in str(report.error)
            assert outcomes(report) == [("add_user_to_group", "done"), *[("lookup_user", "done")] * 3]
    assert org.events().count(ADDED) == 1


async def test_tokens_are_bounded_before_the_next_calls_are_made(settings: Settings, org: Org) -> None:
    with OpenAIServer(calls(LOOK), calls(JOIN), Says("Well?")) as model:
        async with an_agent(settings, model, model_tokens=200) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            assert code(report) == "turn_limit"
            assert outcomes(report) == [("lookup_user", "done")]
            assert ADDED not in org.events()
            await agent.turn("Well?", Watcher())
    assert outputs(model.requests[2])[1] == "Not called: the turn ended before."


@EACH_API
async def test_a_slow_drip_ends_at_the_bound(settings: Settings, org: Org, api: str, stream: bool) -> None:
    with OpenAIServer(calls(JOIN), Says("It " * 200, drip=0.02)) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream, model_seconds=0.7) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
    assert code(report) == "turn_limit"
    assert "0.7 seconds" in str(report.error)
    assert outcomes(report) == [("add_user_to_group", "done")]
    assert org.events().count(ADDED) == 1


# Stopping


async def _stopped_when(settings: Settings, org: Org, script: list[Any], moment: Callable[[Any], bool]) -> Any:
    """A turn that is stopped at a moment, and the request of the turn after it."""
    with OpenAIServer(*script, Says("And now?")) as model:
        async with an_agent(settings, model) as agent:

            def watch(event: Any) -> None:
                if moment(event):
                    stop.set()

            async def stopper() -> None:
                await stop.wait()
                await anyio.sleep(0.2)
                agent.stop()

            stop = anyio.Event()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stopper)
                report = await agent.turn("Put Jane into Engineering.", watch)
            await agent.turn("What happened?", Watcher())
    return report, model.requests[-1]


async def test_a_turn_can_be_stopped_while_a_call_runs(settings: Settings, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 5, "method": "PUT", "path": "/api/v1/groups"})
    script = [calls(LOOK, JOIN, ("remove_user_from_group", JOIN[1]))]
    started = lambda event: getattr(getattr(event, "made", None), "name", "") == "add_user_to_group"  # noqa: E731
    report, after = await _stopped_when(settings, org, script, started)
    assert report.stopped
    assert outcomes(report) == [("lookup_user", "done"), ("add_user_to_group", "stopped")]
    assert report.calls[1].uncertain
    looked, joined, left = outputs(after)
    assert "ACTIVE" in looked
    assert "may or may not" in joined
    assert "Not called" in left


async def test_a_turn_can_be_stopped_while_the_model_speaks(settings: Settings, org: Org) -> None:
    speaks = lambda event: "Well" in getattr(event, "piece", "")  # noqa: E731
    report, _ = await _stopped_when(settings, org, [Says("Well, " * 100, drip=0.1)], speaks)
    assert (report.stopped, report.answer, report.calls) == (True, "", [])
