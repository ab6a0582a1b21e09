"""Letting people in and out. Of each status an action makes another, or finds its end there, or refuses with help."""

from dataclasses import replace

import pytest

from connected_org import Org
from ledger import CALLER, JANE, do, outcome_of, refuse
from server.door.door import Call, Result
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.catalogue import CATALOGUE
from tools.contract.facts import holds
from tools.contract.record import UndoneBy
from tools.lifecycle.people import PersonAndGroups
from tools.objects.statuses import HELP, MEANING
from tools.objects.users import User
from tools.okta.errors import InvalidInput
from tools.search.people import Status
from worlds import USER, Arguments, Make, World, ready

WHO = "somebody@example.com"


def person(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text)}


def staged(org: Org, text: str) -> Arguments:
    return {"user_id": org.create(f"{text}@example.com", activate=False, lastName=text)["profile"]["login"]}


def suspended(org: Org, text: str) -> Arguments:
    login = org.person(text)
    org.lifecycle(login, "suspend")
    return {"user_id": login}


def provisioned(org: Org, text: str) -> Arguments:
    return {"user_id": org.create(f"{text}@example.com", lastName=text)["profile"]["login"]}


def locked(org: Org, text: str) -> Arguments:
    """Of somebody who typed wrong passwords until the org locked them out."""
    login = org.person(text)
    org.lock(login)
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
    "unlock_user": replace(world(locked, "unlock", "ACTIVE"), event="user.account.unlock"),
    "resend_activation": replace(
        world(provisioned, "reactivate", query=r"\?sendEmail=true"),
        is_done=lambda org, made: "user.lifecycle.reactivate" in org.events(made["user_id"]),
        shows=False,
    ),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "activate_user": (
        "Enable the account of our new colleague",
        "reactivate deactivated user",
        "Benutzer wieder aktivieren",
        "réactiver un compte désactivé",
        "enable_user",
        "Jane comes back to the company, bring her account back",
        "ユーザーを有効化",
    ),
    "deactivate_user": (
        "John is leaving the company, close his account",
        "offboard user",
        "Benutzerkonto deaktivieren",
        "désactiver l'utilisateur Jean",
        "disableUser",
        "dar de baja a un empleado",
        "退職者のアカウントを無効化",
    ),
    "suspend_user": (
        "Freeze Jane's account for now, she is on sabbatical",
        "block sign-in temporarily",
        "Jane vorübergehend sperren",
        "suspendre temporairement un utilisateur",
        "pause_account",
        "suspender la cuenta de Juan",
        "ユーザーを一時停止",
    ),
    "unsuspend_user": (
        "Jane is back from parental leave, let her in again",
        "lift suspension",
        "Sperre aufheben",
        "lever la suspension de Jane",
        "resume_user",
        "quitar la suspensión",
        "停止を解除してください",
    ),
    "unlock_user": (
        "Jane typed her password wrong too often and is locked out, let her in",
        "account locked out",
        "Gesperrtes Konto nach zu vielen Fehlversuchen entsperren",
        "déverrouiller un compte",
        "unlockUser",
        "desbloquear la cuenta de Jane",
        "ロックアウトを解除",
    ),
    "resend_activation": (
        "Our new colleague never got the welcome mail, send the link once more",
        "activation link expired",
        "Aktivierungsmail erneut senden",
        "renvoyer le lien d'activation",
        "resendActivationEmail",
        "reenviar el correo de activación",
        "招待メールを再送信",
    ),
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
        "activate_user": "Use unlock_user",
        "unsuspend_user": "Use unlock_user",
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
        "suspend_user": "They already cannot sign in",
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
    with pytest.raises(InvalidInput, match="an unknown status"):
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
    assert "No mail is sent" in done["message"]
    assert HELP[status] in done["message"]
    assert "mail is sent" not in (await do(program, "activate_user", user_id=WHO, send_email=False))["message"]


# What a write answers


async def test_a_write_says_what_became_of_whom(program: Program, org: Org) -> None:
    org.create(WHO, password="Secret-1234")
    who = f"Test Person <{WHO}>"
    series = [
        ("suspend_user", "SUSPENDED", f"Suspended {who}: ACTIVE before, now SUSPENDED."),
        ("unsuspend_user", "ACTIVE", f"Lifted the suspension of {who}: SUSPENDED before, now ACTIVE."),
        ("deactivate_user", "DEPROVISIONED", f"Deactivated {who}: ACTIVE before, now DEPROVISIONED."),
        ("activate_user", "PROVISIONED", f"Okta mails “{WHO}” a link to set a password."),
    ]
    for action, status, said in series:
        before, done = org.user(WHO), await do(program, action, user_id=WHO)
        assert said in done["message"]
        assert done["login"] == WHO
        assert (done["status_before"], done["status_after"]) == (before["status"], org.user(WHO)["status"])
        if action != "activate_user":
            assert done["status_after"] == status


@pytest.mark.parametrize("name", [name for name in WORLDS if isinstance(CATALOGUE[name].undo, UndoneBy)])
async def test_an_undo_answers_with_the_status_that_is_now(program: Program, org: Org, name: str) -> None:
    done = await do(program, name, **(await ready(name, org)).arguments)
    undone = await do(program, "undo_change", change_id=done["change_id"])
    assert undone["status_after"] == org.user(done["login"])["status"]


def test_of_these_only_deactivating_always_asks() -> None:
    assert [name for name in WORLDS if CATALOGUE[name].asks == "always"] == ["deactivate_user"]


async def test_no_undo_is_named_where_none_may_run(connected: None, org: Org) -> None:
    async with Program(load(deny_actions=("undo_change",))) as program:
        done = await program.door.call(Call(CALLER, "suspend_user", {"user_id": JANE}))
    assert isinstance(done, Result)
    assert "Undo:" not in done.content["message"]


@pytest.mark.parametrize("name", ["activate_user", "suspend_user", "unsuspend_user"])
async def test_what_is_done_and_refused_when_it_is_repeated_is_told_to_be_perhaps_done(
    program: Program, org: Org, name: str
) -> None:
    """The answer is lost, and Okta refuses the repetition: nobody is told that nothing was done."""
    made = await ready(name, org)
    org.trouble({"kind": "drop_after", "method": "POST", "path": "/api/v1/users/"})
    error = await refuse(program, name, **made.arguments)
    assert made.is_done
    assert org.events(made.arguments["user_id"]).count(made.world.event) == 1
    assert "had not answered the same request before, and may have done it then" in str(error)
    assert "part of it" not in str(error)
    assert await outcome_of(program, str(error.change_id)) == "unknown"


async def test_a_block_of_devices_is_lifted_though_the_person_is_active(program: Program, org: Org) -> None:
    login = org.person("somebody")
    org.act_as(login, block="UNKNOWN_DEVICES")
    done = await do(program, "unlock_user", user_id=login)
    assert (done["changed"], done["status_after"]) == (True, "ACTIVE")
    again = await do(program, "unlock_user", user_id=login)
    assert (again["changed"], "Nothing to do" in again["message"]) == (False, True)


@pytest.mark.parametrize("status", ["STAGED", "ACTIVE", "RECOVERY", "SUSPENDED", "DEPROVISIONED"])
async def test_only_who_is_provisioned_gets_the_activation_link_again(
    program: Program, org: Org, stand: object, status: str
) -> None:
    assert callable(stand)
    stand(status)
    before = org.events()
    error = await refuse(program, "resend_activation", user_id=WHO)
    assert (error.code, error.next_step) == ("not_provisioned", HELP[status])
    assert org.events() == before


async def test_each_call_mails_another_activation_link(program: Program, org: Org) -> None:
    made = provisioned(org, "somebody")
    for _ in range(2):
        done = await do(program, "resend_activation", **made)
        assert (done["changed"], done["status_after"]) == (True, "PROVISIONED")
    assert org.events("somebody@example.com").count("user.lifecycle.reactivate") == 2
