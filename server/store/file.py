"""The store's files on the disk: private to their user, created without being opened, and recognised again.

Within a process only SQLite opens the store, its `-wal` and its `-shm`. POSIX locks belong to the process, and closing
any descriptor of a file drops all of them, SQLite's too: the next process that ends assumes it is the last one and
removes the write-ahead log while another one still writes to it. So everything here works on paths.
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
    """Let SQLite create files that only this user can read. Files that other threads create become private too."""
    with _umask:
        before = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(before)


def make_private_folder(path: Path) -> None:
    """Create a folder for the store that only this user can read.

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
"""Device and inode of a file; None if there is no file."""


def identity(path: Path) -> Identity:
    """The identity of the file at a path now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def identities(path: Path) -> tuple[Identity, ...]:
    """The store's files as they are now. While somebody has the store open, SQLite neither makes nor removes one."""
    return tuple(identity(path.with_name(f"{path.name}{suffix}")) for suffix in ("", "-wal", "-shm"))
