"""The freeze: while its record is in the store, no process writes or, optionally, reads.

Every call checks for it, and an intent to write is checked again in the transaction that records it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from server.policy.rules import PolicyRefusal

if TYPE_CHECKING:
    from server.store.database import Database

CHOICE = "frozen"
"""The key of the freeze in the store."""
RULE = "frozen"
"""The rule that a refusal names. No setting has this name."""


@dataclass(frozen=True)
class Frozen:
    """Who stopped everything, when and why. `at` is in seconds since the epoch."""

    by: str
    at: float
    reason: str = ""
    reads: bool = False

    @classmethod
    def of(cls, kept: str | None) -> Self | None:
        """The record as stored. An unreadable one counts as a freeze of everything."""
        if kept is None:
            return None
        try:
            return cls(**json.loads(kept))
        except (ValueError, TypeError):
            return cls("somebody", 0.0, "its record cannot be read", reads=True)

    @property
    def since(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def __str__(self) -> str:
        """Who froze what since when and why, as a sentence."""
        what = "all reads and writes" if self.reads else "all writes"
        return f"{self.by} stopped {what} at {self.since}{f': “{self.reason}”' if self.reason else ''}."

    def refusal(self) -> PolicyRefusal:
        error = PolicyRefusal(RULE, str(self))
        error.next_step = "Ask the administrator of this server to lift it: okta-actions unfreeze"
        return error


def freeze(database: "Database", frozen: Frozen) -> None:
    database.put(database.choices, {"name": CHOICE, "value": json.dumps(asdict(frozen))})


def unfreeze(database: "Database") -> Frozen | None:
    """Lift the freeze. Returns the freeze that was lifted, if any."""
    before = _kept(database)
    database.execute(database.choices.delete().where(database.choices.c.name == CHOICE))
    return before


def check_not_frozen(database: "Database") -> None:
    """Let a write begin.

    Raises:
        PolicyRefusal: everything is frozen.
    """
    if (frozen := _kept(database)) is not None:
        raise frozen.refusal()


def _kept(database: "Database") -> Frozen | None:
    query = database.choices.select().where(database.choices.c.name == CHOICE)
    row = database.execute(query).one_or_none()
    return Frozen.of(row.value) if row is not None else None
