"""What the record has of verifying people: who was, lately and by whom, and whom a push still waits for."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from server.journal.chain import Chain, rows
from server.journal.history import Recorded, with_later
from server.journal.limits import program
from server.policy.caller import Caller

if TYPE_CHECKING:
    from server.store.database import Database

VERIFYING = "verify_person"
LASTS = 600.0
"""Seconds for which somebody counts as verified."""
PUSH_WAITS = 300.0
"""Seconds in which a push can be answered."""
MOST_LOOKED_AT = 20
"""Maximum number of calls about one person that are read: more than the limits allow in that time, and refused ones."""


@dataclass(frozen=True)
class Verified:
    """A recorded call of verify_person: how long ago it ended, in seconds, and what Okta told, if it is known."""

    recorded: Recorded
    age: float
    told: dict[str, Any]

    @property
    def result(self) -> str:
        return str(self.told.get("result", ""))

    def is_by(self, caller: Caller) -> bool:
        return program(self.recorded.caller) == program(caller)


def newest_call(
    database: "Database", chain: Chain, org: str, action: str, target: str, caller: Caller
) -> Verified | None:
    """The newest call of an action about a target by this caller that was done."""
    found = _calls(database, chain, org, action, target)
    return next((one for one in found if one.is_by(caller) and one.recorded.outcome == "done"), None)


def is_verified(database: "Database", chain: Chain, org: str, person: str, caller: Caller) -> bool:
    """Whether this caller verified a person lately, who has rejected no push since, whoever sent it.

    A push that is rejected says that somebody pretends to be them, perhaps to the one whom they approved before.
    """
    for one in _calls(database, chain, org, VERIFYING, person):
        if one.age > LASTS or one.result == "rejected":
            return False
        if one.result == "approved" and one.is_by(caller):
            return True
    return False


def push_waits(database: "Database", chain: Chain, org: str, person: str) -> bool:
    """Whether somebody may still have a push to answer, whoever sent it."""
    for one in _calls(database, chain, org, VERIFYING, person):
        if one.age > PUSH_WAITS:
            return False
        if one.recorded.outcome in ("running", "unknown"):
            return True
        if one.recorded.outcome == "done":
            return one.result == "waiting"
    return False


def _calls(database: "Database", chain: Chain, org: str, action: str, target: str) -> Iterator[Verified]:
    """The calls of an action about a target in an org, newest first."""
    found = database.driver.execute(
        "SELECT change FROM journal_targets WHERE target = ? AND action = ? ORDER BY change DESC", (target, action)
    )
    now = time.time()
    for (sequence,) in islice(found.fetchmany(MOST_LOOKED_AT), MOST_LOOKED_AT):
        for recorded in with_later(database, chain, rows(database, "sequence = ? AND org = ?", (sequence, org))):
            ending = recorded.ending
            # Only what Okta told of it counts, not what was wanted.
            told = chain.whole(ending).get("after") if ending is not None and ending.kind == "done" else None
            yield Verified(recorded, max(0.0, now - (ending or recorded.row).at), dict(told or {}))
