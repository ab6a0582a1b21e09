"""Text from the directory inside a sentence: in quotes, on one line, and with every character visible."""

from tools.text.likeness import spelt_out
from tools.text.lines import cut, readable

LONGEST = 60
"""Maximum number of characters shown of a value."""
LONGEST_ADDRESS = 120
"""Maximum number of characters shown of a login or address, where each part matters. Okta allows 100."""
_QUOTES = dict.fromkeys(map(ord, '“”„‟«»‹›〝〞〟＂「」『』❝❞"'), "'")


def quote(text: str, longest: int = LONGEST, *, address: bool = False) -> str:
    """A text in quotes that it cannot close itself. Invisible and lookalike characters are spelt out."""
    shown = spelt_out(cut(text, longest), address=address)
    return f"“{cut(readable(shown).translate(_QUOTES), 2 * longest)}”"


def quote_address(text: str) -> str:
    return quote(text, LONGEST_ADDRESS, address=True)


def name_of(attribute: str) -> str:
    """An attribute's name, which is no longer than those of Okta's own schema."""
    return cut(readable(attribute).translate(_QUOTES), 40)


def more(names: list[str], most: int) -> str:
    """How many names there are beyond the first ones, and some of them."""
    rest = names[most:]
    if not rest:
        return ""
    told = ", ".join(rest[:8]) + (", …" if len(rest) > 8 else "")
    return f"and {len(rest)} more: {told}"
