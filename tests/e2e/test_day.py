"""The day in docs/a-day.md, lived through again over MCP and at the command line, in one org and one journal."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import anyio
import pytest

from connected_org import Org
from played import Step, an_assistant, at_a_terminal, flat, rewrite, same, sessions

PAGE = Path(__file__).parents[2] / "docs" / "a-day.md"
NORA = "nora.lind@example.com"


def sets_a_password(org: Org) -> None:
    user = org.user(NORA)["id"]
    body = {"credentials": {"password": {"value": "Correct-Horse-7"}}}
    assert org.http.post(f"/api/v1/users/{user}", json=body).status_code == 200
    org.enrol(NORA, "sms", provider="OKTA", profile={"phoneNumber": "+1 555 0199"})
    org.enrol_push(NORA, "Nora's iPhone")


MEANWHILE: dict[int, Callable[[Org], None]] = {
    # Before which scene what happens elsewhere.
    1: sets_a_password,
    2: lambda org: org.lock(NORA),
}


def test_the_day_goes_as_the_page_tells_and_leaves_the_org_so(connected: None, org: Org) -> None:
    """What the page shows is one thing, what became of the org another."""
    played = []
    for number, session in enumerate(sessions(PAGE)):
        if number in MEANWHILE:
            MEANWHILE[number](org)
        played.append([(step, _play(step)) for step in session])
    rewrite(PAGE, played)
    expected = [step for session in sessions(PAGE) for step in session]
    for (step, screen), told in zip(flat(played), expected, strict=True):
        assert _in_any_order(same(screen)) == _in_any_order(same(told.shown)), step.typed
    assert org.user(NORA)["status"] == "DEPROVISIONED"
    assert org.user(NORA)["profile"]["department"] == "Marketing"
    events = org.events(NORA)
    for event in (
        "user.lifecycle.create",
        "group.user_membership.remove",
        "user.account.unlock",
        "user.mfa.factor.reset_all",
        "user.session.clear",
        "application.user_membership.add",
        "user.lifecycle.deactivate",
    ):
        assert event in events, event


def _in_any_order(lines: list[str]) -> list[str]:
    """The lines with the rows of each list sorted: they come in the order of ids, which are others each time."""
    return [
        line
        for is_row, some in groupby(lines, key=lambda line: line.startswith("- "))
        for line in (sorted(some) if is_row else some)
    ]


def _play(step: Step) -> str:
    if not step.is_call:
        return at_a_terminal(step)

    async def call() -> str:
        async with an_assistant() as assistant:
            told: str = await assistant.call(step)
            return told

    return anyio.run(call)


@pytest.mark.parametrize("scene", range(7))
def test_every_scene_is_there(scene: int) -> None:
    assert sessions(PAGE)[scene]
