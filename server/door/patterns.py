"""The patterns of the rules: * stands for anything, and nothing else is special."""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from tools.text.likeness import as_address, folded


def matching(patterns: Iterable[str], *texts: str, fold: Callable[[str], str] = folded) -> str | None:
    """The first pattern that matches one of the texts. `likeness` says which differences are ignored."""
    told = [name for text in texts if text and (name := fold(as_address(text)))]
    return next((p for p in patterns if any(fits(text, fold(as_address(p))) for text in told)), None)


def fits(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern, both folded."""
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
