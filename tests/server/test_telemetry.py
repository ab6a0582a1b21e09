"""What is told of calls to OpenTelemetry: what was called and what came of it, never with what or about whom."""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import anyio
import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from connected_org import API_TOKEN, Org
from ledger import CALLER, JANE, attempt, confirmed, do
from peer import Peer, answer
from server.door.actions import ACTIONS
from server.door.door import Answer, Call, Question
from server.door.telemetry import CallOutcome
from server.program import Program
from server.sandbox.faults import Fault
from server.sandbox.running import RunningSandbox
from server.settings import load
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError
from tools.okta.telemetry import WORDS
from tools.telemetry import OTHER, Span
from worlds import ROOM, Arguments, read_names, reads, ready, word, write_names


class Heard:
    """What this process tells of calls, for as long as a test listens."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._spans))
        trace.set_tracer_provider(provider)
        metrics.set_meter_provider(MeterProvider([self._metrics]))

    def clear(self) -> None:
        self._spans.clear()

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """The attributes of the spans of a name, in the order in which they ended."""
        return [span.attributes or {} for span in self.spans if span.name == name]

    @property
    def points(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The metrics, each with the attributes of one of its points."""
        told = self._metrics.get_metrics_data()
        scoped = [one for resource in (told.resource_metrics if told else ()) for one in resource.scope_metrics]
        return [
            (metric.name, point.attributes or {})
            for scope in scoped
            for metric in scope.metrics
            for point in metric.data.data_points
        ]


@pytest.fixture(scope="module")
def listening() -> Heard:
    return Heard()


@pytest.fixture
def heard(listening: Heard) -> Heard:
    """Asked for before a program: only those of this process's clients that are made later are watched."""
    listening.clear()
    return listening


# What may be told

_CODE = re.compile(r"E\d{7}|[a-z_]{1,40}|[1-5]\d\d|_OTHER")
_SPANS = {"door.call", "resolve", "observe", "okta.request"}
_TEMPLATE = re.compile(rf"(/({'|'.join(sorted(WORDS))}|\{{id\}}))+")
_BUCKET = re.compile(rf"((GET|POST|PUT|DELETE) )?({'|'.join(sorted(WORDS))}|\*)(/({'|'.join(sorted(WORDS))}|\*))*")
_FITS: dict[str, Any] = {
    "okta_actions.action": lambda value: value in ACTIONS or value == "_OTHER",
    "okta_actions.effect": lambda value: value in ("read", "write", "destructive"),
    "okta_actions.outcome": lambda value: value in get_args(CallOutcome),
    "okta_actions.code": _CODE.fullmatch,
    "okta_actions.change_id": re.compile(r"\d+").fullmatch,
    "okta_actions.bucket": _BUCKET.fullmatch,
    "error.type": _CODE.fullmatch,
    "http.request.method": lambda value: value in ("GET", "POST", "PUT", "DELETE"),
    "http.response.status_code": lambda value: 100 <= value < 600,
    "http.request.resend_count": lambda value: 1 <= value <= 2,
    "server.address": re.compile(r"localhost|127\.0\.0\.1(:\d+)?|localhost:\d+").fullmatch,
    "server.port": lambda value: isinstance(value, int),
    "url.template": _TEMPLATE.fullmatch,
}


def unfit(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in _FITS or not _FITS[name](value)}


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


@dataclass
class Secrets:
    """What must not be told: all that the org holds, and all that calls were given."""

    org: Org
    given: set[str]

    def all(self) -> set[str]:
        found = {API_TOKEN, *self.given}
        for path in ("users", "groups", "apps", "groups/rules"):
            for one in self.org.http.get(f"/api/v1/{path}", params={"limit": 200}).json():
                profile = one.get("profile", {})
                found |= {one["id"], *(text for text in texts_in([*profile.values(), one.get("label")]))}
        # An action may be an argument: of `list_changes`, and of those that run one by its name.
        return {text for text in found if len(text) > 3 and text not in ACTIONS}


def assert_discreet(heard: Heard, secrets: set[str]) -> None:
    """Nothing is told but words of ours: neither in any other form, nor with anything of the org's among them."""
    assert heard.spans
    for span in heard.spans:
        assert span.name in _SPANS
        assert unfit(span.attributes or {}) == {}
        assert span.events == ()
        assert span.status.description is None or _CODE.fullmatch(span.status.description)
    points = heard.points
    assert points
    assert [(name, wrong) for name, about in points if (wrong := unfit(about))] == []
    change_ids = {about.get("okta_actions.change_id") for about in heard.named("door.call")}
    told = {
        text
        for about in (*(span.attributes or {} for span in heard.spans), *(about for _, about in points))
        for text in texts_in(list(about.values()))
    } - change_ids
    assert [(secret, text) for secret in secrets for text in told if secret in text] == []


async def every_way(program: Program, name: str, arguments: Arguments, sandbox: RunningSandbox) -> None:
    """A write tried, refused, declined, failed, done and done again."""
    await attempt(program, name, **arguments, dry_run=True)
    asked = await program.door.call(Call(CALLER, name, arguments, must_ask=True))
    assert isinstance(asked, Question)
    await program.door.call(Call(CALLER, name, arguments, Answer(asked.ticket, "declined"), must_ask=True))
    await attempt(program, name, **arguments, unknown_argument="jane.doe")
    await attempt(program, name, **{key: f"no such {value}" for key, value in arguments.items()})
    troubles = sandbox.org.faults.coming
    troubles += [Fault("status", 9, method, "/api/v1", status=500) for method in ("POST", "PUT", "DELETE")]
    await confirmed(program, name, **arguments)
    troubles.clear()
    await confirmed(program, name, **arguments)
    await confirmed(program, name, **arguments)


@pytest.mark.parametrize("name", write_names())
async def test_a_write_tells_nothing_of_its_arguments_or_of_people(
    heard: Heard, connected: None, sandbox: RunningSandbox, org: Org, name: str
) -> None:
    write = await ready(name, org)
    heard.clear()
    async with Program(load(**ROOM)) as program:
        await every_way(program, name, write.arguments, sandbox)
        outcomes = {about["okta_actions.outcome"] for about in heard.named("door.call")}
        assert {"dry_run", "question", "declined", "refused", "unknown"} <= outcomes
        if write.world.changes:
            assert outcomes & {"done", "unchanged"}
        assert_discreet(heard, Secrets(org, {write.text, *texts_in(write.arguments), *texts_in(write.made)}).all())


@pytest.mark.parametrize("name", read_names())
async def test_a_read_tells_nothing_of_its_arguments_or_of_people(
    heard: Heard, program: Program, sandbox: RunningSandbox, org: Org, name: str
) -> None:
    arguments = reads()[name](org, text := word())
    await do(program, name, **arguments)
    await attempt(program, name, **arguments, unknown_argument=JANE)
    await attempt(program, f"{name} {JANE}", **arguments)
    sandbox.org.faults.coming += [Fault("status", 9, path="/api/v1", status=403)]
    await attempt(program, name, **arguments)
    sandbox.org.faults.coming.clear()
    assert {"done", "refused"} <= {about["okta_actions.outcome"] for about in heard.named("door.call")}
    await do(program, "lookup_user", user_id=JANE)  # so that there is a rate limit to be told of
    assert_discreet(heard, Secrets(org, {text, *texts_in(arguments)}).all())


# What is told


async def test_a_request_that_is_repeated_has_a_span_each_time(heard: Heard, program: Program, org: Org) -> None:
    org.trouble({"kind": "status", "status": 503, "times": 1, "path": "/api/v1/users"})
    await do(program, "lookup_user", user_id=JANE)
    first, second = [one for one in heard.named("okta.request") if one["url.template"] == "/api/v1/users/{id}"][:2]
    assert (first["http.response.status_code"], first["error.type"]) == (503, "503")
    assert "http.request.resend_count" not in first
    assert (second["http.response.status_code"], second["http.request.resend_count"]) == (200, 1)


async def test_a_call_by_an_actions_name_is_told_as_that_action(heard: Heard, program: Program) -> None:
    await do(program, "run_read", name="lookup_user", arguments={"user_id": JANE})
    assert [about["okta_actions.action"] for about in heard.named("door.call")] == ["lookup_user"]


async def test_how_a_change_failed_is_told_as_the_journal_has_it(heard: Heard, program: Program, org: Org) -> None:
    group = org.team("night watch")
    org.trouble({"kind": "drop_after", "method": "PUT", "times": 9, "path": "/api/v1/groups"})
    await confirmed(program, "add_user_to_group", user_id=JANE, group_id=group)
    (span,) = (span for span in heard.spans if span.name == "door.call")
    assert span.attributes is not None
    assert span.attributes["okta_actions.outcome"] == "unknown"
    assert span.attributes["okta_actions.code"] == span.status.description == "unreachable"
    assert not span.status.is_ok
    assert str(span.attributes["okta_actions.change_id"]).isdigit()


async def test_a_call_nobody_waited_for_is_told(heard: Heard, program: Program, org: Org) -> None:
    org.trouble({"kind": "delay", "seconds": 30, "path": "/api/v1/users"})
    with anyio.move_on_after(0.3):
        await attempt(program, "lookup_user", user_id=JANE)
    assert [about["okta_actions.outcome"] for about in heard.named("door.call")] == ["abandoned"]


async def test_what_something_else_than_okta_calls_a_code_is_not_told(heard: Heard) -> None:
    hostile = answer(403, '{"errorCode": "jane.doe@example.com", "errorSummary": "no"}')
    with Peer(hostile) as peer:
        client = OktaClient(peer.url)
        with pytest.raises(ActionError) as refused:
            with Span("observe"):
                await client.get("users", JANE)
        await client.aclose()
    assert refused.value.code == JANE
    assert [span.status.description for span in heard.spans] == ["403", OTHER]


async def test_where_nobody_has_loaded_it_nothing_is_told_or_loaded() -> None:
    """The command line does without MCP's SDK, which is what loads it."""
    code = "import sys, server.cli.commands.call, server.door.door; print([m for m in sys.modules if 'telemetry' in m])"
    done = await anyio.run_process([sys.executable, "-c", code])
    assert "tools.telemetry" in done.stdout.decode()
    assert "opentelemetry" not in done.stdout.decode()
