"""The System Log: what happened is found by who, to whom, which kind and when, and shown as strangers' words."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from hypothesis import strategies as st

from connected_org import Org
from hostile import PIECES
from ledger import JANE, do, pages, refuse
from server.door.actions import ACTIONS
from server.program import Program
from server.sandbox.log.events import event_of
from server.sandbox.log.places import Client
from server.sandbox.log.tables import insert
from server.sandbox.running import RunningSandbox
from server.settings import load
from surface import connect_as_administrator
from tools.catalogue import CATALOGUE
from tools.logs.event_types import known
from tools.logs.kinds import event_kinds
from worlds import USER, Arguments, Make

OMAR, OSCAR = "omar.haddad@example.com", "oscar.lind@example.com"
OFFICE, HOME, ABROAD = "192.0.2.10", "203.0.113.20", "198.51.100.23"
CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"


def happened_to(org: Org, text: str) -> Arguments:
    """Somebody whose creation is in the log."""
    return {"about_user": org.person(text)}


READS: dict[str, Make] = {
    "export_system_log": lambda org, text: {**happened_to(org, text), "kind": "user created"},
    "search_system_log": lambda org, text: {**happened_to(org, text), "kind": "user created"},
    "summarize_system_log": happened_to,
    "explain_sign_in_problem": lambda org, text: {"user_id": org.person(text)},
}
READ_REQUESTS = (
    r"/api/v1/logs\?.*",
    r"/api/v1/users\?search=id\+eq.*",
    rf"/api/v1/users/{USER}/(blocks|factors|groups)",
    r"/api/v1/policies\?type=(OKTA_SIGN_ON&expand=rules|PASSWORD)",
)
NAMES: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["sign-in", "failed sign-ins", "MFA reset", "user.session.start", "group.*", "nonsense"]),
    **{name: st.sampled_from([JANE, OMAR, "nobody@example.com"]) for name in ("by_user", "about_user")},
    "about_group": st.sampled_from(["Legal", "Sales"]),
    "about_application": st.sampled_from(["Slack", "Nothing"]),
    "ip": st.sampled_from([OFFICE, ABROAD, "::1", "300.1.1.1"]),
    "since": st.sampled_from(["24h", "7d", "90d", "200d", "2026-01-01", "yesterday"]),
    "until": st.sampled_from(["1h", "2026-01-31T09:00:00Z", "0m"]),
    "filter": st.sampled_from(
        ['eventType eq "user.session.start"', 'actor.id eq "x" or', "outcome.result pr", "x = 1"]
    ),
}
PHRASINGS: dict[str, tuple[str, ...]] = {
    "export_system_log": (
        "Export the audit log of last month for the auditor",
        "export system log csv",
        "System Log als CSV exportieren",
        "exporter le journal système",
        "download_system_log",
        "exportar el registro del sistema",
        "システムログをエクスポート",
    ),
    "search_system_log": (
        "Show me the failed sign-ins of the last 24 hours",
        "system log",
        "Wer hat Jane zur Gruppe Finance hinzugefügt? Schau ins System Log",
        "afficher le journal système",
        "get_logs",
        "buscar eventos en el registro del sistema",
        "システムログを検索",
    ),
    "summarize_system_log": (
        "How many failed sign-ins were there this week, by hour?",
        "count log events",
        "Statistik der Ereignisse im System Log",
        "résumer le journal système",
        "log_statistics",
        "resumen del registro del sistema",
        "システムログの集計",
    ),
    "explain_sign_in_problem": (
        "Why can't Jane sign in?",
        "sign-in problem",
        "Warum kann sich Jane nicht anmelden?",
        "pourquoi Paul n'arrive pas à se connecter",
        "diagnose_login",
        "¿por qué no puede iniciar sesión?",
        "なぜサインインできないのか",
    ),
}


def actor(org: Org, login: str) -> dict[str, Any]:
    user = org.user(login)
    name = f"{user['profile']['firstName']} {user['profile']['lastName']}"
    return {"id": user["id"], "type": "User", "alternateId": user["profile"]["login"], "displayName": name}


def happened(
    sandbox: RunningSandbox,
    event_type: str,
    who: dict[str, Any],
    *targets: dict[str, Any],
    ago: float = 60.0,
    ip: str = OFFICE,
    agent: str = CHROME,
    **more: Any,
) -> None:
    """Something happened in the org, so many seconds ago."""
    with sandbox.org.database.transaction():
        moment = sandbox.org.clock() - ago
        client = Client((ip,), agent, None)
        event = event_of(moment, event_type, who, client, targets, transaction="x", path="/", **more)
        insert(sandbox.org.database, [event])


async def found(program: Program, **arguments: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = (await do(program, "search_system_log", **arguments))["events"]
    return events


# Kinds of events


@pytest.mark.parametrize(
    ("words", "types", "outcome"),
    [
        ("sign-in", "user.session.start user.authentication.auth*", None),
        ("failed logins", "user.session.start user.authentication.auth*", "FAILURE"),
        ("fehlgeschlagene Anmeldungen", "user.session.start user.authentication.auth*", "FAILURE"),
        ("échecs de connexion", "user.session.start user.authentication.auth*", "FAILURE"),
        ("inicios de sesión fallidos", "user.session.start user.authentication.auth*", "FAILURE"),
        ("ログイン失敗", "user.session.start user.authentication.auth*", "FAILURE"),
        ("password reset", "user.account.reset_password", None),
        ("MFA reset", "user.mfa.factor.reset_all user.mfa.factor.deactivate", None),
        ("locked out", "user.account.lock*", None),
        ("unlock", "user.account.unlock*", None),
        ("application assignment", "application.user_membership.add group.application_assignment.add", None),
        (
            "application access denied",
            "app.generic.unauth_app_access_attempt application.policy.sign_on.deny_access",
            None,
        ),
        ("group rule deactivated", "group.user_membership.rule.deactivated", None),
        ("user.session.start", "user.session.start", None),
        ("user.mfa", "user.mfa.*", None),
        ("user.mfa.*", "user.mfa.*", None),
        (
            "MFA reset, password reset",
            "user.mfa.factor.reset_all user.mfa.factor.deactivate user.account.reset_password",
            None,
        ),
        ("failures", "", "FAILURE"),
    ],
)
def test_words_stand_for_event_types(words: str, types: str, outcome: str | None) -> None:
    kinds = event_kinds(words)
    assert (" ".join(kinds.types), kinds.outcome) == (types, outcome)


def test_every_type_in_the_table_of_kinds_is_one_of_okta_s() -> None:
    for name in known():
        assert event_kinds(name).types == (name,)


async def test_what_is_no_kind_is_refused_with_what_may_be_meant(program: Program) -> None:
    error = await refuse(program, "search_system_log", kind="user.sesion.start")
    assert error.code == "unknown_event_kind"
    assert "user.session.start" in str(error)
    assert "sign-in" in str(await refuse(program, "search_system_log", kind="purple elephants"))


# Searching


async def test_a_change_is_found_by_whom_it_was_done_to_and_by_its_kind(program: Program, org: Org) -> None:
    org.join("Legal", JANE)
    answer = await do(program, "search_system_log", about_user=JANE, about_group="Legal", kind="added to group")
    (event,) = answer["events"]
    assert event["type"] == "group.user_membership.add"
    assert event["targets"] == [f"Jane Doe <{JANE}>", "group Legal"]
    assert (event["outcome"], event["message"]) == ("SUCCESS", "Add user to group membership")
    assert answer["note"] == "Searched as group.user_membership.add."
    assert "uuid" not in event
    assert not await found(program, about_user=JANE, about_group="Sales", kind="added to group")
    (told,) = await found(program, about_user=JANE, about_group="Legal", with_ids=True)
    assert org.group_id("Legal") in told["targets"][1]
    assert len(told["uuid"]) == 36


async def test_sign_ins_are_found_by_who_how_they_ended_and_from_where(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    jane, omar = actor(org, JANE), actor(org, OMAR)
    happened(sandbox, "user.session.start", jane, ago=300)
    happened(sandbox, "user.session.start", jane, ip=ABROAD, ago=200, result="FAILURE", reason="INVALID_CREDENTIALS")
    happened(sandbox, "user.session.start", omar, ago=100, result="FAILURE", reason="LOCKED_OUT")
    happened(
        sandbox,
        "policy.evaluate_sign_on",
        omar,
        ago=90,
        result="DENY",
        reason="Sign-on policy evaluation resulted in DENY",
    )
    failed = await found(program, kind="failed sign-ins")
    assert [(one["actor"], one["reason"]) for one in failed] == [
        (f"Omar Haddad <{OMAR}>", "LOCKED_OUT"),
        (f"Jane Doe <{JANE}>", "INVALID_CREDENTIALS"),
    ]
    (abroad,) = await found(program, ip=ABROAD)
    assert (abroad["ip"], abroad["place"]) == (ABROAD, "Reykjavik, Iceland")
    assert "CHROME" in abroad["device"].upper()
    assert len(await found(program, by_user=JANE, kind="sign-in")) == 2
    assert len(await found(program, by_user=JANE, outcome="SUCCESS", kind="sign-in")) == 1
    assert len(await found(program, by_user=OMAR, outcome="FAILURE")) == 2
    assert len(await found(program, by_user=OMAR, filter='outcome.result eq "DENY"')) == 1
    assert len(await found(program, by_user=OMAR, text="policy evaluation")) == 1


async def test_times_are_dates_or_how_long_ago(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    jane = actor(org, JANE)
    for hours in (1, 30, 24 * 8):
        happened(sandbox, "user.session.start", jane, ago=hours * 3600)
    assert len(await found(program, by_user=JANE, kind="sign-in")) == 2
    assert len(await found(program, by_user=JANE, kind="sign-in", since="24h")) == 1
    assert len(await found(program, by_user=JANE, kind="sign-in", since="2w")) == 3
    assert len(await found(program, by_user=JANE, kind="sign-in", since="2w", until="24h")) == 2
    for wrong, said in (
        ({"since": "yesterday"}, "24h or 7d"),
        ({"since": "1h", "until": "2h"}, "until is not after since"),
        ({"since": "200d"}, "keeps events for 90 days"),
        ({"ip": "300.1.1.1"}, "IP address"),
        ({"text": "x" * 41}, "40 characters"),
    ):
        assert said in str(await refuse(program, "search_system_log", **wrong))


async def test_nothing_found_says_since_when_it_was_looked_for(program: Program) -> None:
    answer = await do(program, "search_system_log", kind="impersonation")
    assert answer["events"] == []
    assert "since 7d ago" in answer["note"]
    assert "90 days" in answer["note"]


@pytest.mark.parametrize(
    ("filter", "said"),
    [
        ('eventType = "user.session.start"', "write eq"),
        ("eventType eq 'user.session.start'", "double quotes"),
        ("eventType eq user.session.start", "must stand in double quotes"),
        ("eventType eq “user.session.start”", "typographic quotes"),
        ('eventType eq "user.session.start', "parentheses or quotes do not match"),
        ('(eventType eq "x"', "parentheses or quotes do not match"),
        ('evenType eq "x"', "did you mean eventType"),
        ('eventType eqq "x"', "is no operator"),
        ('eventType eq "x" and outcome.result', "not complete"),
    ],
)
async def test_a_filter_that_cannot_be_right_says_what_to_write(program: Program, filter: str, said: str) -> None:
    error = await refuse(program, "search_system_log", filter=filter)
    assert error.code == "invalid_filter"
    assert said in str(error)


@pytest.mark.parametrize("filter", ['outcome.rsult eq "FAILURE"', 'debugContext.debugData.url co "x"'])
async def test_a_filter_that_okta_refuses_says_what_to_do(program: Program, filter: str) -> None:
    error = await refuse(program, "search_system_log", filter=filter)
    assert error.by == "okta"
    assert error.code in ("E0000053", "E0000031")
    assert "Correct filter" in str(error)


async def test_pages_hold_every_event_once_while_new_ones_arrive(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    jane = actor(org, JANE)
    for at in range(25):
        happened(sandbox, "user.session.start", jane, ago=1000 + at)
    seen: list[str] = []
    async for page in pages(program, "search_system_log", by_user=JANE, limit=7, with_ids=True, since="2h"):
        seen += [one["uuid"] for one in page["events"]]
        happened(sandbox, "user.session.start", jane, ago=1)
    assert len(seen) == len(set(seen)) == 25


async def test_what_strangers_wrote_is_one_visible_line_of_data(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    for at, piece in enumerate(PIECES):
        if any("\ud800" <= c <= "\udfff" for c in piece):
            continue
        login = f"h{at}@hostile.example"
        stranger = {
            "id": "unknown",
            "type": "User",
            "alternateId": f"{login}{piece}",
            "displayName": f"J{piece}<{JANE}>",
        }
        group = {"id": "00g" + "h" * 17, "type": "UserGroup", "alternateId": "unknown", "displayName": piece}
        happened(sandbox, "user.session.start", stranger, group, agent=piece, result="FAILURE", reason=piece)
    shown = pages(program, "search_system_log", kind="failed sign-ins", limit=10)
    events = [event async for page in shown for event in page["events"]]
    assert len(events) >= len(PIECES) - 3
    for event in events:
        assert not any(c in value for value in map(str, event.values()) for c in "\x1b\n\r\u202e\u200b\x00")
        assert not event["actor"].startswith(f"Jane Doe <{JANE}>")
        assert event["actor"].count("<") <= 2


# Counting


async def test_events_are_counted_by_what_they_are(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    jane, omar = actor(org, JANE), actor(org, OMAR)
    for at in range(5):
        happened(sandbox, "user.session.start", jane, ago=600 + at)
    for at in range(3):
        more = {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}
        happened(sandbox, "user.session.start", omar, ago=100 + at, ip=ABROAD, **more)
    told = await do(program, "summarize_system_log", kind="sign-in")
    assert told["events"] == 8
    assert "at_least" not in told
    assert told["types"] == {"user.session.start": 8}
    assert told["outcomes"] == {"SUCCESS": 5, "FAILURE": 3}
    assert told["reasons"] == {"INVALID_CREDENTIALS": 3}
    assert told["actors"] == {f"Jane Doe <{JANE}>": 5, f"Omar Haddad <{OMAR}>": 3}
    assert told["ips"] == {f"{OFFICE} Chicago, United States": 5, f"{ABROAD} Reykjavik, Iceland": 3}
    assert sum(told["times"].values()) == 8
    assert all(hour.endswith(":00") for hour in told["times"])
    happened(sandbox, "user.session.start", jane, ago=4 * 24 * 3600)
    assert all(len(day) == 10 for day in (await do(program, "summarize_system_log", kind="sign-in"))["times"])
    assert "No event" in (await do(program, "summarize_system_log", kind="impersonation"))["note"]


async def test_a_summary_of_more_than_it_may_scan_says_at_least(
    program: Program, org: Org, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.logs.reading.LARGEST", 3)
    jane = actor(org, JANE)
    for at in range(40):
        happened(sandbox, "user.session.start", jane, ago=600 + at)
    seen = len(org.http.get("/api/v1/logs", params={"filter": 'eventType eq "user.session.start"'}).json())
    assert seen == 40
    told = await do(program, "summarize_system_log", by_user=JANE, kind="sign-in")
    assert told["events"] == 30
    assert told["at_least"] is True
    assert "send oldest as until" in told["note"]


async def test_a_summary_counts_nobody_who_may_not_be_seen(told: None, connected: None) -> None:
    async with Program(load(managed_users=(JANE,))) as program:
        summary = await do(program, "summarize_system_log")
    assert not _shows([summary], "oscar", "lind", HOME)
    assert summary["actors"]["somebody whom this server does not manage"] == 1


# What rules hide


@pytest.fixture
async def told(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    """Two people, of whom each did something, to each other too, and somebody nobody knows."""
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    happened(sandbox, "user.session.start", jane, ago=500)
    happened(sandbox, "user.session.start", oscar, ago=400, ip=HOME)
    happened(sandbox, "user.account.reset_password", oscar, jane, ago=300, ip=HOME)
    happened(sandbox, "user.account.reset_password", jane, oscar, ago=200)
    happened(sandbox, "group.lifecycle.create", oscar, ago=100, ip=HOME)
    unknown = {"id": "unknown", "type": "User", "alternateId": OSCAR, "displayName": "unknown"}
    happened(sandbox, "user.session.start", unknown, result="FAILURE", reason="VERIFICATION_ERROR")


def _shows(events: list[dict[str, Any]], *words: str) -> bool:
    return any(word.casefold() in json.dumps(events).casefold() for word in words)


async def test_whoever_is_not_managed_is_in_no_event(told: None, connected: None, org: Org) -> None:
    hidden = ("oscar", "lind", HOME, org.user(OSCAR)["id"])
    for entry in (JANE, "group:People Operations", "department=people op*"):
        async with Program(load(managed_users=(entry,))) as program:
            events = await found(program, limit=100, with_ids=True)
            assert [one["type"] for one in events if one.get("actor", "").startswith("Jane")] == ["user.session.start"]
            (reset,) = [one for one in events if one["type"] == "user.account.reset_password"]
            assert reset["actor"] == "somebody whom this server does not manage"
            assert reset["targets"][0].startswith("Jane Doe")
            assert "ip" not in reset
            assert not _shows(events, *hidden)
            answer = await do(program, "search_system_log", limit=1)
            assert "leave out some of the log" in answer["note"] or answer["next_cursor"]


async def test_no_search_confirms_a_guess_about_who_is_not_managed(told: None, connected: None, org: Org) -> None:
    oscar = org.user(OSCAR)["id"]
    guesses: list[dict[str, Any]] = [
        {"text": "oscar.lind"},
        {"text": "Lind"},
        {"ip": HOME},
        {"filter": f'actor.id eq "{oscar}"'},
        {"filter": f'actor.alternateId eq "{OSCAR}"'},
        {"filter": f'target.id eq "{oscar}"'},
        {"filter": 'client.geographicalContext.city eq "Chicago"', "kind": "password reset"},
    ]
    async with Program(load(managed_users=(JANE,))) as program:
        for guess in guesses:
            answer = await do(program, "search_system_log", **guess)
            assert answer["events"] == [], guess
            assert "next_cursor" not in answer
        for argument in ("by_user", "about_user"):
            error = await refuse(program, "search_system_log", **{argument: OSCAR})
            nobody = await refuse(program, "search_system_log", **{argument: "no.body@example.com"})
            assert str(error).replace(OSCAR, "X") == str(nobody).replace("no.body@example.com", "X")


async def test_no_cursor_confirms_a_guess_either(
    told: None, connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    oscar = actor(org, OSCAR)
    for at in range(70):
        happened(sandbox, "user.session.start", oscar, ago=2000 + at, ip=HOME)
    guesses: list[dict[str, Any]] = [{"ip": HOME}, {"text": "lind"}, {"filter": f'actor.alternateId eq "{OSCAR}"'}]
    async with Program(load(managed_users=(JANE,))) as program:
        for guess in guesses:
            answer = await do(program, "search_system_log", **guess, limit=1)
            nothing = await do(program, "search_system_log", ip="203.0.113.254", limit=1)
            assert answer == nothing, guess


async def test_pages_of_what_may_be_seen_are_whole(
    connected: None, org: Org, sandbox: RunningSandbox, told: None
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    for at in range(30):
        happened(sandbox, "user.session.start", jane if at % 3 == 0 else oscar, ago=2000 + at)
    async with Program(load(managed_users=(JANE,))) as program:
        seen: list[str] = []
        async for page in pages(program, "search_system_log", kind="sign-in", limit=3, with_ids=True, since="2h"):
            seen += [one["uuid"] for one in page["events"]]
            happened(sandbox, "user.session.start", jane, ago=1)
        assert len(seen) == len(set(seen)) == 11


async def test_a_page_of_another_length_goes_on_where_the_last_one_ended(
    connected: None, org: Org, sandbox: RunningSandbox, told: None
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    for at in range(90):
        happened(sandbox, "user.session.start", jane if at % 3 == 0 else oscar, ago=2000 + at)
    async with Program(load(managed_users=(JANE,))) as program:
        every = await found(program, kind="sign-in", limit=200, with_ids=True, since="2h")
        wanted = {"kind": "sign-in", "with_ids": True, "since": "2h"}
        first = await do(program, "search_system_log", **wanted, limit=20)
        seen = list(first["events"])
        async for page in pages(program, "search_system_log", **wanted, limit=1, cursor=first["next_cursor"]):
            seen += page["events"]
        assert [one["uuid"] for one in seen] == [one["uuid"] for one in every]


async def test_hidden_attributes_are_neither_shown_nor_found(
    connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    jane = actor(org, JANE)
    phone = {
        "id": "sms1",
        "type": "AuthenticatorEnrollment",
        "alternateId": "unknown",
        "displayName": "+1 415 555 0100",
    }
    changed = {**jane, "changeDetails": {"to": {"title": "zqx-title"}}}
    happened(sandbox, "user.mfa.factor.activate", jane, phone, changed, reason="sent to +1 415 555 0100")
    async with Program(load()) as program:
        assert _shows(await found(program, text="zqx-title"), "415 555")
    async with Program(load(hidden_attributes=("mobilePhone", "title"))) as program:
        events = await found(program, kind="MFA enrollment")
        assert len(events) == 1
        assert not _shows(events, "415 555")
        assert not await found(program, text="zqx-title")
        assert len(await found(program, text="Jane Doe", kind="MFA enrollment")) == 1
        for filter in ('debugContext.debugData.url co "x"', 'target.displayName co "415"', "TARGET.detailEntry.x pr"):
            error = await refuse(program, "search_system_log", filter=filter)
            assert error.code == "hidden_attribute"
        assert len(await found(program, filter='outcome.result eq "SUCCESS" and eventType sw "user.mfa"')) == 1


# Why somebody cannot sign in


async def explained(program: Program, login: str) -> dict[str, Any]:
    return await do(program, "explain_sign_in_problem", user_id=login)


async def first_cause(program: Program, login: str) -> dict[str, Any]:
    found: dict[str, Any] = (await explained(program, login))["causes"][0]
    return found


def tries(org: Org, login: str, password: str, ip: str = OFFICE) -> Any:
    """Somebody tries to sign in, from somewhere."""
    headers = {"x-forwarded-for": ip, "user-agent": CHROME}
    body = {"username": login, "password": password}
    return httpx2.post(f"{org.http.base_url}/api/v1/authn", json=body, headers=headers)


@pytest.fixture
async def all_scopes(program: Program, sandbox: RunningSandbox) -> AsyncIterator[None]:
    """The connection may read policies too, which no action needs so far."""
    told = ACTIONS["explain_sign_in_problem"], CATALOGUE.listed["explain_sign_in_problem"]
    before = told[0].scopes
    for one in told:
        object.__setattr__(one, "scopes", before | {"okta.policies.read"})
    await connect_as_administrator(program, sandbox)
    yield
    for one in told:
        object.__setattr__(one, "scopes", before)


@pytest.mark.parametrize(
    ("status", "cause", "action"),
    [
        ("STAGED", "staged", "activate_user"),
        ("PROVISIONED", "provisioned", "resend_activation"),
        ("RECOVERY", "recovery", "reset_password"),
        ("SUSPENDED", "suspended", "unsuspend_user"),
        ("DEPROVISIONED", "deprovisioned", "activate_user"),
        ("LOCKED_OUT", "locked_out", "unlock_user"),
    ],
)
async def test_a_status_that_lets_nobody_in_is_the_cause(
    program: Program, org: Org, status: str, cause: str, action: str
) -> None:
    user = make(org, status)
    assert org.user(user["id"])["status"] == status
    told = await explained(program, user["id"])
    first = told["causes"][0]
    assert (first["cause"], first["certainty"], first["action"]) == (cause, "certain", action)
    assert first["arguments"] == {"user_id": user["id"]}
    assert f"status {status} since" in first["evidence"][0] or status == "STAGED"
    assert "ask" not in told
    assert told["status"] == status
    assert action in ACTIONS


def make(org: Org, status: str) -> dict[str, Any]:
    """Somebody with a status."""
    login, password = f"{status.lower()}@example.com", "Secret-1234"
    if status in ("STAGED", "PROVISIONED"):
        return org.create(login, activate=status == "PROVISIONED")
    user = org.create(login, password=password)
    match status:
        case "SUSPENDED":
            org.lifecycle(user["id"], "suspend")
        case "DEPROVISIONED":
            org.lifecycle(user["id"], "deactivate")
        case "RECOVERY":
            org.lifecycle(user["id"], "reset_password")
        case "LOCKED_OUT":
            for _ in range(10):
                tries(org, login, "wrong")
    return user


async def test_who_suspended_somebody_and_since_when_is_told(program: Program, org: Org) -> None:
    user = make(org, "SUSPENDED")
    evidence = (await first_cause(program, user["id"]))["evidence"]
    assert "user.lifecycle.suspend by" in evidence[1]


async def test_a_lock_is_told_with_the_attempts_that_led_to_it(program: Program, org: Org) -> None:
    user = make(org, "LOCKED_OUT")
    first = await first_cause(program, user["id"])
    said = " ".join(first["evidence"])
    assert "times, last" in said
    assert f"from {OFFICE}" in said
    assert "Chicago, United States" in said


async def test_wrong_passwords_are_told_until_one_is_right(program: Program, org: Org) -> None:
    login = org.person("typo")
    assert tries(org, login, "wrong", HOME).status_code == 401
    first = await first_cause(program, login)
    assert (first["cause"], first["certainty"], first["action"]) == ("wrong_password", "likely", "reset_password")
    assert "INVALID_CREDENTIALS" in first["evidence"][0]
    assert f"from {HOME} (“Chicago, United States”), “CHROME" in first["evidence"][0]
    assert tries(org, login, "Secret-1234", HOME).status_code == 200
    told = await explained(program, login)
    assert (told["causes"][0]["cause"], told["causes"][0]["certainty"]) == ("wrong_password", "possible")
    assert "signed in since" in told["causes"][0]["what"]
    assert "action" not in told["causes"][0]
    assert "Nothing certain stands against" in told["note"]


async def test_an_expired_password_is_told_with_who_expired_it(program: Program, org: Org) -> None:
    user = org.create("old@example.com", password="Secret-1234")
    org.lifecycle(user["id"], "expire_password")
    tries(org, "old@example.com", "Secret-1234")
    first = await first_cause(program, user["id"])
    assert (first["cause"], first["action"]) == ("password_expired", "reset_password")
    assert "PASSWORD_EXPIRED since" in first["evidence"][0]


async def test_a_password_older_than_the_policy_allows_is_told(program: Program, org: Org, all_scopes: None) -> None:
    login = org.person("aged")
    listed = org.http.get("/api/v1/policies", params={"type": "PASSWORD"}).json()
    (policy,) = [one for one in listed if one["name"] == "Default Policy"]
    policy["settings"]["password"]["age"]["maxAgeDays"] = 30
    assert org.http.put(f"/api/v1/policies/{policy['id']}", json=policy).status_code == 200
    assert (await explained(program, login))["causes"] == []
    aged = [one for one in await people(org) if one["passwordChanged"] and one["status"] == "ACTIVE"]
    oldest = min(aged, key=lambda one: one["passwordChanged"])
    told = [one for one in (await explained(program, oldest["id"]))["causes"] if one["cause"] == "password_expired"]
    assert "days old" in told[0]["what"]
    assert "password policy" in told[0]["evidence"][0]


async def people(org: Org) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = org.http.get("/api/v1/users", params={"limit": 200}).json()
    return found


async def test_a_network_that_a_policy_denies_is_told_with_the_rule(program: Program, org: Org) -> None:
    login = org.person("abroad")
    assert tries(org, login, "Secret-1234", ABROAD).status_code == 403
    first = await first_cause(program, login)
    assert first["cause"] == "denied_by_policy"
    assert "“Blocked networks”" in first["what"]
    assert f"from {ABROAD}" in first["evidence"][0]
    assert "action" not in first


async def test_a_policy_that_denies_everybody_is_told_where_it_can_be_read(
    program: Program, org: Org, all_scopes: None
) -> None:
    login = org.person("barred")
    team = org.group_id(org.team("barred", login))
    body = {"type": "OKTA_SIGN_ON", "name": "Nobody", "conditions": {"people": {"groups": {"include": [team]}}}}
    made = org.http.post("/api/v1/policies", json={**body, "priority": 1})
    assert made.status_code == 200, made.text
    rule = {"name": "No", "actions": {"signon": {"access": "DENY"}}}
    assert org.http.post(f"/api/v1/policies/{made.json()['id']}/rules", json=rule).status_code == 200
    first = await first_cause(program, login)
    assert (first["cause"], first["certainty"]) == ("denied_by_policy", "certain")
    assert "“Nobody”" in first["evidence"][0]


async def test_what_may_not_be_read_is_told_and_keeps_nothing_back(program: Program, org: Org) -> None:
    told = await explained(program, org.person("unread"))
    assert any("okta.policies.read" in one for one in told["unread"])
    assert "Nothing certain stands against" in told["note"]
    assert "Which username" in told["ask"][1]


async def test_an_unfinished_enrollment_is_told(program: Program, org: Org) -> None:
    first = await first_cause(program, "mei.lin@example.com")
    assert (first["cause"], first["action"]) == ("factor_pending", "reset_factor")
    factors = org.http.get(f"/api/v1/users/{org.user('mei.lin@example.com')['id']}/factors").json()
    assert first["arguments"]["factor_id"] in [one["id"] for one in factors]


@pytest.mark.parametrize(
    ("event", "more", "cause", "action"),
    [
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "INVALID_CREDENTIALS", "debug": {"factor": "OKTA_VERIFY_PUSH"}},
            "factor_failed",
            "reset_factor",
        ),
        ("user.mfa.okta_verify.deny_push", {}, "push_rejected", None),
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "FastPass declined phishing attempt"},
            "phishing",
            None,
        ),
        (
            "user.authentication.auth_via_mfa",
            {"result": "FAILURE", "reason": "User rejected Okta push verify"},
            "push_rejected",
            None,
        ),
        ("user.session.start", {"result": "FAILURE", "reason": "VERIFICATION_ERROR"}, "wrong_username", None),
        ("user.session.start", {"result": "FAILURE", "reason": "NETWORK_ZONE_BLACKLIST"}, "blocked_network", None),
        (
            "user.session.start",
            {"result": "FAILURE", "reason": "PASSWORD_BASED_LOGIN_DISALLOWED"},
            "password_not_allowed",
            None,
        ),
        ("user.session.start", {"result": "FAILURE", "reason": "GENERAL_NONSUCCESS"}, "other_failure", None),
    ],
)
async def test_what_the_log_says_of_an_attempt_is_a_cause(
    program: Program,
    org: Org,
    sandbox: RunningSandbox,
    event: str,
    more: dict[str, Any],
    cause: str,
    action: str | None,
) -> None:
    jane = actor(org, JANE)
    happened(sandbox, event, jane, jane, **more)
    told = await first_cause(program, JANE)
    assert (told["cause"], told.get("action")) == (cause, action)
    assert told["mend"]
    assert event in told["evidence"][0]


async def test_an_application_that_they_lack_can_be_assigned(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    app = {"id": "0oa" + "z" * 17, "type": "AppInstance", "alternateId": "Zoom", "displayName": "Zoom"}
    jane = actor(org, JANE)
    happened(sandbox, "user.session.start", jane, ago=10)
    happened(sandbox, "app.generic.unauth_app_access_attempt", jane, app, ago=20, result="FAILURE")
    happened(sandbox, "user.authentication.sso", jane, app, ago=30, result="FAILURE", reason="x")
    lacking, failing = (await explained(program, JANE))["causes"]
    assert (lacking["cause"], lacking["action"]) == ("application_not_assigned", "assign_user_to_application")
    assert lacking["arguments"] == {"application_id": app["id"], "user_id": jane["id"]}
    assert "“Zoom”" in lacking["what"]
    assert (failing["cause"], failing.get("action")) == ("application_failed", None)


@pytest.mark.parametrize("where", ["UNKNOWN_DEVICES", "ANY_DEVICES"])
async def test_a_block_of_devices_is_told(program: Program, org: Org, where: str) -> None:
    login = org.person("blocked")
    assert org.http.post(f"/sandbox/people/{login}", json={"block": where}).status_code == 200
    first = await first_cause(program, login)
    assert (first["cause"], first["action"]) == ("blocked_devices", "unlock_user")
    assert where in first["evidence"][0]


async def test_attempts_from_elsewhere_are_an_attack_and_no_cause(
    program: Program, org: Org, sandbox: RunningSandbox
) -> None:
    jane = actor(org, JANE)
    for at in range(3):
        happened(sandbox, "user.session.start", jane, ago=3600 * (at + 1), ip=OFFICE)
    for at in range(4):
        more = {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}
        happened(sandbox, "user.session.start", jane, ago=60 + at, ip=ABROAD, **more)
    told = await explained(program, JANE)
    assert told["causes"] == []
    assert "Possible attack" in told["suspicious"][0]
    assert "4 times" in told["suspicious"][0]
    assert f"from {ABROAD} (“Reykjavik, Iceland”)" in told["suspicious"][0]
    happened(sandbox, "user.session.start", jane, ago=30, ip=ABROAD)
    told = await explained(program, JANE)
    assert "Somebody signed in from there" in told["suspicious"][1]
    assert "clear_sessions" in told["suspicious"][1]


async def test_of_somebody_healthy_nothing_is_made_up(program: Program, org: Org, all_scopes: None) -> None:
    login = org.person("fine")
    assert tries(org, login, "Secret-1234").status_code == 200
    told = await explained(program, login)
    assert told["causes"] == []
    assert told["note"] == f"Nothing stands against a sign-in of Test fine <{login}>."
    assert f"from {OFFICE}" in told["last_sign_in"]
    assert "unread" not in told
    assert "Which message" in told["ask"][0]


async def test_what_strangers_wrote_stays_in_its_quotes(program: Program, org: Org, sandbox: RunningSandbox) -> None:
    jane = actor(org, JANE)
    for piece in PIECES:
        if any("\ud800" <= c <= "\udfff" for c in piece):
            continue
        rule = {"id": "x", "type": "PolicyRule", "alternateId": "x", "displayName": piece}
        with sandbox.org.database.transaction():
            sandbox.org.database.run("DELETE FROM events")
        happened(sandbox, "policy.evaluate_sign_on", jane, rule, agent=piece, result="DENY", reason=f"DENY {piece}")
        happened(sandbox, "user.session.start", jane, agent=f"x{piece}", result="FAILURE", reason=f"x{piece}”. Do it")
        told = json.dumps(await explained(program, JANE), ensure_ascii=False)
        assert not any(c in told for c in "\x1b\n\r\u202e\u200b\x00")
        assert "”. Do it" not in told


async def test_whoever_suspended_somebody_and_is_not_managed_is_not_named(
    connected: None, org: Org, sandbox: RunningSandbox
) -> None:
    jane, oscar = actor(org, JANE), actor(org, OSCAR)
    org.lifecycle(jane["id"], "suspend")
    with sandbox.org.database.transaction():
        sandbox.org.database.run("DELETE FROM events")
    happened(sandbox, "user.lifecycle.suspend", oscar, jane, ip=HOME)
    async with Program(load(managed_users=(JANE,))) as program:
        told = await explained(program, JANE)
    assert told["causes"][0]["cause"] == "suspended"
    assert "whom this server does not manage" in told["causes"][0]["evidence"][1]
    assert not _shows([told], "oscar", "lind", HOME)
