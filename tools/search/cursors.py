"""Cursors: the position in a list, in a form that is valid only for the call that it came from.

A cursor is no secret and no permission. A made-up cursor only chooses a position in the caller's own list: the list
itself, its endpoint and all other parameters come from the arguments of the call.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from tools.okta.errors import InvalidInput

LONGEST = 4096


@dataclass(frozen=True)
class Place:
    """A position in a list of Okta's: `skip` entries past the cursor `after`.

    `narrowed`: in the narrower of two lists that answer the same query.
    """

    after: str | None = None
    skip: int = 0
    narrowed: bool = False


def cursor(place: Place, *query: Any) -> str:
    """The cursor for a position in the list of a query."""
    told = [_digest(query), place.after, place.skip, *([True] if place.narrowed else [])]
    text = json.dumps(told, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(text: str, *query: Any) -> Place:
    """The position that a cursor of this query stands for.

    Raises:
        InvalidInput: it is no cursor, or belongs to another query.
    """
    try:
        digest, after, skip, *narrowed = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        sound = isinstance(after, str | None) and type(skip) is int and skip >= 0 and narrowed in ([], [True])
    except (ValueError, TypeError, RecursionError):
        sound, digest, after, skip, narrowed = False, None, None, 0, []
    if not sound:
        raise InvalidInput("cursor did not come from an earlier page; omit it to start at the first page.")
    if digest != _digest(query):
        raise InvalidInput("cursor belongs to different arguments; send those with it, or omit it.")
    return Place(after, skip, bool(narrowed))


def _digest(query: tuple[Any, ...]) -> str:
    return urlsafe_b64encode(hashlib.sha256(json.dumps(query).encode()).digest()[:12]).decode()
