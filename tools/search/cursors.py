"""Cursors: where a list goes on, in a form that fits only the call that it came from.

A cursor is no secret and no permission. Whoever makes one up chooses where in a list of their own they read on: the
list itself, its endpoint and all its other parameters come from the arguments of the call.
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
    """A place in a list of Okta's: behind what `after` names, and there behind the first `skip` entries."""

    after: str | None = None
    skip: int = 0


def cursor(place: Place, *query: Any) -> str:
    """The cursor for a place in the list that a query gives."""
    text = json.dumps([_digest(query), place.after, place.skip], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(text: str, *query: Any) -> Place:
    """The place that a cursor of this query stands for.

    Raises:
        InvalidInput: it is no cursor, or that of another query.
    """
    try:
        digest, after, skip = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        sound = isinstance(after, str | None) and type(skip) is int and skip >= 0
    except (ValueError, TypeError, RecursionError):
        sound, digest, after, skip = False, None, None, 0
    if not sound:
        raise InvalidInput("cursor did not come from an earlier page; omit it to start at the first page.")
    if digest != _digest(query):
        raise InvalidInput("cursor belongs to different arguments; send those with it, or omit it.")
    return Place(after, skip)


def _digest(query: tuple[Any, ...]) -> str:
    return urlsafe_b64encode(hashlib.sha256(json.dumps(query).encode()).digest()[:12]).decode()
