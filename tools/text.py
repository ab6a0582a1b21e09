"""Text that other people wrote, such as names in the directory, made so that it shows all that it holds."""

import re
import unicodedata
from typing import Any

LONGEST_NAME = 60
LONGEST_TEXT = 8000
"""How much of one text is shown; Okta's own attributes are shorter."""

# Printable by their category and yet without a shape of their own: Unicode's Default_Ignorable_Code_Point outside of
# category C, and the blank of braille.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
_AS_WIDE_AS_A_BLANK = frozenset("\u2800\u3164\uffa0")


def visible(value: Any) -> Any:
    """A value with every text in it free of control, bidirectional and invisible characters.

    What only joins or steers letters goes without a trace, so that a word stays one; what would part them becomes a
    blank.
    """
    if isinstance(value, str):
        # Nearly all text is as it should be, and this looks through it without making anything.
        sound = value.isprintable() and (value.isascii() or not _INVISIBLE.search(value))
        return value if sound else "".join(map(_shown, value))
    if isinstance(value, dict):
        return {visible(name): visible(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [visible(inner) for inner in value]
    return value


def _shown(character: str) -> str:
    if character in _AS_WIDE_AS_A_BLANK:
        return " "
    if _INVISIBLE.match(character):
        return ""
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Cc" | "Cs" | "Co" | "Cn" | "Zl" | "Zp":
            return " "
        case _:
            return character


def cut(text: str, most: int) -> str:
    """A text without what goes beyond `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def bounded(value: Any) -> Any:
    """A value with every text in it cut to what can be shown."""
    if isinstance(value, str):
        return cut(value, LONGEST_TEXT)
    if isinstance(value, dict):
        return {bounded(name): bounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [bounded(inner) for inner in value]
    return value


def readable(text: str) -> str:
    """Text as one line of which every character shows."""
    return " ".join(str(visible(text)).split())


def short_name(text: str) -> str:
    """A name as one line, cut so that it cannot drown the sentence around it."""
    line = readable(text)
    return cut(line, LONGEST_NAME)
