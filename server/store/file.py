"""The store's files on the disk: private to their user, made without being opened, and known again.

Within a process only SQLite opens the store, its `-wal` and its `-shm`. POSIX locks belong to the process, and closing
any descriptor of a file drops all of them, SQLite's too: the next process that ends takes itself for the last one and
removes the write-ahead log under whoever still writes to it. So everything here works on paths.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.machine.ownership import ANYTHING_BY_OTHERS, check_private
from server.store.schema import StoreError

_umask = threading.Lock()


@contextmanager
def private_files() -> Iterator[None]:
    """Let SQLite make files that only this user can read. Those of other threads become private too."""
    with _umask:
        before = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(before)


def make_private_folder(path: Path) -> None:
    """A folder for the store, which only this user can read.

    Raises:
        StoreError: others can read it, or the store in it, or the store is somebody else's.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "posix":
        return
    for place in (path.parent, path):
        if place.exists() and stat.S_IMODE(place.stat().st_mode) & 0o077:
            raise StoreError(
                f"Others on this machine can read {place}, where tokens are kept.",
                code="store_not_private",
                next_step=f"Run: chmod go-rwx {place}",
            )
    if path.exists():
        check_private(path, "The store", ANYTHING_BY_OTHERS, code="store_not_private", kind=StoreError)


Identity = tuple[int, int] | None
"""Device and inode of a file; none where there is none."""


def identity(path: Path) -> Identity:
    """Which file is at a path now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def identities(path: Path) -> tuple[Identity, ...]:
    """Which files are the store now. While somebody has the store open, SQLite neither makes nor removes one."""
    return tuple(identity(path.with_name(f"{path.name}{suffix}")) for suffix in ("", "-wal", "-shm"))
