"""Spans and instruments of OpenTelemetry's API, in a process that has loaded it.

Where none has, nobody can have configured a place for them to go: there they cost nothing, not even an import. They
tell what was called and what came of it, never with which arguments or about whom.
"""

import re
import sys
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.metrics import Meter
    from opentelemetry.trace import Span as ApiSpan
    from opentelemetry.trace import Tracer

SCOPE = "okta-actions"
"""The instrumentation scope of all that is ours."""
ERROR_TYPE = "error.type"
"""https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/"""

_CODE = re.compile(r"E[0-9]{7}|[a-z]+(?:_[a-z]+)*|[1-5][0-9]{2}")
"""Okta's codes, our own, and HTTP statuses. Whatever else claims to be a code, from an answer, may be any text."""
_LONGEST_CODE = 40
OTHER = "_OTHER"
"""What the semantic conventions put in place of a value that is not one of those known."""


class Span:
    """A span around what happens within it. Whatever raises there fails it with a code: messages quote names."""

    __slots__ = ("_api", "_current", "_kind", "_name")

    def __init__(self, name: str, kind: Literal["INTERNAL", "CLIENT"] = "INTERNAL") -> None:
        self._name = name
        self._kind = kind
        self._api: ApiSpan | None = None
        self._current: AbstractContextManager[ApiSpan] | None = None

    def __enter__(self) -> Self:
        if (trace := sys.modules.get("opentelemetry.trace")) is not None:
            span = _tracer().start_span(self._name, kind=trace.SpanKind[self._kind])
            # One that goes nowhere need not become the current one.
            if span.get_span_context().is_valid:
                self._api = span
                self._current = trace.use_span(
                    span, end_on_exit=True, record_exception=False, set_status_on_exception=False
                )
                self._current.__enter__()
        return self

    @property
    def is_recorded(self) -> bool:
        """Whether anybody will see what is told; if not, it need not be worked out."""
        return self._api is not None and self._api.is_recording()

    def tell(self, name: str, value: str | int | None) -> None:
        """Set an attribute, if its value is known."""
        if self._api is not None and value is not None:
            self._api.set_attribute(name, value)

    def fail(self, code: str) -> None:
        """Mark it as failed; of what went wrong only the code is told."""
        if self._api is not None:
            trace = sys.modules["opentelemetry.trace"]
            self._api.set_attribute(ERROR_TYPE, code)
            self._api.set_status(trace.Status(trace.StatusCode.ERROR, code))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._current is not None:
            if isinstance(error, Exception):
                self.fail(code_of(error))
            self._current.__exit__(kind, error, traceback)


def code_of(error: BaseException) -> str:
    """The code of an error, if it is one that may be told."""
    code = getattr(error, "code", "internal_error")
    return code if isinstance(code, str) and len(code) <= _LONGEST_CODE and _CODE.fullmatch(code) else OTHER


def meter() -> "Meter | None":
    """What instruments are made with; None where nobody can read them."""
    return _meter() if "opentelemetry.metrics" in sys.modules else None


@cache
def _tracer() -> "Tracer":
    made: Tracer = sys.modules["opentelemetry.trace"].get_tracer(SCOPE)
    return made


@cache
def _meter() -> "Meter":
    made: Meter = sys.modules["opentelemetry.metrics"].get_meter(SCOPE)
    return made
