"""Detects placeholders that a client or a shell failed to replace: taken literally, they silently disable rules."""

import re

from tools.okta.errors import InvalidInput

_NAME = r"[A-Za-z_][A-Za-z0-9_.:-]*"
_PERCENT = r"%[A-Za-z_][A-Za-z0-9_()]*%"
_CERTAIN = re.compile(
    rf"\$\{{[^{{}}]*\}}|\$\{{\{{[^{{}}]*\}}\}}|\$[A-Z_][A-Z0-9_]*|{_PERCENT}|<[^<>]*>|\{{\{{[^{{}}]*\}}\}}"
)
_LIKELY = re.compile(rf"\$\$?{_NAME}|\{{{_NAME}\}}|`[^`]*`|%\({_NAME}\)s")
_BEGUN = re.compile(r"[$#]\{|\$\(|\{\{")
_WITHIN = re.compile(rf"\${_NAME}|\{{{_NAME}\}}|{_PERCENT}|<[^<>]*>")


def is_placeholder(value: str, *, free: bool = False, address: bool = False) -> bool:
    """Whether a value holds a placeholder.

    A `free` text, such as a command, may have any characters in it, so it counts only if it is nothing but a
    placeholder, with or without quotes. An `address`, such as a path, a URL or a login, may have none anywhere. All
    other values are names and secrets.
    """
    text = value.strip()
    if _CERTAIN.fullmatch(text) or (text[:1] in ("'", '"') and _CERTAIN.fullmatch(text.strip(text[0]))):
        return True
    if free:
        return False
    return bool(_LIKELY.fullmatch(text) or _BEGUN.search(text) or (address and _WITHIN.search(text)))


def not_expanded(where: str, value: str | None) -> InvalidInput:
    """The refusal. `value` is shown if it cannot be a secret."""
    return InvalidInput(
        f"{where} contains an unexpanded placeholder{f': {value.strip()[:80]}' if value else ''}.",
        code="invalid_setting",
        next_step="Write the value itself: ${X}, $X, %X% and <x> are not expanded here.",
    )


def check_value(where: str, value: str | None) -> None:
    """Check an address or a name given on the command line.

    Raises:
        InvalidInput: it is a placeholder.
    """
    if value is not None and is_placeholder(value, address=True):
        raise not_expanded(where, value)
