"""Pushes and other challenges to people: how many one person gets, from all callers and processes together.

Somebody who is asked again and again approves in the end to be left in peace. Counted in the store, with each change.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.journal import limits
from server.journal.chain import Chain
from server.journal.verifications import LASTS, VERIFYING, push_waits
from server.policy.rules import PolicyRefusal, Rules

if TYPE_CHECKING:
    from server.store.database import Database


@dataclass(frozen=True)
class Challenge:
    """A challenge that is about to be sent to a person of an org."""

    org: str
    person: str

    def admit(self, database: "Database", chain: Chain, rules: Rules) -> None:
        """Count it.

        Raises:
            PolicyRefusal: another one waits for them, or they had too many.
        """
        if push_waits(database, chain, self.org, self.person):
            error = PolicyRefusal("one_push_at_a_time", "a push waits for their answer already.", fixed=True)
            error.retryable = True
            error.next_step = (
                f"Whoever sent it calls {VERIFYING} again to hear the answer. It is over after five minutes."
            )
            raise error
        bucket = limits.Bucket(f"push {self.org} {self.person}")
        if (wait := limits.wait(database, bucket, rules.pushes_per_person, LASTS)) is not None:
            error = PolicyRefusal("pushes_per_person", "they got that many pushes in the last ten minutes.")
            error.retryable, error.retry_after = True, round(wait, 1)
            error.next_step = (
                f"Try again in {round(wait) or 1} s, or verify them by another way that your organization knows."
            )
            raise error
        limits.count(database, (bucket,))
