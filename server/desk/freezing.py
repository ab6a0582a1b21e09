"""Stopping every process of the store at once, and letting them go on."""

import time

from server.policy.caller import Caller
from server.program import Program
from server.store import freezing
from server.store.freezing import Frozen
from tools.okta.errors import InvalidInput
from tools.text.lines import readable

MOST_REASON = 500
"""Characters of a reason."""


async def freeze(program: Program, caller: Caller, reason: str | None, *, reads: bool) -> Frozen:
    """Stop all writes of every process, and all reads if `reads`; journaled as `frozen`.

    Raises:
        InvalidInput: nothing is shared with other processes, or the reason is too long. StoreError: it could not be
            written down, and so nothing is stopped.
    """
    if program.settings.memory_only:
        raise InvalidInput("With memory_only there is no store that processes share: stop the process itself.")
    told = readable(" ".join((reason or "").split())).replace("“", "'").replace("”", "'")
    if len(told) > MOST_REASON:
        raise InvalidInput(f"The reason has {len(told)} characters; {MOST_REASON} are the most.")
    frozen = Frozen(str(caller.principal), time.time(), told, reads)
    await program.recorder.do(
        "frozen",
        lambda database: freezing.freeze(database, frozen),
        caller,
        details={"reason": told} if told else None,
        reads=reads,
    )
    return frozen


async def unfreeze(program: Program, caller: Caller, reason: str | None = None) -> Frozen | None:
    """Let every process go on; journaled as `unfrozen`. What held until now, or None where nothing was frozen."""
    if await program.connections.frozen() is None:
        return None
    told = readable(" ".join((reason or "").split()))[:MOST_REASON]
    return await program.recorder.do("unfrozen", freezing.unfreeze, caller, details={"reason": told} if told else None)
