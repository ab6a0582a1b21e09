"""Freezes every process of the store at once, and unfreezes them."""

import time

from server.desk.shown import Shown, Time, at
from server.door.reason import LONGEST, checked_reason
from server.policy.caller import Caller
from server.program import Program
from server.store import freezing
from server.store.freezing import Frozen
from tools.okta.errors import InvalidInput
from tools.text.lines import readable


class Freeze(Shown):
    """All writes are stopped, and with `reads` all reads too: by whom, when and why."""

    by: str
    since: Time
    reason: str | None
    reads: bool

    @classmethod
    def of(cls, frozen: Frozen) -> "Freeze":
        return cls(by=frozen.by, since=at(frozen.at), reason=frozen.reason or None, reads=frozen.reads)

    def __str__(self) -> str:
        return str(Frozen(self.by, self.since.timestamp(), self.reason or "", self.reads))


async def freeze(program: Program, caller: Caller, reason: str | None, *, reads: bool) -> Freeze:
    """Stop all writes of every process, and with `reads` all reads; journaled as `frozen`.

    Raises:
        InvalidInput: nothing is shared with other processes, or the reason is too long. StoreError: the freeze could
            not be recorded, so nothing is stopped.
    """
    if program.settings.memory_only:
        raise InvalidInput("With memory_only there is no store that processes share: stop the process itself.")
    told = checked_reason(reason) or ""
    frozen = Frozen(str(caller.principal), time.time(), told, reads)
    await program.recorder.do(
        "frozen",
        lambda database: freezing.freeze(database, frozen),
        caller,
        details={"reason": told} if told else None,
        reads=reads,
    )
    return Freeze.of(frozen)


async def unfreeze(program: Program, caller: Caller, reason: str | None = None) -> Freeze | None:
    """Let every process go on; journaled as `unfrozen`. Returns the freeze that ended, or None if there was none."""
    if await program.connections.frozen() is None:
        return None
    told = readable(" ".join((reason or "").split()))[:LONGEST]
    lifted = await program.recorder.do(
        "unfrozen", freezing.unfreeze, caller, details={"reason": told} if told else None
    )
    return Freeze.of(lifted) if lifted is not None else None
