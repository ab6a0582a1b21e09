"""The reason that a caller gives for a change."""

from tools.okta.errors import InvalidInput
from tools.text.lines import readable

LONGEST = 500
"""Limit on a reason in characters."""


def checked_reason(reason: str | None) -> str | None:
    """A reason as one line, with every character visible.

    Raises:
        InvalidInput: it is too long to be read.
    """
    line = readable(" ".join((reason or "").split())).replace("“", "'").replace("”", "'")
    if len(line) > LONGEST:
        raise InvalidInput(f"The reason has {len(line)} characters; the limit is {LONGEST}.")
    return line or None
