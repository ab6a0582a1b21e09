"""Which characters a text that is sent to Okta may hold: one decision, for every argument.

Control characters are refused, and so is what nobody sees: it makes two different names look the same, or turns a line
around. Blanks of every width, and the joiners and variation selectors that scripts and emoji are written with, are part
of people's names.
"""

import re
import unicodedata

SPOILT = "\ufffd"
"""What a program puts in place of bytes that it could not read."""

_CONTROLS = frozenset(("Cc", "Zl", "Zp"))
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\U000e0000-\U000e00ff]")
_JOINERS = frozenset("\u200c\u200d")
# The flags of England, Scotland and Wales are spelt in tags behind a black flag.
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{3,6}\U000e007f")


def fault(text: str, *, lines: bool = False) -> str:
    """What a text holds that no argument may, in words; empty if nothing. With `lines` it may have several."""
    if text.isascii() and text.isprintable():
        return ""
    text = _FLAG.sub("x", text)
    for at, character in enumerate(text):
        if lines and character in "\n\r\t":
            continue
        category = unicodedata.category(character)
        if category in _CONTROLS or character in _TURNING:
            return "control characters"
        if character in _JOINERS:
            hidden = _is_plain(text[at - 1 : at]) or _is_plain(text[at + 1 : at + 2])
        else:
            hidden = category in ("Cf", "Cs") or _IGNORABLE.match(character) is not None
        if hidden:
            return f"an invisible character (U+{ord(character):04X})"
    return ""


def _is_plain(neighbour: str) -> bool:
    """Whether a joiner has nothing to do beside this: it is the end of the text, a blank or of ASCII."""
    return not neighbour or neighbour.isspace() or neighbour.isascii() or neighbour in _JOINERS
