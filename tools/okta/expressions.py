"""Okta's search expressions (SCIM's filter grammar, RFC 7644, section 3.4.2.2): made, written, and read."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.okta.errors import InvalidInput
from tools.text.characters import fault

Scalar = str | bool | int | float | datetime

OPERATORS = ("eq", "sw", "co", "gt", "ge", "lt", "le", "pr")
"""The operators that Okta's search offers."""

MOST_DEPTH = 30

_TOKEN = re.compile(
    r'\s*(?:(?P<mark>[()])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][\w.$-]*)|(?P<number>-?\d+(?:\.\d+)?))'
)

# An unterminated string is matched whole as well: searching for the next quote from each position takes forever.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*+(?P<closed>")?|[()]', re.DOTALL)


@dataclass(frozen=True)
class Compare:
    attribute: str
    operator: str
    value: Scalar | None = None


@dataclass(frozen=True)
class All:
    """Matches if everything in it does. An empty one matches anybody."""

    of: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    of: tuple["Expression", ...]


Expression = Compare | All | Either


def written(expression: Expression) -> str:
    """An expression as Okta takes it.

    Raises:
        InvalidInput: a text in it holds characters that no argument may.
    """
    match expression:
        case Compare(attribute, "pr"):
            return f"{attribute} pr"
        case Compare(attribute, operator, value):
            return f"{attribute} {operator} {_literal(value)}"
        case All(of):
            return " and ".join(written(one) for one in of)
        case Either(of):
            return f"({' or '.join(written(one) for one in of)})"


def _literal(value: Scalar | None) -> str:
    if isinstance(value, datetime):
        return f'"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")}Z"'
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    """A string of the grammar, which quotes as JSON does.

    Raises:
        InvalidInput: it holds characters that no argument may.
    """
    if found := fault(text):
        raise InvalidInput(f"“{text}” contains {found}.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def require_whole(text: str) -> None:
    """Refuse a text whose parentheses or quotes would affect the expression around it. The rest is left to Okta.

    Raises:
        InvalidInput: one of them is not closed, or was never opened.
    """
    depth = 0
    for found in _MARK.finditer(text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth < 0 or (found[0][0] == '"' and not found["closed"]):
            break
    else:
        if depth == 0:
            return
    raise InvalidInput("search: its parentheses or quotes do not match.")


def require_values(text: str) -> None:
    """Refuse a text that compares something with an empty value: nobody has one, so it matches nobody or everybody.

    Raises:
        InvalidInput: it does.
    """
    if any(mark[0].startswith('"') and not mark[0][1:-1].strip() for mark in _MARK.finditer(text)):
        raise InvalidInput(
            'search: a value is empty (""), which matches nobody.',
            next_step="Use profile.NAME pr to find everyone who has the attribute, or give a value.",
        )


def comparisons(expression: Expression) -> Iterator[Compare]:
    """Every comparison in an expression."""
    match expression:
        case Compare():
            yield expression
        case All(of) | Either(of):
            for one in of:
                yield from comparisons(one)


def parse(text: str) -> Expression:
    """The expression parsed from a text.

    Raises:
        InvalidInput: it is not an expression, or holds more than Okta's search documents.
    """
    reader = _Reader(text)
    expression = reader.either(0)
    if reader.tokens:
        raise reader.unexpected(reader.tokens[0][1])
    return expression


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: deque[tuple[str, str]] = deque()
        at, text = 0, text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self.unexpected(text[at : at + 20])
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind]))
            at = found.end()

    def unexpected(self, text: str) -> InvalidInput:
        return InvalidInput(
            f"search: “{text}” is not expected there.",
            next_step=f'Example: profile.city eq "Berlin". Operators: {", ".join(OPERATORS)}; combine with and, or.',
        )

    def either(self, depth: int) -> Expression:
        return self._joined("or", Either, self._both, depth)

    def _both(self, depth: int) -> Expression:
        return self._joined("and", All, self._term, depth)

    def _joined(
        self, word: str, kind: type[All] | type[Either], part: Callable[[int], Expression], depth: int
    ) -> Expression:
        parts = [part(depth)]
        while self.tokens and self.tokens[0][0] == "word" and self.tokens[0][1].lower() == word:
            self.tokens.popleft()
            parts.append(part(depth))
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    def _term(self, depth: int) -> Expression:
        kind, text = self._next()
        if text == "(" and depth < MOST_DEPTH:
            inner = self.either(depth + 1)
            if (closing := self._next()[1]) != ")":
                raise self.unexpected(closing)
            return inner
        if kind != "word":
            raise self.unexpected(text)
        operator = self._next()[1].lower()
        if operator not in OPERATORS:
            raise self.unexpected(operator)
        return Compare(text, operator, None if operator == "pr" else self._value())

    def _value(self) -> Scalar:
        kind, text = self._next()
        if kind in ("text", "number") or text.lower() in ("true", "false"):
            try:
                value: Scalar = json.loads(text if kind == "text" else text.lower())
                return value
            except ValueError:
                pass
        raise self.unexpected(text)

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise self.unexpected("the end")
        return self.tokens.popleft()
