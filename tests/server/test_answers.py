"""Answers name whom, what and where in fields of their own, say how things are now, and what nobody here can do."""

import json
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, ask, do, refuse
from observing import named
from server.door.actions import ACTIONS, FINDER
from server.door.door import Answer, Call, Result
from server.program import Program
from server.sandbox.running import RunningSandbox
from tools.contract.definition import Effect
from tools.contract.record import UndoneBy
from tools.elsewhere import NOT_HERE
from worlds import ready, write_names

NAMES = [name for name in write_names() if not ACTIONS[name].leads_to]
UNDONE = [name for name in NAMES if isinstance(ACTIONS[name].undo, UndoneBy)]


def fields(answer: dict[str, Any]) -> str:
    """What an answer says in fields, apart from its sentences."""
    return str({name: value for name, value in answer.items() if name not in ("message", "note", "would", "loses")})


@pytest.mark.parametrize("name", NAMES)
async def test_calls_side_by_side_can_be_told_apart_by_their_fields(program: Program, org: Org, name: str) -> None:
    write = await ready(name, org)
    targets = (await named(program, name, write.arguments)).objects
    answers = [await do(program, name, **write.arguments)]
    if ACTIONS[name].idempotent and write.world.shows and not write.world.gone:
        answers.append(await do(program, name, **write.arguments))
    assert [answer["changed"] for answer in answers] == [write.world.changes, False][: len(answers)]
    for answer in answers:
        assert all(target.id in fields(answer) for target in targets)
        assert write.text in fields(answer)


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_says_whom_and_where_and_how_to_undo_it(
    program: Program, org: Org, sandbox: RunningSandbox, name: str
) -> None:
    write = await ready(name, org)
    done = await do(program, name, **write.arguments)
    assert write.text in done["message"]
    assert not write.world.changes or f"in the org {sandbox.url.partition('://')[2]}." in done["message"]
    if name in UNDONE:
        assert done["message"].endswith(f"To undo it, call undo_change with change_id {done['change_id']}.")


@pytest.mark.parametrize("name", UNDONE)
async def test_an_undo_answers_with_how_it_is_now(program: Program, org: Org, name: str) -> None:
    write = await ready(name, org)
    targets = (await named(program, name, write.arguments)).objects
    done = await do(program, name, **write.arguments)
    undone = await do(program, "undo_change", change_id=done["change_id"])
    assert (undone["undid"], undone["changed"]) == (done["change_id"], True)
    assert undone["message"].startswith(f"Undid change {done['change_id']}. ")
    assert all(target.id in fields(undone) for target in targets)
    assert write.text in fields(undone)


@pytest.mark.parametrize("verdict", ["declined", "cancelled"])
async def test_an_answer_that_is_no_yes_names_what_was_not_done(program: Program, org: Org, verdict: Any) -> None:
    question = await ask(program, "deactivate_user", user_id=JANE)
    no = await program.door.call(Call(CALLER, "deactivate_user", {"user_id": JANE}, Answer(question.ticket, verdict)))
    assert isinstance(no, Result)
    assert f"Deactivate Jane Doe <{JANE}>, ACTIVE." in no.content["message"]


def test_what_is_done_elsewhere_stands_beside_an_action_that_exists() -> None:
    assert {one.near for one in NOT_HERE if one.near} <= set(ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_no_action_is_called_like_what_is_done_elsewhere(name: str) -> None:
    """If this fails for a new action, the table in `tools/elsewhere.py` says that no action does what it does."""
    assert FINDER.meant(name) is None


UNKNOWN = {
    "delete_application": "Applications",
    "block_ip_address": "Security, Networks",
    "revoke_api_token": "API, Tokens",
    "assign_admin_role": "Security, Administrators",
}


@pytest.mark.parametrize(("name", "where"), [one for one in UNKNOWN.items() if one[0] not in ACTIONS])
async def test_a_call_of_what_no_action_does_is_told_where_it_is_done(program: Program, name: str, where: str) -> None:
    error = await refuse(program, name, user_id=JANE)
    assert where in str(error)
    assert "Okta Admin Console" in str(error)
    assert len(str(error).splitlines()) == 2


@pytest.mark.parametrize("name", ["lookup_usr", "creat_user", "list_user_group", "suspendUser", "expire-password"])
async def test_a_misspelt_action_is_still_suggested(program: Program, name: str) -> None:
    assert "Did you mean" in str(await refuse(program, name, user_id=JANE))


async def test_the_list_of_actions_says_what_none_of_them_does(program: Program) -> None:
    rows = json.dumps([offer.row() for offer in await program.door.offers()], ensure_ascii=False)
    for one in NOT_HERE:
        assert (str(one) in rows) is bool(one.near)
    assert "unlock" in rows
    assert "password" in rows
    assert all(action.effect in Effect for action in ACTIONS.values())


@pytest.mark.parametrize("attribute", ["mobile_phone", "second_email", "primaryPhone"])
async def test_emptying_a_way_to_recover_gives_it_to_nobody(program: Program, org: Org, attribute: str) -> None:
    person: dict[str, Any] = {"secondEmail": "b@example.com", "mobilePhone": "+1 555 1", "primaryPhone": "+1 555 2"}
    org.create("somebody@example.com", **person)
    question = await ask(program, "update_user_profile", user_id="somebody@example.com", clear=[attribute])
    assert "controls" not in question.text
    assert f"can no longer recover the account with {attribute}" in question.text


@pytest.mark.parametrize("attribute", ["email", "second_email", "mobile_phone", "login"])
async def test_undoing_a_way_to_recover_names_the_former_value_and_calls_it_not_new(
    program: Program, org: Org, attribute: str
) -> None:
    former = "+1 555 1" if attribute == "mobile_phone" else "former@example.com"
    new = "+1 555 2" if attribute == "mobile_phone" else "other@example.com"
    address = "former@example.com"
    values: dict[str, Any] = {"mobilePhone": "+1 555 1", "email": address, "secondEmail": address}
    org.create("former@example.com", **values)
    id = org.user("former@example.com")["id"]
    change = (await do(program, "update_user_profile", **{"user_id": id, attribute: new}))["change_id"]
    question = await ask(program, "undo_change", change_id=change)
    assert f"controls the {attribute} “{former}” can take over the account" in question.text
    assert "the new" not in question.text
