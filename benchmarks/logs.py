"""The first page of a search of the System Log among a million events, as Okta's API answers it."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from server.sandbox.log.events import event_of
from server.sandbox.log.places import Client
from server.sandbox.log.tables import TABLES, insert
from server.sandbox.org import Org
from server.sandbox.running import RunningSandbox

EVENTS, DAYS = 1_000_000, 89
PEOPLE, ADDRESSES, APPLICATIONS = 20_000, 5_000, 200
RUNS = 7
TOKEN = "00benchmark"
_RARE, _COMMON = 7, 0
"""Numbers of a person who does little, and of the one who does more than all others."""
_KINDS = (
    # What happens, how often of a hundred, and how often of a hundred that it fails.
    ("user.session.start", 30, 6),
    ("policy.evaluate_sign_on", 30, 0),
    ("user.authentication.sso", 25, 1),
    ("user.authentication.auth_via_mfa", 10, 4),
    ("group.user_membership.add", 3, 0),
    ("app.oauth2.token.grant.access_token", 2, 2),
)
_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0"


def first_pages() -> Iterator[tuple[str, float]]:
    """What is searched for, and the median seconds of its first page of a hundred: the slower of both directions."""
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningSandbox(Path(folder) / "org.db", api_token=TOKEN) as sandbox,
        httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {TOKEN}"}, timeout=60) as http,
    ):
        _fill(sandbox.org)
        since = _time(sandbox.org, DAYS)
        http.get("/api/v1/logs")  # what is told at the first reading has been told
        for name, query in _searches(sandbox.org):
            seconds = max(
                _median(http, {"since": since, **query, "sortOrder": order}) for order in ("ASCENDING", "DESCENDING")
            )
            yield name, seconds


def _fill(org: Org) -> None:
    """Insert them all; the indexes are made afterwards, which takes a tenth of the time."""
    database = org.database
    database.run("PRAGMA synchronous = OFF")  # it is gone in a minute
    database.run("PRAGMA cache_size = -400000")
    for row in database.all(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'event%'"
    ):
        database.run(f"DROP INDEX {row['name']}")
    with database.transaction():
        insert(database, _events(org))
    database.script(TABLES)
    database.run("PRAGMA cache_size = -2000")  # the default, which every sandbox has


def _median(http: httpx2.Client, query: dict[str, str]) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        answer = http.get("/api/v1/logs", params={**query, "limit": "100"})
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
    return statistics.median(taken)


def _searches(org: Org) -> Iterator[tuple[str, dict[str, str]]]:
    rare, common = _person(_RARE)["id"], _person(_COMMON)["id"]
    sign_in = 'eventType eq "user.session.start"'
    week = {"since": _time(org, 40), "until": _time(org, 33)}
    yield "nothing", {}
    yield "a week in between", week
    for name, text in (
        ("an actor", f'actor.id eq "{rare}"'),
        ("a busy actor", f'actor.id eq "{common}"'),
        ("a target", f'target.id eq "{_app(3)["id"]}"'),
        ("a kind of event", 'eventType eq "group.user_membership.add"'),
        ("kinds that begin alike", 'eventType sw "user.authentication"'),
        ("failures", 'outcome.result eq "FAILURE"'),
        ("an address", f'client.ipAddress eq "{_address(99)}"'),
        ("failed sign-ins", f'{sign_in} and outcome.result eq "FAILURE"'),
        ("what never fails, failed", 'eventType eq "policy.evaluate_sign_on" and outcome.result eq "FAILURE"'),
        ("a busy actor's failures", f'actor.id eq "{common}" and outcome.result eq "FAILURE"'),
        ("an actor at a target", f'actor.id eq "{rare}" and target.id eq "{_app(3)["id"]}"'),
        ("either of two kinds", f'{sign_in} or eventType eq "user.authentication.sso"'),
        ("all but one kind", f"not ({sign_in})"),
        ("a country nobody is in", 'client.geographicalContext.country eq "Iceland"'),
        ("a factor", 'debugContext.debugData.factor eq "OKTA_VERIFY_PUSH"'),
    ):
        yield name, {"filter": text}
    yield "failures of a week", {"filter": 'outcome.result eq "FAILURE"', **week}
    yield "a word", {"q": f"person{_RARE}"}
    yield "a word of nearly all", {"q": "windows"}
    yield "three words", {"q": f"person{_COMMON} sso chicago"}
    yield "a word of none", {"q": "reykjavik"}
    yield "a word and a kind", {"q": f"person{_COMMON}", "filter": sign_in}


def _events(org: Org) -> Iterator[dict[str, Any]]:
    """As they are in a busy org, oldest first."""
    chance = random.Random(1)
    kinds = [kind for kind, share, _ in _KINDS for _ in range(share)]
    failing = {kind: share for kind, _, share in _KINDS}
    began, step = org.clock() - DAYS * 24 * 3600.0, DAYS * 24 * 3600.0 / EVENTS
    clients = [Client((_address(number),), _AGENT) for number in range(ADDRESSES)]
    for number in range(EVENTS):
        kind = chance.choice(kinds)
        actor = _COMMON if chance.random() < 0.2 else chance.randrange(PEOPLE)
        failed = chance.random() * 100 < failing[kind]
        targets = (_app(chance.randrange(APPLICATIONS)),) if "sso" in kind else (_person(chance.randrange(PEOPLE)),)
        yield event_of(
            began + number * step,
            kind,
            _person(actor),
            chance.choice(clients),
            targets,
            result="FAILURE" if failed else "SUCCESS",
            reason="INVALID_CREDENTIALS" if failed else None,
            transaction=f"{number:032x}",
            path="/api/v1/authn",
            debug={"factor": "OKTA_VERIFY_PUSH"} if "mfa" in kind else {},
        )


def _person(number: int) -> dict[str, Any]:
    return {
        "id": f"00u{number:014d}1d7",
        "type": "User",
        "alternateId": f"person{number}@example.com",
        "displayName": f"Person{number} Family{number % 997}",
    }


def _app(number: int) -> dict[str, Any]:
    label = f"Application {number}"
    return {"id": f"0oa{number:014d}1d7", "type": "AppInstance", "alternateId": label, "displayName": label}


def _address(number: int) -> str:
    """One of the company's addresses, or of nobody known."""
    return f"192.0.2.{number}" if number < 60 else f"10.{number // 250}.0.{number % 250}"


def _time(org: Org, days: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(org.clock() - days * 24 * 3600))
