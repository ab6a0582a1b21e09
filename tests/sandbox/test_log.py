"""The System Log holds what happened, who did it and in which request."""

import ast
import re
import time
from pathlib import Path

import httpx2
import pytest

import server.sandbox
from connected_org import Org, links
from server.sandbox.log.messages import MESSAGES

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
