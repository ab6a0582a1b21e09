"""What find_actions answers: rows of the actions, schemas of the first three, and no more than a model should pay."""

import json
from itertools import combinations
from typing import Any

import pytest

from server.door.actions import FINDABLE, FINDER
from tools.contract.listing import ListedAction
from tools.elsewhere import NOT_HERE
from tools.finding.answer import ASK_BY_NAME, MOST_SCHEMAS, MOST_TOKENS, FoundActions, answer

ALL = tuple(FINDABLE.values())
REASON = "The rule toolsets withholds it, and the connection lacks the scope okta.users.manage. Ask an administrator."


def size(found: FoundActions) -> float:
    """In tokens, reckoned high: benchmarks/finding.py counts them."""
    return len(json.dumps(found.model_dump(exclude_none=True), separators=(",", ":"), ensure_ascii=False)) / 4


def largest(count: int) -> list[ListedAction]:
    return sorted(ALL, key=lambda action: -len(json.dumps(action.input_schema)))[:count]


def test_rows_say_what_an_action_is_and_the_first_three_how_it_is_called() -> None:
    actions = [FINDABLE[name] for name in ("suspend_user", "unsuspend_user", "activate_user", "deactivate_user")]
    rows = answer(actions).actions
    assert [row.name for row in rows] == [action.name for action in actions]
    assert [row.input_schema for row in rows] == [*(action.input_schema for action in actions[:MOST_SCHEMAS]), None]
    assert rows[3].effect == "destructive"
    assert rows[0].description == actions[0].description
    assert answer(actions[:3]).note is None
    assert answer(actions).note == ASK_BY_NAME


def test_later_rows_have_only_the_first_line_of_the_description() -> None:
    rows = answer([*largest(3), FINDABLE["list_group_members"]]).actions
    assert "\n" in FINDABLE["list_group_members"].description
    assert rows[3].description == FINDABLE["list_group_members"].description.partition("\n")[0]


def test_what_is_withheld_says_why_and_leaves_its_schema_to_one_that_can_be_called() -> None:
    actions = [FINDABLE[name] for name in ("suspend_user", "unsuspend_user", "activate_user", "deactivate_user")]
    rows = answer(actions, reasons={"suspend_user": REASON}).actions
    assert (rows[0].reason, rows[0].input_schema) == (REASON, None)
    assert all(row.reason is None and row.input_schema for row in rows[1:])


@pytest.mark.parametrize("reasons", [{}, dict.fromkeys(FINDABLE, REASON)], ids=["all", "withheld"])
@pytest.mark.parametrize("count", [1, 3, 10, len(ALL)])
def test_no_answer_is_larger_than_a_model_should_pay(count: int, reasons: dict[str, str]) -> None:
    elsewhere = sorted(map(str, NOT_HERE), key=len)[-3:]
    for actions in ([*largest(count)], [*largest(count)[::-1]]):
        found = answer(actions, elsewhere, reasons)
        assert size(found) <= MOST_TOKENS
        assert found.actions
        assert found.not_here == elsewhere


def test_the_first_has_its_schema_whichever_three_are_found() -> None:
    for three in combinations(largest(8), 3):
        found = answer(three)
        assert size(found) <= MOST_TOKENS
        assert found.actions[0].input_schema == three[0].input_schema


def test_nothing_found_says_so_and_how_to_ask() -> None:
    nothing = answer(FINDER.find("the weather").actions, FINDER.find("the weather").elsewhere)
    assert nothing.actions == []
    assert nothing.note is not None
    assert "Nothing here fits" in nothing.note


def test_what_is_done_elsewhere_alone_needs_no_note() -> None:
    found = FINDER.find("create an API token")
    sent: dict[str, Any] = answer(found.actions, found.elsewhere).model_dump(exclude_none=True)
    assert sent["actions"] == []
    assert "Security, API, Tokens" in sent["not_here"][0]
    assert "note" not in sent
