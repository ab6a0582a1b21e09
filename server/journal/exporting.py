"""The journal as JSON Lines (https://jsonlines.org): to read elsewhere, and to verify there with the store's key."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from server.journal.chain import Head, Row, dumped
from tools.okta.errors import InvalidInput


def lines(entries: Iterable[Row], base: Head) -> Iterator[str]:
    """One line for each entry. `base` is what came before the first one; each line has the MAC of the one before."""
    before = base.mac
    for row in entries:
        yield dumped(_told(row, before))
        before = row.mac


def _told(row: Row, before: bytes) -> dict[str, Any]:
    return {
        **row._asdict(),
        "time": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "targets": row.targets.split(),
        "body": json.loads(row.body),
        "details": json.loads(row.details) if row.details is not None else None,
        "digest": row.digest.hex(),
        "mac": row.mac.hex(),
        "before": before.hex(),
    }


def parsed(text: Iterable[str]) -> Iterator[tuple[Row, bytes]]:
    """The entries of exported lines, each with the MAC that came before it.

    Raises:
        InvalidInput: a line is none that `lines` writes.
    """
    for number, line in enumerate(text, 1):
        try:
            told = json.loads(line)
            details = told["details"]
            fields = {
                **{name: told[name] for name in ("sequence", "at", "kind", "change", "caller", "connection", "action")},
                "targets": " ".join(told["targets"]),
                # Written again as they were: the journal's JSON has one form only.
                "body": dumped(told["body"]),
                "digest": bytes.fromhex(told["digest"]),
                "details": dumped(details) if details is not None else None,
                "mac": bytes.fromhex(told["mac"]),
            }
            yield Row(**fields), bytes.fromhex(told["before"])
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(f"Line {number} is not one of an exported journal.", code="not_a_journal") from None
