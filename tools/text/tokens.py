"""How many tokens a text is for a model, estimated from its characters: rather too many than too few.

Tokenizers differ and are large. The measure is held against o200k_base by `tests/interop/test_budgets.py`: neither
rows of people nor random characters of any script have more tokens than it says.
"""

import re

_PIECES = re.compile(
    r'(?P<key>"[a-z_]{2,24}":)'
    r"|(?P<word>[A-Z]?[a-z]+(?![A-Za-z0-9]))"
    r"|(?P<upper>[A-Z_]{2,}(?![a-z0-9]))"
    r"|(?P<digits>[0-9]+(?![A-Za-z]))"
    r"|(?P<odd>[A-Za-z0-9]+)"
    r"|(?P<sign>[!-/:-@\[-`{-~]+)"
    r"|(?P<blanks>[\x00-\x1f\x7f]|[ ]{2,})"
    r"|(?P<other>[^\x00-\x7f]+)"
)
_PER_TOKEN = {"word": 1.8, "upper": 1.7, "digits": 2.7, "odd": 1.45, "sign": 1.45, "blanks": 4.0}
"""Characters that make a token. Words are taken for random letters; `odd` mixes letters and digits, as ids do."""


def most_tokens(text: str) -> int:
    """The number of tokens that a text has at most, as far as that can be told."""
    total = 1.0
    for found in _PIECES.finditer(text):
        kind = found.lastgroup or ""
        if kind == "key":  # a name of ours, with the signs around it
            total += 3 + found.group().count("_")
        elif kind == "other":
            total += sum(map(_of_other, found.group()))
        else:
            total += max(1.0, (found.end() - found.start()) / _PER_TOKEN[kind])
    return int(total)


def _of_other(character: str) -> float:
    """Tokens of a character beyond ASCII: letters of large languages have about one, rare characters up to four."""
    point = ord(character)
    if point < 0x0100:
        return 1.3
    if 0x0370 <= point < 0x1100:
        return 1.5
    if 0x3000 <= point < 0xA000:
        return 2.0
    return 2.8 if point < 0x10000 else 4.0
