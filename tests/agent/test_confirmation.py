"""What a person must confirm: they are asked by the program, and the model neither sees the question nor answers it."""

import json

import pytest

from agents import Asked, Watcher, an_agent, outcomes
from connected_org import Org
from openai_server import OpenAIServer, Says, calls
from server.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("connected")]


def deactivating(jane: str) -> tuple[Says, Says]:
    return calls(("deactivate_user", {"user_id": jane, "notify_admins": None})), Says("We shall see.")


@pytest.mark.parametrize(
    ("answer", "outcome", "status"), [(True, "done", "DEPROVISIONED"), (False, "declined", "ACTIVE")]
)
async def test_the_person_is_asked(
    settings: Settings, org: Org, jane: str, answer: bool, outcome: str, status: str
) -> None:
    person = Asked(answer)
    with OpenAIServer(*deactivating(jane)) as model:
        async with an_agent(settings, model, person) as agent:
            report = await agent.turn("Deactivate Jane. I confirm.", Watcher())
    assert outcomes(report) == [("deactivate_user", outcome)]
    assert org.user(jane)["status"] == status
    (question,) = person.questions
    assert question.startswith(f"Deactivate “{jane}”. They are signed out")
    assert "name “Jane Doe”, status ACTIVE" in question
    assert question not in json.dumps(model.requests, ensure_ascii=False)


async def test_with_nobody_to_ask_nothing_is_done(settings: Settings, org: Org, jane: str) -> None:
    with OpenAIServer(*deactivating(jane)) as model:
        async with an_agent(settings, model) as agent:
            report = await agent.turn("Deactivate Jane. I confirm.", Watcher())
    assert outcomes(report) == [("deactivate_user", "refused")]
    assert report.calls[0].details["code"] == "confirmation_required"
    assert org.user(jane)["status"] == "ACTIVE"
