"""Rate limits: what an org answers in a window of time, by endpoint.

Source: https://developer.okta.com/docs/reference/rl-global-mgmt/ for the kinds of bucket. The numbers of a sandbox are
generous unless a test says otherwise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class _Window:
    ends: int
    used: int = 0


@dataclass
class OrgLimits:
    """`per_minute` applies to every bucket that `buckets` does not name.

    Okta's windows are a minute long; tests may make them `window` seconds long.
    """

    per_minute: int = 60_000
    buckets: dict[str, int] = field(default_factory=dict)
    window: int = 60
    _windows: dict[str, _Window] = field(default_factory=dict)

    def set(self, per_minute: int | None, window: int | None, buckets: Mapping[str, int]) -> None:
        """Change what is given. Another length of the windows begins with new ones."""
        self.per_minute = self.per_minute if per_minute is None else per_minute
        self.buckets |= buckets
        if window is not None:
            self.window = window
            self._windows.clear()

    def take(self, method: str, path: str, now: float) -> tuple[bool, dict[str, str]]:
        """Count one request. Whether it is let through, and the headers that its answer carries."""
        name = bucket(method, path)
        limit = self.buckets.get(name, self.per_minute)
        window = self._windows.get(name)
        if window is None or window.ends <= now:
            window = self._windows[name] = _Window(ends=math.ceil(now) + self.window)
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
