"""Continues a journal that lacks entries, after a store was restored from a backup or had to be recreated.

The entry that says so is numbered after the last one that is missing, so that no number of a change is given twice.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server.journal.chain import Chain
from server.journal.marking import lacking
from server.journal.recording import event
from server.policy.caller import Caller
from server.store.marker import Gap
from server.store.schema import StoreError

if TYPE_CHECKING:
    from server.store.database import Database


@dataclass(frozen=True)
class MissingEntries:
    """What a person is asked to accept: the entries that are missing, or that nobody can tell which."""

    text: str
    gap: Gap | None


def missing(database: "Database", chain: Chain) -> MissingEntries | None:
    """What the journal lacks, if anything."""
    try:
        found = lacking(database, chain)
    except StoreError as error:
        return MissingEntries(error.summary, None)
    return MissingEntries(str(found), found) if found else None


def accept(database: "Database", chain: Chain, accepted: MissingEntries, who: Caller) -> int:
    """Record that a person accepts the missing entries. Returns the sequence of the entry.

    Raises:
        StoreError: the missing entries are no longer the ones that they were shown.
    """
    if missing(database, chain) != accepted:
        raise StoreError("The missing entries changed meanwhile; nothing was accepted.", next_step="Run it again.")
    head = chain.head(database)
    marker, sequence = None, head.sequence + 1
    if accepted.gap is not None:
        mark = accepted.gap.mark
        marker, sequence = mark.head, max(sequence, mark.sequence + 1)
        head = replace(head, changes=max(head.changes, mark.changes))
    entry = event("restored", who, after=str(head), text=accepted.text, marker=marker)
    return chain.add(database, entry, head, sequence).sequence
