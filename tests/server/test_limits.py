"""How much a caller may do and leave open: by program, with a larger bound on all programs together."""

import time
from dataclasses import replace
from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, entries, tamper, verdict
from server.door.door import Answer, Call, Question, Refusal, Result
from server.journal import limits
from server.policy.caller import COMMAND_LINE, Caller, ClientInfo, Principal, at_the_command_line
from server.program import Program
from server.settings import Settings, load
from surface import environment
from terminal import Terminal

ONE = replace(CALLER, client=ClientInfo("one", "1.0"))
TWO = replace(CALLER, client=ClientInfo("two", "1.0"))


async def suspend(program: Program, caller: Caller) -> Any:
    """A write that always finds something to do."""
    outcome = await program.door.call(Call(caller, "suspend_user", {"user_id": JANE}))
    if isinstance(outcome, Result) and not outcome.content["changed"]:
        return await program.door.call(Call(caller, "unsuspend_user", {"user_id": JANE}))
    return outcome


async def done_until_refused(program: Program, caller: Caller, most: int) -> int:
    for times in range(most):
        if isinstance(await suspend(program, caller), Refusal):
            return times
    return most


async def test_a_program_at_its_limit_locks_out_no_other(connected: None) -> None:
    async with Program(load(changes_per_minute=3)) as program:
        assert await done_until_refused(program, ONE, 9) == 3
        assert await done_until_refused(program, replace(ONE, client=ClientInfo("one", "2.0")), 9) == 0
        assert await done_until_refused(program, TWO, 9) == 3
        assert await done_until_refused(program, replace(ONE, surface="HTTP"), 1) == 1


async def test_a_program_that_changes_its_name_gains_little(connected: None) -> None:
    async with Program(load(changes_per_minute=2)) as program:
        names = (replace(ONE, client=ClientInfo(f"client {number}")) for number in range(20))
        assert sum([await done_until_refused(program, caller, 1) for caller in names]) == 2 * limits.TOGETHER


async def test_a_person_can_take_back_what_a_program_did_without_end(
    connected: None, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CHANGES_PER_MINUTE", "2")
    own = at_the_command_line()
    async with Program(load()) as program:
        for caller in (replace(own, surface="stdio", client=ClientInfo("one")), own):
            assert await done_until_refused(program, caller, 9) == 2
        left = org.user(JANE)["status"]
    with Terminal("undo", "4") as terminal:
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0, terminal.screen
    assert org.user(JANE)["status"] != left
    assert environment()["OKTA_ACTIONS_CHANGES_PER_MINUTE"] == "2"


async def test_no_program_can_empty_the_bucket_of_a_terminal(connected: None) -> None:
    async with Program(load(changes_per_minute=1)) as program:
        done = await suspend(program, ONE)
        posing = replace(ONE, client=ClientInfo(f"{COMMAND_LINE} undo"))
        for caller in (posing, replace(posing, principal=Principal("local", f"x {COMMAND_LINE} undo"))):
            await suspend(program, caller)
        undone = await program.door.call(
            Call(replace(CALLER, surface=COMMAND_LINE), "undo_change", {"change_id": done.content["change_id"]})
        )
        assert isinstance(undone, Result | Refusal)
        assert not isinstance(undone, Refusal) or undone.error.code != "refused_by_policy"


@pytest.mark.parametrize("hours", [-2, 2])
async def test_a_clock_that_jumps_lifts_no_limit(connected: None, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    async with Program(load(changes_per_minute=2)) as program:
        assert await done_until_refused(program, ONE, 9) == 2
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
        assert await done_until_refused(program, ONE, 9) == 0


async def test_uses_of_an_earlier_start_of_the_machine_count_by_the_clock(connected: None, settings: Settings) -> None:
    async with Program(load(changes_per_minute=2)) as program:
        assert await done_until_refused(program, ONE, 9) == 2
        tamper(settings.store_file, "UPDATE uses SET boot = 'earlier', up = up + 1e6")
        assert await done_until_refused(program, ONE, 9) == 0
        tamper(settings.store_file, "UPDATE uses SET at = at - 61")
        assert await done_until_refused(program, ONE, 9) == 2


# Questions


async def question(program: Program, caller: Caller, title: str = "") -> Any:
    arguments = {"user_id": JANE, "email": "new@example.com", **({"title": title} if title else {})}
    return await program.door.call(Call(caller, "update_user_profile", arguments))


async def test_a_program_leaves_twenty_questions_open_and_no_more(connected: None, settings: Settings) -> None:
    async with Program(load()) as program:
        asked = [await question(program, ONE) for _ in range(limits.MOST_OPEN)]
        assert all(isinstance(one, Question) for one in asked)
        refusal = await question(program, ONE)
        assert isinstance(refusal, Refusal)
        assert "are waiting for an answer" in str(refusal.error)
        assert isinstance(await question(program, TWO), Question)
        # An answer makes room, and so does time.
        no = Answer(asked[0].ticket, "declined")
        await program.door.call(Call(ONE, "update_user_profile", {"user_id": JANE, "email": "new@example.com"}, no))
        assert isinstance(await question(program, ONE), Question)
        assert isinstance(await question(program, ONE), Refusal)
        tamper(settings.store_file, "UPDATE tickets SET expires_at = 1")
        assert isinstance(await question(program, ONE), Question)


async def test_requests_count_with_questions(connected: None) -> None:
    async with Program(load(change_requests=True)) as program:
        for _ in range(limits.MOST_OPEN):
            asked = await question(program, ONE)
            assert await program.door.keep_request(asked, Call(ONE, "suspend_user", {"user_id": JANE}))
        assert isinstance(await question(program, ONE), Refusal)
        assert isinstance(await question(program, TWO), Question)


async def test_questions_that_nobody_answers_leave_no_details_and_little_room(
    connected: None, settings: Settings
) -> None:
    async with Program(load()) as program:
        before = settings.store_file.stat().st_size
        for _ in range(2):
            for _ in range(limits.MOST_OPEN):
                await question(program, ONE, "x" * 100)
            tamper(settings.store_file, "UPDATE tickets SET expires_at = 1")
        await question(program, TWO)
        left = [entry for entry in await entries(program) if entry.kind == "expired"]
        assert (len(left), {entry.details for entry in left}) == (40, {None})
        assert sum(len(entry.body) for entry in left) < 40 * 1000
        await program.store.tidy()
        assert settings.store_file.stat().st_size - before < 300_000
        assert (await verdict(program)).whole
