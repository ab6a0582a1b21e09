"""Undo: what can be reversed is, by the way any write goes; what cannot, or was changed since, is refused."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, ask, do, entries, erased, outcome_of, recorded, refuse
from server.door.door import Answer, Call, Result
from server.policy.caller import operating_system_user
from server.program import Program
from server.settings import load
from surface import ERAS, YES, Person, call, over_stdio
from terminal import Terminal

NEW: dict[str, Any] = {
    "first_name": "New",
    "last_name": "Comer",
    "login": "new@example.com",
    "email": "new@example.com",
}
WHO = "undo.me@example.com"


def prepared(org: Org, *steps: str, **profile: Any) -> str:
    """Somebody to change, brought into a status; their id."""
    id: str = org.create(WHO, activate="stage" not in steps, password="Secret-1234", **profile)["id"]
    for step in steps:
        if step != "stage":
            org.lifecycle(id, step)
    return id


REVERSIBLE: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
    ("add_user_to_group", (), {"group_id": "Team"}),
    ("remove_user_from_group", (), {"group_id": "Everyday"}),
    ("suspend_user", (), {}),
    ("unsuspend_user", ("suspend",), {}),
    ("activate_user", ("deactivate",), {}),
    ("update_user_profile", (), {"title": "Chief", "first_name": "Una", "attributes": {"nickName": "Un"}}),
    ("update_user_profile", (), {"clear": ["department", "costCenter"]}),
    ("update_user_profile", (), {"login": "another@example.com", "email": "another@example.com"}),
]
"""Changes after whose undo the org is as before."""


def state(org: Org, id: str) -> tuple[str, dict[str, Any], set[str]]:
    user = org.user(id)
    return user["status"], {k: v for k, v in user["profile"].items() if v is not None}, org.groups_of(id)


@pytest.fixture
def groups(org: Org) -> None:
    for name in ("Team", "Everyday"):
        org.create_group(name)


def somebody(org: Org, http: Any, *steps: str) -> str:
    id = prepared(org, *steps, department="Sales", costCenter="7")
    http.put(f"/api/v1/groups/{org.group_id('Everyday')}/users/{id}")
    return id


@pytest.mark.parametrize(("name", "steps", "arguments"), REVERSIBLE, ids=lambda value: str(value)[:40])
async def test_undo_brings_back_what_was(
    program: Program, org: Org, http: Any, groups: None, name: str, steps: tuple[str, ...], arguments: dict[str, Any]
) -> None:
    id = somebody(org, http, *steps)
    before = state(org, id)
    change = (await do(program, name, user_id=id, **arguments))["change_id"]
    after = state(org, id)
    assert after != before
    told = await do(program, "undo_change", change_id=change, dry_run=True)
    assert told["would"].startswith(f"Undo change {change} of 20")
    assert state(org, id) == after
    undone = await do(program, "undo_change", change_id=change)
    assert (undone["undid"], undone["changed"]) == (change, True)
    assert state(org, id) == before
    # The undo is a change that names the one it undoes, and can be undone in its turn, after which the first one can.
    undoing = undone["change_id"]
    assert (await recorded(program, undoing)).row.change == int(change)
    again = await refuse(program, "undo_change", change_id=change)
    assert f"undone already, by change {undoing}" in str(again)
    await do(program, "undo_change", change_id=undoing)
    assert state(org, id) == after
    await do(program, "undo_change", change_id=change)
    assert state(org, id) == before


@pytest.mark.parametrize(
    ("name", "steps", "loses", "status"),
    [
        ("deactivate_user", (), "They were ACTIVE and become PROVISIONED", "ACTIVE"),
        ("activate_user", ("stage",), "no way back to STAGED", "DEPROVISIONED"),
    ],
)
async def test_undo_that_does_not_bring_everything_back_says_so_and_asks(
    program: Program, org: Org, name: str, steps: tuple[str, ...], loses: str, status: str
) -> None:
    id = prepared(org, *steps)
    change = (await do(program, name, user_id=id))["change_id"]
    after = org.user(id)["status"]
    question = await ask(program, "undo_change", change_id=change)
    assert question.text.startswith(f"Undo change {change} of ")
    assert loses in question.text
    no = await program.door.call(
        Call(CALLER, "undo_change", {"change_id": change}, Answer(question.ticket, "declined"))
    )
    assert isinstance(no, Result)
    assert no.content["success"] is False
    assert org.user(id)["status"] == after
    assert loses in (await do(program, "undo_change", change_id=change))["loses"]
    assert org.user(id)["status"] == status


async def test_undo_of_a_creation_deactivates_whom_it_made(program: Program, org: Org) -> None:
    change = (await do(program, "create_user", **NEW))["change_id"]
    assert "keep the login" in (await ask(program, "undo_change", change_id=change)).text
    await do(program, "undo_change", change_id=change)
    assert org.user(NEW["login"])["status"] == "DEPROVISIONED"


async def test_undo_that_escalates_asks_as_the_change_did(program: Program, org: Org) -> None:
    id = prepared(org, secondEmail="own@example.com")
    change = (await do(program, "update_user_profile", user_id=id, clear=["secondEmail"]))["change_id"]
    assert "take over the account" in (await ask(program, "undo_change", change_id=change)).text
    assert org.user(id)["profile"]["secondEmail"] is None


@pytest.mark.parametrize("era", ERAS)
async def test_undo_over_mcp(connected: None, org: Org, http: Any, groups: None, era: str) -> None:
    id = somebody(org, http)
    before = state(org, id)
    person = Person(YES)
    async with over_stdio(era, person) as client:
        changes = [
            (await call(client, name, user_id=id, **arguments))["change_id"]
            for name, steps, arguments in REVERSIBLE
            if not steps
        ]
        for change in reversed(changes):
            assert (await call(client, "undo_change", change_id=change))["undid"] == change
        listed = (await call(client, "list_changes", user_id=id))["changes"]
    assert state(org, id) == before
    assert [one["undoes"] for one in listed[: len(changes)]] == changes
    assert {one["by"] for one in listed} == {f"{operating_system_user()} over stdio (mcp 0.1.0)"}
    assert any("Undo change" in text for text in person.read)


# Why not


async def test_what_somebody_changed_since_is_not_undone(program: Program, org: Org, http: Any, groups: None) -> None:
    id = prepared(org)
    title = (await do(program, "update_user_profile", user_id=id, title="Chief", department="Sales"))["change_id"]
    member = (await do(program, "add_user_to_group", user_id=id, group_id="Team"))["change_id"]
    suspended = (await do(program, "suspend_user", user_id=id))["change_id"]
    http.post(f"/api/v1/users/{id}", json={"profile": {"title": "Queen"}})
    http.delete(f"/api/v1/groups/{org.group_id('Team')}/users/{id}")
    org.lifecycle(id, "unsuspend")
    before = state(org, id)
    for change, why in (
        (title, "title is Queen, not Chief"),
        (member, "member is false, not true"),
        (suspended, "status is ACTIVE, not SUSPENDED"),
    ):
        error = await refuse(program, "undo_change", change_id=change)
        assert (error.code, len(str(error).splitlines())) == ("changed_since", 2)
        assert f"{why}." in str(error)
        assert "department" not in str(error)
    assert state(org, id) == before


async def test_what_changed_beside_it_does_not_matter(program: Program, org: Org, http: Any) -> None:
    id = prepared(org)
    change = (await do(program, "update_user_profile", user_id=id, title="Chief"))["change_id"]
    http.post(f"/api/v1/users/{id}", json={"profile": {"department": "Sales"}})
    await do(program, "undo_change", change_id=change)
    assert org.user(id)["profile"]["department"] == "Sales"
    assert "title" not in org.user(id)["profile"]


async def test_what_is_gone_is_not_undone(program: Program, org: Org, http: Any, groups: None) -> None:
    id = prepared(org)
    change = (await do(program, "add_user_to_group", user_id=id, group_id="Team"))["change_id"]
    http.delete(f"/api/v1/groups/{org.group_id('Team')}")
    error = await refuse(program, "undo_change", change_id=change)
    assert error.code == "not_found"
    assert f"Change {change} cannot be undone any more: No group has the id" in str(error)


async def test_who_was_created_is_let_go_even_if_a_group_they_joined_is_gone(
    program: Program, org: Org, http: Any, groups: None
) -> None:
    change = (await do(program, "create_user", **NEW, group_ids=["Team", "Everyday"]))["change_id"]
    http.delete(f"/api/v1/groups/{org.group_id('Team')}")
    assert (await do(program, "undo_change", change_id=change))["undid"] == change
    assert org.user(NEW["login"])["status"] == "DEPROVISIONED"


async def test_what_was_not_done_is_not_undone(program: Program, org: Org) -> None:
    id = prepared(org)
    org.trouble({"kind": "status", "status": 403, "method": "POST"}, {"kind": "drop_after", "method": "POST"})
    failed = (await refuse(program, "suspend_user", user_id=id)).change_id
    unknown = (await refuse(program, "suspend_user", user_id=id)).change_id
    question = await ask(program, "deactivate_user", user_id=id)
    await program.door.call(Call(CALLER, "deactivate_user", {"user_id": id}, Answer(question.ticket, "declined")))
    assert "nothing was changed" in str(await refuse(program, "undo_change", change_id=failed))
    assert "not known yet" in str(await refuse(program, "undo_change", change_id=unknown))
    declined = f"e{(await entries(program))[-1].sequence}"
    for nonsense in (declined, "0", "999", "-1", "latest", "9" * 30):
        assert (await refuse(program, "undo_change", change_id=nonsense)).code == "not_found"


async def test_what_was_erased_is_not_undone(program: Program, org: Org) -> None:
    id = prepared(org)
    change = (await do(program, "suspend_user", user_id=id))["change_id"]
    await erased(program, id)
    assert "its details were erased" in str(await refuse(program, "undo_change", change_id=change))


async def test_a_change_of_another_connection_is_none_of_this_one(program: Program, org: Org) -> None:
    id = prepared(org)
    change = (await do(program, "suspend_user", user_id=id))["change_id"]

    def move(database: Any, _: Any) -> None:
        database.connection.exec_driver_sql("UPDATE connections SET org_url = 'http://127.0.0.1:1'")

    await program.recorder.run(move)
    async with Program(load()) as elsewhere:
        error = await refuse(elsewhere, "undo_change", change_id=change)
        assert error.code == "other_connection"
        assert f"Change {change} was made through the connection “default” to http://127.0.0.1:" in str(error)
        assert (await do(elsewhere, "list_changes"))["changes"] == []


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ({"read_only": True}, "read_only"),
        ({"deny_actions": ("unsuspend_user",)}, "deny_actions"),
        ({"deny_actions": ("undo_change",)}, "deny_actions"),
        ({"deny_toolsets": ("lifecycle",)}, "deny_toolsets"),
        ({"protected_users": ("undo.*",)}, "protected_users"),
        ({"changes_per_minute": 1}, "changes_per_minute"),
    ],
    ids=str,
)
async def test_undo_keeps_to_the_rules(program: Program, org: Org, rules: dict[str, Any], rule: str) -> None:
    id = prepared(org)
    change = (await do(program, "suspend_user", user_id=id))["change_id"]
    before = org.events()
    async with Program(load(**rules)) as ruled:
        error = await refuse(ruled, "undo_change", change_id=change)
    assert (error.code, error.details()["rule"]) == ("refused_by_policy", rule)
    assert org.events() == before


async def test_an_unknown_change_can_be_undone_once_it_is_settled(program: Program, org: Org) -> None:
    from server.journal.reconciling import reconcile

    id = prepared(org)
    org.trouble({"kind": "drop_after", "method": "POST"})
    change = (await refuse(program, "suspend_user", user_id=id)).change_id
    assert change is not None
    await reconcile(program.recorder, program.connections)
    assert await outcome_of(program, change) == "done"
    await do(program, "undo_change", change_id=change)
    assert org.user(id)["status"] == "ACTIVE"


# Listing


async def test_changes_are_listed_newest_first_by_filter_and_page(program: Program, org: Org, groups: None) -> None:
    id = prepared(org)
    for name in ("Team", "Everyday"):
        await do(program, "add_user_to_group", user_id=id, group_id=name)
    between = datetime.fromtimestamp(time.time(), UTC)
    await do(program, "suspend_user", user_id=JANE)
    made = await do(program, "create_user", **NEW, group_ids=["Team"])
    await ask(program, "deactivate_user", user_id=id)

    async def listed(**arguments: Any) -> list[str]:
        found = (await do(program, "list_changes", **arguments))["changes"]
        return [one["summary"] for one in found]

    everything = await listed()
    assert [text.split()[0] for text in everything] == ["Create", "Suspend", "Add", "Add"]
    assert await listed(user_id=id) == everything[2:]
    assert await listed(user_id=made["id"]) == everything[:1]
    assert await listed(group_id="Team") == [everything[0], everything[3]]
    assert await listed(user_id=id, group_id="Team") == everything[3:]
    assert await listed(action="suspend_user") == everything[1:2]
    assert await listed(since=between.isoformat()) == everything[:2]
    assert await listed(action="no_such_action") == []
    page = await do(program, "list_changes", limit=3)
    assert len(page["changes"]) == 3
    page = await do(program, "list_changes", limit=3, cursor=page["next_cursor"])
    assert len(page["changes"]) == 1
    assert "next_cursor" not in page
    assert (await refuse(program, "list_changes", cursor="-5")).code == "invalid_input"


# At a terminal


def test_the_newest_change_is_shown_and_undone_after_a_yes(connected: None, org: Org) -> None:
    for typed, code, status in (("n\n", 3, "SUSPENDED"), ("y\n", 0, "ACTIVE")):
        if typed == "n\n":
            with Terminal("call", "suspend_user", "--user-id", JANE) as terminal:
                assert terminal.end() == 0
        with Terminal("undo") as terminal:
            terminal.until("Do it?")
            assert "Undo change 1 of 20" in terminal.screen
            assert "Suspend Jane Doe" in terminal.screen
            assert org.user(JANE)["status"] == "SUSPENDED"
            terminal.type(typed)
            assert terminal.end() == code
        assert org.user(JANE)["status"] == status
    with Terminal("undo") as terminal:
        assert terminal.end() == 1
        assert "There is no change that can be undone" in terminal.screen


def test_a_named_change_is_shown_and_asked_about_at_a_terminal(connected: None, org: Org) -> None:
    with Terminal("call", "deactivate_user", "--user-id", JANE) as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    with Terminal("undo", "1", "--dry-run") as terminal:
        assert terminal.end() == 0
        assert "A person must confirm it." in terminal.screen
    with Terminal("undo", "1") as terminal:
        terminal.until("[y/N]")
        assert "set a new password" in terminal.screen
        terminal.type("n\n")
        assert terminal.end() == 3
    assert org.user(JANE)["status"] == "DEPROVISIONED"
    with Terminal("call", "suspend_user", "--user-id", "priya.raman@example.com") as terminal:
        assert terminal.end() == 0
    with Terminal("undo", "2") as terminal:
        terminal.until("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 3
    assert org.user("priya.raman@example.com")["status"] == "SUSPENDED"
    with Terminal("undo", "7") as terminal:
        assert terminal.end() == 1
        assert "No change has the id" in terminal.screen


async def test_a_long_line_of_undos_is_read_to_its_end(program: Program) -> None:
    made = await do(program, "suspend_user", user_id=JANE)
    first = made["change_id"]
    for _ in range(5):
        made = await do(program, "undo_change", change_id=made["change_id"])
    assert (await recorded(program, first)).undone_by is not None
    made = await do(program, "undo_change", change_id=made["change_id"])
    assert (await recorded(program, first)).undone_by is None
