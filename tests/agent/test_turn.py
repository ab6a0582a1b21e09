"""A turn of the agent: each ends in an answer or a clear error, and says what was done; no write is ever repeated."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from itertools import repeat
from typing import Any

import anyio
import pytest

from agents import Watcher, an_agent, begun, code, outcomes
from connected_org import Org
from openai_server import TOO_LONG, Fails, OpenAIServer, Says, calls, outputs
from server.agent.backoff import Again
from server.agent.model import Item, Reply, Returned, ToolCall
from server.agent.turn import Agent, Report
from server.door.door import Call, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]

APIS = [("responses", True), ("responses", False), ("chat", True), ("chat", False)]
EACH_API = pytest.mark.parametrize(
    ("api", "stream"), APIS, ids=["responses-stream", "responses", "chat-stream", "chat"]
)
BOTH_APIS = pytest.mark.parametrize("api", ["responses", "chat"])
LOOK = ("lookup_user", {"user_id": "jane.doe@example.com"})
ADDED = "group.user_membership.add"
SOON = {"retry-after": "0.01"}


def joining(jane: str) -> tuple[str, dict[str, str]]:
    return ("add_user_to_group", {"user_id": jane, "group_id": "Engineering"})


def somebody(login: str) -> dict[str, str]:
    return {"first_name": "New", "last_name": "Person", "login": login, "email": login}


async def joined_once(agent: Agent, org: Org, report: Report, jane: str) -> None:
    """She was added once: so the org says, so the journal, so the report."""
    assert org.events(jane).count(ADDED) == 1
    recorded = [change async for change in agent.session.changes(user_id=jane)]
    assert [(change["action"], change["outcome"]) for change in recorded] == [("add_user_to_group", "done")]
    assert report.changes == recorded


# Answers


@EACH_API
async def test_it_answers_from_what_the_tools_say(settings: Settings, jane: str, api: str, stream: bool) -> None:
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
async def test_a_story_of_three_writes(settings: Settings, org: Org, login: str, api: str, stream: bool) -> None:
    update = ("update_user_profile", {"user_id": login, "attributes": [{"name": "nickName", "value": "N"}]})
    nulls = dict.fromkeys(["title", "department", "group_ids", "attributes", "send_email"])
    script = [calls(("create_user", {**nulls, **somebody(login)})), calls(joining(login), update), Says("Done.")]
    with OpenAIServer(*script) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("A new person for Engineering, please.", Watcher())
    assert [made.outcome for made in report.calls] == ["done"] * 3
    assert "Engineering" in org.groups_of(login)
    assert org.user(login)["profile"]["nickName"] == "N"
    assert [change["id"] for change in report.changes or ()] == [made.change_id for made in report.calls]
    assert agent.changes == [made.change_id for made in report.calls]


async def test_reads_run_at_once_and_writes_in_their_order(settings: Settings, jane: str) -> None:
    seen = Watcher()
    leave = ("remove_user_from_group", joining(jane)[1])
    script = [calls(LOOK, ("lookup_group", {"group_id": "Everyone"}), joining(jane), leave, LOOK), Says("Done.")]
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
async def test_a_refusal_of_the_model_is_its_answer(
    settings: Settings, jane: str, org: Org, api: str, stream: bool
) -> None:
    seen = Watcher()
    with OpenAIServer(calls(joining(jane)), Says("Not the rest.", refuses=True), Says("Yes?")) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Something bad.", seen)
            await agent.turn("Something good.", seen)
            await joined_once(agent, org, report, jane)
    assert (report.answer, report.error) == ("Not the rest.", None)
    assert seen.text == "Not the rest.Yes?"


# Calls that cannot be made


@EACH_API
async def test_a_call_that_cannot_be_made_is_explained_once(
    settings: Settings, org: Org, jane: str, api: str, stream: bool
) -> None:
    wrong: list[tuple[str, Any, str]] = [
        ("lookup_user", '{"user_id": "jane', "not JSON"),
        ("lookup_user", '["jane"]', "not a JSON object"),
        ("delete_everything", {}, "There is no action “delete_everything”"),
    ]
    tries = [step for name, given, _ in wrong for step in (calls((name, given)), calls(LOOK), Says("She is active."))]
    with OpenAIServer(*tries, calls(joining(jane)), calls(wrong[0][:2]), calls(wrong[2][:2])) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            for name, _, told in wrong:
                report = await agent.turn("Is Jane active?", Watcher())
                assert outcomes(report) == [(name, "unusable"), ("lookup_user", "done")]
                assert told in outputs(model.requests[-1])[-2]
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            await joined_once(agent, org, report, jane)
    assert code(report) == "model_failed"
    assert outcomes(report)[0] == ("add_user_to_group", "done")


async def test_what_the_server_refuses_the_model_is_told(settings: Settings) -> None:
    wrong = ("lookup_user", {"user_id": "nobody@example.com"})
    with OpenAIServer(calls(wrong, ("lookup_user", {"who": "jane"})), Says("There is nobody.")) as model:
        async with an_agent(settings, model) as agent:
            report = await agent.turn("Who is nobody?", Watcher())
    assert outcomes(report) == [("lookup_user", "refused")] * 2
    unknown, misspelt = outputs(model.requests[1])
    assert "Nobody has the login or e-mail" in unknown
    assert "who" in misspelt


# A server of a model in trouble


@EACH_API
async def test_a_connection_cut_in_an_answer_repeats_the_answer_and_no_write(
    settings: Settings, jane: str, org: Org, api: str, stream: bool
) -> None:
    seen = Watcher()
    cut = Says("It is do", cut=True) if stream else Fails(502)
    with OpenAIServer(calls(joining(jane)), cut, Says("It is done.")) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("Put Jane into Engineering.", seen)
            await joined_once(agent, org, report, jane)
    assert (report.answer, report.error) == ("It is done.", None)
    assert sum(isinstance(event, Again) for event in seen.events) == 1
    assert model.requests[1] == model.requests[2]


@BOTH_APIS
async def test_a_connection_cut_in_a_call_makes_the_call_once(
    settings: Settings, org: Org, jane: str, api: str
) -> None:
    with OpenAIServer(Says("", (joining(jane),), cut=True), calls(joining(jane)), Says("Done.")) as model:
        async with an_agent(settings, model, model_api=api) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            await joined_once(agent, org, report, jane)
    assert outcomes(report) == [("add_user_to_group", "done")]


@EACH_API
async def test_it_asks_again_after_trouble_that_passes(
    settings: Settings, org: Org, jane: str, api: str, stream: bool
) -> None:
    troubles = [Fails(429, headers=SOON), Fails(429), Fails(500, headers=SOON), Fails(503)]
    script = [step for trouble in troubles for step in (trouble, Says("Here I am."))]
    with OpenAIServer(calls(joining(jane)), *script) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            reports = []
            for trouble in troubles:
                seen = Watcher()
                reports.append(await agent.turn("Put Jane into Engineering.", seen))
                assert reports[-1].answer == "Here I am."
                (again,) = [event for event in seen.events if isinstance(event, Again)]
                wanted = trouble.headers.get("retry-after")
                assert again.seconds == float(wanted) if wanted else again.seconds >= 0.5
                assert model.times[-1] - model.times[-2] >= again.seconds
            await joined_once(agent, org, reports[0], jane)


@EACH_API
async def test_trouble_that_stays_ends_the_turn_and_says_what_was_done(
    settings: Settings, org: Org, login: str, api: str, stream: bool
) -> None:
    with OpenAIServer(calls(("create_user", somebody(login))), then=repeat(Fails(500, headers=SOON))) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            report = await agent.turn("A new person, please.", Watcher())
    assert code(report) == "model_failed"
    assert "500" in str(report.error)
    assert len(model.requests) == 1 + 5
    assert [(change["action"], change["outcome"]) for change in report.changes or ()] == [("create_user", "done")]
    assert org.events(login).count("user.lifecycle.create") == 1


@EACH_API
async def test_trouble_that_asking_again_does_not_mend_ends_the_turn(
    settings: Settings, org: Org, jane: str, api: str, stream: bool
) -> None:
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
    with OpenAIServer(*[step for trouble, _ in troubles for step in (calls(joining(jane)), trouble)]) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream) as agent:
            reports = []
            for _, said in troubles:
                reports.append(await agent.turn("Put Jane into Engineering.", Watcher()))
                assert said in str(reports[-1].error)
                assert "sk-" not in str(reports[-1].error)
                assert outcomes(reports[-1]) == [("add_user_to_group", "done")]
                agent.reset()
            assert [report.changes for report in reports[1:]] == [[]] * (len(troubles) - 1)
            await joined_once(agent, org, reports[0], jane)
    assert len(model.requests) == 2 * len(troubles)


async def test_after_an_error_the_conversation_can_go_on(settings: Settings) -> None:
    with OpenAIServer(calls(LOOK, LOOK), Fails(400), Says("She is.")) as model:
        async with an_agent(settings, model) as agent:
            assert (await agent.turn("Is Jane active?", Watcher())).error
            assert (await agent.turn("And now?", Watcher())).answer == "She is."


class Breaking:
    """A model that has one call made, and then breaks as no model may."""

    name = "breaking"

    def __init__(self, call: ToolCall, error: Exception) -> None:
        self._call = call
        self._error = error

    async def answer(self, _: str, conversation: Sequence[Item], __: Any) -> AsyncGenerator[str | Reply, None]:
        if isinstance(conversation[-1], Returned):
            raise self._error
        yield Reply(calls=(self._call,))

    async def aclose(self) -> None:
        pass


@pytest.mark.parametrize("error", [KeyError("usage"), ExceptionGroup("two", [TypeError("usage")])], ids=repr)
async def test_what_nobody_foresaw_of_a_model_ends_the_turn_and_says_what_was_done(
    settings: Settings, org: Org, jane: str, error: Exception
) -> None:
    with OpenAIServer() as model:
        async with an_agent(settings, model) as agent:
            name, arguments = joining(jane)
            agent.model = Breaking(ToolCall("c1", name, json.dumps(arguments)), error)
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            await joined_once(agent, org, report, jane)
    assert code(report) == "model_failed"
    assert "usage" in str(report.error)


async def test_nobody_there_is_said(settings: Settings) -> None:
    with OpenAIServer() as model:
        pass
    async with an_agent(settings, model, model_seconds=1) as agent:
        report = await agent.turn("Hello?", Watcher())
    assert code(report) in ("model_unreachable", "turn_limit")


# Bounds


@EACH_API
async def test_an_endless_loop_ends_at_the_bound(
    settings: Settings, org: Org, jane: str, api: str, stream: bool
) -> None:
    with OpenAIServer(calls(joining(jane)), then=repeat(calls(LOOK))) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream, model_rounds=4) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            assert code(report) == "turn_limit"
            assert "4 rounds" in str(report.error)
            assert outcomes(report) == [("add_user_to_group", "done"), *[("lookup_user", "done")] * 3]
            await joined_once(agent, org, report, jane)


async def test_tokens_are_bounded_before_the_next_calls_are_made(settings: Settings, org: Org, jane: str) -> None:
    with OpenAIServer(calls(LOOK), calls(joining(jane)), Says("Well?")) as model:
        async with an_agent(settings, model, model_tokens=200) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            assert code(report) == "turn_limit"
            assert outcomes(report) == [("lookup_user", "done")]
            assert ADDED not in org.events(jane)
            await agent.turn("Well?", Watcher())
    assert outputs(model.requests[2])[1] == "Not called: the turn had ended."


@EACH_API
async def test_a_slow_drip_ends_at_the_bound(settings: Settings, org: Org, jane: str, api: str, stream: bool) -> None:
    with OpenAIServer(calls(joining(jane)), Says("It " * 200, drip=0.02)) as model:
        async with an_agent(settings, model, model_api=api, model_stream=stream, model_seconds=0.7) as agent:
            report = await agent.turn("Put Jane into Engineering.", Watcher())
            await joined_once(agent, org, report, jane)
    assert code(report) == "turn_limit"
    assert "0.7 seconds" in str(report.error)
    assert outcomes(report) == [("add_user_to_group", "done")]


# Stopping


async def _stopped_when(
    settings: Settings, script: list[Any], moment: Callable[[Any], bool], meanwhile: Callable[[Agent], Awaitable[Any]]
) -> Any:
    """A turn that is stopped at a moment, and the request of the turn after it."""
    with OpenAIServer(*script, Says("And now?")) as model:
        async with an_agent(settings, model) as agent:

            def watch(event: Any) -> None:
                if moment(event):
                    stop.set()

            async def stopper() -> None:
                await stop.wait()
                await meanwhile(agent)
                agent.stop()

            stop = anyio.Event()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(stopper)
                report = await agent.turn("Put Jane into Engineering.", watch)
            await agent.turn("What happened?", Watcher())
    return report, model.requests[-1]


async def test_a_turn_can_be_stopped_while_a_call_runs(settings: Settings, org: Org, jane: str, login: str) -> None:
    org.trouble({"kind": "delay", "seconds": 5, "method": "PUT", "path": "/api/v1/groups"})

    async def once_it_is_begun(agent: Agent) -> None:
        async with Program(settings) as program:
            another = Caller(Principal("tests", "somebody"), "another chat")
            assert isinstance(await program.door.call(Call(another, "create_user", somebody(login))), Result)
        await begun(agent, jane)

    script = [calls(LOOK, joining(jane), ("remove_user_from_group", joining(jane)[1]))]
    started = lambda event: getattr(getattr(event, "made", None), "name", "") == "add_user_to_group"  # noqa: E731
    report, after = await _stopped_when(settings, script, started, once_it_is_begun)
    assert report.stopped
    assert outcomes(report) == [("lookup_user", "done"), ("add_user_to_group", "stopped")]
    assert report.calls[1].uncertain
    looked, joined, left = outputs(after)
    assert "ACTIVE" in looked
    assert "may or may not" in joined
    assert "Not called" in left
    # The journal knows which change that was, and that somebody else's is none of this turn's.
    (change,) = report.changes
    assert (change["action"], change["outcome"]) == ("add_user_to_group", "unknown")
    assert report.calls[1].change_id == change["id"]


async def test_a_turn_can_be_stopped_while_the_model_speaks(settings: Settings) -> None:
    async def at_once(_: Agent) -> None:
        pass

    speaks = lambda event: "Well" in getattr(event, "piece", "")  # noqa: E731
    script = [Says("Well, " * 100, drip=0.1)]
    report, _ = await _stopped_when(settings, script, speaks, at_once)
    assert (report.stopped, report.answer, report.calls) == (True, "", [])
