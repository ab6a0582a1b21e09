"""An MCP server that is gone in the middle of a turn: the turn ends with a report all the same."""

import json
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import typer

from connected_org import Org
from openai_server import KEY, Next, OpenAIServer, Says, Step, calls, outputs
from server.agent.opening import ChosenServer
from server.cli.commands.ask import ask
from surface import HttpServer, free_port

Asking = Callable[..., OpenAIServer]


@pytest.fixture
def asking(connected: None, jane: str, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Ask for Jane to be put into a group by a server that is killed when she is, before the model goes on."""

    def asked(then: Step, *more: Next) -> OpenAIServer:
        def gone(_: dict[str, Any]) -> Step:
            http.end(signal.SIGKILL)
            return then

        joining = calls(("add_user_to_group", {"user_id": jane, "group_id": "Engineering"}))
        with HttpServer(free_port()) as http, OpenAIServer(joining, gone, *more) as model:
            monkeypatch.setenv("OPENAI_BASE_URL", model.url)
            monkeypatch.setenv("OPENAI_API_KEY", KEY)
            monkeypatch.setenv("OKTA_ACTIONS_MCP_TOKEN", http.token or "")
            with suppress(typer.Exit):
                ask("Put Jane into Engineering.", ChosenServer(url=http.url), None, as_json=True)
        return model

    return asked


def test_a_call_to_a_server_that_is_gone_fails_and_the_model_is_told(
    asking: Asking, org: Org, jane: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = asking(calls(("lookup_user", {"user_id": jane})), Says("It is gone."))
    report = json.loads(capsys.readouterr().out)
    assert (report["answer"], report["error"]) == ("It is gone.", None)
    assert [call["outcome"] for call in report["calls"]] == ["done", "failed"]
    assert "may or may not" in outputs(model.requests[2])[1]
    assert "Engineering" in org.groups_of(jane)


def test_a_server_that_is_gone_after_the_last_call_takes_no_report_away(
    asking: Asking, org: Org, jane: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asking(Says("She is in."))
    report = json.loads(capsys.readouterr().out)
    assert (report["answer"], report["error"]) == ("She is in.", None)
    assert [call["outcome"] for call in report["calls"]] == ["done"]
    assert "Engineering" in org.groups_of(jane)
