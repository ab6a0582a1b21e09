"""Okta's rate limits, learnt from every answer and obeyed before they bite.

Source: https://developer.okta.com/docs/reference/rl-best-practices/ (X-Rate-Limit-Limit, -Remaining, -Reset).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


@dataclass
class _Bucket:
    remaining: int
    limit: int
    reset: float


class RateLimits:
    """What is left in each of the org's buckets. Times are this machine's monotonic seconds."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, bucket: str) -> float:
        """Take one request out of a bucket. Seconds to wait before sending; 0 if it may be sent now."""
        known = self._buckets.get(bucket)
        if known is None:
            return 0.0
        left = known.reset - time.monotonic()
        if left <= 0:
            # A new window has begun, and what it holds is told by its first answer.
            del self._buckets[bucket]
            return 0.0
        if known.remaining <= 0:
            return left
        known.remaining -= 1
        return 0.0

    def learn(self, bucket: str, headers: Mapping[str, str]) -> None:
        """Take over what an answer says of its bucket."""
        try:
            limit, remaining = int(headers["x-rate-limit-limit"]), int(headers["x-rate-limit-remaining"])
        except (KeyError, ValueError):
            return
        seconds = until_reset(headers)
        if limit <= 0 or seconds is None:
            return  # limit 0 tells of too many requests at once, not of an empty bucket
        reset = time.monotonic() + seconds
        known = self._buckets.get(bucket)
        # Answers of one window arrive out of order, so the lowest count is right; a later window starts afresh.
        if known is not None and reset < known.reset + 2:
            known.remaining = min(known.remaining, remaining)
        else:
            self._buckets[bucket] = _Bucket(remaining, limit, reset)

    def headroom(self) -> dict[str, tuple[int, int]]:
        """What is left, and the limit, of each bucket known."""
        return {name: (bucket.remaining, bucket.limit) for name, bucket in self._buckets.items()}


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the bucket is full again, by Okta's own clock: ours may be wrong."""
    try:
        reset = float(headers["x-rate-limit-reset"])
        now = parsedate_to_datetime(headers["date"]).timestamp() if "date" in headers else time.time()
    except (KeyError, ValueError, TypeError):
        return None
    # Both are whole seconds: one more, so as not to come back a moment early.
    return max(0.0, reset - now) + 1.0


def bucket(method: str, segments: tuple[str, ...]) -> str:
    """The bucket of an endpoint: its path with the ids left out. Reads and writes of one object are counted apart."""
    pattern = "/".join(segment if index % 2 == 0 else "*" for index, segment in enumerate(segments))
    return f"{method} {pattern}" if len(segments) == 2 else pattern
