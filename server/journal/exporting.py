"""The journal as JSON Lines (https://jsonlines.org): to read elsewhere, and to verify there with the store's key."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server.journal.chain import INTENT, Chain, Head, Row, dumped
from server.journal.verifying import Verdict, follow, sealed_until, segments
from server.media.json_text import shown
from tools.okta.errors import InvalidInput

if TYPE_CHECKING:
    from server.store.database import Database


_NEWER = ("format", "number", "org", "batch", "sealed")
"""The columns that entries have since format 2."""


def lines(entries: Iterable[Row], base: Head) -> Iterator[str]:
    """One line for each entry. `base` is the head before the first one; each line has the MAC of the previous one."""
    before = base.mac
    for row in entries:
        yield shown(dumped(_told(row, before)))
        before = row.mac


def _told(row: Row, before: bytes) -> dict[str, Any]:
    # An entry of format 1 is written as it was then, so that its lines stay the same for ever.
    newer = {} if row.format > 1 else dict.fromkeys(_NEWER)
    told = {name: value for name, value in row._asdict().items() if name not in newer}
    if row.format > 1:
        told["sealed"] = row.sealed.hex() if row.sealed is not None else None
    return {
        **told,
        "time": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "targets": row.targets.split(),
        "body": json.loads(row.body),
        "details": json.loads(row.details) if row.details is not None else None,
        "digest": row.digest.hex(),
        "mac": row.mac.hex(),
        "before": before.hex(),
    }


def verify_lines(database: "Database", chain: Chain, text: Iterable[str], kept: Head | None = None) -> Verdict:
    """Verify exported lines. They begin where the journal began, or where they say that a segment did.

    Raises:
        InvalidInput: there are none, or a line does not have the form that `lines` writes.
    """
    entries = _parsed(text)
    first = next(entries, None)
    if first is None:
        raise InvalidInput("The file holds no entries.", code="not_a_journal")
    base = _base(database, Head(first[0].sequence - 1, first[1]))
    misplaced: list[int] = []

    def followed() -> Iterator[Row]:
        row, told = first
        yield row
        for following, told in entries:
            if following.sequence == row.sequence + 1 and told != row.mac:
                misplaced.append(following.sequence)
            row = following
            yield row

    verdict = follow(chain, followed(), base, kept)
    for sequence in misplaced:
        verdict.found(f"Entry {sequence}: does not follow the one before it.")
    return verdict


def _base(database: "Database", told: Head) -> Head:
    """The head before the first line: from the journal if it knows it, otherwise from the line."""
    present = sealed_until(database)
    if told.sequence >= present.sequence:
        return present
    return next((begin for begin, end in segments(database) if begin.sequence <= told.sequence < end.sequence), told)


def _derived(fields: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The values of the newer columns for an entry of format 1."""
    number = fields["sequence"] if fields["kind"] == INTENT else None
    return {"format": 1, "number": number, "org": body.get("org_url") or ""}


def _parsed(text: Iterable[str]) -> Iterator[tuple[Row, bytes]]:
    """The entries of exported lines, each with the previous MAC that it states."""
    for number, line in enumerate(text, 1):
        try:
            told = json.loads(line)
            details = told["details"]
            fields: dict[str, Any] = {
                **{name: told[name] for name in ("sequence", "at", "kind", "change", "caller", "connection", "action")},
                "targets": " ".join(told["targets"]),
                # Written again as they were: the journal's JSON has one form only.
                "body": dumped(told["body"]),
                "digest": bytes.fromhex(told["digest"]),
                "details": dumped(details) if details is not None else None,
                "mac": bytes.fromhex(told["mac"]),
            }
            if told.get("format", 1) == 1:
                fields |= _derived(fields, told["body"])
            else:
                fields |= {name: told[name] for name in _NEWER}
                fields["sealed"] = bytes.fromhex(told["sealed"]) if told["sealed"] is not None else None
            row, before = Row(**fields), bytes.fromhex(told["before"])
            # What is in the line for people to read, such as the time, must be what the entry says.
            as_told = _told(row, before) == told
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            as_told = False
        if not as_told:
            raise InvalidInput(f"Line {number} is not from an exported journal.", code="not_a_journal")
        yield row, before
