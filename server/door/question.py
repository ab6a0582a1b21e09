"""A question for a person, in parts: each surface renders them its own way, the most important first."""

from dataclasses import dataclass

from tools.text.characters import escaped
from tools.text.lines import cut

LONGEST = 1500
"""Limit on a question in characters. Details are cut first, so what a person must know fits."""
LONGEST_LINE = 400
LONGEST_REASON = 240
"""Limit in characters on the caller's own words: they take no room from the facts."""
MOST_REASONS = 4
MOST_LATELY = 4


@dataclass(frozen=True)
class Parts:
    """`headline` says what is done and to whom, `consequences` what follows. Every text is a whole sentence."""

    headline: str
    consequences: tuple[str, ...] = ()
    place: str = ""
    """The connection and org, where there are several."""
    details: tuple[str, ...] = ()
    remaining: str = ""
    """The number of details left out."""
    lately: tuple[str, ...] = ()
    """Recent changes through this server that might mislead."""
    pace: str = ""
    """How much of the same the caller did just now."""
    reason: str = ""
    must_type: str = ""
    """What a person must type in place of a yes."""

    @property
    def prompt(self) -> str:
        """What to ask beside the question, where the answer is typed; empty where a yes is enough."""
        return f"Type “{self.must_type}” to confirm" if self.must_type else ""

    def is_confirmed(self, typed: str | None) -> bool:
        """Whether a yes is one: with what must be typed, in any case, or with nothing typed where that is not asked."""
        if not self.must_type:
            return typed is None
        return typed is not None and typed.strip().strip('“”"').casefold() == self.must_type.casefold()

    @property
    def bound(self) -> str:
        """What a yes is bound to: everything the person was shown except what only time changes."""
        shown = (
            self.headline,
            *self.consequences,
            self.place,
            *self.details,
            self.remaining,
            self.reason,
            self.must_type,
        )
        return "\n".join(shown)

    @property
    def lines(self) -> tuple[str, ...]:
        """As plain lines, with every character visible. The first one makes sense alone."""
        first = " ".join((_cut(self.headline), *_few(self.consequences, MOST_REASONS), *_some(self.pace)))
        last = (*_few(self.lately, MOST_LATELY), *_some(_cut_reason(self.reason)), *_some(self._to_type))
        room = LONGEST - sum(len(line) + 1 for line in (first, self.place, *last, self.remaining)) - len(_LEFT_OUT)
        shown: list[str] = []
        for line in map(_cut, self.details):
            room -= len(line) + 1
            if room < 0:
                break
            shown.append(line)
        rest = _LEFT_OUT if len(shown) < len(self.details) else self.remaining
        lines = (first, *_some(self.place), *shown, *_some(rest), *last)
        return tuple(_cut(escaped(line), LONGEST) for line in lines)

    @property
    def _to_type(self) -> str:
        return f"To confirm it, a person types “{self.must_type}”." if self.must_type else ""

    def text(self) -> str:
        """As a form shows it: one fact per line."""
        return "\n".join(self.lines)[:LONGEST]

    def sentences(self) -> str:
        """In one line, for a refusal or a dry run."""
        return " ".join(self.lines)[:LONGEST]


_LEFT_OUT = "Further details are omitted."


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _cut(text: str, longest: int = LONGEST_LINE) -> str:
    return cut(text, longest)


def _cut_reason(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{_cut(text, LONGEST_REASON - 2)}”."


def _few(sentences: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The first few, and how many more there are."""
    told = tuple(map(_cut, sentences[:most]))
    more = len(sentences) - most
    return told if more <= 0 else (*told, f"And {more} more like that.")
