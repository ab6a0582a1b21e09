"""Round trips to Okta, of every action: `python -m benchmarks.round_trips [NAME…] [--pause]`.

They are what a person feels, for Okta is 100 to 200 ms away. With names of actions, or FIRST for the first call after a
start, only those are measured, and their requests are listed, each with how many round trips it took until its answer.

What an action is called with comes from the tables at the top of its own tests (`tests/support/worlds.py`), so that a
new action is measured as soon as it is tested.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import anyio

from benchmarks import first_calls
from benchmarks.counted import (
    AS_IT_IS,
    BY_ID,
    KNOWN_NAMES,
    MEMBERSHIP_REQUESTS,
    MEMBERSHIPS,
    NEW_NAMES,
    QUESTION,
    READ,
    STATUS_READ_BACK,
    UNDO,
    UNDO_QUESTION,
    UNDO_REQUESTS,
    UNDO_STATUS_READ_BACK,
    UNDO_YES,
    WITH_A_MANAGER,
    WITH_GROUPS,
    WRITE,
    YES,
    Aim,
    Measured,
    cold,
    lines,
    listed,
    read_back,
    same,
)
from benchmarks.far_org import CALLER, JANE, Arguments, Place, connected, started
from benchmarks.slow_proxy import DELAY, Chain
from server.door.door import Answer, Call, Question, Refusal, Result
from server.program import Program
from tools.catalogue import CATALOGUE
from tools.contract.action import Action
from tools.contract.definition import Effect
from tools.contract.record import UndoneBy
from worlds import word

FIRST = "FIRST"


class Measuring:
    """Collects what is measured of one action."""

    def __init__(self, place: Place, action: Action) -> None:
        self._place = place
        self._action = action
        self.found: list[Measured] = []

    def _add(self, what: str, case: str, chain: Chain, aim: Aim | None, told: str = "") -> None:
        self.found.append(Measured(what, case, chain, aim, told))

    async def read(self) -> None:
        by_id, by_name = await self._made(ids=True), await self._made(ids=False)
        named = by_name.keys() & self._action.references.keys()
        by = BY_ID if named else AS_IT_IS
        async with started(self._place) as program:
            await self._read(program, by_id, f"{by}, cold", cold(READ[BY_ID]))
            await self._read(program, by_id, by, READ[BY_ID])
            if named:
                await self._read(program, by_name, NEW_NAMES, READ[NEW_NAMES])
                await self._read(program, by_name, KNOWN_NAMES, READ[KNOWN_NAMES])
            if self._action.name == "lookup_user":
                jane = {"user_id": self._place.org.user(JANE)["id"]}
                await self._read(program, jane, f"{BY_ID}, who has a manager", WITH_A_MANAGER)

    async def _read(self, program: Program, arguments: Arguments, case: str, aim: Aim) -> None:
        outcome, taken = await self._place.call(program.door.call(Call(CALLER, self._action.name, arguments)))
        assert isinstance(outcome, Result), outcome
        self._add(self._action.name, case, taken, aim)

    async def write(self, groups: int = 1) -> None:
        """A creation is in so many groups."""
        title = f"{groups} groups, " if groups > 1 else ""
        made = partial(self._made, groups=groups)
        by_name = await made(ids=False)
        named = by_name.keys() & self._action.references.keys()
        by = BY_ID if named else AS_IT_IS
        async with started(self._place) as program:
            change = await self._write(program, await made(ids=True), f"{title}{by}, cold", BY_ID, cold)
        async with started(self._place) as program:
            await self._undo(program, change, f"{title}undo, cold", cold)
        if named:
            async with started(self._place) as program:
                await self._write(program, by_name, f"{title}{NEW_NAMES}, cold", NEW_NAMES, cold)
        async with started(self._place) as program:
            learnt = await self._write(program, await made(ids=True), None, BY_ID, same)
            await self._undo(program, learnt, None, same)
            change = await self._write(program, await made(ids=True), f"{title}{by}", BY_ID, same)
            await self._undo(program, change, f"{title}undo", same)
            if not named:
                return
            new, met = await made(ids=False), await made(ids=False)
            await self._tried(program, await self._place.with_ids(self._action, new))  # what its groups grant is known
            await self._write(program, new, f"{title}{NEW_NAMES}", NEW_NAMES, same)
            await self._tried(program, met)
            await self._write(program, met, f"{title}{KNOWN_NAMES}", KNOWN_NAMES, same)

    async def _tried(self, program: Program, arguments: Arguments) -> None:
        outcome = await program.door.call(Call(CALLER, self._action.name, {**arguments, "dry_run": True}))
        assert isinstance(outcome, Result), outcome

    async def _made(self, *, ids: bool, groups: int = 1) -> Arguments:
        arguments = await self._place.made(self._action, ids=False)
        for _ in range(groups - 1):
            arguments["group_ids"] = [*arguments["group_ids"], self._place.org.team(word())]
        return await self._place.with_ids(self._action, arguments) if ids else arguments

    async def _write(
        self, program: Program, arguments: Arguments, case: str | None, kind: str, more: Callable[[Aim], Aim]
    ) -> str:
        """The id of the change. Without a case it is made, and not noted."""
        name = self._action.name
        aim = WITH_GROUPS if len(arguments.get("group_ids") or ()) > 0 else WRITE[kind]
        if name in MEMBERSHIPS and kind is not BY_ID:
            aim = replace(aim, requests=MEMBERSHIP_REQUESTS)
        if name in STATUS_READ_BACK:
            aim = read_back(aim)
        outcome = await self._ask_and_do(
            program, name, arguments, name, case, more(aim), more(replace(QUESTION[kind], requests=None)), YES
        )
        assert isinstance(outcome, Result), outcome
        assert outcome.content["changed"], outcome
        return str(outcome.content["change_id"])

    async def _undo(self, program: Program, change: str, case: str | None, more: Callable[[Aim], Aim]) -> None:
        if not isinstance(self._action.undo, UndoneBy):
            return
        aim = replace(UNDO, requests=UNDO_REQUESTS) if self._action.name in MEMBERSHIPS else UNDO
        arguments = {"change_id": change}
        what = self._action.name
        wait = read_back if what in UNDO_STATUS_READ_BACK else same
        unasked, question, yes = more(wait(aim)), more(UNDO_QUESTION), wait(UNDO_YES)
        await self._ask_and_do(program, "undo_change", arguments, what, case, unasked, question, yes)

    async def _ask_and_do(
        self,
        program: Program,
        name: str,
        arguments: Arguments,
        what: str,
        case: str | None,
        unasked: Aim,
        question: Aim,
        yes: Aim,
    ) -> Result | Refusal:
        """What comes of a call, with a yes to its question, each noted as a case of its own."""
        outcome, taken = await self._place.call(program.door.call(Call(CALLER, name, arguments)))
        assert isinstance(outcome, Result | Refusal | Question)
        if not isinstance(outcome, Question):
            refused = str(outcome.error.code) if isinstance(outcome, Refusal) else ""
            if case is not None:
                self._add(what, case, taken, None if refused else unasked, refused)
            return outcome
        if case is not None:
            self._add(what, f"{case}: question", taken, question)
        answer = Answer(outcome.ticket, "accepted")
        done, taken = await self._place.call(program.door.call(Call(CALLER, name, arguments, answer)))
        assert isinstance(done, Result | Refusal), done
        if case is not None:
            self._add(what, f"{case}: yes", taken, yes)
        return done


async def measure(place: Place, names: Sequence[str] = (), *, pause: bool = False) -> list[Measured]:
    """What the actions of these names took, or all of them, in the order of the catalogue."""
    found: list[Measured] = []
    for action in CATALOGUE.values():
        if names and action.name not in names:
            continue
        measuring = Measuring(place, action)
        if action.effect is Effect.READ:
            await measuring.read()
        else:
            await measuring.write()
        if action.name == "create_user":
            await measuring.write(groups=2)
        found += measuring.found
    if not names or FIRST in names:
        found += await first_calls.measure(place, pause=pause)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--pause", action="store_true", help=f"Also call after a pause of {first_calls.PAUSE:.0f} s.")
    parser.add_argument("--list", action="store_true", help="List the requests, as with names.")
    parser.add_argument(
        "--delay", type=float, default=DELAY, help="Seconds that a request takes. [default: %(default)s]"
    )
    given = parser.parse_args()
    with connected(given.delay) as place:
        found = anyio.run(lambda: measure(place, given.names, pause=given.pause))
    if given.names or given.list:
        for one in found:
            print(*listed(one), sep="\n")
        print()
    print(*lines(found), sep="\n")
    sys.exit(any(one.is_missed for one in found))


if __name__ == "__main__":
    main()
