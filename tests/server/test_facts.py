"""A preview is made of any state: of the one before a write, of the end state, and of every one that is refused."""

from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, do, recorded
from server.door.door import Result
from server.journal import reconciling
from server.journal.history import History
from server.program import Program
from server.sandbox.running import RunningSandbox
from tools.catalogue import CATALOGUE
from tools.contract.facts import holds
from tools.contract.preview import Preview
from tools.contract.resolving import resolve
from tools.contract.validation import validate
from tools.objects.statuses import MEANING
from writes import WRITES, ready

NAMES = [name for name in WRITES if CATALOGUE[name].preview is not None]


async def preview_now(program: Program, name: str, arguments: dict[str, Any]) -> Preview:
    """What a write would do to its target as it is now."""
    action = CATALOGUE[name]
    okta = await program.connections.client(await program.connections.connected())
    request, targets = await resolve(action, validate(action, arguments), okta)
    assert action.preview is not None
    return action.preview(request, await action.observe(request, okta, targets))


@pytest.mark.parametrize("name", NAMES)
async def test_the_facts_before_and_after_a_write_are_those_that_its_preview_tells(
    connected: None, program: Program, org: Org, name: str
) -> None:
    arguments = await ready(name, org)
    first = await preview_now(program, name, arguments)
    assert not holds(first.before, first.after)
    change = (await do(program, name, **arguments))["change_id"]
    again = await preview_now(program, name, arguments)
    assert holds(again.before, first.after)
    done = await recorded(program, change)
    okta = await program.connections.client(await program.connections.connected())
    history = History(program.recorder, await program.connections.connected())
    assert reconciling.judge(done, await reconciling.facts_now(done, okta, history))[0] == "done"


@pytest.mark.parametrize("name", NAMES)
async def test_where_both_are_the_same_there_is_nothing_to_do(
    connected: None, program: Program, org: Org, name: str
) -> None:
    arguments = await ready(name, org)
    await do(program, name, **arguments)
    seen = org.events()
    again = await program.door.call(CALLER, name, arguments)
    if CATALOGUE[name].idempotent:
        assert isinstance(again, Result)
        assert again.content["changed"] is False
    else:
        assert not isinstance(again, Result), "whoever is alike is somebody else"
    assert org.events() == seen


@pytest.mark.parametrize("status", MEANING)
@pytest.mark.parametrize("name", [name for name in NAMES if "user_id" in CATALOGUE[name].input.model_fields])
async def test_a_preview_is_made_of_every_status(
    connected: None, program: Program, org: Org, sandbox: RunningSandbox, name: str, status: str
) -> None:
    arguments = {**await ready(name, org), "user_id": JANE}
    sandbox.org.database.run("UPDATE users SET status = ? WHERE login = ?", status, JANE)
    told = await preview_now(program, name, arguments)
    assert set(told.after) <= set(told.before)
    assert told.text
