"""The System Log: what happened is found by who, to whom, which kind and when, and shown as strangers' words."""

from typing import Any

import pytest
from hypothesis import strategies as st

from connected_org import Org
from hostile import PIECES
from ledger import JANE, do, pages, refuse
from server.program import Program
from server.sandbox.log.events import event_of
from server.sandbox.log.places import Client
from server.sandbox.log.tables import insert
from server.sandbox.running import RunningSandbox
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
