"""The agent finds and runs actions that are no tools of their own: shown, asked and judged as themselves."""

import json
from typing import Any

import pytest

from agents import Watcher, an_agent, outcomes
from connected_org import Org
from openai_server import OpenAIServer, Says, calls
from server.agent.session import Made
from server.agent.turn import Report
from server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]


def made(report: Report) -> list[tuple[str, dict[str, Any], bool]]:
    return [(one.name, one.arguments, one.write) for one in report.calls]


async def turn(settings: Settings, *steps: Any, says: Any = "Done.", **more: Any) -> Report:
    with OpenAIServer(*steps, Says(says)) as model:
        async with an_agent(settings, model, **more) as agent:
            return await agent.turn("Do it.", Watcher())


async def test_what_is_found_is_run_and_shown_as_itself(settings: Settings, jane: str) -> None:
    report = await turn(
        settings,
        calls(("find_actions", {"query": "groups of a person", "limit": 2})),
        calls(("run_read", {"name": "list_user_groups", "arguments": {"user_id": jane}})),
    )
    assert outcomes(report) == [("find_actions", "done"), ("list_user_groups", "done")]
    assert made(report)[1] == ("list_user_groups", {"user_id": jane}, False)
    assert report.changes is None


@pytest.mark.parametrize("form", [dict, json.dumps], ids=["object", "text"])
async def test_a_write_is_asked_about_reported_and_found_in_the_journal(
    settings: Settings, org: Org, jane: str, form: Any
) -> None:
    asked: list[str] = []

    async def yes(question: str, prompt: str) -> bool:
        asked.append(question)
        return True

    sent = {"name": "deactivate_user", "arguments": form({"user_id": jane})}
    report = await turn(settings, calls(("run_action", sent)), ask=yes)
    assert outcomes(report) == [("deactivate_user", "done")]
    assert made(report) == [("deactivate_user", {"user_id": jane}, True)]
    assert len(asked) == 1
    assert "Jane Doe" in asked[0]
    (change,) = report.changes or [{}]
    assert change["action"] == "deactivate_user"
    assert org.user(jane)["status"] == "DEPROVISIONED"


@pytest.mark.parametrize("where", ["inside", "beside"])
async def test_a_dry_run_is_no_write(settings: Settings, jane: str, where: str) -> None:
    sent: dict[str, Any] = {"name": "suspend_user", "arguments": {"user_id": jane}}
    (sent["arguments"] if where == "inside" else sent)["dry_run"] = True
    report = await turn(settings, calls(("run_action", sent)))
    assert made(report) == [("suspend_user", {"user_id": jane, "dry_run": True}, False)]


async def test_a_name_that_a_model_remembers_works(settings: Settings, org: Org, jane: str) -> None:
    report = await turn(
        settings,
        calls(("suspend_user", {"user_id": jane})),
        calls(("list_user_groups", {"user_id": jane}), ("unsuspend_user", {"user_id": jane})),
    )
    assert outcomes(report) == [("suspend_user", "done"), ("list_user_groups", "done"), ("unsuspend_user", "done")]
    assert [write for _, _, write in made(report)] == [True, False, True]
    assert org.user(jane)["status"] == "ACTIVE"
    assert [change["action"] for change in report.changes or ()] == ["suspend_user", "unsuspend_user"]


async def test_with_find_and_run_alone_everything_is_done_and_undone(settings: Settings, org: Org, jane: str) -> None:
    few = settings.model_copy(update={"direct_actions": ()})
    steps = (calls(("run_action", {"name": "suspend_user", "arguments": {"user_id": jane}})), Says("Suspended."))
    with OpenAIServer(*steps) as model:
        async with an_agent(few, model) as agent:
            assert set(agent.session.tools) == {"find_actions", "run_read", "run_action"}
            report = await agent.turn("Suspend Jane.", Watcher())
            (change,) = report.changes or [{}]
            undone: Made = await agent.call("undo_change", lambda _: None, change_id=change["id"])
    assert (undone.name, undone.changed) == ("undo_change", True)
    assert org.user(jane)["status"] == "ACTIVE"
