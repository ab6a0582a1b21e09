"""Text of the directory inside a sentence: in quotes of its own, on one line, and showing all that it holds."""

from tools.text.likeness import spelt_out
from tools.text.lines import cut, readable

LONGEST = 60
"""Characters of a value that are shown."""
LONGEST_ADDRESS = 120
"""Characters of a login or address: each part of it matters. Okta takes 100."""
_QUOTES = dict.fromkeys(map(ord, '“”„‟«»‹›〝〞〟＂「」『』❝❞"'), "'")


def quote(text: str, longest: int = LONGEST, *, address: bool = False) -> str:
    """A text in quotes, which it cannot end. What does not show, or passes for something else, is spelt out."""
    shown = spelt_out(cut(text, longest), address=address)
    return f"“{cut(readable(shown).translate(_QUOTES), 2 * longest)}”"


def quote_address(text: str) -> str:
    return quote(text, LONGEST_ADDRESS, address=True)


def name_of(attribute: str) -> str:
    """An attribute's name, which is no longer than those of Okta's own schema."""
    return cut(readable(attribute).translate(_QUOTES), 40)


def more(names: list[str], most: int) -> str:
    """How many there are beyond the first ones, with some of their names."""
    rest = names[most:]
    if not rest:
        return ""
    told = ", ".join(rest[:8]) + (", …" if len(rest) > 8 else "")
    return f"and {len(rest)} more: {told}"
