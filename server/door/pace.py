"""How fast a caller may change things: counted in the store, for all processes, with each change."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.journal import limits
from server.journal.limits import Bucket
from server.policy.caller import COMMAND_LINE, Caller
from server.policy.rules import Rules

if TYPE_CHECKING:
    from server.store.database import Database


class TooManyUnasked(Exception):
    """The caller did so much of the same in the last minute that a person must confirm the next."""


@dataclass(frozen=True)
class Pace:
    """The limits that hold for one change.

    `counted` are the buckets of all changes that it counts in, `paced` those of its own action.
    """

    rules: Rules
    who: str
    counted: tuple[Bucket, ...]
    paced: tuple[Bucket, ...]

    @classmethod
    def of(cls, rules: Rules, caller: Caller, action: str, *, undoes: bool) -> "Pace":
        # A person who undoes something by a command is held up by no program.
        at_a_terminal = undoes and caller.surface == COMMAND_LINE
        return cls(
            rules,
            str(caller),
            limits.buckets(caller, undoes=at_a_terminal),
            () if at_a_terminal else limits.paced(caller, action),
        )

    @property
    def told(self) -> str:
        """What a person is told of a caller in a hurry."""
        return f"This was done {self.rules.ask_from} times or more in the last minute, by one or more programs."

    def hurries(self, database: "Database") -> bool:
        """Whether so much of the same was done in the last minute that a person should know."""
        return not limits.have_room(database, self.paced, self.rules.ask_from)

    def check(self, database: "Database") -> None:
        """Check that one more change is allowed.

        Raises:
            PolicyRefusal: there were too many in the last minute or hour.
        """
        limits.check(database, self.rules, self.counted, self.who)

    def spend(self, database: "Database", *, must_not_hurry: bool) -> None:
        """Count the change that is about to be made. `must_not_hurry`: nobody confirmed it.

        Raises:
            PolicyRefusal: there were too many in the last minute or hour. TooManyUnasked: a person must confirm it
                after all.
        """
        self.check(database)
        if must_not_hurry and self.hurries(database):
            raise TooManyUnasked
        limits.count(database, (*self.counted, *self.paced))
