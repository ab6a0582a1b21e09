"""Generated rules against generated calls: the door decides as a model of a few lines does, written for itself."""

import re
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger import CALLER, JANE, NEW
from server.door.actions import ACTIONS
from server.door.door import Call, Door, Refusal, Result
from server.door.guard import Guard
from server.door.keeping import Exports
from server.policy.rules import PolicyRefusal, Rules
from server.program import Program
from server.sandbox.running import RunningSandbox

OWN, TESS, SAMIR = (f"{account}@example.com" for account in ("okta-actions", "tess.nguyen", "samir.patel"))
PEOPLE = (JANE, "peter.svensson@example.com", TESS, SAMIR, OWN)
GROUPS = ("Legal", "Sales", "Night Desk", "IT Administrators")
ADMINISTRATORS = (TESS, SAMIR, OWN)
GRANTING = ("Night Desk", "IT Administrators")

TOOLSETS = {
    "lookup_user": "users",
    "create_user": "users",
    "update_user_profile": "users",
    "suspend_user": "lifecycle",
    "deactivate_user": "lifecycle",
    "lookup_group": "groups",
    "add_user_to_group": "memberships",
    "remove_user_from_group": "memberships",
}


@dataclass(frozen=True)
class Made:
    name: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    takeover: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = {"user_id": self.people[0]} if self.people else {}
        if self.name == "create_user":
            given = {**NEW, "group_ids": list(self.groups)}
        elif self.groups:
            given["group_id"] = self.groups[0]
        if self.name == "update_user_profile":
            given["email" if self.takeover else "title"] = "else@example.com"
        return given if self.name.startswith("lookup") else {**given, "dry_run": True}


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.IGNORECASE) is not None


def forbidding(rules: Rules, call: Made) -> set[str]:
    """The rules that forbid a call."""
    toolset, writes = TOOLSETS[call.name], not call.name.startswith("lookup")
    allowed = call.name in rules.allow_actions or toolset in rules.allow_toolsets
    nothing_named = not rules.allow_actions and not rules.allow_toolsets
    people, groups = (call.people, call.groups) if writes else ((), ())
    claimed = (NEW["login"],) if call.name == "create_user" else ("else@example.com",) if call.takeover else ()
    broken = {
        "read_only": rules.read_only and writes,
        "deny_actions": call.name in rules.deny_actions,
        "deny_toolsets": toolset in rules.deny_toolsets,
        "allow_actions": bool(rules.allow_actions) and not allowed and not nothing_named,
        "allow_toolsets": bool(rules.allow_toolsets) and not allowed and not nothing_named,
        "own_identity": OWN in people,
        "protected_users": any(fits(pattern, one) for pattern in rules.protected_users for one in (*people, *claimed)),
        "protected_groups": any(fits(pattern, one) for pattern in rules.protected_groups for one in groups),
        "managed_groups": bool(rules.managed_groups)
        and not all(any(fits(pattern, one) for pattern in rules.managed_groups) for one in groups),
        "allow_administrators": not rules.allow_administrators
        and not takes_administration(call)
        and (any(one in ADMINISTRATORS for one in people) or any(one in GRANTING for one in groups)),
    }
    return {rule for rule, is_broken in broken.items() if is_broken}


def takes_administration(call: Made) -> bool:
    """What only takes rights away passes with a person's yes."""
    return call.name == "remove_user_from_group" and any(group in GRANTING for group in call.groups)


def asks(rules: Rules, call: Made) -> bool:
    if takes_administration(call) and not rules.allow_administrators:
        return True
    joins = call.groups if call.name in ("create_user", "add_user_to_group") else ()
    escalates = call.takeover or any(group in GRANTING for group in joins) or takes_administration(call)
    return (
        "write" in rules.confirm
        or ("destructive" in rules.confirm and call.name == "deactivate_user")
        or ("escalation" in rules.confirm and escalates)
    )


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    # Mostly few: rules that forbid everything tell little.
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple))


RULES = st.builds(
    Rules,
    read_only=st.sampled_from([False, False, False, True]),
    allow_toolsets=some(*set(TOOLSETS.values())),
    allow_actions=some(*TOOLSETS),
    deny_toolsets=some(*set(TOOLSETS.values())),
    deny_actions=some(*TOOLSETS),
    protected_users=some(JANE, "jane.*", "*@EXAMPLE.com", "Tess.Nguyen@example.com", "*a", "nobody"),
    protected_groups=some("Legal", "sal*", "*desk", "*", "None", "Leg?l"),
    managed_groups=some("Legal", "*a*", "*", "Night Desk", "None"),
    allow_administrators=st.booleans(),
    confirm=some("destructive", "escalation", "write"),
)
person, group = st.sampled_from(PEOPLE), st.sampled_from(GROUPS)
CALLS = st.one_of(
    st.builds(Made, st.sampled_from(["suspend_user", "deactivate_user", "lookup_user"]), st.tuples(person)),
    st.builds(Made, st.just("update_user_profile"), st.tuples(person), takeover=st.booleans()),
    st.builds(
        Made, st.sampled_from(["add_user_to_group", "remove_user_from_group"]), st.tuples(person), st.tuples(group)
    ),
    st.builds(Made, st.just("create_user"), groups=st.lists(group, max_size=2, unique=True).map(tuple)),
    st.builds(Made, st.just("lookup_group"), groups=st.tuples(group)),
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=RULES, call=CALLS)
@example(rules=Rules(), call=Made("create_user", groups=("Legal", "Night Desk")))
@example(rules=Rules(allow_administrators=True), call=Made("add_user_to_group", (JANE,), ("Night Desk",)))
async def test_the_door_decides_as_the_model_does(
    program: Program, sandbox: RunningSandbox, rules: Rules, call: Made
) -> None:
    before = sandbox.org.database.one("SELECT count(*) AS events FROM events")
    door = Door(program.connections, guard := Guard(rules, ACTIONS), program.recorder, Exports(program.store, guard))
    outcome = await door.call(Call(CALLER, call.name, call.arguments))
    wanted = forbidding(rules, call)
    if wanted:
        assert isinstance(outcome, Refusal), outcome
        assert isinstance(outcome.error, PolicyRefusal), outcome.error
        assert outcome.error.rule in wanted
    else:
        assert isinstance(outcome, Result), outcome
        if outcome.content.get("dry_run"):
            assert outcome.content["asks"] is asks(rules, call)
    assert sandbox.org.database.one("SELECT count(*) AS events FROM events") == before
