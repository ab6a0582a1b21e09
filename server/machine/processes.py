"""Processes, identified by id, start time (ids are reused) and the place where they run."""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def this_process() -> str:
    """A text that identifies this process and where it runs."""
    return f"{os.getpid()}:{_started(os.getpid())}@{_place()}"


def alive(holder: str) -> bool:
    """Whether the process that a text names first still runs. If that cannot be told, it counts as running.

    It cannot be told for another machine or another container on this one: waiting for such a process lasts until its
    time is over. Texts of earlier versions name no place and mean this one.
    """
    if os.name != "posix":
        return True
    process, _, rest = holder.partition("@")
    if rest and rest.partition(":")[0] != _place():
        return True
    process_id, _, further = process.partition(":")
    started = further.partition(":")[0]
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return not started or _started(int(process_id)) in (started, "")


@cache
def _place() -> str:
    """The scope in which process ids are unique: the host since its last boot, and the container on it."""
    host = socket.gethostname().replace(":", "-").replace("@", "-")
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()[:8]
        space = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return host
    return f"{host}/{boot}/{space}"


def _started(process_id: int) -> str:
    """When a process started, in kernel ticks; empty if the system does not tell."""
    try:
        # The command's name, in parentheses, may hold anything; what follows are the state and, 20th, the start.
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return "ended" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
