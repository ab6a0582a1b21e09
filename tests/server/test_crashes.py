"""Processes that die at the worst moments of a write: the journal stays whole, and the truth is found out."""

from typing import Any

import anyio
import pytest

from connected_org import Org
from crashing import POINTS, Crashes, crash
from ledger import JANE, begun, body, details, do, entries, outcome_of, refuse
from server.journal.reconciling import Settlement, reconcile
from server.program import Program
from server.sandbox.faults import Fault, Kind
from server.sandbox.running import RunningSandbox
from surface import COMMAND, environment

NEWCOMER = "new@example.com"
ENDS = {
    "ticket spent": "not begun",
    "intent written": "not_done",
    "request sent": "done",
    "answer received": "done",
    "outcome written": "done",
}


@pytest.fixture
def crashes(sandbox: RunningSandbox, org: Org, monkeypatch: pytest.MonkeyPatch) -> Crashes:
    monkeypatch.setenv("OKTA_ACTIONS_CONFIRM", "destructive,escalation,write")
    found = Crashes(sandbox, org)
    found.prepare()
    return found


def test_whenever_a_process_dies_the_journal_tells_the_truth(crashes: Crashes) -> None:
    assert set(ENDS) == set(POINTS)
    for point, end in ENDS.items():
        assert crash(crashes, point, 2) == {end: 2}
    assert crash(crashes, "random", 2).total() == 2


# What reconciling finds out


async def reconciled(program: Program, settled_after: float = 0) -> Settlement:
    (found,) = await reconcile(program.recorder, program.connections, settled_after)
    return found


async def lost(
    program: Program, sandbox: RunningSandbox, name: str, kind: Kind = "drop_after", **arguments: Any
) -> str:
    """A change whose answer got lost: done, or with `drop_before` not done. Its id."""
    sandbox.org.faults.coming.append(Fault(kind, 9, "POST", "/api/v1/users"))
    change = (await refuse(program, name, **arguments)).change_id
    sandbox.org.faults.coming.clear()
    assert change is not None
    assert await outcome_of(program, change) == "unknown"
    return change


async def test_what_okta_has_as_wanted_was_done(program: Program, sandbox: RunningSandbox) -> None:
    change = await lost(program, sandbox, "suspend_user", user_id=JANE)
    found = await reconciled(program)
    assert (found.change.id, found.verdict) == (change, "done")
    assert "status is SUSPENDED" in found.reason
    assert await outcome_of(program, change) == "done"
    settled = (await entries(program))[-1]
    assert (settled.kind, settled.change, body(settled)) == ("settled", int(change), {"verdict": "done"})
    # What it says of the person can be erased like everything else.
    assert details(settled) == {"after": {"status": "SUSPENDED"}, "finding": found.reason}
    assert await reconcile(program.recorder, program.connections, 0) == []


async def test_what_okta_has_as_before_was_not_done_once_it_cannot_come_any_more(
    program: Program, sandbox: RunningSandbox
) -> None:
    change = await lost(program, sandbox, "suspend_user", "drop_before", user_id=JANE)
    early = await reconciled(program, settled_after=30)
    assert early.verdict is None
    assert "Too early to tell" in early.reason
    assert await outcome_of(program, change) == "unknown"
    assert (await reconciled(program)).verdict == "not_done"
    assert await outcome_of(program, change) == "not_done"


async def test_what_somebody_else_changed_since_cannot_be_known(
    program: Program, sandbox: RunningSandbox, http: Any
) -> None:
    await lost(program, sandbox, "update_user_profile", user_id=JANE, title="Chief")
    http.post(f"/api/v1/users/{JANE}", json={"profile": {"title": "Queen"}})
    found = await reconciled(program)
    assert found.verdict == "unknowable"
    assert "somebody else changed it: title is Queen" in found.reason


async def test_a_part_of_what_was_wanted_is_a_part(program: Program, sandbox: RunningSandbox, http: Any) -> None:
    await lost(program, sandbox, "update_user_profile", user_id=JANE, title="Chief", department="Sales")
    http.post(f"/api/v1/users/{JANE}", json={"profile": {"title": "Queen"}})
    assert (await reconciled(program)).verdict == "partly"


async def test_whose_target_is_gone_cannot_be_known(
    program: Program, sandbox: RunningSandbox, org: Org, http: Any
) -> None:
    id = org.create("short@example.com")["id"]
    await lost(program, sandbox, "deactivate_user", user_id=id)
    http.delete(f"/api/v1/users/{id}")
    found = await reconciled(program)
    assert (found.verdict, "target no longer exists" in found.reason) == ("unknowable", True)


async def test_what_looks_like_a_secret_is_known_all_the_same(program: Program, sandbox: RunningSandbox) -> None:
    await lost(program, sandbox, "update_user_profile", user_id=JANE, title="SSWS 00abcdefghijklmnopqrstuvwxyz")
    assert (await reconciled(program)).verdict == "done"


async def test_a_lost_creation_is_found_with_whom_it_made(program: Program, sandbox: RunningSandbox, org: Org) -> None:
    new: dict[str, Any] = {"first_name": "New", "last_name": "Comer", "login": NEWCOMER, "email": NEWCOMER}
    await lost(program, sandbox, "create_user", **new)
    assert (await reconciled(program)).verdict == "done"
    made = org.user(NEWCOMER)["id"]
    assert (await entries(program))[-1].target_ids == (made,)
    (listed,) = (await do(program, "list_changes", user_id=made))["changes"]
    assert (listed["outcome"], listed["undoable"]) == ("done", True)


async def test_while_okta_cannot_be_asked_it_stays_open(program: Program, sandbox: RunningSandbox, org: Org) -> None:
    change = await lost(program, sandbox, "suspend_user", user_id=JANE)
    org.trouble({"kind": "status", "status": 500, "method": "GET", "times": 99})
    found = await reconciled(program)
    assert (found.verdict, "cannot be asked now" in found.reason) == (None, True)
    assert await outcome_of(program, change) == "unknown"


async def test_what_is_under_way_is_left_alone(program: Program, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 0.5, "method": "POST"})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: do(program, "suspend_user", user_id=JANE))
        await begun(program)
        assert await reconcile(program.recorder, program.connections, 0) == []
        (intent,) = await entries(program)
        assert await outcome_of(program, intent.number or 0) == "running"
    assert await outcome_of(program, intent.number or 0) == "done"


async def test_the_command_settles_what_it_can_and_says_what_it_cannot(
    program: Program, sandbox: RunningSandbox
) -> None:
    await lost(program, sandbox, "suspend_user", user_id=JANE)
    await lost(program, sandbox, "update_user_profile", "drop_before", user_id=JANE, title="Chief")
    command = [COMMAND, "journal", "reconcile"]
    told = await anyio.run_process(command, env=environment(), check=False)
    done, early = told.stdout.decode().splitlines()
    assert told.returncode == 1
    assert done.startswith("Change 1 (Suspend Jane Doe")
    assert "): done. Okta shows the intended state" in done
    assert "still unknown. Too early to tell" in early
