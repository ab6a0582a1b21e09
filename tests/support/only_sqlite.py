"""Only SQLite opens the files of a store or of an org: whoever else does in the same process drops SQLite's locks.

`python tests/support/only_sqlite.py serve …` runs okta-actions so that it ends at once with the code 70 where code of
ours, or of a library, opens one of them. The tests' own process raises instead.
"""

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

OPENED = 70
FILES = re.compile(r"(store|org|sandbox)\.db(-wal|-shm)?$")


def watch(broken: Callable[[str], object], *, any_time: bool) -> None:
    """Call `broken` where one of the files is opened: at any time, or while SQLite has it open in this process.

    What SQLite itself opens, it opens below Python, where nobody is told.
    """

    def told(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], (str, bytes)):
            path = os.fsdecode(given[0])
            if FILES.search(path) and (any_time or _is_open(path)):
                broken(path)

    sys.addaudithook(told)


def _is_open(path: str) -> bool:
    """Whether this process has the file open; where the system does not tell, it has not."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists() or not Path(path).exists():
        return False
    meant = Path(path).stat()
    for descriptor in descriptors.iterdir():
        with suppress(OSError):  # it was closed meanwhile
            if os.path.samestat(os.fstat(int(descriptor.name)), meant):
                return True
    return False


def forbid() -> None:
    """Let whoever opens a file that SQLite has open in this process fail."""

    def fail(path: str) -> None:
        raise AssertionError(f"{path} was opened beside SQLite, which drops SQLite's locks on it")

    watch(fail, any_time=False)


def main() -> None:
    def end(path: str) -> None:
        os.write(2, f"{path} was opened by other code than SQLite\n".encode())
        os._exit(OPENED)

    watch(end, any_time=True)
    from server.cli import main as run

    run()


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2])]
    main()
