"""Arbitrary arguments to every action: no fault of ours, no request astray, no change where one was refused.

5,000 calls in all; `make stress` makes as many for each action.
"""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from browser import Browser
from connected_org import API_TOKEN, Org
from ledger import CALLER, do
from server.door.door import Answer, Call, Question, Refusal, Result
from server.program import Program
from server.settings import load
from surface import app_of
from tools.contract.calls import call_schema
from tools.contract.definition import Definition, Effect
from watched import WatchedSandbox
from worlds import CALLED, ROOM, Arguments, names, read_requests, reads, ready, word, write_names, write_requests

EXAMPLES = max(settings().max_examples, -(-5000 // len(CALLED)))

# What is sent

HOSTILE = (
    *("../../users/me", "..%2f..%2fusers", "%2e%2e", "?", "#", "&", "x?activate=true#", "a/b", "a\\b", "\x00", "\r\n"),
    *("me", "ME", " me ", ".", "..", "", " ", "\u202eevil", "\u200b", "\ud800", "\U0010ffff", "ﬀ", "İ", "%00", "%"),
    *(
        "jane.doe",
        "jane.doe@EXAMPLE.com",
        "jane.doe@example.com/lifecycle/deactivate",
        "00u" + "A" * 17,
        "00u" + "/" * 17,
    ),
    *('" or id pr or "', "x' OR 1=1 --", "null", "true", "-1", "1e400", "{}", "[]", "*", "x" * 300, "é" * 9000),
)
hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
odd = st.sampled_from([float("nan"), float("inf"), -0.0, 1e308, 10**400, True, "\ud800", ["\ud800"]])
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), odd, hostile),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(hostile, inner, max_size=3)),
    max_leaves=6,
)
attribute = st.one_of(
    st.just("nickName"),
    st.sampled_from(["cost_center", "title", "noSuchThing", "login", "secondEmail", "id", "status"]),
)


def plausible(name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the schema of an argument allows."""
    if name in names():
        return names()[name]
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", -5), schema.get("maximum", 500))
        case "array":
            return st.lists(st.one_of(attribute, st.text(max_size=10)), max_size=3)
        case "object":
            return st.dictionaries(attribute, st.one_of(hostile, odd, st.lists(hostile), junk), max_size=2)
    return st.text("abc XYZ-1", min_size=1, max_size=12)


def calls(action: Definition, fitting: list[Arguments]) -> st.SearchStrategy[Arguments]:
    """Mostly what fits, or what the schema asks for; often something else in a place or two, or in all of them."""
    schema = call_schema(action)
    fields = {name: plausible(name, field) for name, field in schema["properties"].items()}
    required = {name: fields[name] for name in schema.get("required", [])}
    optional = {name: field for name, field in fields.items() if name not in required}
    honest = st.fixed_dictionaries(required, optional=optional)
    frugal = st.fixed_dictionaries(required)
    spoilt = st.dictionaries(st.sampled_from(list(fields)), st.one_of(hostile, junk), min_size=1, max_size=2)
    unknown = st.dictionaries(hostile, junk, min_size=1, max_size=2)
    base = st.one_of(frugal, honest, st.sampled_from(fitting))
    return st.one_of(
        st.sampled_from(fitting),
        frugal,
        honest,
        st.builds(lambda given, more: {**given, **more}, base, spoilt),
        st.builds(lambda given, more: {**given, **more}, base, unknown),
        st.dictionaries(st.one_of(st.sampled_from(list(fields)), hostile), junk, max_size=4),
    )


@pytest.fixture
def sandbox(redirect_uri: str) -> Iterator[WatchedSandbox]:
    with WatchedSandbox(api_token=API_TOKEN, redirect_uris=[redirect_uri]) as running:
        running.org.limits.per_minute = 10**9
        yield running


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    """The one event loop of all examples of a test."""
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture
def program(portal: BlockingPortal, sandbox: WatchedSandbox) -> Iterator[Program]:
    with portal.wrap_async_context_manager(Program(load(**ROOM))) as made:
        portal.call(made.connections.connect, app_of(sandbox), Browser.signed_in(sandbox).present)
        yield made


@pytest.fixture
def org(sandbox: WatchedSandbox) -> Iterator[Org]:
    with httpx2.Client(base_url=sandbox.url, headers={"authorization": f"SSWS {API_TOKEN}"}, timeout=10) as client:
        yield Org(client)


async def prepare(program: Program, org: Org) -> dict[str, list[Arguments]]:
    """Do every write once, so that there is something to list and to undo; arguments that fit, by action."""
    fitting = {name: [make(org, word())] for name, make in reads().items()}
    for name in write_names():
        done = (await ready(name, org)).arguments
        await do(program, name, **done)
        fitting[name] = [done, (await ready(name, org)).arguments]
    return fitting


@pytest.fixture
def fitting(portal: BlockingPortal, program: Program, org: Org) -> dict[str, list[Arguments]]:
    return portal.call(prepare, program, org)


async def once(
    program: Program, sandbox: WatchedSandbox, name: str, given: dict[str, Any], answer: Answer | None
) -> Any:
    """One call, and what must hold of every call."""
    changes, seen = sandbox.changes(), len(sandbox.requests)
    outcome = await program.door.call(Call(CALLER, name, given, answer))
    for method, url in sandbox.requests[seen:]:
        if method == "GET":
            assert read_requests().fullmatch(url), url
        elif not url.startswith("/oauth2/v1/token"):
            assert write_requests(name).fullmatch(f"{method} {url}"), f"{method} {url}"
    if isinstance(outcome, Refusal):
        error = outcome.error
        assert error.code != "internal_error"
        assert len(str(error).splitlines()) <= 2
        assert all(line.isprintable() for line in str(error).splitlines()), str(error)
    else:
        assert isinstance(outcome, Result | Question)
    if not isinstance(outcome, Result) or CALLED[name].effect is Effect.READ or not outcome.content["changed"]:
        assert sandbox.changes() == changes
    else:
        assert sandbox.changes() > changes
    return outcome


@pytest.mark.parametrize("name", CALLED)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_sent_is_done_or_refused_in_words(
    portal: BlockingPortal,
    program: Program,
    sandbox: WatchedSandbox,
    fitting: dict[str, list[Arguments]],
    name: str,
    data: st.DataObject,
) -> None:
    arguments, yes = data.draw(calls(CALLED[name], fitting[name])), data.draw(st.booleans())
    outcome = portal.call(once, program, sandbox, name, arguments, None)
    if isinstance(outcome, Question) and yes:
        portal.call(once, program, sandbox, name, arguments, outcome.accepted())
