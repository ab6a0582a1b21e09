"""What people sign in with: each action asks first, says what comes of it, and lets no secret through."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st

from connected_org import Org
from ledger import CALLER, JANE, ask, do, journaled, outcome_of, refuse, stored
from server.door.door import Answer, Call, Question, Refusal, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.sandbox.running import RunningSandbox
from server.settings import Settings, load
from tools.catalogue import CATALOGUE
from tools.objects.statuses import HELP
from worlds import USER, Arguments, Make, World

WHO = "somebody@example.com"
OTHER = Caller(Principal("tests", "somebody else"), "tests")


def person(org: Org, text: str) -> Arguments:
    return {"user_id": org.person(text)}


def signed_in(org: Org, text: str) -> Arguments:
    """Of somebody who has a session."""
    login = org.person(text)
    assert org.http.get(f"/api/v1/sessions/{session_of(org, login)}").status_code == 200
    return {"user_id": login}


def session_of(org: Org, login: str) -> str:
    """The id of a session that somebody begins."""
    token = org.http.post("/api/v1/authn", json={"username": login, "password": "Secret-1234"}).json()["sessionToken"]
    begun = org.http.post("/api/v1/sessions", json={"sessionToken": token})
    assert begun.status_code == 200
    return str(begun.json()["id"])


def meddle(org: Org, made: Arguments, text: str) -> None:
    org.update(made["user_id"], department=text)


def world(verb: str, status: str, query: str = "", *, anew: bool = False) -> World:
    return World(
        make=person,
        is_done=lambda org, made: org.user(made["user_id"])["status"] == status,
        event=f"user.account.{verb}",
        requests=rf"POST /api/v1/users/{USER}/lifecycle/{verb}{query}",
        meddle=meddle,
        anew=anew,
    )


def with_factors(org: Org, text: str) -> Arguments:
    """Of somebody with Okta Verify on a phone, who approves what it asks, and with SMS."""
    login = org.person(text)
    org.enrol_push(login, f"Phone of {text}")
    org.enrol(login, "sms", profile={"phoneNumber": "+1 555 010 9999"})
    return {"user_id": login}


def with_one_factor(org: Org, text: str) -> Arguments:
    login = org.person(text)
    return {"user_id": login, "factor_id": org.enrol(login, "sms", profile={"phoneNumber": "+1 555 010 9999"})}


PUSH = "system.push.send_factor_verify_push"
FACTOR = r"[\w-]{20}"
WORLDS: dict[str, World] = {
    "reset_password": world("reset_password", "RECOVERY", r"\?sendEmail=true", anew=True),
    "expire_password": world("expire_password", "PASSWORD_EXPIRED"),
    "clear_sessions": World(
        make=signed_in,
        is_done=lambda org, made: "user.session.clear" in org.events(made["user_id"]),
        event="user.session.clear",
        requests=rf"DELETE /api/v1/users/{USER}/sessions(\?oauthTokens=true)?",
        meddle=meddle,
        shows=False,
    ),
    "reset_factor": World(
        make=with_one_factor,
        is_done=lambda org, made: made["factor_id"] not in org.factors_of(made["user_id"]),
        event="user.mfa.factor.deactivate",
        requests=rf"DELETE /api/v1/users/{USER}/factors/{FACTOR}",
        meddle=meddle,
        gone=True,
        unseen=("DEPROVISIONED",),
    ),
    "reset_all_factors": World(
        make=with_factors,
        is_done=lambda org, made: not org.factors_of(made["user_id"]),
        event="user.mfa.factor.reset_all",
        requests=rf"POST /api/v1/users/{USER}/lifecycle/reset_factors",
        meddle=meddle,
        unseen=("DEPROVISIONED",),
    ),
    "verify_person": World(
        make=with_factors,
        is_done=lambda org, made: PUSH in org.events(made["user_id"]),
        event=PUSH,
        requests=rf"POST /api/v1/users/{USER}/factors/{FACTOR}/verify",
        meddle=meddle,
        shows=False,
        changes=False,
        unseen=("DEPROVISIONED",),
    ),
}
READS: dict[str, Make] = {
    "list_factors": with_factors,
    "list_user_grants": person,
}
READ_REQUESTS = (
    rf"/api/v1/users/{USER}/(factors|blocks|clients|grants)(\?.*)?",
    rf"/api/v1/users/{USER}/factors/{FACTOR}/transactions/[\w.-]+",
)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "factor_id": st.sampled_from(["opf00000000000000000", "sms00000000000000000"]),
    # Of people who answer late or never.
    "wait": st.integers(0, 1),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "reset_password": (
        "Jane forgot her password",
        "send password reset link",
        "Passwort zurücksetzen",
        "réinitialiser le mot de passe de Jane",
        "resetPassword",
        "restablecer la contraseña",
        "パスワードをリセット",
    ),
    "expire_password": (
        "Make Jane choose a new password the next time she signs in",
        "expire password",
        "Passwort ablaufen lassen",
        "faire expirer le mot de passe",
        "forcePasswordChange",
        "hacer caducar la contraseña",
        "パスワードを期限切れにする",
    ),
    "clear_sessions": (
        "Sign Jane out on all her devices",
        "revoke sessions",
        "Alle Sitzungen von Jane beenden",
        "fermer toutes les sessions de Jane",
        "logout_user",
        "cerrar las sesiones de Jane",
        "セッションを終了",
    ),
    "list_factors": (
        "Does Jane have Okta Verify?",
        "enrolled authenticators",
        "Welche Faktoren hat Jane eingerichtet?",
        "lister les facteurs d'un utilisateur",
        "getUserFactors",
        "ver los factores de Jane",
        "多要素認証の要素を一覧表示",
    ),
    "reset_factor": (
        "Jane lost her phone, take Okta Verify on it away",
        "remove one MFA factor",
        "Einen Faktor zurücksetzen",
        "supprimer un facteur",
        "deleteFactor",
        "quitar un factor de Jane",
        "要素をリセット",
    ),
    "reset_all_factors": (
        "Jane has a new phone and nothing works, reset all her MFA",
        "reset all authenticators",
        "Alle Faktoren zurücksetzen",
        "réinitialiser tous les facteurs",
        "resetFactors",
        "restablecer todos los factores",
        "すべての要素をリセット",
    ),
    "verify_person": (
        "Is the caller really Jane? Send her a push",
        "identity verification push",
        "Anrufer per Push verifizieren",
        "vérifier l'identité de l'appelant",
        "sendPushChallenge",
        "verificar la identidad de quien llama",
        "本人確認のプッシュを送る",
    ),
    "list_user_grants": (
        "Which apps did Jane allow to act for her?",
        "OAuth consents of a user",
        "OAuth-Zustimmungen eines Benutzers anzeigen",
        "lister les consentements OAuth",
        "getUserGrants",
        "ver los consentimientos de Jane",
        "OAuthの同意を一覧表示",
    ),
}


def test_all_of_these_writes_ask_but_the_one_that_changes_nothing() -> None:
    assert [name for name in WORLDS if CATALOGUE[name].asks != "always"] == ["verify_person"]


# Passwords


@pytest.mark.parametrize(
    ("status", "action", "code"),
    [
        ("STAGED", "reset_password", "not_resettable"),
        ("SUSPENDED", "reset_password", "not_resettable"),
        ("DEPROVISIONED", "reset_password", "not_resettable"),
        ("STAGED", "expire_password", "not_active"),
        ("LOCKED_OUT", "expire_password", "not_active"),
        ("RECOVERY", "expire_password", "not_active"),
    ],
)
async def test_what_okta_cannot_do_for_a_status_is_refused_with_what_helps(
    program: Program, org: Org, sandbox: RunningSandbox, status: str, action: str, code: str
) -> None:
    org.person("somebody")
    sandbox.org.database.run("UPDATE users SET status = ? WHERE login = ?", status, WHO)
    before = org.events()
    error = await refuse(program, action, user_id=WHO)
    assert (error.code, error.next_step) == (code, HELP[status])
    assert org.events() == before


@pytest.mark.parametrize(
    ("kind", "keeper"), [("ACTIVE_DIRECTORY", "Active Directory"), ("FEDERATION", "identity provider")]
)
@pytest.mark.parametrize("action", ["reset_password", "expire_password"])
async def test_a_password_that_another_system_keeps_is_left_alone(
    program: Program, org: Org, sandbox: RunningSandbox, action: str, kind: str, keeper: str
) -> None:
    names = {"firstName": "Some", "lastName": "Body", "email": WHO, "login": WHO}
    provider = {"provider": {"type": kind, "name": kind}}
    made = org.http.post("/api/v1/users?activate=true", json={"profile": names, "credentials": provider})
    assert made.json()["credentials"]["provider"]["type"] == kind
    sandbox.org.database.run("UPDATE users SET status = 'ACTIVE' WHERE login = ?", WHO)
    error = await refuse(program, action, user_id=WHO)
    assert error.code == "password_kept_elsewhere"
    assert keeper in str(error)


async def test_a_reset_says_where_the_mail_goes_and_how_else(program: Program, org: Org) -> None:
    org.person("somebody", secondEmail="some.body@home.example")
    question = await ask(program, "reset_password", user_id=WHO)
    assert "Okta mails “somebody@example.com” and “some.body@home.example” a link" in question.text
    assert "home.example" in question.text.partition("which is not a known domain")[0]
    done = await do(program, "reset_password", user_id=WHO)
    assert f"okta-actions call reset_password {WHO} --show-temporary-password" in done["message"]
    assert org.user(WHO)["status"] == "RECOVERY"


async def test_another_link_is_mailed_each_time(program: Program, org: Org) -> None:
    org.person("somebody")
    for _ in range(2):
        assert (await do(program, "reset_password", user_id=WHO))["changed"]
    assert org.events(WHO).count("user.account.reset_password") == 2


async def test_hidden_addresses_are_not_told(connected: None, org: Org) -> None:
    org.person("somebody", secondEmail="some.body@home.example")
    async with Program(load(hidden_attributes=("secondEmail",))) as program:
        question = await ask(program, "reset_password", user_id=WHO)
        assert "Okta mails them a link" in question.text
        done = await do(program, "reset_password", user_id=WHO)
    assert "home.example" not in question.text + done["message"]


async def test_a_temporary_password_goes_to_who_asked_for_it_and_nowhere_else(
    program: Program, org: Org, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    org.person("somebody")
    seen: list[str] = []
    call = Call(CALLER, "reset_password", {"user_id": WHO}, reveal=seen.append)
    question = await program.door.call(call)
    assert isinstance(question, Question)
    assert "a temporary one, which is shown here once" in question.text
    # A yes to one way of resetting is none to the other.
    other = await program.door.call(
        Call(CALLER, "reset_password", {"user_id": WHO}, Answer(question.ticket, "accepted"))
    )
    assert isinstance(other, Question)
    assert seen == []
    question = await program.door.call(call)
    assert isinstance(question, Question)
    done = await program.door.call(replace(call, answer=Answer(question.ticket, "accepted")))
    assert isinstance(done, Result)
    (password,) = seen
    assert org.user(WHO)["status"] == "PASSWORD_EXPIRED"
    signed = org.http.post("/api/v1/authn", json={"username": WHO, "password": password}).json()
    assert signed["status"] == "PASSWORD_EXPIRED", "it is the one that counts now"
    assert password not in str(done.content)
    assert password not in str(await journaled(program))
    assert password.encode() not in stored(settings)
    assert password not in caplog.text


async def test_what_reveals_nothing_takes_nobody_to_reveal_it_to(program: Program) -> None:
    outcome = await program.door.call(Call(CALLER, "expire_password", {"user_id": JANE}, reveal=print))
    assert isinstance(outcome, Refusal)
    assert outcome.error.code == "nothing_to_reveal"


def closed(password: str) -> None:
    raise OSError("the terminal is gone")


async def test_a_temporary_password_that_nobody_saw_is_told_as_half_done(program: Program, org: Org) -> None:
    org.person("somebody")
    call = Call(CALLER, "reset_password", {"user_id": WHO}, reveal=closed)
    question = await program.door.call(call)
    assert isinstance(question, Question)
    failed = await program.door.call(replace(call, answer=Answer(question.ticket, "accepted")))
    assert isinstance(failed, Refusal)
    assert (failed.error.code, await outcome_of(program, str(failed.error.change_id))) == ("half_done", "partly")
    assert org.user(WHO)["status"] == "PASSWORD_EXPIRED"


# Sessions


async def test_clearing_ends_every_session(program: Program, org: Org) -> None:
    login = org.person("somebody")
    id = session_of(org, login)
    question = await ask(program, "clear_sessions", user_id=login)
    assert "OAuth tokens that applications hold for them stay" in question.text
    await do(program, "clear_sessions", user_id=login)
    assert org.http.get(f"/api/v1/sessions/{id}").status_code == 404
    told = await do(program, "clear_sessions", user_id=login, revoke_tokens=True, dry_run=True)
    assert "are revoked" in told["would"]


# Grants


async def test_nobody_has_granted_anything_at_first(program: Program, org: Org) -> None:
    found = await do(program, "list_user_grants", **person(org, "somebody"))
    assert (found["applications"], "no application" in found["note"]) == ([], True)
