"""Rate limits: what an org answers in a minute, by endpoint.

Source: https://developer.okta.com/docs/reference/rl-global-mgmt/ for the kinds of bucket. The numbers of a sandbox are
generous unless a test says otherwise.
"""

import math
from dataclasses import dataclass, field

WINDOW = 60
"""Seconds."""


@dataclass
class _Window:
    ends: int
    used: int = 0


@dataclass
class Limits:
    """`per_minute` applies to every bucket that `buckets` does not name."""

    per_minute: int = 60_000
    buckets: dict[str, int] = field(default_factory=dict)
    _windows: dict[str, _Window] = field(default_factory=dict)

    def take(self, method: str, path: str, now: float) -> tuple[bool, dict[str, str]]:
        """Count one request. Whether it is let through, and the headers that its answer carries."""
        name = bucket(method, path)
        limit = self.buckets.get(name, self.per_minute)
        window = self._windows.get(name)
        if window is None or window.ends <= now:
            window = self._windows[name] = _Window(ends=math.ceil(now) + WINDOW)
        window.used += 1
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - window.used)),
            "x-rate-limit-reset": str(window.ends),
        }
        return window.used <= limit, headers


def bucket(method: str, path: str) -> str:
    """The bucket of an endpoint. One object's reads and its deletion are counted apart from the rest of its kind."""
    kind, *rest = path.removeprefix("/api/v1/").split("/")
    if kind == "users" and len(rest) == 1 and method in ("GET", "DELETE"):
        return f"{method} users/{{id}}"
    if kind in ("groups", "apps") and rest:
        return f"{kind}/{{id}}"
    return kind
