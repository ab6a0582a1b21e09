"""Processes, told apart by id and start time, for ids are used again; and by where they run."""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def this_process() -> str:
    """A text that names this process, and where it runs."""
    return f"{os.getpid()}:{_started(os.getpid())}@{_place()}"


def alive(holder: str) -> bool:
    """Whether the process that a text names first still runs. Where that cannot be told, it does.

    It cannot be told of another machine, nor of another container on this one: whoever waits for such a process waits
    until its time is over. Texts of earlier versions name no place, and mean this one.
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
    """Where ids of processes mean the same: the host, since it was last started, and the container in it."""
    host = socket.gethostname().replace(":", "-").replace("@", "-")
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()[:8]
        space = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return host
    return f"{host}/{boot}/{space}"


def _started(process_id: int) -> str:
    """When a process started, in the kernel's ticks; empty where the system does not tell."""
    try:
        # The command's name, in parentheses, may hold anything; what follows are the state and, 20th, the start.
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return "ended" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
