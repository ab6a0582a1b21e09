"""Calls with their round trips, what is aimed at, and the table of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.slow_proxy import Chain


@dataclass(frozen=True)
class Aim:
    """The most round trips one after the other, and where there is a limit on them the most requests.

    `connecting`: round trips that opening connections takes count, too.
    """

    round_trips: int
    requests: int | None = None
    connecting: bool = False


@dataclass(frozen=True)
class Measured:
    """One call: `what` was called, in which `case`. Without an aim it was refused, for the reason `told`."""

    what: str
    case: str
    chain: Chain
    aim: Aim | None
    told: str = ""

    @property
    def is_missed(self) -> bool:
        if self.aim is None:
            return False
        taken = self.chain.round_trips + (self.chain.connecting if self.aim.connecting else 0)
        return taken > self.aim.round_trips or (
            self.aim.requests is not None and self.chain.requests > self.aim.requests
        )


# What is aimed at

BY_ID, NEW_NAMES, KNOWN_NAMES = "by id", "by name, first time", "by name, met before"
AS_IT_IS = "naming nothing"
READ = {BY_ID: Aim(1), NEW_NAMES: Aim(2), KNOWN_NAMES: Aim(1)}
WRITE = {BY_ID: Aim(2), NEW_NAMES: Aim(3), KNOWN_NAMES: Aim(3)}
QUESTION = {BY_ID: Aim(1), NEW_NAMES: Aim(2), KNOWN_NAMES: Aim(1)}
YES = Aim(2)
UNDO, UNDO_QUESTION, UNDO_YES = Aim(2), Aim(1), Aim(2)
WITH_GROUPS = Aim(3)
WITH_A_MANAGER = Aim(2)
"""Who the manager is stands in the answer about the person."""
FIRST_READ, FIRST_WRITE = Aim(2, connecting=True), Aim(4, connecting=True)
AFTER_A_PAUSE = Aim(1, connecting=True)
MEMBERSHIPS = ("add_user_to_group", "remove_user_from_group")
MEMBERSHIP_REQUESTS, UNDO_REQUESTS = 9, 7
"""The most requests of a membership by names and of its undo, with what the guard knows of rules at hand."""
COLD_ROUND_TRIPS, COLD_REQUESTS = 1, 1
"""How many more there may be where it is not."""


STATUS_READ_BACK = ("unsuspend_user",)
UNDO_STATUS_READ_BACK = ("suspend_user", "deactivate_user")
"""Writes, and writes whose undo, lead to one of several statuses: only Okta knows which, so it is read once more."""


def read_back(aim: Aim) -> Aim:
    return replace(aim, round_trips=aim.round_trips + 1)


def cold(aim: Aim) -> Aim:
    more = None if aim.requests is None else aim.requests + COLD_REQUESTS
    return replace(aim, round_trips=aim.round_trips + COLD_ROUND_TRIPS, requests=more)


def same(aim: Aim) -> Aim:
    return aim


# What is printed


def lines(found: Sequence[Measured]) -> Iterator[str]:
    """A table, one line a call."""
    width = max(len(one.case) for one in found)
    name = max(len(one.what) for one in found)
    yield f"{'action':{name}}  {'case':{width}}  requests  round trips  connecting  aim"
    for one in found:
        if one.aim is None:
            aim = f"refused: {one.told}"
        else:
            most = f", {one.aim.requests} requests" if one.aim.requests is not None else ""
            both = " in all" if one.aim.connecting else ""
            aim = f"≤ {one.aim.round_trips}{both}{most}  {'MISSED' if one.is_missed else '✓'}"
        more = f"+{one.chain.connecting}" if one.chain.connecting else ""
        yield (
            f"{one.what:{name}}  {one.case:{width}}  {one.chain.requests:8}  {one.chain.round_trips:11}  {more:>10}"
            f"  {aim}"
        )
    counted = [one for one in found if one.aim is not None]
    missed = sum(one.is_missed for one in counted)
    yield f"{len(counted)} cases, {sum(one.chain.round_trips for one in counted)} round trips, {missed} aims missed"


def listed(one: Measured) -> Iterator[str]:
    """The requests of a call, each with the round trips until its answer, and when it was under way."""
    yield f"\n{one.what}, {one.case}: {one.chain.requests} requests, {one.chain.round_trips} round trips"
    began = min((placed.request.came for placed in one.chain.placed), default=0.0)
    for placed in one.chain.placed:
        request = placed.request
        came, ended = (round((at - began) * 1e3) for at in (request.came, request.ended))
        new = "  on a new connection" if request.handshakes else ""
        yield f"  {placed.depth}  {came:5}–{ended:<5} ms  {request.method:6} {request.path}{new}"
