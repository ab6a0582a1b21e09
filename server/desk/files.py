"""Files that the desk writes: new files that only this user can read."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.okta.errors import InvalidInput


@dataclass(frozen=True)
class Written:
    """The number of pieces written to a file, and its SHA-256 in hexadecimal."""

    pieces: int
    sha256: str


def write_new(file: Path, pieces: Iterable[bytes]) -> Written:
    """Create a file that only its owner can read, and sync it to disk.

    Raises:
        InvalidInput: the file exists, or cannot be created or written.
    """
    count, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            for piece in pieces:
                opened.write(piece)
                digest.update(piece)
                count += 1
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        raise _exists(file) from None
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}.", next_step="Give a file in a folder that you may write to."
        ) from None
    return Written(count, digest.hexdigest())


def write_over(file: Path, pieces: Iterable[bytes]) -> Written:
    """The same where a file may be there already, which is replaced at once by the new one when that is whole.

    Raises:
        InvalidInput: it cannot be written; what was there stays.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        written = write_new(beside, pieces)
        beside.replace(file)
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}.", next_step="Give a file in a folder that you may write to."
        ) from None
    finally:
        beside.unlink(missing_ok=True)
    return written


def check_free(file: Path) -> None:
    """Raises InvalidInput if the file exists."""
    if file.exists():
        raise _exists(file)


def absolute(file: Path) -> Path:
    """The file's absolute path, valid wherever this program is started next."""
    return file.resolve()


def _exists(file: Path) -> InvalidInput:
    return InvalidInput(f"{file} exists; nothing was written.", next_step="Give another file.")


def sha256_of(file: Path) -> str:
    """Raises InvalidInput if the file cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read ({type(error).__name__}).") from None
