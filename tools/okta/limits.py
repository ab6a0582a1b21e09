"""Okta's rate limits, learnt from every answer and obeyed in advance.

Source: https://developer.okta.com/docs/reference/rl-best-practices/ (X-Rate-Limit-Limit, -Remaining, -Reset). Proxies
between Okta and us may send a header twice, drop or garble it, and refuse requests themselves with a `Retry-After` (RFC
9110, section 10.2.3). Of several values the most cautious counts; an unreadable one is ignored.
"""

import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

WINDOW = 60.0
"""Length of Okta's windows in seconds."""

LONGEST_WAIT = 3600.0
"""Seconds. A longer window was misread, and nobody is told to wait longer."""


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
        """Take one request out of a bucket. Returns the seconds to wait before sending; 0 if it may be sent now."""
        known = self._buckets.get(bucket)
        if known is None:
            return 0.0
        left = known.reset - time.monotonic()
        if left <= 0:
            # A new window has begun; its first answer tells how much it holds.
            del self._buckets[bucket]
            return 0.0
        if known.remaining <= 0:
            return left
        known.remaining -= 1
        return 0.0

    def learn(self, bucket: str, headers: httpx2.Headers) -> None:
        """Update a bucket from the headers of an answer."""
        limit = min(_counts(headers, "x-rate-limit-limit"), default=0)
        remaining = min(_counts(headers, "x-rate-limit-remaining"), default=None)
        seconds = until_reset(headers)
        if limit <= 0 or remaining is None or seconds is None:
            return  # limit 0 means too many concurrent requests, not an empty bucket
        reset = time.monotonic() + seconds
        known = self._buckets.get(bucket)
        # Answers of one window arrive out of order, so the lowest count is right; a later window starts afresh.
        if known is not None and reset < known.reset + 2:
            known.remaining = min(known.remaining, remaining)
        else:
            self._buckets[bucket] = _Bucket(remaining, limit, reset)

    def hold(self, bucket: str, seconds: float) -> None:
        """Send nothing more to a bucket for a while, however much it has left."""
        known = self._buckets.get(bucket)
        reset = time.monotonic() + seconds
        if known is None or known.remaining > 0 or known.reset < reset:
            self._buckets[bucket] = _Bucket(0, known.limit if known is not None else 0, reset)

    def headroom(self) -> dict[str, tuple[int, int]]:
        """The remaining requests and the limit of each bucket whose limit is known; all of it, if its window is over.

        It may be called from any thread.
        """
        now = time.monotonic()
        return {
            name: (bucket.remaining if bucket.reset > now else bucket.limit, bucket.limit)
            for name, bucket in tuple(self._buckets.items())
            if bucket.limit > 0
        }


def until_reset(headers: httpx2.Headers) -> float | None:
    """Seconds until the bucket is full again, by Okta's own clock: ours may be wrong."""
    now = _now(headers)
    # Both are whole seconds, so one more is added to avoid retrying too early.
    waits = [max(0.0, reset - now) + 1.0 for reset in _counts(headers, "x-rate-limit-reset")]
    return max((wait for wait in waits if wait <= LONGEST_WAIT), default=None)


def retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds to wait according to `Retry-After`."""
    waits: list[float] = []
    for text in headers.get_list("retry-after"):
        if _is_count(text):
            waits.append(float(text))
        elif (moment := _moment(text)) is not None:
            waits.append(moment - _now(headers))
    return min(max(0.0, *waits), LONGEST_WAIT) if waits else None


def too_many_at_once(headers: httpx2.Headers) -> bool:
    """Whether a 429 is about concurrent requests: its limit is 0, which no bucket has."""
    return 0 in _counts(headers, "x-rate-limit-limit")


def _counts(headers: httpx2.Headers, name: str) -> list[int]:
    """The values of a header that are counts; one line may hold several."""
    texts = (text.strip() for text in headers.get_list(name, split_commas=True))
    return [int(text) for text in texts if _is_count(text)]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 15


def _now(headers: httpx2.Headers) -> float:
    """The time of an answer by its own `Date`, or by our clock if that is missing or unreadable."""
    moments = [moment for text in headers.get_list("date") if (moment := _moment(text)) is not None]
    return min(moments, default=time.time())


def _moment(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def bucket(method: str, segments: tuple[str, ...]) -> str:
    """The bucket of an endpoint: its path with the ids left out. Reads and writes of one object are counted apart."""
    pattern = "/".join(segment if index % 2 == 0 else "*" for index, segment in enumerate(segments))
    return f"{method} {pattern}" if len(segments) == 2 else pattern
