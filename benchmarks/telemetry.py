"""What telemetry costs a call where no exporter is configured, in a process of its own.

MCP's SDK loads OpenTelemetry's API; the command line does not.
"""

import subprocess
import sys
import time

import httpx2

from server.door.telemetry import Telling
from tools.contract.outcomes import Outcome
from tools.okta.telemetry import Sending
from tools.telemetry import Span

CALLS, TIMES = 1000, 20
URL = httpx2.URL("https://example.okta.com/api/v1/users/00u1")
ANSWER = Outcome.done(change_id="1")


def call() -> None:
    """The spans of a call that finds somebody, and observes and changes them."""
    with Telling("suspend_user") as telling:
        for name in ("resolve", "observe"):
            with Span(name):
                _request()
        _request()
        telling.answered(ANSWER)


def _request() -> None:
    with Sending("GET", URL, 0) as sending:
        sending.answered(200)


def seconds() -> float:
    """The least that a call took on average: whatever else the machine does only adds to it."""
    least = float("inf")
    for _ in range(TIMES):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        least = min(least, (time.perf_counter() - began) / CALLS)
    return least


def measure(*, loaded: bool) -> float:
    """Seconds for a call, in a process that has `loaded` the API or has not."""
    code = (
        f"{'import opentelemetry.trace; ' if loaded else ''}from benchmarks.telemetry import seconds; print(seconds())"
    )
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
