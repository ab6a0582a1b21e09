"""What a server tells a collector: the tree of a call and what was counted; and that nobody is told unasked."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

from collector import Collector
from connected_org import Org
from surface import (
    COMMAND,
    DECLINE,
    ERAS,
    YES,
    HttpServer,
    Person,
    call,
    environment,
    free_port,
    over_http,
    over_stdio,
    refused,
)

JANE = "jane.doe@example.com"
ASKED = SpanContext(0xA1B2C3, 0xD4E5, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
"""The span of a client that a call comes from."""


@pytest.fixture
def collector(connected: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as opened:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", opened.url)
        yield opened


def run(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([COMMAND, *words], env=environment() | more, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("era", ERAS)
async def test_a_call_is_a_tree_of_spans_below_the_clients_own(collector: Collector, org: Org, era: str) -> None:
    group = org.team("night watch")
    with use_span(NonRecordingSpan(ASKED)):
        async with over_stdio(era, Person(YES)) as client:
            await call(client, "add_user_to_group", user_id=JANE, group_id=group)
            answer = await call(client, "remove_user_from_group", user_id=JANE, group_id=group)
    calls = [span for span in collector.named("door.call") if span.attributes["okta_actions.outcome"] == "done"]
    assert [span.attributes["okta_actions.action"] for span in calls] == ["add_user_to_group", "remove_user_from_group"]
    assert calls[-1].attributes["okta_actions.effect"] == "write"
    assert calls[-1].attributes["okta_actions.change_id"] == answer["change_id"]
    below = {tuple(collector.path_to(span)) for span in collector.spans if span.trace == calls[-1].trace}
    assert {("tools/call", "door.call", name) for name in ("resolve", "observe", "okta.request")} <= below
    assert ("tools/call", "door.call", "resolve", "okta.request") in below
    assert {span.trace for span in calls} == {ASKED.trace_id.to_bytes(16, "big")}
    (root,) = (span for span in collector.spans if span.id == calls[-1].parent)
    # Its parent is the span asked for, or one that the client makes below it where telemetry is switched on here too.
    assert (root.name, bool(root.parent)) == ("tools/call", True)
    (removal,) = (
        span.attributes
        for span in collector.named("okta.request")
        if span.attributes["http.request.method"] == "DELETE"
    )
    assert removal["url.template"] == "/api/v1/groups/{id}/users/{id}"
    assert removal["http.response.status_code"] == 204
    assert collector.resource["service.name"] == "okta-actions"


async def test_over_http_it_is_the_same_and_a_signal_loses_nothing(collector: Collector) -> None:
    with HttpServer(free_port()) as server:
        with use_span(NonRecordingSpan(ASKED)):
            async with over_http(server, "2026-07-28") as client:
                await call(client, "lookup_user", user_id=JANE)
        assert server.end() == 0
    (span,) = collector.named("door.call")
    assert collector.path_to(span) == ["tools/call", "door.call"]
    assert span.trace == ASKED.trace_id.to_bytes(16, "big")
    assert [count for _, count in collector.points["okta_actions.calls"]] == [1]


async def test_calls_are_counted_by_outcome_and_limits_are_measured(collector: Collector) -> None:
    async with over_stdio("legacy", Person(DECLINE)) as client:
        await call(client, "lookup_user", user_id=JANE)
        await refused(client, "lookup_user", user_id="nobody.at.all@example.com")
        await client.call_tool("deactivate_user", {"user_id": JANE})
        await client.call_tool(f"lookup_user {JANE}", {})
    counted = {
        tuple(about.get(f"okta_actions.{name}") for name in ("action", "effect", "outcome", "code")): count
        for about, count in collector.points["okta_actions.calls"]
    }
    assert counted == {
        ("lookup_user", "read", "done", None): 1,
        ("lookup_user", "read", "refused", "not_found"): 1,
        ("deactivate_user", "destructive", "question", None): 1,
        ("deactivate_user", "destructive", "declined", None): 1,
        ("_OTHER", None, "refused", "unknown_action"): 1,
    }
    assert sum(count for _, count in collector.points["okta_actions.call.duration"]) == sum(counted.values())
    limits = {about["okta_actions.bucket"]: count for about, count in collector.points["okta_actions.rate_limit.limit"]}
    left = {about["okta_actions.bucket"]: n for about, n in collector.points["okta_actions.rate_limit.remaining"]}
    assert limits.keys() == left.keys() >= {"GET users/*"}
    assert all(0 <= left[bucket] <= limits[bucket] for bucket in limits)


async def test_nothing_that_a_client_says_in_a_name_or_an_error_is_sent(collector: Collector) -> None:
    """The spans of MCP's SDK hold the name that was called, and messages of errors."""
    async with over_stdio("legacy") as client:
        await client.call_tool("tell jane.doe", {"user_id": JANE})
        for ask in (client.get_prompt("about-jane.doe"), client.read_resource("okta://jane.doe")):
            with pytest.raises(Exception, match="jane"):
                await ask
    assert {"tools/call", "prompts/get", "resources/read"} <= {span.name for span in collector.spans}
    assert not any(b"jane" in body for body in collector.raw)
    assert not any(span.events for span in collector.spans)


def test_a_command_sends_before_it_ends_and_prints_what_it_prints_without(collector: Collector) -> None:
    silent = run("call", "lookup_user", "--user-id", JANE, OTEL_SDK_DISABLED="true")
    assert collector.paths == []
    told = run("call", "lookup_user", "--user-id", JANE)
    assert (told.returncode, told.stdout, told.stderr) == (silent.returncode, silent.stdout, silent.stderr)
    assert [span.attributes["okta_actions.outcome"] for span in collector.named("door.call")] == ["done"]
    assert {*collector.paths} == {"/v1/traces", "/v1/metrics"}


def test_what_a_variable_does_not_ask_for_is_not_sent(collector: Collector) -> None:
    asked = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "otlp", "OTEL_SERVICE_NAME": "admin desk"}
    assert run("call", "lookup_user", "--user-id", JANE, **asked).returncode == 0
    assert {*collector.paths} == {"/v1/traces"}
    assert collector.resource["service.name"] == "admin desk"


CONNECTING = """
import os, sys
def tell(event, arguments):
    if event == "socket.connect":
        os.write(2, f"connects to {arguments[1]}\\n".encode())
    if event == "import" and arguments[0].startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
        os.write(2, f"imports {arguments[0]}\\n".encode())
sys.addaudithook(tell)
"""
"""Has a process say on stderr to whom it connects, whatever it is."""


def test_without_a_variable_nobody_but_okta_is_connected_to(connected: None, org: Org, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CONNECTING)
    done = run("call", "lookup_user", "--user-id", JANE, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    told = {line for line in done.stderr.splitlines() if line.startswith(("connects", "imports"))}
    port = org.http.base_url.port
    assert told
    assert all(line.startswith("connects to (") and f", {port}" in line for line in told), told


WITHOUT = """
import sys
sys.modules["opentelemetry.sdk"] = None
"""


def test_without_the_packages_one_line_says_how_to_install_them(collector: Collector, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    done = run("call", "lookup_user", "--user-id", JANE, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert "jane.doe" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert re.search(r"opentelemetry\.sdk\S* is not installed\. Install okta-actions\[telemetry\]", done.stderr)
    assert collector.paths == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OTEL_TRACES_EXPORTER", "carrier_pigeon", "carrier_pigeon"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "otlp_proto_grpc"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0", "batch"),
    ],
)
def test_a_variable_that_cannot_be_followed_is_a_line_and_no_failure(
    collector: Collector, name: str, value: str, said: str
) -> None:
    done = run("call", "lookup_user", "--user-id", JANE, **{name: value})
    assert done.returncode == 0
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert collector.paths == []


async def test_the_console_is_stderr_since_stdout_is_the_protocols(connected: None) -> None:
    done = run("call", "lookup_user", "--user-id", JANE, OTEL_TRACES_EXPORTER="console")
    assert done.returncode == 0
    assert '"name": "door.call"' in done.stderr
    assert "door.call" not in done.stdout


def test_a_collector_that_is_gone_is_given_up_with_a_line(connected: None) -> None:
    gone = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    done = run("call", "lookup_user", "--user-id", JANE, **gone)
    assert done.returncode == 0
    assert "jane.doe" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.endswith("was not taken by its receiver within 1.5 s, and is lost")
