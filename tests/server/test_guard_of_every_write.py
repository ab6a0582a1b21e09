"""Every write under every rule that can keep it away: refused in the rule's name, with nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest

from connected_org import Org
from ledger import attempt, forbidden, run
from server.door.actions import ACTIONS
from server.door.door import Question
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import load
from tools.contract.definition import Definition, Effect
from tools.contract.kinds import Kind
from worlds import Ready, ready, write_names


def under(**rules: Any) -> Program:
    """A program over the connected store, under these rules."""
    return Program(load(**rules))


FORBIDDING: list[tuple[str, Callable[[Definition], Any]]] = [
    ("read_only", lambda action: True),
    ("deny_actions", lambda action: (action.name,)),
    ("deny_toolsets", lambda action: (action.toolset,)),
    ("allow_actions", lambda action: (next(name for name in ACTIONS if name != action.name),)),
    (
        "allow_toolsets",
        lambda action: (next(one.toolset for one in ACTIONS.values() if one.toolset != action.toolset),),
    ),
    ("changes_per_minute", lambda action: 0),
    ("changes_per_hour", lambda action: 0),
]
"""Of each rule that can keep any write away, a value that keeps this one away."""
NAMING = [
    (name, kind, rule)
    for name in write_names()
    for kind in ACTIONS[name].kinds
    for rule in (kind.protection.protected, kind.protection.managed)
    if rule
]
"""Each write with the rules that name what it is done to."""


async def refused_by(org: Org, write: Ready, rule: str, value: Any) -> PolicyRefusal:
    """The refusal of a write in the name of a rule, which changes nothing."""
    before = org.events()
    async with under(**{rule: value}) as program:
        error = await forbidden(program, write.name, **write.arguments)
    assert error.rule == rule
    assert f"the rule {rule} forbids it" in str(error)
    assert len(str(error).splitlines()) == 2
    assert org.events() == before
    assert not write.is_done
    return error


@pytest.mark.parametrize(("rule", "value"), FORBIDDING, ids=[rule for rule, _ in FORBIDDING])
@pytest.mark.parametrize("name", write_names())
async def test_every_rule_keeps_every_write_away(
    connected: None, org: Org, name: str, rule: str, value: Callable[[Definition], Any]
) -> None:
    await refused_by(org, await ready(name, org), rule, value(ACTIONS[name]))


@pytest.mark.parametrize(("name", "kind", "rule"), NAMING, ids=[f"{name}-{rule}" for name, _, rule in NAMING])
async def test_what_a_write_is_done_to_is_protected_by_name_and_by_what_may_be_managed(
    connected: None, org: Org, name: str, kind: Kind[Any], rule: str
) -> None:
    write = await ready(name, org)
    patterns = (f"*{write.text}*",) if rule == kind.protection.protected else ("Of nobody here",)
    assert write.text in str(await refused_by(org, write, rule, patterns))


@pytest.mark.parametrize("name", write_names())
async def test_where_everything_is_a_dry_run_nothing_is_done(connected: None, org: Org, name: str) -> None:
    write = await ready(name, org)
    before = org.events()
    async with under(dry_run=True) as program:
        told = await run(program, name, **write.arguments)
    assert (told["success"], told["changed"], told["dry_run"]) == (True, False, True)
    assert "change_id" not in told
    assert write.text in told["would"]
    assert org.events() == before
    assert not write.is_done
    async with under() as program:
        asked = isinstance(await attempt(program, name, **write.arguments), Question)
    assert told["asks"] is asked
    if ACTIONS[name].effect is Effect.DESTRUCTIVE:
        assert asked
