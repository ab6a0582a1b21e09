"""A collector: what OpenTelemetry's exporters send to it over HTTP, read."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Received:
    """A span as it was sent."""

    name: str
    id: bytes
    parent: bytes
    trace: bytes
    attributes: dict[str, Any]
    failed: str | None
    """The description of its status, if that is an error."""
    scope: str
    events: int


class Collector:
    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.points: dict[str, list[tuple[dict[str, Any], Any]]] = {}
        """By name of metric: the attributes and the newest value of each point."""
        self.resource: dict[str, Any] = {}
        self.paths: list[str] = []
        self.raw: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers["content-length"]))
                self._take(handler.path, body)
                handler.send_response(200)
                handler.send_header("content-length", "0")
                handler.end_headers()

            def log_message(handler, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def named(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def path_to(self, span: Received) -> list[str]:
        """The names of the spans from the root to this one."""
        above = next((one for one in self.spans if one.id == span.parent), None)
        return [*(self.path_to(above) if above is not None else []), span.name]

    def _take(self, path: str, body: bytes) -> None:
        self.paths.append(path)
        self.raw.append(body)
        if path == "/v1/traces":
            for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resource = _values(sent.resource.attributes)
                for scoped in sent.scope_spans:
                    self.spans += [_span(span, scoped.scope.name) for span in scoped.spans]
        elif path == "/v1/metrics":
            for measured in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scoped_metrics in measured.scope_metrics:
                    for metric in scoped_metrics.metrics:
                        self.points[metric.name] = _points(metric)


def _span(span: Any, scope: str) -> Received:
    failed = span.status.message if span.status.code == 2 else None
    return Received(
        span.name,
        span.span_id,
        span.parent_span_id,
        span.trace_id,
        _values(span.attributes),
        failed,
        scope,
        len(span.events),
    )


def _points(metric: Any) -> list[tuple[dict[str, Any], Any]]:
    points = getattr(metric, metric.WhichOneof("data")).data_points
    return [(_values(one.attributes), one.count if hasattr(one, "count") else one.as_int) for one in points]


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
