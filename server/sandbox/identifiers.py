"""Names for things, as Okta gives them: ids that tell their kind by their first letters, and times."""

import secrets
import string
from datetime import UTC, datetime

_ALPHABET = string.ascii_letters + string.digits
CELL = "1d7"
"""What all ids of one org end in."""


def new_id(prefix: str) -> str:
    """An id of 20 characters: `00u` for users, `00g` for groups, `0oa` for apps, `0pr` for rules."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(20 - len(prefix) - len(CELL))) + CELL


def new_error_id() -> str:
    return "oae" + secrets.token_urlsafe(17)[:22]


def new_request_id() -> str:
    return secrets.token_hex(16)


def new_token(length: int = 20) -> str:
    """A one-time token, as activation and recovery links carry one."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def okta_time(seconds: float) -> str:
    """A time as users and groups carry it: whole seconds, UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def iso_millis(seconds: float) -> str:
    """A time as the System Log carries it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
