"""The stem of an English word: what `deactivate`, `deactivating` and `deactivation` have in common.

Only as much as a closed vocabulary needs: both sides of a comparison are stemmed, so a stem need be no word.
"""

from functools import lru_cache

from tools.text.likeness import folded

_ENDINGS = (
    ("ization", "iz"),
    ("isation", "iz"),
    ("ations", ""),
    ("ation", ""),
    ("ements", ""),
    ("ement", ""),
    ("ments", ""),
    ("ment", ""),
    ("ships", ""),
    ("ship", ""),
    ("nsions", "nd"),
    ("nsion", "nd"),
    ("ating", ""),
    ("ators", ""),
    ("ator", ""),
    ("ions", ""),
    ("ion", ""),
    ("ings", ""),
    ("ing", ""),
    ("iers", "y"),
    ("ied", "y"),
    ("ies", "y"),
    ("ers", ""),
    ("als", ""),
    ("sses", "ss"),
    ("ates", ""),
    ("ated", ""),
    ("ate", ""),
    ("al", ""),
    ("er", ""),
    ("ed", ""),
    ("es", ""),
    ("e", ""),
    ("s", ""),
)
_SHORTEST = 3
_DOUBLED = frozenset("bdgmnprt")


def plain(word: str) -> str:
    """A word as it is compared: without case and accents."""
    return word.lower() if word.isascii() else folded(word)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of a folded word. Words of three letters or fewer, and those that end in ss, stay as they are."""
    if len(word) <= _SHORTEST or not word.isascii() or word.endswith("ss"):
        return word
    for ending, instead in _ENDINGS:
        kept = len(word) - len(ending)
        if kept >= _SHORTEST and word.endswith(ending):
            found = word[:kept] + instead
            if ending in ("ing", "ings", "ed", "er", "ers") and found[-1] == found[-2] and found[-1] in _DOUBLED:
                found = found[:-1]
            # Plurals and participles of verbs in -ate: deactivates, deactivated.
            return stem(found) if ending in ("s", "es", "ers") and len(found) > len(word) - 2 else found
    return word
