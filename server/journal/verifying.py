"""Whether the journal is whole: every entry where and as it was written, and none missing."""

import hmac
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.journal.chain import FIRST_MAC, Chain, Head, Row, rows
from server.store import StoreError

if TYPE_CHECKING:
    from server.database import Database

MOST_PROBLEMS = 100


@dataclass
class Verdict:
    """What verifying found. `head` is that of the entries that were read."""

    entries: int = 0
    first: int = 1
    head: Head = field(default_factory=lambda: Head(0, FIRST_MAC))
    problems: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.problems

    def found(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def verify(database: "Database", chain: Chain, kept: Head | None = None) -> Verdict:
    """Read the whole journal. `kept` is a head that was stored elsewhere, to be found again."""
    base = sealed_until(database)
    verdict = follow(chain, rows(database), base, kept)
    try:
        head = chain.head(database)
    except StoreError as error:
        verdict.found(error.summary)
        return verdict
    last = verdict.head
    if head.sequence > last.sequence:
        verdict.found(f"{_entries(last.sequence + 1, head.sequence)} at the end: removed.")
    elif head.sequence < last.sequence:
        verdict.found(f"{_entries(head.sequence + 1, last.sequence)} at the end: not written by okta-actions.")
    elif not hmac.compare_digest(head.mac, last.mac):
        verdict.found(f"Entry {last.sequence}: not the one that the head names.")
    return verdict


def follow(chain: Chain, entries: Iterable[Row], base: Head, kept: Head | None = None) -> Verdict:
    """Follow the chain from what was before the first of these entries."""
    verdict = Verdict(first=base.sequence + 1, head=base)
    erased: set[int] = set()
    bare: set[int] = set()
    mac, expected, wanted = base.mac, base.sequence + 1, kept.sequence if kept else -1
    met = base.sequence == wanted and kept is not None and hmac.compare_digest(base.mac, kept.mac)
    for row in entries:
        if row.sequence != expected:
            verdict.found(f"{_entries(expected, row.sequence - 1)}: removed.")
        elif not _is_as_written(chain, mac, row):
            verdict.found(f"Entry {row.sequence}: altered, or not the one that was written there.")
        if row.details is None:
            if row.digest:
                bare.add(row.sequence)
        elif not _details_are(chain, row):
            verdict.found(f"Entry {row.sequence}: its details were altered.")
        if row.kind == "erased":
            erased |= _named(row)
        if row.sequence == wanted and kept is not None:
            met = _same(row.mac, kept.mac)
        mac, expected = row.mac, row.sequence + 1
        verdict.entries += 1
    verdict.head = Head(expected - 1, mac)
    for sequence in sorted(bare - erased):
        verdict.found(f"Entry {sequence}: its details were removed, and no entry says so.")
    if kept is not None and not met:
        verdict.found(_not_met(kept, base, verdict.head))
    return verdict


def _is_as_written(chain: Chain, before: bytes, row: Row) -> bool:
    try:
        return _same(chain.mac(before, row), row.mac)
    except (AttributeError, TypeError, ValueError, OverflowError, struct.error):
        return False  # a column holds what okta-actions never writes there


def _details_are(chain: Chain, row: Row) -> bool:
    try:
        return _same(chain.digest(row.details), row.digest)
    except (AttributeError, ValueError):
        return False


def _same(one: bytes, other: object) -> bool:
    return isinstance(other, bytes) and hmac.compare_digest(one, other)


def _named(row: Row) -> set[int]:
    """The entries whose details an entry says were erased."""
    try:
        return set(json.loads(row.body)["entries"])
    except (ValueError, KeyError, TypeError):
        return set()  # then it was altered, which its MAC shows


def _not_met(kept: Head, base: Head, last: Head) -> str:
    if kept.sequence > last.sequence:
        return f"The head that was kept is entry {kept.sequence}; the journal ends at {last.sequence}: cut off."
    if kept.sequence < base.sequence:
        return f"The head that was kept, entry {kept.sequence}, is in a segment that was sealed and removed."
    return f"Entry {kept.sequence} is not the one whose MAC was kept: the journal was written anew."


def _entries(first: int, last: int) -> str:
    return f"Entry {first}" if first == last else f"Entries {first} to {last}"


def sealed_until(database: "Database") -> Head:
    """What comes before the first entry: nothing, or what the newest seal says was removed."""
    for row in rows(database, "kind = 'sealed'", order="DESC"):
        try:
            return Head.of(json.loads(row.body)["until"])
        except (ValueError, KeyError, TypeError):
            break
    return Head(0, FIRST_MAC)
