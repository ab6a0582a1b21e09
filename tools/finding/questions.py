"""What kind of answer is wanted: whether something is asked or ordered, and of what an answer would be a list."""

from collections.abc import Callable, Sequence

from tools.finding.meanings import Lexicon

_NEAR = 3
"""How many words after `which` or `show all` the noun may be that says what is wanted."""
_ASKING_IN_JAPANESE = ("か", "か。", "か?", "か？", "かな", "の?", "の？")


def is_question(text: str, words: Sequence[str], known: Lexicon) -> bool:
    """Whether something is asked, and no favour: who says `could you` wants it done."""
    if not words or any(word in known.requests for word in words[:2]):
        return False
    text = text.strip()
    if any(asked in text for asked in known.requests if not asked.isascii()):
        return False
    return words[0] in known.questions or text.endswith(("?", "？", *_ASKING_IN_JAPANESE)) or "¿" in text


def wanted(text: str, words: Sequence[str], kind_of: Callable[[str], str], known: Lexicon) -> str:
    """The kind of which the answer would be a list: of `which groups is she in` it is `group`; else nothing."""
    for at, word in enumerate(words):
        if word in known.who and at <= 1:
            return "user"
        if word not in known.which:
            continue
        for near in range(at + 1, min(at + 1 + _NEAR, len(words))):
            if kind := kind_of(words[near]):
                # `the group members`: the last of English nouns that stand together says what it is.
                after = kind_of(words[near + 1]) if near + 1 < len(words) else ""
                return after or kind
    for asked, kind in known.wanted_unspaced:
        if asked in text:
            return kind
    return ""
