"""`okta-actions freeze` and `unfreeze`: every process of the store stops, and goes on."""

import anyio

from server.desk import freezing
from server.desk.freezing import Freeze
from server.media.terminal import note
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load


def freeze(reason: str | None, *, reads: bool) -> None:
    async def stop() -> Freeze:
        async with Program(load()) as program:
            return await freezing.freeze(program, at_the_command_line(), reason, reads=reads)

    note(f"Frozen: {anyio.run(stop)}", "To lift it, run: okta-actions unfreeze")


def unfreeze(reason: str | None) -> None:
    async def go_on() -> Freeze | None:
        async with Program(load()) as program:
            return await freezing.unfreeze(program, at_the_command_line(), reason)

    lifted = anyio.run(go_on)
    note("Nothing was frozen." if lifted is None else f"Lifted. Until now: {lifted}")
