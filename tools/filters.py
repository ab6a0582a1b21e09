"""What searches can be narrowed by: the types of their arguments, and what these mean as expressions of Okta's."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from tools.expressions import Compare, Either, Expression
from tools.matching import moment
from tools.profile import ONE_LINE


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


def occurring(words: str | None, *attributes: str) -> list[Expression]:
    """Each of the words occurs in one of the attributes."""
    return [Either(tuple(Compare(attribute, "co", word) for attribute in attributes)) for word in (words or "").split()]


def within(attribute: str, after: datetime | None, before: datetime | None) -> list[Expression]:
    """A date is at or after one moment, and before another."""
    bounds = (("ge", after), ("lt", before))
    return [Compare(attribute, operator, bound) for operator, bound in bounds if bound is not None]
