"""Rate limits of callers, and limits on what they may leave open. Counted in the store, across all processes.

Each program that calls has a bucket of its own, so that a runaway one locks out nobody else. A program's name is its
own claim, so all programs of a principal on a surface share a larger bucket. A person who undoes changes at a terminal
draws from a bucket that no program can reach.
"""

import os
import socket
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from server.policy.caller import Caller
from server.policy.rules import PolicyRefusal, Rules

if TYPE_CHECKING:
    from server.store.database import Database

TOGETHER = 3
"""The limit of all programs of a principal on a surface, as a multiple of one program's."""
MOST_OPEN = 20
"""Maximum number of questions and requests for approval together that one program may leave open."""
_WINDOWS = (("changes_per_minute", 60.0), ("changes_per_hour", 3600.0))
_LONGEST = 3600.0


@dataclass(frozen=True)
class Bucket:
    """A name to count under, and its capacity as a multiple of a rule's number."""

    name: str
    times: int = 1


def buckets(caller: Caller, *, undoes: bool = False) -> tuple[Bucket, ...]:
    """The buckets that a change counts in. `undoes`: a person at a terminal undoes a change."""
    if undoes:
        return (Bucket(f"{caller.everything} undo"),)
    client = Bucket(program(caller))
    return (client, Bucket(caller.everything, TOGETHER)) if caller.client else (client,)


def paced(caller: Caller, action: str) -> tuple[Bucket, ...]:
    """The buckets that a change counts in among those of its action: by the program, and all programs together."""
    return tuple(Bucket(f"{bucket.name} {action}", bucket.times) for bucket in buckets(caller))


def program(caller: Caller) -> str:
    """The name that one program of a caller is counted under, whatever its version."""
    return f"{caller.everything} {caller.client.name if caller.client else ''}"


def check(database: "Database", rules: Rules, among: tuple[Bucket, ...], who: str) -> None:
    """Check that one more change is allowed.

    Raises:
        PolicyRefusal: there were too many in the last minute or hour. It says when to try again.
    """
    for bucket in among:
        for rule, seconds in _WINDOWS:
            most = getattr(rules, rule) * bucket.times
            ages = _ages(database, bucket.name, seconds)
            if len(ages) < most:
                continue
            error = PolicyRefusal(rule, f"{who} has made {len(ages)} changes in that time.")
            if ages:
                error.retryable, error.retry_after = True, round(max(1.0, seconds - max(ages)), 1)
                error.next_step = f"Try again in {error.retry_after:.0f} s. {error.next_step}"
            raise error


def count(database: "Database", among: tuple[Bucket, ...]) -> None:
    """Count a change, and delete those older than any window."""
    now, boot, up = time.time(), _boot(), _up()
    for bucket in among:
        database.driver.execute("INSERT INTO uses VALUES (?, ?, ?, ?)", (bucket.name, boot, up, now))
        database.driver.execute(
            "DELETE FROM uses WHERE bucket = ? AND CASE WHEN boot = ? THEN up < ? ELSE at < ? END",
            (bucket.name, boot, up - _LONGEST, now - _LONGEST),
        )


def has_room(database: "Database", bucket: Bucket, a_minute: int) -> bool:
    """Whether the bucket was used less than that often in the last minute."""
    return len(_ages(database, bucket.name, 60.0)) < a_minute * bucket.times


def have_room(database: "Database", among: tuple[Bucket, ...], a_minute: int) -> bool:
    """Whether all these buckets have room."""
    return all(has_room(database, bucket, a_minute) for bucket in among)


def wait(database: "Database", bucket: Bucket, most: int, seconds: float) -> float | None:
    """Seconds until the bucket was used less than that often in that time; None if it is so now."""
    ages = sorted(_ages(database, bucket.name, seconds))
    if len(ages) < most:
        return None
    return max(1.0, seconds - ages[most - 1]) if most else seconds


def check_open(database: "Database", caller: Caller) -> None:
    """Check that one more question or request is allowed.

    Raises:
        PolicyRefusal: this program has too many open.
    """
    now = time.time()
    for column, value, most in (
        ("client", program(caller), MOST_OPEN),
        ("caller", caller.everything, MOST_OPEN * TOGETHER),
    ):
        (open_,) = database.driver.execute(
            f"SELECT (SELECT count(*) FROM tickets WHERE {column} = ?1 AND expires_at > ?2) + "  # noqa: S608 - ours
            f"(SELECT count(*) FROM requests WHERE {column} = ?1 AND expires_at > ?2)",
            (value, now),
        ).fetchone()
        if open_ >= most:
            error = PolicyRefusal(
                "open_questions", f"{open_} questions of {caller} are waiting for an answer.", fixed=True
            )
            error.retryable = True
            error.next_step = "Answer those first; each expires after five minutes."
            raise error


def _ages(database: "Database", bucket: str, seconds: float) -> list[float]:
    """How long ago each use within that time was.

    Uses since the last boot are timed by uptime, which cannot be set; others by the clock.
    """
    now, boot, up = time.time(), _boot(), _up()
    found = database.driver.execute(
        "SELECT CASE WHEN boot = ?1 THEN ?2 - up ELSE ?3 - at END AS age FROM uses WHERE bucket = ?4 AND age < ?5",
        (boot, up, now, bucket, seconds),
    )
    return [max(0.0, age) for (age,) in found]


@cache
def _boot() -> str:
    """A name for the current boot of this machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        # Elsewhere a start is told apart by host and process only: uses of others are then told by the clock.
        return f"{socket.gethostname()}:{os.getpid()}"


def _up() -> float:
    """Seconds since this machine started, sleep included where the system tells."""
    return (
        time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
        if os.name == "posix"
        else time.monotonic()
    )
