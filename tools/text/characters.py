"""Detects invisible characters in text, in one place for what is sent to Okta and what is shown.

Control characters, bidirectional marks and characters without a glyph can make two names look the same, or move text.
Joiners and variation selectors are part of names if they have a letter or an emoji to act on; elsewhere they hide
something.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

SPOILT = "\ufffd"
"""The character that programs put in place of bytes they could not decode."""
MOST_MARKS = 4
"""Maximum number of accents on one letter. No language uses more, and a stack of them covers other lines."""

# All but letters and signs of which each shows by itself: those of ASCII, of Latin, Cyrillic and East Asian names.
_SUSPECT = re.compile("[^ -~¡-¬®-\u02ff\u0400-\u0482\u048a-\u052f“”‘’–—…\u3041-\u3096\u30a0-\u30ff一-鿼가-힣]")
_CONTROLS = frozenset(("Cc", "Zl", "Zp"))
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Unicode's Default_Ignorable_Code_Point outside of category C but for the selectors, and the blank of braille.
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\U000e0000-\U000e00ff]")
JOINERS = "\u200c\u200d"
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e0fff]")
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
# The flags of England, Scotland and Wales are spelt in tags behind a black flag.
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{3,6}\U000e007f")
# Arabic and its neighbours, the scripts of India, Myanmar's, Khmer and Mongolian, and Arabic's other forms.
_OF_JOINED_SCRIPTS = re.compile("[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
_VIRAMA = 9
"""The combining class of the sign that joins two consonants in the scripts of India."""
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CODE = re.compile(r"\\(?:u([0-9a-f]{4})|U(000[0-9a-f]{5}|0010[0-9a-f]{4})|([nrt]))")


def hidden(text: str) -> Iterator[int]:
    """The positions of characters in a text that its reader cannot see."""
    # Nearly all text is plain.
    if text.isascii() and text.isprintable():
        return
    flags = {at for flag in _FLAG.finditer(text) for at in range(*flag.span())} if "\U0001f3f4" in text else set()
    marks, last, unseen = 0, -1, -2
    for found in _SUSPECT.finditer(text):
        at = found.start()
        kind = _kind(found[0])
        if kind == "mark":
            marks, last = (marks + 1 if at == last + 1 else 1), at
        if kind == "shown" or at in flags:
            continue
        if (
            kind == "hidden"
            or (kind == "joiner" and (unseen == at - 1 or not _joins(text, at)))
            or (kind == "selector" and not _selects(text, at))
            or (kind == "mark" and marks > MOST_MARKS)
        ):
            unseen = at
            yield at


def escaped(text: str) -> str:
    """A text with invisible characters replaced by codes such as `\\u202e`. Existing escapes stay as they are."""
    parts, done = [], 0
    for at in hidden(text):
        parts += [text[done:at], code(text[at])]
        done = at + 1
    return "".join([*parts, text[done:]]) if parts else text


def code(character: str) -> str:
    """The visible code of a character."""
    number = ord(character)
    return _SHORT.get(character) or (f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}")


def unescaped(text: str) -> str:
    """A text with codes replaced by their characters: the original of a text that somebody saw escaped."""
    short = {shown[1]: character for character, shown in _SHORT.items()}
    return _CODE.sub(lambda found: short[found[3]] if found[3] else chr(int(found[1] or found[2], 16)), text)


def fault(text: str, *, lines: bool = False) -> str:
    """What is not allowed in an argument's text, in words; empty if it is fine. `lines` allows several lines."""
    for at in hidden(text):
        character = text[at]
        category = unicodedata.category(character)
        if lines and character in "\n\r\t":
            continue
        if category in _CONTROLS or character in _TURNING:
            return "control characters"
        # Characters newer than this Python's Unicode, and private-use ones, may be part of a name.
        if category not in ("Co", "Cn") and _kind(character) != "mark":
            return f"an invisible character (U+{ord(character):04X})"
    return ""


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    if character in JOINERS:
        return "joiner"
    if _SELECTORS.match(character):
        return "selector"
    category = unicodedata.category(character)
    if category[0] == "C" or category in ("Zl", "Zp") or _IGNORABLE.match(character):
        return "hidden"
    return "mark" if category in ("Mn", "Me") else "shown"


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands where its script or an emoji needs one."""
    before, after = text[at - 1] if at else "", text[at + 1 : at + 2]
    if after and _kind(after) not in ("shown", "mark"):
        return False
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    if text[at] == "\u200d" and _is_emoji(before, "\ufe0f") and _is_emoji(after):
        return True
    return all(
        one and _OF_JOINED_SCRIPTS.match(one) and unicodedata.category(one)[0] in "LM" for one in (before, after)
    )


def _selects(text: str, at: int) -> bool:
    """Whether a variation selector has something before it that it can vary."""
    selector, before = text[at], text[at - 1] if at else ""
    if not before or _kind(before) != "shown":
        return False
    if selector in _EMOJI_SELECTORS and (
        _is_emoji(before, "\u203c\u2049\u3030\u303d") or text[at + 1 : at + 2] == "\u20e3"
    ):
        return True
    if "\u180b" <= selector <= "\u180f":
        return "\u1820" <= before <= "\u18aa"
    return unicodedata.category(before) in ("Lo", "Sm") and selector < "\U000e01f0"


def _is_emoji(character: str, also: str = "") -> bool:
    if not character or character.isascii():
        return False
    return character in also or unicodedata.category(character) in ("So", "Sk", "Sm")
