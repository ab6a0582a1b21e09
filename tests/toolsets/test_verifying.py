"""Verifying somebody by a push: how its answer is told, how often one is sent, and what waits for it."""

import pytest

from connected_org import Org
from ledger import CALLER, ask, do, outcome_of, refuse
from server.journal import verifications
from server.journal.reconciling import reconcile
from server.policy.rules import PolicyRefusal
from server.program import Program
from server.settings import load
from tests.toolsets.test_credentials import OTHER, PUSH, with_factors
from tools.okta.errors import InvalidInput


@pytest.mark.parametrize(
    ("answer", "result", "said"),
    [
        ("approve", "approved", "Verified: Test somebody <somebody@example.com> approved the push"),
        ("reject", "rejected", "NOT verified: Test somebody <somebody@example.com> rejected the push"),
        ("time_out", "timed_out", "did not answer the push"),
        ("nothing", "waiting", "NOT verified yet"),
    ],
)
async def test_a_push_is_told_as_it_was_answered(
    program: Program, org: Org, answer: str, result: str, said: str
) -> None:
    login = org.person("somebody")
    org.enrol_push(login, answer=answer)
    done = await do(program, "verify_person", user_id=login, wait=1)
    assert (done["result"], done["verified"], done["changed"]) == (result, result == "approved", False)
    assert said in done["message"]
    assert org.events(login).count(PUSH) == 1


async def test_asking_again_asks_the_same_push(program: Program, org: Org) -> None:
    login = org.person("somebody")
    org.enrol_push(login, answer="nothing")
    assert (await do(program, "verify_person", user_id=login, wait=0))["result"] == "waiting"
    assert (await do(program, "verify_person", user_id=login, wait=0))["result"] == "waiting"
    org.act_as(login, answer="approve")
    assert (await do(program, "verify_person", user_id=login, wait=0))["verified"]
    assert org.events(login).count(PUSH) == 1


async def test_nobody_else_sends_a_second_push_meanwhile_or_hears_the_answer(program: Program, org: Org) -> None:
    login = org.person("somebody")
    org.enrol_push(login, answer="nothing")
    await do(program, "verify_person", user_id=login, wait=0)
    error = await refuse(program, "verify_person", OTHER, user_id=login, wait=0)
    assert isinstance(error, PolicyRefusal)
    assert error.rule == "one_push_at_a_time"
    assert org.events(login).count(PUSH) == 1


async def test_a_person_gets_few_pushes_from_all_callers_together(program: Program, org: Org) -> None:
    login = org.person("somebody")
    org.enrol_push(login)
    for caller in (CALLER, OTHER, CALLER):
        assert (await do(program, "verify_person", caller, user_id=login))["verified"]
    async with Program(load()) as another:
        error = await refuse(another, "verify_person", OTHER, user_id=login)
    assert isinstance(error, PolicyRefusal)
    assert (error.rule, error.retryable) == ("pushes_per_person", True)
    assert org.events(login).count(PUSH) == 3


async def test_who_cannot_be_asked_is_refused_with_what_they_have(program: Program, org: Org) -> None:
    login = org.person("somebody")
    error = await refuse(program, "verify_person", user_id=login)
    assert (error.code, "They have no factor" in str(error)) == ("no_push", True)
    sms = org.enrol(login, "sms", profile={"phoneNumber": "+1 555 010 9999"})
    error = await refuse(program, "verify_person", user_id=login)
    assert (error.code, sms in str(error)) == ("no_push", True)
    assert (await refuse(program, "verify_person", user_id=login, factor_id=sms)).code == "no_push"
    error = await refuse(program, "verify_person", user_id="leila.hosseini@example.com")
    assert (error.code, "send its id as factor_id" in str(error)) == ("ambiguous", True)
    org.lifecycle(login, "suspend")
    assert (await refuse(program, "verify_person", user_id=login)).code == "not_verifiable"
    assert PUSH not in org.events()


VERIFY_FIRST = {"verify_first": ("reset_password", "reset_all_factors", "unsuspend_user")}


async def test_what_must_be_verified_first_waits_for_a_fresh_success_of_the_same_caller(
    connected: None, org: Org
) -> None:
    made = with_factors(org, "somebody")
    async with Program(load(**VERIFY_FIRST)) as program:
        error = await refuse(program, "reset_password", **made)
        assert isinstance(error, PolicyRefusal)
        assert (error.rule, "Call verify_person" in str(error)) == ("verify_first", True)
        told = await do(program, "reset_password", **made, dry_run=True)
        assert "But first: Call verify_person" in told["would"]
        await do(program, "verify_person", OTHER, **made)
        assert (await refuse(program, "reset_password", **made)).code == "refused_by_policy"
        await do(program, "verify_person", **made)
        other = with_factors(org, "somebodyelse")
        assert (await refuse(program, "reset_password", **other)).code == "refused_by_policy"
        await do(program, "reset_all_factors", **made)
        await do(program, "reset_password", **made)
    assert org.user(made["user_id"])["status"] == "RECOVERY"
    assert org.user(other["user_id"])["status"] == "ACTIVE"


@pytest.mark.parametrize("answer", ["reject", "time_out", "nothing"])
async def test_only_an_approval_verifies(connected: None, org: Org, answer: str) -> None:
    login = org.person("somebody")
    org.enrol_push(login, answer=answer)
    async with Program(load(**VERIFY_FIRST)) as program:
        await do(program, "verify_person", user_id=login, wait=1)
        assert (await refuse(program, "reset_password", user_id=login)).code == "refused_by_policy"
    assert org.user(login)["status"] == "ACTIVE"


async def test_a_rejection_takes_an_approval_back_whoever_asked(connected: None, org: Org) -> None:
    for number, asker in enumerate((CALLER, OTHER)):
        login = org.person(f"somebody{number}")
        org.enrol_push(login)
        async with Program(load(**VERIFY_FIRST)) as program:
            assert (await do(program, "verify_person", user_id=login))["verified"]
            assert (await ask(program, "reset_password", user_id=login)).ticket
            org.act_as(login, answer="reject", always=True)
            assert not (await do(program, "verify_person", asker, user_id=login))["verified"]
            assert (await refuse(program, "reset_password", user_id=login)).code == "refused_by_policy"
            org.act_as(login, answer="approve", always=True)
            await do(program, "verify_person", user_id=login)
            assert (await do(program, "reset_password", user_id=login))["changed"]


async def test_a_success_counts_for_ten_minutes(connected: None, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    made = with_factors(org, "somebody")
    async with Program(load(**VERIFY_FIRST)) as program:
        await do(program, "verify_person", **made)
        monkeypatch.setattr(verifications, "LASTS", 0.0)
        assert (await refuse(program, "reset_password", **made)).code == "refused_by_policy"


async def test_an_undo_is_no_way_around_it(connected: None, org: Org) -> None:
    made = with_factors(org, "somebody")
    async with Program(load(**VERIFY_FIRST)) as program:
        change = (await do(program, "suspend_user", **made))["change_id"]
        error = await refuse(program, "undo_change", change_id=change)
    assert isinstance(error, PolicyRefusal)
    assert error.rule == "verify_first"
    assert org.user(made["user_id"])["status"] == "SUSPENDED"


def test_only_what_is_done_to_people_can_wait_for_that() -> None:
    for name in ("create_user", "lookup_user", "no_such_action", "verify_person"):
        with pytest.raises(InvalidInput, match="verify_first"):
            Program(load(verify_first=(name,)))


async def test_a_lost_answer_leaves_nobody_verified(connected: None, org: Org) -> None:
    made = with_factors(org, "somebody")
    async with Program(load(**VERIFY_FIRST)) as program:
        org.trouble({"kind": "drop_after", "method": "POST", "path": "/api/v1/users/"})
        error = await refuse(program, "verify_person", **made)
        assert await outcome_of(program, str(error.change_id)) == "unknown"
        assert (await refuse(program, "reset_password", **made)).code == "refused_by_policy"
        (found,) = await reconcile(program.recorder, program.connections, 0)
        assert found.verdict == "unknowable"
