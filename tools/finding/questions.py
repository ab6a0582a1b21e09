"""What kind of answer is wanted: whether something is asked or ordered, and of what an answer would be a list."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from tools.finding.meanings import Lexicon

_SHORTEST_PLURAL = 3
_NEAR = 3
"""How many words after `which` or `show all` the noun may be that says what is wanted."""
_ASKING_IN_JAPANESE = ("か", "か。", "か?", "か？", "かな", "の?", "の？")


def is_question(text: str, words: Sequence[str], known: Lexicon) -> bool:
    """Whether something is asked, and no favour: who says `could you` wants it done."""
    if not words or any(word in known.requests for word in words[:2]):
        return False
    text = text.strip()
    if len(words) > 1 and words[1] in known.about and words[0].endswith("s"):
        return True  # `teams that have it` is no order
    if any(asked in text for asked in known.requests if not asked.isascii()):
        return False
    return words[0] in known.questions or text.endswith(("?", "？", *_ASKING_IN_JAPANESE)) or "¿" in text


def wanted(text: str, words: Sequence[str], kind_of: Callable[[str], str], known: Lexicon) -> tuple[str, bool]:
    """The kind of which the answer would be a list: of `which groups is she in` it is `group`; else nothing.

    With it, whether a list is wanted beyond doubt.
    """
    for at, word in enumerate(words):
        if word in known.who and at <= 1:
            return "user", True
        if word not in known.which or (at + 1 < len(words) and words[at + 1] in known.one):
            continue
        for near in range(at + 1, min(at + 1 + _NEAR, len(words))):
            if kind := kind_of(words[near]):
                # `the group members`: the last of English nouns that stand together says what it is.
                return _last_of(words, near, kind_of, known) or kind, True
    for asked, kind in known.wanted_unspaced:
        if asked in text:
            return kind, True
    for at, word in enumerate(words):
        if kind := kind_of(word):
            # The groups of a user, `Gruppen einer Anwendung`: what comes first is wanted.
            several = len(word) > _SHORTEST_PLURAL and word.endswith("s")
            if at + 1 < len(words) and words[at + 1] in known.of:
                return kind, True
            return _last_of(words, at, kind_of, known) or kind * several, several
    return "", False


def _last_of(words: Sequence[str], at: int, kind_of: Callable[[str], str], known: Lexicon) -> str:
    return kind_of(words[at + 1]) if at + 1 < len(words) and words[at + 1].removesuffix("s") in known.written else ""


def is_history(words: Sequence[str], known: Lexicon) -> bool:
    """Whether it may be asked who did something, or when."""
    asked = any(word in known.when for word in words[:2])
    return asked and not any(word in known.requests for word in words[:3])


def has_ended(words: Sequence[str], known: Lexicon) -> bool:
    """Whether something shall no longer be so."""
    return any(f"{one}_{other}" in known.ended for one, other in pairwise(words))
