"""The filters of searches: the types of their arguments, and the Okta expressions that they stand for."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from tools.objects.profile import ONE_LINE
from tools.okta.expressions import Compare, Either, Expression
from tools.search.matching import moment


def _moment(value: Any) -> datetime:
    if (read := moment(value)) is None:
        raise ValueError("must be a date or date-time, such as 2026-01-31 or 2026-01-31T09:00:00Z")
    return read


def _few(text: str) -> str:
    if len(text.split()) > 10:
        raise ValueError("has more than 10 words")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), ONE_LINE]
Words = Annotated[Line, AfterValidator(_few)]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string"})]


IN_NAMES = (" ", "-", "'", "’", ".", "(")
IN_LOGINS = (".", "-", "_", "@", "+")
"""What separates the words of a name, and those of a login or an address."""
MOST_NARROWED = 3
"""Maximum number of words that are looked for in this way: each takes a kilobyte of the address."""


def occurring(words: str | None, *attributes: str) -> list[Expression]:
    """Each of the words occurs in one of the attributes; see `begins` for where."""
    return [Either(tuple(Compare(attribute, "co", word) for attribute in attributes)) for word in (words or "").split()]


def beginning(words: str | None, *attributes: str) -> list[Expression]:
    """The same, each at the beginning of a word, as far as Okta can be asked for that: after the usual separators."""
    expressions: list[Expression] = []
    for number, word in enumerate((words or "").split()):
        # A word that does not begin a word anywhere can only be looked for anywhere; see `begins`.
        anywhere = not word[0].isalnum() or unicodedata.category(word[0]) == "Lo" or number >= MOST_NARROWED
        if anywhere:
            expressions += occurring(word, *attributes)
            continue
        started = [Compare(attribute, "sw", word) for attribute in attributes]
        inner = [
            Compare(attribute, "co", f"{separator}{word}")
            for attribute in attributes
            for separator in (IN_NAMES if attribute.endswith("Name") else IN_LOGINS)
        ]
        expressions.append(Either((*started, *inner)))
    return expressions


def begins(words: str | None, texts: Iterable[object]) -> bool:
    """Whether each of the words begins a word of the texts: Okta finds them inside words too.

    In scripts without blanks the beginning of a word cannot be told.
    """
    folded = [text.casefold() for text in texts if isinstance(text, str)]
    return all(any(_begins(word, text) for text in folded) for word in (words or "").casefold().split())


def _begins(word: str, text: str) -> bool:
    at = text.find(word)
    while at >= 0:
        inside = at > 0 and text[at - 1].isalnum() and text[at].isalnum()
        if not inside or unicodedata.category(text[at]) == "Lo":
            return True
        at = text.find(word, at + 1)
    return False


def within(attribute: str, after: datetime | None, before: datetime | None) -> list[Expression]:
    """A date is at or after one moment, and before another."""
    bounds = (("ge", after), ("lt", before))
    return [Compare(attribute, operator, bound) for operator, bound in bounds if bound is not None]
