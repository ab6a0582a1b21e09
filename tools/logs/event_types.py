"""The types of events that Okta's System Log knows, found by the words of their names and of what they stand for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import resources

from tools.finding.stems import plain, stem

MOST = 12
"""Maximum number of event types that words stand for: more of them say too little, and a filter has to hold them."""
_BETWEEN = re.compile(r"[._]|(?<=[a-z])(?=[A-Z])")
_IGNORED = frozenset("a an the of to for in on by with and or event events log all any kind type".split())  # noqa: SIM905


@dataclass(frozen=True)
class _Known:
    name: frozenset[str]
    more: frozenset[str]


@cache
def known() -> dict[str, "_Known"]:
    """Every type with the stems of its name and of more words about it."""
    lines = resources.files(__package__).joinpath("event_types.tsv").read_text("utf-8").splitlines()
    parted = (line.partition("\t") for line in lines)
    return {name: _Known(_stems(_BETWEEN.split(name)), _stems(more.split())) for name, _, more in parted}


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(plain(word)) for word in words)


def stems(text: str) -> frozenset[str]:
    """The stems of the words of a text that say something about events."""
    return _stems(re.findall(r"[^\W_]+", text)) - _IGNORED


def spelt(text: str) -> tuple[str, ...]:
    """The pattern that a type, or the beginning of several, stands for: `user.session.start` or `user.mfa.*`.

    Nothing if it is neither.
    """
    name = text.removesuffix("*").removesuffix(".")
    if "." not in name and not text.endswith("*"):
        return ()
    if name in known() and not text.endswith("*"):
        return (name,)
    beginning = f"{name}." if text.removesuffix("*").endswith(".") or not text.endswith("*") else name
    return (f"{beginning}*",) if any(one.startswith(beginning) for one in known()) else ()


def worded(text: str) -> tuple[str, ...]:
    """The types whose names, or what is said of them, hold every word of a text: the closest names first."""
    wanted = stems(text)
    if not wanted:
        return ()
    found = [
        (len(wanted - one.name), len(one.name - wanted), name)
        for name, one in known().items()
        if wanted <= one.name | one.more
    ]
    by_name = [one for one in found if one[0] == 0]
    return tuple(name for _, _, name in sorted(by_name or found)[:MOST])


def nearest(text: str) -> list[str]:
    """Types that may have been meant."""
    if "." in text:
        return get_close_matches(text, known(), n=3, cutoff=0.7)
    wanted = stems(text)
    scored = sorted(((-len(wanted & one.name), len(one.name), name) for name, one in known().items()), key=str)
    return [name for points, _, name in sorted(scored)[:3] if points]
