"""Letting people in and out. Of each status an action makes another, or finds its end there, or refuses with help."""

from typing import Any

import pytest

from connected_org import Org
from ledger import CALLER, JANE, do, refuse
from server.door.door import Result
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.catalogue import CATALOGUE
from tools.contract.facts import holds
from tools.lifecycle import PersonAndGroups
from tools.objects.statuses import HELP, MEANING
from tools.objects.users import User
from tools.okta.errors import InvalidInput
from tools.search.people import Status
from worlds import USER, Arguments, Make, World

WHO = "somebody@example.com"


def person(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text)}


def staged(org: Org, text: str) -> Arguments:
    return {"user_id": org.create(f"{text}@example.com", activate=False, lastName=text)["profile"]["login"]}


def suspended(org: Org, text: str) -> Arguments:
    login = org.person(text)
    org.lifecycle(login, "suspend")
    return {"user_id": login}


def world(make: Make, verb: str, *statuses: str, query: str = "") -> World:
    """Of a write by which somebody gets one of these statuses."""
    return World(
        make=make,
        is_done=lambda org, made: org.user(made["user_id"])["status"] in statuses,
        event=f"user.lifecycle.{verb}",
        requests=rf"POST /api/v1/users/{USER}/lifecycle/{verb}{query}",
        meddle=lambda org, made, text: org.update(made["user_id"], department=text),
    )


MAILS = r"\?sendEmail=(true|false)"
WORLDS: dict[str, World] = {
    "activate_user": world(staged, "activate", "PROVISIONED", query=MAILS),
    "deactivate_user": world(person, "deactivate", "DEPROVISIONED", query=MAILS),
    "suspend_user": world(person, "suspend", "SUSPENDED"),
    "unsuspend_user": world(suspended, "unsuspend", "ACTIVE"),
}

ACTS, IS = "acts", "is"
TABLE: dict[str, dict[str, str]] = {
    # status: activate, unsuspend, suspend and deactivate; what is neither acts nor is must be in the refusal
    "STAGED": {
        "activate_user": ACTS,
        "unsuspend_user": "Use activate_user",
        "suspend_user": "use deactivate_user",
        "deactivate_user": ACTS,
    },
    "PROVISIONED": {
        "activate_user": IS,
        "unsuspend_user": IS,
        "suspend_user": "use deactivate_user",
        "deactivate_user": ACTS,
    },
    "ACTIVE": {"activate_user": IS, "unsuspend_user": IS, "suspend_user": ACTS, "deactivate_user": ACTS},
    "PASSWORD_EXPIRED": {"activate_user": IS, "unsuspend_user": IS, "suspend_user": ACTS, "deactivate_user": ACTS},
    "RECOVERY": {
        "activate_user": IS,
        "unsuspend_user": IS,
        "suspend_user": "use deactivate_user",
        "deactivate_user": ACTS,
    },
    "LOCKED_OUT": {
        "activate_user": "Unlock Account",
        "unsuspend_user": "Unlock Account",
        "suspend_user": "use deactivate_user",
        "deactivate_user": ACTS,
    },
    "SUSPENDED": {
        "activate_user": "Use unsuspend_user",
        "unsuspend_user": ACTS,
        "suspend_user": IS,
        "deactivate_user": ACTS,
    },
    "DEPROVISIONED": {
        "activate_user": ACTS,
        "unsuspend_user": "Use activate_user",
        "suspend_user": "They are out already",
        "deactivate_user": IS,
    },
}
CASES = [(status, action, said) for status, row in TABLE.items() for action, said in row.items()]


def test_the_table_has_every_status_and_every_status_is_explained() -> None:
    assert set(Status.__args__) == set(TABLE)  # type: ignore[attr-defined]
    assert set(Status.__args__) == set(MEANING) == set(HELP)  # type: ignore[attr-defined]


@pytest.mark.parametrize("action", ["activate_user", "unsuspend_user", "suspend_user"])
def test_a_status_that_okta_may_have_tomorrow_is_taken_for_no_end_state(action: str) -> None:
    user = User(id="00u", status="OF_TOMORROW", profile={"login": WHO})
    before = PersonAndGroups(user=user, groups=()) if action == "activate_user" else user
    made = CATALOGUE[action]
    refuse, preview = made.refuse, made.preview
    assert refuse is not None
    assert preview is not None
    told = preview(made.input.model_validate({"user_id": WHO}), before)
    assert not holds(told.before, told.after)
    with pytest.raises(InvalidInput, match="not known here"):
        refuse(made.input.model_validate({"user_id": WHO}), before)


@pytest.fixture
def stand(org: Org, sandbox: RunningSandbox) -> object:
    org.create(WHO, password="Secret-1234")

    def give(status: str) -> None:
        before = "ACTIVE" if status == "SUSPENDED" else None
        sandbox.org.database.run("UPDATE users SET status = ?, status_before = ? WHERE login = ?", status, before, WHO)

    return give


@pytest.mark.parametrize(("status", "action", "said"), CASES, ids=lambda value: value.partition(" ")[0])
async def test_each_action_does_what_the_table_says(
    program: Program, org: Org, stand: object, status: str, action: str, said: str
) -> None:
    assert callable(stand)
    stand(status)
    before = org.events(WHO)
    if said == ACTS:
        wanted = await do(program, action, user_id=WHO, dry_run=True)
        assert wanted["would"].split()[0] in ("Activate", "Deactivate", "Suspend", "Lift")
        return
    if said == IS:
        done = await do(program, action, user_id=WHO)
        assert (done["success"], done["changed"]) == (True, False)
        assert f"Somebody <{WHO}> is {status}".replace("Somebody", "Test Person") in done["message"]
        assert MEANING[status] in done["message"]
    else:
        error = await refuse(program, action, user_id=WHO)
        assert said in str(error)
        assert status in str(error)
        assert len(str(error).splitlines()) == 2
    assert org.events(WHO) == before


@pytest.mark.parametrize("status", ["PROVISIONED", "PASSWORD_EXPIRED", "RECOVERY"])
async def test_activating_again_says_that_no_mail_goes_out_and_what_helps(
    program: Program, stand: object, status: str
) -> None:
    assert callable(stand)
    stand(status)
    done = await do(program, "activate_user", user_id=WHO)
    assert "No mail goes out" in done["message"]
    assert HELP[status] in done["message"]
    assert "mail goes out" not in (await do(program, "activate_user", user_id=WHO, send_email=False))["message"]


# What a write answers: whom, what, where, how to undo


async def test_every_write_says_whom_what_where_and_how_to_undo(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    org.create(WHO, password="Secret-1234", title="Clerk")
    org.create_group("Writers")
    new = {"first_name": "New", "last_name": "Comer", "login": "new@example.com", "email": "new@example.com"}
    who = f"Test Person <{WHO}>"
    series: list[tuple[str, dict[str, Any], str]] = [
        ("add_user_to_group", {"user_id": WHO, "group_id": "Writers"}, f"Added {who} to “Writers”."),
        ("remove_user_from_group", {"user_id": WHO, "group_id": "Writers"}, f"Removed {who} from “Writers”."),
        ("suspend_user", {"user_id": WHO}, f"Suspended {who}: ACTIVE before, now SUSPENDED."),
        ("unsuspend_user", {"user_id": WHO}, f"Lifted the suspension of {who}: SUSPENDED before, now ACTIVE."),
        (
            "update_user_profile",
            {"user_id": WHO, "title": "Chief"},
            f"Changed {who}: title is “Chief” (it was “Clerk”).",
        ),
        ("deactivate_user", {"user_id": WHO}, f"Deactivated {who}: ACTIVE before, now DEPROVISIONED."),
        ("activate_user", {"user_id": WHO}, f"Okta mails “{WHO}” a link to set a password."),
        ("create_user", {**new, "group_ids": ["Writers", "Legal"]}, "PROVISIONED, in “Writers”, “Legal”. Okta mails"),
        ("create_user", {**new, "login": "quiet@example.com", "send_email": False}, "No mail went out;"),
        ("create_user", {**new, "login": "later@example.com", "activate": False}, "not activated, so no mail went out"),
    ]
    told = set()
    for action, arguments, said in series:
        done = await do(program, action, **arguments)
        assert said in done["message"], action
        assert str(arguments.get("user_id") or arguments["login"]) in done["message"], action
        assert f"in the org {sandbox.url.partition('://')[2]}." in done["message"]
        assert done["message"].endswith(f"To undo it, call undo_change with change_id {done['change_id']}.")
        told.add(action)
    assert told == {name for name, action in CATALOGUE.items() if action.preview is not None}


async def test_an_undo_says_what_is_now(program: Program, org: Org) -> None:
    change = (await do(program, "update_user_profile", user_id=JANE, title="Chief"))["change_id"]
    undone = await do(program, "undo_change", change_id=change)
    assert undone["message"].startswith(
        f"Undid change {change}. Changed Jane Doe <{JANE}>: title is “People Operations"
    )
    assert "(it was “Chief”)" in undone["message"]


async def test_nothing_to_do_names_whom_too(program: Program, org: Org) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("add_user_to_group", {"group_id": "People Operations"}, "is in “People Operations”"),
        ("remove_user_from_group", {"group_id": "Legal"}, "is not in “Legal”"),
        ("update_user_profile", {"first_name": "Jane"}, "has all of it already"),
    ]
    for action, arguments, said in cases:
        done = await do(program, action, user_id=JANE, **arguments)
        assert f"Jane Doe <{JANE}> {said}" in done["message"]


async def test_no_undo_is_named_where_none_may_run(connected: None, org: Org) -> None:
    async with Program(load(deny_actions=("undo_change",))) as program:
        done = await program.door.call(CALLER, "suspend_user", {"user_id": JANE})
    assert isinstance(done, Result)
    assert "Undo:" not in done.content["message"]
