"""A process that writes without end: `python writing.py LOGIN`. It prints how each change went, and when."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import anyio  # noqa: E402

from ledger import CALLER  # noqa: E402
from server.door.door import Call, Refusal  # noqa: E402
from server.program import Program  # noqa: E402
from server.settings import load  # noqa: E402


async def write(login: str) -> None:
    without_limits = {"ask_from": 10**6, "changes_per_minute": 10**6, "changes_per_hour": 10**6}
    async with Program(load(confirm=(), **without_limits)) as program:
        while True:
            for title in ("One", "Other"):
                began = time.time()
                outcome = await program.door.call(
                    Call(CALLER, "update_user_profile", {"user_id": login, "title": title})
                )
                told = outcome.error.code if isinstance(outcome, Refusal) else "done"
                print(told, began, time.time(), flush=True)


if __name__ == "__main__":
    anyio.run(write, sys.argv[1])
