"""Any sequence of writes, taken back one after the other, leaves the org as it was, object by object."""

import json
import random
from dataclasses import dataclass
from itertools import count
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from connected_org import Org
from ledger import confirmed, do, recorded
from server.door.door import Refusal, Result
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from tools.contract.record import Undo
from tools.okta.errors import InvalidInput
from worlds import ROOM, Ready, ready, write_names

PEOPLE = {"active": (), "suspended": ("suspend",), "gone": ("deactivate",)}
"""Whom the writes are done to, each with the steps to their first status."""
GROUPS = ("Blue", "Green")
ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["Chief", "Queen", '“Ünï” \\ "quoted"']),
    "department": st.sampled_from(["Sales", "R&D"]),
    "nickName": st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=9),
    "badges": st.lists(st.sampled_from(["gold", "silver"]), max_size=2),
    "floor": st.integers(-3, 300),
    "remote": st.booleans(),
}
"""Some of Okta's own and some of the org's, of each type."""
CUSTOM = {
    "badges": {"type": "array", "items": {"type": "string"}},
    "floor": {"type": "integer"},
    "remote": {"type": "boolean"},
}


@dataclass(frozen=True)
class Write:
    name: str
    who: str
    arguments: dict[str, Any]


def writes() -> st.SearchStrategy[Write]:
    who = st.sampled_from(list(PEOPLE))
    group = st.fixed_dictionaries({"group_id": st.sampled_from(GROUPS)})
    values = st.fixed_dictionaries({}, optional=ATTRIBUTES)
    cleared = st.lists(st.sampled_from(list(ATTRIBUTES)), max_size=2, unique=True)
    attributes = st.builds(
        lambda values, cleared: {"attributes": values, "clear": [name for name in cleared if name not in values]},
        *(values, cleared),
    )
    return st.one_of(
        st.builds(Write, st.sampled_from(["add_user_to_group", "remove_user_from_group"]), who, group),
        st.builds(Write, st.sampled_from(["suspend_user", "unsuspend_user", "activate_user"]), who, st.just({})),
        st.builds(Write, st.just("update_user_profile"), who, attributes),
    )


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    """Room for many changes."""
    sandbox.org.limits.per_minute = 10_000_000
    return load(**ROOM)


@pytest.fixture
def prepared(org: Org, http: Any) -> None:
    """An org with attributes of its own, and groups."""
    schema = {"definitions": {"custom": {"id": "#custom", "type": "object", "properties": CUSTOM}}}
    assert http.post("/api/v1/meta/schemas/user/default", json=schema).status_code == 200
    for group in GROUPS:
        org.create_group(group)


_numbers = count()


def newcomers(org: Org) -> dict[str, str]:
    """New people, by what they are called in `PEOPLE`; their ids."""
    found = {}
    for who, steps in PEOPLE.items():
        login = f"{who}.{next(_numbers)}@example.com"
        found[who] = str(org.create(login, password="Secret-1234", department="Sales", remote=True)["id"])
        for step in steps:
            org.lifecycle(found[who], step)
    return found


def state(sandbox: RunningSandbox) -> dict[str, Any]:
    """Every person, group and membership of the org."""
    database = sandbox.org.database
    return {
        "people": {
            row["id"]: (row["status"], {k: v for k, v in json.loads(row["profile"]).items() if v is not None})
            for row in database.all("SELECT * FROM users")
        },
        "groups": {row["id"]: row["profile"] for row in database.all("SELECT * FROM groups")},
        "memberships": {(row["user_id"], row["group_id"]) for row in database.all("SELECT * FROM memberships")},
    }


async def change_of(program: Program, name: str, arguments: dict[str, Any]) -> str | None:
    """The id of the change; None where there was nothing to change, or the state of things forbids it."""
    outcome = await confirmed(program, name, **arguments)
    if isinstance(outcome, Refusal):
        assert isinstance(outcome.error, InvalidInput), outcome.error
        return None
    assert isinstance(outcome, Result)
    change: str | None = outcome.content.get("change_id")
    return change


MANY = hypothesis.settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@given(steps=st.lists(st.one_of(writes(), writes(), st.just("undo")), max_size=12))
async def test_undoing_everything_brings_the_org_back(
    program: Program, org: Org, sandbox: RunningSandbox, prepared: None, steps: list[Any]
) -> None:
    people = newcomers(org)
    first = state(sandbox)
    done: list[tuple[str, dict[str, Any]]] = []
    for step in [*steps, *["undo"] * len(steps)]:
        before = state(sandbox)
        if step != "undo":
            change = await change_of(program, step.name, {"user_id": people[step.who], **step.arguments})
            assert (change is not None) == (state(sandbox) != before)
            if change is not None:
                done.append((change, before))
        elif done:
            change, before = done.pop()
            assert await change_of(program, "undo_change", {"change_id": change})
            assert state(sandbox) == before
    assert state(sandbox) == first


@MANY
@given(
    steps=st.lists(writes(), min_size=1, max_size=8),
    outside=st.sampled_from(["title", "badges", "status"]),
    order=st.integers(0, 1_000_000),
)
async def test_undoing_never_overwrites_what_somebody_else_did(
    program: Program, org: Org, http: Any, prepared: None, steps: list[Write], outside: str, order: int
) -> None:
    people = newcomers(org)
    made = [await change_of(program, step.name, {"user_id": people[step.who], **step.arguments}) for step in steps]
    theirs = {}
    for id in people.values():
        if org.user(id)["status"] != "DEPROVISIONED":
            theirs[id] = interfere(org, http, id, outside)
    changes = [change for change in made if change is not None]
    random.Random(order).shuffle(changes)
    for change in changes:
        await change_of(program, "undo_change", {"change_id": change})
        assert {id: seen(org, id, outside) for id in theirs} == theirs


@hypothesis.settings(MANY, max_examples=10)
@given(sequence=st.lists(st.sampled_from(write_names()), min_size=1, max_size=6))
async def test_any_writes_taken_back_in_the_opposite_order_are_as_if_they_were_never_done(
    program: Program, org: Org, sequence: list[str]
) -> None:
    done: list[tuple[Ready, str]] = []
    for name in sequence:
        write = await ready(name, org)
        done.append((write, (await do(program, name, **write.arguments))["change_id"]))
        assert write.is_done
    for write, change in reversed(done):
        reversal = (await recorded(program, change)).change().reversal
        if isinstance(reversal, Undo):
            await do(program, "undo_change", change_id=change)
            # What is done in its place may look the same, where not all comes back.
            assert reversal.loses or not write.is_done
        else:
            assert write.is_done


def interfere(org: Org, http: Any, id: str, what: str) -> Any:
    """Let somebody else change something of a person to what no write of the test makes of it; to what."""
    if what == "status":
        org.lifecycle(id, "deactivate")
        return "DEPROVISIONED"
    value = {"title": "Emperor", "badges": ["bronze"]}[what]
    assert http.post(f"/api/v1/users/{id}", json={"profile": {what: value}}).status_code == 200
    return value


def seen(org: Org, id: str, what: str) -> Any:
    user = org.user(id)
    return user["status"] if what == "status" else user["profile"].get(what)
