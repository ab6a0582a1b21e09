"""Checks, as ssh does, who else on this machine could change or read a file that this program trusts."""

import os
import stat
from pathlib import Path

from tools.okta.errors import ActionError, InvalidInput

WRITE_BY_OTHERS = 0o022
ANYTHING_BY_OTHERS = 0o077


def check_private(
    path: Path, what: str, forbidden: int = WRITE_BY_OTHERS, *, code: str, kind: type[ActionError] = InvalidInput
) -> None:
    """Check that nobody but this user and root could have written a file or folder.

    Its owner must be this user or root, others must have none of the `forbidden` rights, and no folder above it may let
    others replace it. `what` is its name in the error. Windows has a different kind of rights, so nothing is checked
    there.

    Raises:
        ActionError: somebody else could have; it is of this `kind`. OSError: it is not there.
    """
    if os.name != "posix":
        return
    found = path.stat()
    if found.st_uid not in (0, os.geteuid()):
        raise kind(
            f"{what} {path} belongs to {_user(found.st_uid)}, who could change it; it was not used.",
            code=code,
            next_step=f"If you trust it, an administrator runs: chown {_user(os.geteuid())} {path}",
        )
    if (mode := stat.S_IMODE(found.st_mode)) & forbidden:
        can = "write" if mode & WRITE_BY_OTHERS else "read"
        mend = "go-w" if forbidden == WRITE_BY_OTHERS else "go-rwx" if path.is_dir() else "600"
        raise kind(
            f"Others on this machine can {can} {what[:1].lower()}{what[1:]} {path}.",
            code=code,
            next_step=f"Run: chmod {mend} {path}",
        )
    for place in dict.fromkeys((*path.absolute().parents, *path.resolve().parents)):
        _check_folder(place, what, path, code, kind)


def _check_folder(folder: Path, what: str, path: Path, code: str, kind: type[ActionError]) -> None:
    found = folder.stat()
    mode = found.st_mode
    others = bool(mode & stat.S_IWOTH) or (bool(mode & stat.S_IWGRP) and not _is_own_group(found.st_gid))
    # With the sticky bit set, as on /tmp, nobody can replace files of others.
    if found.st_uid in (0, os.geteuid()) and (not others or mode & stat.S_ISVTX):
        return
    why = f"belongs to {_user(found.st_uid)}" if found.st_uid not in (0, os.geteuid()) else "can be written by others"
    raise kind(
        f"{what} {path} could be replaced by somebody else: the folder {folder} {why}; it was not used.",
        code=code,
        next_step=f"Run: chmod go-w {folder}" if others else "Keep it in a folder of your own.",
    )


def _is_own_group(group: int) -> bool:
    """Whether a group is root's or this user's private group without other members, as many systems create."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    alone = found.gr_name == user.pw_name and not set(found.gr_mem) - {user.pw_name}
    return group == 0 or (group == user.pw_gid and alone)


def _user(id: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(id).pw_name
    except KeyError:
        return f"the user {id}"
