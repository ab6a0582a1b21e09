"""Verifies the journal: every entry unaltered and in its place, and none missing."""

import hmac
import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.connections.models import iso
from server.journal.chain import FIRST_MAC, INTENT, Chain, Head, Row, rows
from server.journal.marking import lacking
from server.journal.targets import IndexComparison
from server.store.schema import StoreError

if TYPE_CHECKING:
    from server.store.database import Database

MOST_PROBLEMS = 100
CLOCK_SECONDS = 1.0
"""Seconds that times may run backwards without a note, since clocks are adjusted slightly now and then."""


@dataclass
class Verdict:
    """The result of verifying. `head` is the head of the entries that were read."""

    entries: int = 0
    first: int = 1
    head: Head = field(default_factory=lambda: Head(0, FIRST_MAC))
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Observations about intact entries that deserve attention."""

    @property
    def whole(self) -> bool:
        return not self.problems

    def found(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def noted(self, note: str) -> None:
        if len(self.notes) < MOST_PROBLEMS:
            self.notes.append(note)


def verify(database: "Database", chain: Chain, kept: Head | None = None) -> Verdict:
    """Read the whole journal and its index. `kept` is a head that was stored elsewhere, to be found again."""
    with _any_text(database):
        base = sealed_until(database)
        compared = IndexComparison(database, base.sequence)
        verdict = follow(chain, compared.passing(rows(database)), base, kept)
        differences = compared.differences()
    _compare_heads(database, chain, verdict)
    if verdict.whole:
        # Where entries were altered or removed, the index differs because of that.
        verdict.problems += differences
    return verdict


def _compare_heads(database: "Database", chain: Chain, verdict: Verdict) -> None:
    """Whether the journal ends where its head and its marker say."""
    try:
        head = chain.head(database)
        if gap := lacking(database, chain):
            verdict.found(str(gap))
        elif verdict.entries and database.marker is not None and database.marked() is None:
            verdict.noted("This folder has no marker yet: only --head shows whether newer entries were removed.")
    except StoreError as error:
        verdict.found(error.summary)
        return
    last = verdict.head
    if head.sequence > last.sequence:
        verdict.found(f"{_entries(last.sequence + 1, head.sequence)} at the end: removed.")
    elif head.sequence < last.sequence:
        verdict.found(f"{_entries(head.sequence + 1, last.sequence)} at the end: not written by okta-actions.")
    elif not _same(head.mac, last.mac):
        verdict.found(f"Entry {last.sequence}: not the one in the head.")


@contextmanager
def _any_text(database: "Database") -> Iterator[None]:
    """Let the driver read invalid UTF-8, so that such an entry is reported and the rest is still read."""
    driver = database.driver
    driver.text_factory = lambda stored: stored.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def follow(chain: Chain, entries: Iterable[Row], base: Head, kept: Head | None = None) -> Verdict:
    """Follow the chain from the head before the first of these entries."""
    verdict = Verdict(first=base.sequence + 1, head=base)
    erased: set[int] = set()
    bare: set[int] = set()
    absent: set[range] = set()
    before: Row | None = None
    mac, expected, wanted = base.mac, base.sequence + 1, kept.sequence if kept else -1
    met = base.sequence == wanted and kept is not None and hmac.compare_digest(base.mac, kept.mac)
    for row in entries:
        verdict.entries += 1
        if row.sequence < expected:
            verdict.found(f"Entry {row.sequence}: not written there by okta-actions.")
            continue
        accepted = row.sequence > expected and _accepts(row, Head(expected - 1, mac))
        as_written = (row.sequence == expected or accepted) and _is_as_written(chain, mac, row)
        if accepted and as_written:
            absent |= {range(expected, row.sequence)}
        elif row.sequence > expected:
            verdict.found(f"{_entries(expected, row.sequence - 1)}: removed.")
        elif not as_written:
            verdict.found(f"Entry {row.sequence}: altered, or replaced.")
        if row.details is None:
            if row.digest:
                bare.add(row.sequence)
        elif not _details_are(chain, row):
            verdict.found(f"Entry {row.sequence}: its details were altered.")
        if row.kind == "erased" and as_written:
            erased |= set(json.loads(row.body)["entries"])
        if as_written:
            _note(verdict, row, before)
            before = row
        if row.sequence == wanted and kept is not None:
            met = _same(row.mac, kept.mac)
        mac, expected = row.mac, row.sequence + 1
    verdict.head = Head(expected - 1, mac)
    for sequence in sorted(bare - erased):
        verdict.found(f"Entry {sequence}: its details were removed without an entry that says so.")
    if kept is not None and not met:
        verdict.found(_not_met(kept, base, verdict.head, absent))
    return verdict


def _accepts(row: Row, before: Head) -> bool:
    """Whether an entry says that a person accepted the missing entries before it."""
    try:
        return row.kind == "restored" and bool(json.loads(row.body)["after"] == str(before))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _note(verdict: Verdict, row: Row, before: Row | None) -> None:
    if row.kind == "restored":
        verdict.noted(f"Entry {row.sequence}: {row.caller} accepted on {iso(row.at)}: {json.loads(row.body)['text']}")
    if before is not None and row.at < before.at - CLOCK_SECONDS:
        verdict.noted(
            f"Entry {row.sequence}: its time, {iso(row.at)}, is before {iso(before.at)}, that of entry "
            f"{before.sequence}: the clock was set back."
        )


def _is_as_written(chain: Chain, before: bytes, row: Row) -> bool:
    try:
        return _same(chain.mac(before, row), row.mac) and _columns_follow(row)
    except (AttributeError, TypeError, ValueError, OverflowError, struct.error):
        return False  # a column holds what okta-actions never writes there


def _columns_follow(row: Row) -> bool:
    """Whether an entry of format 1 has in the newer columns, which its MAC does not cover, what follows from it."""
    if row.format != 1:
        return True
    number = row.sequence if row.kind == INTENT else None
    return (row.number, row.org, row.batch) == (number, json.loads(row.body).get("org_url") or "", "")


def _details_are(chain: Chain, row: Row) -> bool:
    try:
        return _same(chain.digest(row.details, row.sealed), row.digest)
    except (AttributeError, ValueError):
        return False


def _same(one: object, other: object) -> bool:
    return isinstance(one, bytes) and isinstance(other, bytes) and hmac.compare_digest(one, other)


def _not_met(kept: Head, base: Head, last: Head, absent: set[range]) -> str:
    if any(kept.sequence in accepted for accepted in absent):
        return f"Entry {kept.sequence}, whose MAC was kept, is missing; a person accepted that."
    if kept.sequence > last.sequence:
        return f"{_entries(last.sequence + 1, kept.sequence)}: removed since the head was kept."
    if kept.sequence < base.sequence:
        return f"Entry {kept.sequence}, whose MAC was kept, is in a sealed segment: verify its file with --head."
    return f"Entry {kept.sequence} is not the one whose MAC was kept: the journal was rewritten."


def _entries(first: int, last: int) -> str:
    return f"Entry {first}" if first == last else f"Entries {first} to {last}"


def sealed_until(database: "Database") -> Head:
    """What comes before the first entry: nothing, or what the newest seal says was removed."""
    return next((end for _, end in segments(database)), Head(0, FIRST_MAC))


def segments(database: "Database") -> Iterator[tuple[Head, Head]]:
    """What comes before each segment that was removed, and its last entry, as seals say; the newest first."""
    for row in rows(database, "kind = 'sealed'", order="DESC"):
        try:
            body = json.loads(row.body)
            yield Head.of(body["after"]), Head.of(body["until"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return  # altered, which following the chain from its beginning shows
