"""Sends spans and metrics with OpenTelemetry's SDK, which reads everything else from its variables itself."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from server import __version__
from tools.telemetry import ERROR_TYPE, SCOPE

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 1.5
"""An MCP client over stdio waits two seconds for its server to end."""
METHOD = "mcp.method.name"
OF_OTHERS = frozenset({METHOD, "mcp.protocol.version", "gen_ai.operation.name", ERROR_TYPE, "rpc.response.status_code"})
"""The attributes that are sent of spans of other libraries, such as MCP's SDK."""


class Discreet(SpanExporter):
    """Sends spans of other libraries without whatever might hold text of a client or of a person.

    The SDK of MCP names spans after what was called, however that is spelled, and tells errors with their messages.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    scope, attributes = span.instrumentation_scope, span.attributes or {}
    if scope is not None and scope.name == SCOPE:
        return span
    return ReadableSpan(
        name=str(attributes.get(METHOD) or (scope.name if scope is not None else "span")),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name in OF_OTHERS},
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=scope,
    )


@dataclass
class Exporting:
    """What sends, and ends with the process."""

    flushed: list[Callable[[], object]] = field(default_factory=list)

    def flush(self) -> None:
        """Send what is waiting. A collector that does not answer is not waited for longer than `FLUSH_SECONDS`."""
        threads = [threading.Thread(target=one, daemon=True) for one in self.flushed]
        ends = time.monotonic() + FLUSH_SECONDS
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            logger.warning("The last telemetry was not taken by its receiver within %s s, and is lost", FLUSH_SECONDS)


def begin(traces: Iterable[str], measurements: Iterable[str]) -> Exporting:
    """Send spans and metrics through the exporters of these names.

    Raises:
        LookupError: no package has such an exporter. Others: a variable holds what its exporter does not accept.
    """
    made = Exporting()
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return made  # whoever started this process has configured it, as `opentelemetry-instrument` does
    # That it has failed is worth a line; each of its attempts is not.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)
    resource = _resource()
    processors = [BatchSpanProcessor(Discreet(_made("traces", name))) for name in traces]
    readers = [_reader(_made("metrics", name)) for name in measurements]
    # What is waiting is flushed when the program ends, which a collector must not delay for as long as an atexit would.
    if processors:
        tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
        for processor in processors:
            tracing.add_span_processor(processor)
        trace.set_tracer_provider(tracing)
        made.flushed.append(tracing.force_flush)
    if readers:
        metering = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
        metrics.set_meter_provider(metering)
        made.flushed.append(metering.force_flush)
    return made


def _resource() -> Resource:
    """What sends: with the name that the variables give it, or ours."""
    told = Resource({SERVICE_VERSION: __version__}).merge(Resource.create())
    unnamed = str(told.attributes[SERVICE_NAME]).startswith("unknown_service")
    return told.merge(Resource({SERVICE_NAME: "okta-actions"})) if unnamed else told


def _made(signal: str, name: str) -> Any:
    """An exporter, from the package that declares it."""
    found = entry_points(group=f"opentelemetry_{signal}_exporter", name=name)
    if not found:
        raise LookupError(f"no installed package has the exporter {name}.")
    exporter = next(iter(found)).load()
    # The console's would write to stdout, where MCP is spoken.
    return exporter(out=sys.stderr) if name == "console" else exporter()


def _reader(exporter: Any) -> MetricReader:
    return exporter if isinstance(exporter, MetricReader) else PeriodicExportingMetricReader(exporter)
