"""A preview is made of any state: of the one before a write, of the end state, and of every one that is refused."""

from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, do, recorded
from observing import named
from server.door.actions import ACTIONS
from server.door.door import Call, Result
from server.journal import reconciling
from server.program import Program
from server.sandbox.running import RunningSandbox
from tools.contract.facts import holds
from tools.contract.preview import Preview
from tools.objects.statuses import MEANING
from tools.objects.users import USER
from tools.okta.errors import InvalidInput
from worlds import ready, write_names

NAMES = [name for name in write_names() if not ACTIONS[name].leads_to]


OF_PEOPLE = [(name, field) for name in NAMES for field, kind in ACTIONS[name].references.items() if kind is USER]


async def preview_now(program: Program, name: str, arguments: dict[str, Any]) -> Preview:
    """What a write would do to its target as it is now."""
    return await (await named(program, name, arguments)).preview()


@pytest.mark.parametrize("name", NAMES)
async def test_the_facts_before_and_after_a_write_are_those_that_its_preview_tells(
    connected: None, program: Program, org: Org, name: str
) -> None:
    write = await ready(name, org)
    first = await preview_now(program, name, write.arguments)
    assert not holds(first.before, first.after)
    change = (await do(program, name, **write.arguments))["change_id"]
    world = write.world
    if world.shows and not (world.gone or world.anew):
        again = await preview_now(program, name, write.arguments)
        assert holds(again.before, first.after)
    done = await recorded(program, change)
    okta = await program.connections.client(await program.connections.connected())
    verdict = reconciling.judge(done, await reconciling.facts_now(done, okta))[0]
    assert verdict == ("done" if world.shows and not world.anew else "unknowable")


@pytest.mark.parametrize("name", NAMES)
async def test_where_both_are_the_same_there_is_nothing_to_do(
    connected: None, program: Program, org: Org, name: str
) -> None:
    write = await ready(name, org)
    await do(program, name, **write.arguments)
    seen = org.events()
    again = await program.door.call(Call(CALLER, name, write.arguments))
    if not write.world.shows:
        assert not isinstance(again, Result) or again.content["success"], "it is done again, or asked about again"
        return
    if ACTIONS[name].idempotent and not write.world.gone:
        assert isinstance(again, Result)
        assert again.content["changed"] is False
    else:
        assert not isinstance(again, Result), "whoever is alike is somebody else, and what is gone is gone"
    assert org.events() == seen


@pytest.mark.parametrize("status", MEANING)
@pytest.mark.parametrize(("name", "field"), OF_PEOPLE)
async def test_a_preview_is_made_of_every_status(
    connected: None, program: Program, org: Org, sandbox: RunningSandbox, name: str, field: str, status: str
) -> None:
    write = await ready(name, org)
    sandbox.org.database.run("UPDATE users SET status = ? WHERE ? IN (id, login)", status, write.arguments[field])
    if status in write.world.unseen:
        with pytest.raises(InvalidInput, match="Okta shows no"):
            await preview_now(program, name, write.arguments)
        return
    told = await preview_now(program, name, write.arguments)
    assert not write.world.shows or write.world.anew or set(told.after) <= set(told.before)
    assert told.text
