"""A model that answers from a file, in place of one that thinks."""

import json
from pathlib import Path

import pytest

from agents import Watcher, code, outcomes
from connected_org import Org
from server.agent.model import Reply, Returned, ToolCall
from server.agent.opening import ChosenServer, open_agent
from server.agent.scripted import Round, ScriptedModel
from server.settings import Settings, load
from tools.okta.errors import InvalidInput

JANE = "jane.doe@example.com"


@pytest.mark.anyio
async def test_a_script_has_the_tools_like_any_model(
    connected: None, settings: Settings, org: Org, tmp_path: Path
) -> None:
    group = org.create_group("Scripted")
    rounds = [
        {"calls": [{"name": "lookup_user", "arguments": {"user_id": JANE}}], "say": "I look her up."},
        {"calls": [{"name": "add_user_to_group", "arguments": {"user_id": "{lookup_user.id}", "group_id": group}}]},
        {"say": "{lookup_user.login} is in, {unknown.thing}."},
    ]
    file = tmp_path / "script.json"
    file.write_text(json.dumps(rounds))
    scripted = settings.model_copy(update={"model_api": "script", "model": str(file)})
    async with open_agent(scripted, ChosenServer(), "test", None) as agent:
        report = await agent.turn("Put Jane into Scripted.", Watcher())
        assert (report.answer, report.error) == (f"{JANE} is in, {{unknown.thing}}.", None)
        assert outcomes(report) == [("lookup_user", "done"), ("add_user_to_group", "done")]
        assert "Scripted" in org.groups_of(JANE)
        assert code(await agent.turn("And now?", Watcher())) == "model_failed"


@pytest.mark.anyio
async def test_an_answer_that_was_cut_fills_nothing_in() -> None:
    cut = Returned(ToolCall("c1", "lookup_user", "{}"), '{"id": "00u1", "login": "ja\n[The rest is omitted.]')
    model = ScriptedModel([Round(say="{lookup_user.id}")])
    said, reply = [piece async for piece in model.answer("", [cut], [])]
    assert said == "{lookup_user.id}"
    assert reply == Reply(said)


@pytest.mark.anyio
@pytest.mark.parametrize("text", ["", "{}", '[{"says": "x"}]', '[{"calls": [{"arguments": {}}]}]'])
async def test_what_is_no_script_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "script.json"
    file.write_text(text)
    for path in (file, tmp_path / "nowhere"):
        scripted = load(model_api="script", model=str(path))
        with pytest.raises(InvalidInput, match="not a model script"):
            async with open_agent(scripted, ChosenServer(), "test", None):
                pass


@pytest.mark.anyio
async def test_a_value_deep_in_an_answer_is_filled_in() -> None:
    found = Returned(ToolCall("c1", "list_factors", "{}"), '{"factors": [{"factor_id": "a"}, {"factor_id": "b"}]}')
    model = ScriptedModel([Round(say="{list_factors.factors.1.factor_id} {list_factors.factors.2.factor_id}")])
    said, _ = [piece async for piece in model.answer("", [found], [])]
    assert said == "b {list_factors.factors.2.factor_id}"
