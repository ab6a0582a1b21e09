"""Processes of this machine, told apart by id and start time: ids are used again."""

import os
from functools import cache
from pathlib import Path


@cache
def this_process() -> str:
    """A text that names this process."""
    return f"{os.getpid()}:{_started(os.getpid())}"


def alive(holder: str) -> bool:
    """Whether the process that a text names first still runs. Where that cannot be told, it does."""
    if os.name != "posix":
        return True
    process_id, _, rest = holder.partition(":")
    started = rest.partition(":")[0]
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return not started or _started(int(process_id)) in (started, "")


def _started(process_id: int) -> str:
    """When a process started, in the kernel's ticks; empty where the system does not tell."""
    try:
        # The command's name, in parentheses, may hold anything; what follows are the state and, 20th, the start.
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return "ended" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
