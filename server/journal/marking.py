"""Checks the journal against its marker: if entries are missing, none is added until a person accepts that."""

import hmac
import time
from typing import TYPE_CHECKING

from server.store.marker import ACCEPT, Gap, Mark, gap
from server.store.schema import StoreError

if TYPE_CHECKING:
    from server.journal.chain import Chain, Head
    from server.store.database import Database


def lacking(database: "Database", chain: "Chain") -> Gap | None:
    """The marked entries that the journal lacks.

    Raises:
        StoreError: the marker is not as okta-actions wrote it.
    """
    mark = database.marked()
    if mark is not None and mark.store == chain.id and not hmac.compare_digest(mark.seal, chain.sealed(mark).hex()):
        raise StoreError(
            "The journal's marker was altered: the journal may be incomplete.",
            code="marker_altered",
            next_step=f"Restore it, or a person runs in a terminal: {ACCEPT}",
        )
    return gap(database.driver, mark)


def demand_complete(database: "Database", chain: "Chain") -> None:
    """Refuse new entries if any are missing; otherwise have the next one marked once it is committed.

    Raises:
        StoreError: the journal is older than its marker, or another one.
    """
    if database.marker is None:
        return
    if found := lacking(database, chain):
        raise StoreError(
            f"The journal is not complete, so no changes are made. {found}",
            code="journal_incomplete",
            next_step=f"Restore the newest store; or, to continue without those entries, a person runs in a terminal: "
            f"{ACCEPT}",
        )


def remember(database: "Database", chain: "Chain", head: "Head", *, accepted: bool = False) -> None:
    """Have an entry marked once it is committed. `accepted`: whether a person accepted what the journal lacks."""
    if database.marker is None:
        return
    database.writing = _mark(chain, head)
    database.to_mark = lambda: mark(database, chain, accepted=accepted)


def mark(database: "Database", chain: "Chain", *, accepted: bool = False) -> None:
    """Update the marker to the journal's head. Called in a write transaction after the one to be marked.

    `accepted`: whether a person accepted what the journal lacks, so that the mark may also be lowered.
    """
    assert database.marker is not None
    head = chain.head(database)
    if not accepted:
        present = database.marker.written()
        if lacking(database, chain) or (
            present is not None and present.store == chain.id and present.sequence >= head.sequence
        ):
            return
    database.marker.write(_mark(chain, head))


def _mark(chain: "Chain", head: "Head") -> Mark:
    return Mark(chain.id, head.sequence, head.changes, head.mac.hex(), chain.sealed(head).hex(), time.time())
