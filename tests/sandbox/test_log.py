"""The System Log holds what happened, who did it and in which request."""

import ast
import json
import re
import sqlite3
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

import server.sandbox
from connected_org import API_TOKEN, Org, links
from server.sandbox import story
from server.sandbox.log.events import event_of
from server.sandbox.log.messages import MESSAGES
from server.sandbox.log.places import Client
from server.sandbox.log.tables import insert
from server.sandbox.running import RunningSandbox

LOGS = "/api/v1/logs"


def test_an_event_names_the_deed_the_doer_the_target_and_the_request(http: httpx2.Client) -> None:
    body = {"profile": {"firstName": "A", "lastName": "B", "login": "a.b@example.com", "email": "a.b@example.com"}}
    answer = http.post("/api/v1/users", params={"activate": "false"}, json=body)
    (event,) = http.get(LOGS, params={"filter": 'eventType eq "user.lifecycle.create"'}).json()
    assert event["target"][0]["id"] == answer.json()["id"]
    assert event["target"][0]["alternateId"] == "a.b@example.com"
    assert event["actor"]["alternateId"] == "okta-actions@example.com"
    assert event["transaction"]["id"] == answer.headers["x-okta-request-id"]
    assert event["outcome"]["result"] == "SUCCESS"


def test_a_refused_call_is_no_event(http: httpx2.Client, org: Org) -> None:
    http.post("/api/v1/users", json={"profile": {"firstName": "A"}})
    http.delete(f"/api/v1/groups/{org.group_id('Everyone')}")
    assert org.events() == []


def test_filters_may_negate_and_reach_into_targets(http: httpx2.Client, org: Org) -> None:
    made = org.create("a.b@example.com")
    org.create("c.d@example.com")
    text = f'target.id eq "{made["id"]}" and not (eventType sw "user.lifecycle.act")'
    found = http.get(LOGS, params={"filter": text}).json()
    assert [event["eventType"] for event in found] == ["user.lifecycle.create"]
    assert http.get(LOGS, params={"q": "c.d@example.com create"}).json()


def test_a_bounded_read_ends_and_an_unbounded_one_goes_on(http: httpx2.Client, org: Org) -> None:
    for number in range(5):
        org.create_group(f"Group {number}")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    answer, seen = http.get(LOGS, params={"until": until, "limit": 2}), 0
    while True:
        seen += len(answer.json())
        if "next" not in links(answer):
            break
        answer = http.get(links(answer)["next"])
    assert seen == 5
    polled = http.get(LOGS)
    nothing_new = http.get(links(polled)["next"])
    assert nothing_new.json() == []
    org.create_group("Group 6")
    (event,) = http.get(links(nothing_new)["next"]).json()
    assert event["target"][0]["displayName"] == "Group 6"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"filter": "eventType is x"}, "E0000053"),
        ({"since": "yesterday"}, "E0000001"),
        ({"q": "x" * 41}, "E0000001"),
        ({"after": "nonsense"}, "E0000029"),
    ],
)
def test_bad_questions_are_refused(http: httpx2.Client, query: dict[str, str], code: str) -> None:
    answer = http.get(LOGS, params=query)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_every_event_that_the_org_writes_has_a_message() -> None:
    """Without one, the call that writes it fails."""
    (folder,) = server.sandbox.__path__
    calls = [
        node
        for file in Path(folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and re.search("record|_move|happened", ast.unparse(node.func))
    ]
    texts = {one.value for call in calls for one in ast.walk(call) if isinstance(one, ast.Constant)}
    written = {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+){2,}", text)}
    assert len(written) > 40
    assert written - MESSAGES.keys() == set()


def test_events_have_their_place_in_time_whenever_they_are_written(
    http: httpx2.Client, sandbox: RunningSandbox
) -> None:
    """What is written late, of a time before, is found where it belongs, and pages go on over it."""
    now = sandbox.org.clock()
    for hours in (3, 1, 5, 2, 4):
        _write(sandbox, now - hours * 3600, "user.session.start", reason=str(hours))
    for order, told in (("ASCENDING", "54321"), ("DESCENDING", "12345")):
        query: dict[str, str] | None = {"limit": "2", "sortOrder": order, "until": _at(now + 60)}
        answer, seen = http.get(LOGS, params=query), ""
        while True:
            seen += "".join(event["outcome"]["reason"] for event in answer.json())
            if "next" not in links(answer):
                break
            answer = http.get(links(answer)["next"])
        assert seen == told, order


def test_a_search_goes_back_a_week_unless_it_says_more_and_events_go_after_ninety_days(
    http: httpx2.Client, sandbox: RunningSandbox
) -> None:
    now = sandbox.org.clock()
    for days in (91, 60, 8, 1):
        _write(sandbox, now - days * 86400, "user.session.start", reason=str(days))

    def found(**query: str) -> list[str]:
        return [event["outcome"]["reason"] for event in http.get(LOGS, params=query).json()]

    assert found() == ["1"]
    assert found(since=_at(now - 10 * 86400)) == ["8", "1"]
    assert found(since=_at(now - 100 * 86400)) == ["60", "8", "1"]
    assert found(since=_at(now - 61 * 86400), until=_at(now - 7 * 86400)) == ["60", "8"]
    refused = http.get(LOGS, params={"since": _at(now - 200 * 86400)})
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "errorCode": "E0000053",
            "errorSummary": "Invalid parameter: The since parameter is over 180 days prior to the current day.",
        },
    )


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (
            'display_message eqq "Create okta user"',
            "E0000053",
            "Invalid filter 'display_message eqq \"Create okta user\"': Unrecognized attribute operator 'eqq' at "
            "position 16. Expected: eq,co,sw,pr,gt,ge,lt,le",
        ),
        ('some_invalid_field eq "x"', "E0000053", "field is not valid: some_invalid_field"),
        (
            'debugContext.debugData.url co "users"',
            "E0000031",
            "The supplied combination of operator and field is not currently supported. Operator: co, Field: "
            "debugContext.debugData.url",
        ),
    ],
)
def test_filters_are_refused_in_oktas_words(http: httpx2.Client, text: str, code: str, told: str) -> None:
    answer = http.get(LOGS, params={"filter": text})
    assert (answer.status_code, answer.json()) == (400, {"errorCode": code, "errorSummary": told})


_SEARCHES = [
    # Each finds the same, whichever index leads to it.
    ('actor.id eq "00uA"', "ace"),
    ('actor.alternateId eq "A@EXAMPLE.COM"', "ace"),
    ('target.id eq "0oaX"', "ab"),
    ('target.alternateId eq "x"', "ab"),
    ('target.displayName eq "X"', "ab"),
    ('eventType eq "user.session.start"', "acd"),
    ('eventType eq "user.session.start" and outcome.result eq "FAILURE"', "cd"),
    ('outcome.result eq "FAILURE" and eventType eq "user.session.start" and actor.id eq "00uA"', "c"),
    ('eventType sw "user.auth"', "be"),
    ('eventType eq "user.session.start" or eventType eq "user.authentication.sso"', "abcd"),
    ('not (eventType sw "user.session")', "be"),
    ('client.ipAddress eq "198.51.100.7"', "d"),
    ('client.geographicalContext.country eq "iceland"', "d"),
    ('client.geographicalContext.country co "cel"', "d"),
    ('client.userAgent.browser eq "FIREFOX"', "e"),
    ("securityContext.isProxy eq true", "d"),
    ('debugContext.debugData.factor eq "OKTA_VERIFY_PUSH"', "e"),
    ("outcome.reason pr", "cd"),
    ('actor.id eq "00uB" and target.id eq "0oaX"', "b"),
    ('displayMessage co "single sign on"', "b"),
    ('severity eq "WARN"', "cd"),
]


@pytest.fixture
def five(sandbox: RunningSandbox) -> RunningSandbox:
    """Five events an hour apart, which are called a to e."""
    a, b = (
        {
            "id": f"00u{name}",
            "type": "User",
            "alternateId": f"{name.lower()}@example.com",
            "displayName": f"{name} Person",
        }
        for name in "AB"
    )
    x = {"id": "0oaX", "type": "AppInstance", "alternateId": "x", "displayName": "X"}
    firefox = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:83.0) Gecko/20100101 Firefox/83.0"
    told: list[dict[str, Any]] = [
        {"event": "user.session.start", "actor": a, "targets": (x,)},
        {"event": "user.authentication.sso", "actor": b, "targets": (x,)},
        {"event": "user.session.start", "actor": a, "reason": "INVALID_CREDENTIALS", "result": "FAILURE"},
        {
            "event": "user.session.start",
            "actor": b,
            "reason": "LOCKED_OUT",
            "result": "FAILURE",
            "client": Client(("198.51.100.7",)),
        },
        {
            "event": "user.authentication.auth_via_mfa",
            "actor": a,
            "debug": {"factor": "OKTA_VERIFY_PUSH"},
            "client": Client(("192.0.2.9",), firefox),
        },
    ]
    for number, event in enumerate(told):
        _write(sandbox, sandbox.org.clock() - (9 - number) * 3600, transaction="abcde"[number], **event)
    return sandbox


@pytest.mark.parametrize(("text", "expected"), _SEARCHES)
def test_every_kind_of_filter_finds_what_fits(
    five: RunningSandbox, http: httpx2.Client, text: str, expected: str
) -> None:
    for order in ("ASCENDING", "DESCENDING"):
        found = http.get(LOGS, params={"filter": text, "sortOrder": order}).json()
        assert sorted(event["transaction"]["id"] for event in found) == list(expected), order


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("person", "abcde"),
        ("a@example.com", "ace"),
        ("FIREFOX", "e"),
        ("chicago Firefox", "e"),
        ("user.session.start invalid_credentials", "c"),
        ("sess", ""),
        ("reykjavik b@example.com", "d"),
    ],
)
def test_words_are_looked_for_in_all_of_an_event(
    five: RunningSandbox, http: httpx2.Client, words: str, expected: str
) -> None:
    found = http.get(LOGS, params={"q": words}).json()
    assert [event["transaction"]["id"] for event in found] == list(expected)


def test_dates_in_a_filter_bound_it_as_since_and_until_do(five: RunningSandbox, http: httpx2.Client) -> None:
    now = five.org.clock()
    text = f'published gt "{_at(now - 8.5 * 3600)}" and published le "{_at(now - 6.5 * 3600)}"'
    assert [event["transaction"]["id"] for event in http.get(LOGS, params={"filter": text}).json()] == ["b", "c"]


def test_many_events_of_one_millisecond_all_have_a_place(http: httpx2.Client, sandbox: RunningSandbox) -> None:
    moment = sandbox.org.clock() - 60
    for number in range(30):
        _write(sandbox, moment, "user.session.start", transaction=str(number))
    answer, seen = http.get(LOGS, params={"limit": 7, "until": _at(moment + 30)}), []
    while True:
        seen += [int(event["transaction"]["id"]) for event in answer.json()]
        if "next" not in links(answer):
            break
        answer = http.get(links(answer)["next"])
    assert seen == list(range(30))


def test_the_events_of_an_older_file_are_found_by_their_indexes(tmp_path: Path) -> None:
    """Such a file has the time and the text of an event, and numbers that count from one."""
    path = tmp_path / "org.db"
    with RunningSandbox(path, api_token=API_TOKEN) as running:
        now = running.org.clock()
        events = [_told(now - hours * 3600, "user.session.start", transaction=str(hours)) for hours in (2, 1)]
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE event_targets; DROP TABLE events; DROP TABLE event_words; "
        "CREATE TABLE events (sequence INTEGER PRIMARY KEY, published TEXT NOT NULL, event TEXT NOT NULL); "
        "CREATE INDEX events_by_time ON events (published, sequence);"
    )
    rows = [(event["published"], json.dumps(event)) for event in events]
    connection.executemany("INSERT INTO events (published, event) VALUES (?, ?)", rows)
    connection.commit()
    connection.close()
    for _ in range(2):  # opening it again changes nothing
        with RunningSandbox(path, api_token=API_TOKEN) as running:
            story.forget(running.org)
            headers = {"authorization": f"SSWS {API_TOKEN}"}
            for query in ({}, {"filter": 'actor.id eq "00uA"'}, {"q": "a@example.com"}):
                found = httpx2.get(f"{running.url}{LOGS}", params=query, headers=headers).json()
                assert [event["transaction"]["id"] for event in found] == ["2", "1"], query


def test_an_event_says_where_its_request_came_from(http: httpx2.Client, org: Org) -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"
    headers = {"x-forwarded-for": "198.51.100.7, 10.0.0.1", "user-agent": chrome}
    http.post("/api/v1/groups", json={"profile": {"name": "Team"}}, headers=headers)
    (event,) = http.get(LOGS, params={"filter": 'eventType eq "group.lifecycle.create"'}).json()
    client = event["client"]
    assert client["ipAddress"] == "198.51.100.7"
    assert client["userAgent"] == {"rawUserAgent": chrome, "os": "Windows 10", "browser": "CHROME"}
    assert (client["device"], client["zone"]) == ("Computer", "Blocked networks")
    assert client["geographicalContext"]["city"] == "Reykjavik"
    assert event["securityContext"]["isProxy"] is True
    assert [hop["ip"] for hop in event["request"]["ipChain"]] == ["198.51.100.7", "10.0.0.1"]
    assert event["authenticationContext"]["externalSessionId"].startswith("trs")


def test_the_demo_org_has_a_fortnight_behind_it() -> None:
    """Who is locked out was locked out; who made the group that gives an application; an attack, and its end."""
    with RunningSandbox(api_token=API_TOKEN) as running:
        headers = {"authorization": f"SSWS {API_TOKEN}"}
        with httpx2.Client(base_url=running.url, headers=headers) as http:
            since = _at(running.org.clock() - 15 * 86400)

            def found(text: str) -> list[dict[str, Any]]:
                answer = http.get(LOGS, params={"since": since, "filter": text, "limit": 1000})
                assert answer.status_code == 200
                events: list[dict[str, Any]] = answer.json()
                return events

            carlos = http.get("/api/v1/users/carlos.vega@example.com").json()
            tried = [event["outcome"]["reason"] for event in found(f'actor.id eq "{carlos["id"]}"')]
            assert tried.count("INVALID_CREDENTIALS") == 10
            assert tried[10:] == ["LOCKED_OUT"] * 4, "the lock, and three attempts after it"
            (locked,) = found('eventType eq "user.account.lock"')
            assert abs(_moment(locked["published"]) - _moment(carlos["statusChanged"])) < 2
            sprayed = found('client.ipAddress eq "198.51.100.23" and outcome.result eq "FAILURE"')
            assert len({event["actor"]["alternateId"] for event in sprayed}) > 15
            came_in = 'client.ipAddress eq "198.51.100.23" and eventType eq "user.session.start" and outcome.result eq'
            (success,) = found(f'{came_in} "SUCCESS"')
            assert success["actor"]["alternateId"] == "wei.zhang@example.com"
            pushes = found(
                'actor.alternateId eq "alex.kim@example.com" and eventType eq "user.mfa.okta_verify.deny_push"'
            )
            assert len(pushes) == 8
            (denied,) = found('outcome.result eq "DENY"')
            assert [target["displayName"] for target in denied["target"]][1] == "Deny from blocked networks"
            (made,) = found('eventType eq "group.lifecycle.create"')
            assert made["actor"]["alternateId"] == "samir.patel@example.com"
            group = http.get("/api/v1/groups", params={"q": "Customer Desk"}).json()[0]
            members = {user["id"] for user in http.get(f"/api/v1/groups/{group['id']}/users").json()}
            joined = found(f'eventType eq "group.user_membership.add" and target.id eq "{group["id"]}"')
            assert {event["target"][0]["id"] for event in joined} == members
            given = {user["id"] for user in http.get(f"/api/v1/apps/{_help_center(http)}/users").json()}
            assert given == members
            for user in http.get("/api/v1/users", params={"limit": 200}).json():
                started = found(
                    f'eventType eq "user.session.start" and outcome.result eq "SUCCESS" and actor.id eq "{user["id"]}"'
                )
                if started and user["profile"]["login"] != "okta-actions@example.com":
                    last = max(_moment(event["published"]) for event in started)
                    assert abs(last - _moment(user["lastLogin"])) < 2, user["profile"]["login"]


def _help_center(http: httpx2.Client) -> str:
    return str(http.get("/api/v1/apps", params={"q": "Help Center"}).json()[0]["id"])


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


_SOMEBODY = {"id": "00uA", "type": "User", "alternateId": "a@example.com", "displayName": "A Person"}


def _told(moment: float, event: str, **more: Any) -> dict[str, Any]:
    actor, client = more.pop("actor", _SOMEBODY), more.pop("client", Client(("192.0.2.8",)))
    return event_of(moment, event, actor, client, **{"path": "/", "transaction": "t", **more})


def _write(sandbox: RunningSandbox, moment: float, event: str, **more: Any) -> None:
    """Put an event into the log, as what writes of the past does."""
    insert(sandbox.org.database, [_told(moment, event, **more)])
