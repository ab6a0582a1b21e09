"""Whether telemetry is sent: only if OpenTelemetry's standard variables name where to.

Sources: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/. Two differences: what no variable asks for is not sent
to a collector on this machine, and logs are never sent.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Literal

from server.media.terminal import note

if TYPE_CHECKING:
    from server.telemetry.exporting import Exporting

INSTALL = "Install okta-actions[telemetry]; docs/telemetry.md says how."
Signal = Literal["traces", "metrics"]


def exporters(signal: Signal) -> list[str]:
    """The exporters of a signal, by the names that packages declare them under; OTLP if only its endpoint is set."""
    named = _set(f"OTEL_{signal.upper()}_EXPORTER")
    if not named and (_set("OTEL_EXPORTER_OTLP_ENDPOINT") or _set(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT")):
        named = "otlp"
    protocol = _set(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL") or _set("OTEL_EXPORTER_OTLP_PROTOCOL")
    otlp = f"otlp_proto_{(protocol or 'http/protobuf').partition('/')[0]}"
    names = (name.strip() for name in named.split(","))
    return [otlp if name == "otlp" else name for name in names if name not in ("", "none")]


def start() -> None:
    """Begin to send what the variables ask for. If that is impossible, a line on stderr says why."""
    _started()


def flush() -> None:
    """Send what has not been sent yet, if anything is sent."""
    if (exporting := _started()) is not None:
        exporting.flush()


@cache
def _started() -> "Exporting | None":
    """Once for a process: OpenTelemetry takes no second provider."""
    wanted: dict[Signal, list[str]] = {"traces": exporters("traces"), "metrics": exporters("metrics")}
    if _set("OTEL_SDK_DISABLED").lower() == "true" or not any(wanted.values()):
        return None
    try:
        from server.telemetry.exporting import begin

        return begin(wanted["traces"], wanted["metrics"])
    except ImportError as error:
        note(f"No telemetry is sent: {error.name} is not installed. {INSTALL}")
    except Exception as error:
        # Whatever a variable says wrong, or another package's exporter does: the server serves all the same.
        note(f"No telemetry is sent: {' '.join(str(error).split()) or type(error).__name__}")
    return None


def _set(name: str) -> str:
    return os.environ.get(name, "").strip()
