"""The filter grammar of SCIM (RFC 7644, section 3.4.2.2): from text to a tree, and from a tree to SQL."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from server.sandbox.identifiers import iso_millis

COMPARISONS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
MOST_DEPTH = 50

_TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][\w.:$-]*)|(?P<number>-?\d+(?:\.\d+)?))"""
)


class FilterError(ValueError):
    """The text is no filter, or asks for what the endpoint does not offer."""


class UnknownOperator(FilterError):
    """A comparison is none of the grammar."""

    def __init__(self, operator: str) -> None:
        super().__init__(f"{operator} is not an operator")
        self.operator = operator


class DateError(FilterError):
    """A date is not one."""


@dataclass(frozen=True)
class Comparison:
    attribute: str
    operator: str
    value: Any = None


@dataclass(frozen=True)
class Both:
    left: "Filter"
    right: "Filter"


@dataclass(frozen=True)
class AnyOf:
    left: "Filter"
    right: "Filter"


@dataclass(frozen=True)
class Negation:
    inner: "Filter"


Filter = Comparison | Both | AnyOf | Negation


def parse(text: str) -> Filter:
    """The tree of a filter. Operators are case-insensitive, attribute names are not.

    Raises:
        FilterError: it does not follow the grammar.
    """
    parser = _FilterParser(_tokens(text))
    tree = parser.either(0)
    if parser.tokens:
        raise FilterError(f"unexpected {parser.tokens[0][1]}")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FilterError(f"unexpected text at position {at}")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
    return tokens


class _FilterParser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def _take(self) -> tuple[str, str]:
        if not self.tokens:
            raise FilterError("it ends too early")
        return self.tokens.pop(0)

    def _keyword(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] == "word" and self.tokens[0][1].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def either(self, depth: int) -> Filter:
        tree = self.both(depth)
        while self._keyword("or"):
            tree = AnyOf(tree, self.both(depth))
        return tree

    def both(self, depth: int) -> Filter:
        tree = self.term(depth)
        while self._keyword("and"):
            tree = Both(tree, self.term(depth))
        return tree

    def term(self, depth: int) -> Filter:
        if depth > MOST_DEPTH:
            raise FilterError("too many parentheses")
        if self._keyword("not"):
            if not self.tokens or self.tokens[0][1] != "(":
                raise FilterError("not without parentheses")
            return Negation(self.term(depth + 1))
        kind, text = self._take()
        if (kind, text) == ("paren", "("):
            tree = self.either(depth + 1)
            if self._take() != ("paren", ")"):
                raise FilterError("an open parenthesis")
            return tree
        if kind != "word":
            raise FilterError(f"{text} is not an attribute")
        operator = self._take()[1].lower()
        if operator == "pr":
            return Comparison(text, "pr")
        if operator not in COMPARISONS:
            raise UnknownOperator(operator)
        return Comparison(text, operator, _value(*self._take()))


def _value(kind: str, text: str) -> Any:
    if kind in ("string", "number") or text.lower() in ("true", "false", "null"):
        try:
            return json.loads(text if kind in ("string", "number") else text.lower())
        except ValueError:
            pass
    raise FilterError(f"{text} is not a value")


@dataclass(frozen=True)
class SqlColumn:
    """What an attribute is in SQL, and which operators an endpoint offers for it."""

    sql: str
    kind: Literal["text", "date", "boolean", "number", "array"] = "text"
    operators: frozenset[str] = COMPARISONS | {"pr"}
    index: str | None = None
    """The index in the order of this attribute and then of the id."""

    @property
    def ordered(self) -> str:
        """What lists are sorted by: text does not mind its case."""
        return f"{self.sql} COLLATE NOCASE" if self.kind == "text" and self.index is None else self.sql


@dataclass(frozen=True)
class Dialect:
    """What one endpoint makes of the grammar."""

    column: Callable[[str], SqlColumn | None]
    negation: bool = False
    case_sensitive: bool = False


def to_sql(tree: Filter, dialect: Dialect) -> tuple[str, list[Any]]:
    """A condition and its values.

    Raises:
        FilterError: an attribute or operator is not offered. DateError: a date is not one.
    """
    match tree:
        case Both(left, right) | AnyOf(left, right):
            first, values = to_sql(left, dialect)
            second, more = to_sql(right, dialect)
            return f"({first} {'AND' if isinstance(tree, Both) else 'OR'} {second})", values + more
        case Negation(inner):
            if not dialect.negation:
                raise FilterError("not is not supported")
            condition, values = to_sql(inner, dialect)
            return f"NOT coalesce({condition}, 0)", values
        case Comparison(attribute, operator, value):
            column = dialect.column(attribute)
            if column is None or operator not in column.operators:
                raise FilterError(f"{attribute} {operator} is not supported")
            return _comparison(column, operator, value, dialect.case_sensitive)


def anchors(tree: Filter, dialect: Dialect) -> list[Filter]:
    """The parts of a filter that hold for all that fit, and whose rows indexes alone find."""
    match tree:
        case Both(left, right):
            return anchors(left, dialect) + anchors(right, dialect)
        case AnyOf(left, right) if anchors(left, dialect) == [left] and anchors(right, dialect) == [right]:
            return [tree]
        case Comparison(attribute, operator, _) if operator in _ANCHORS:
            column = dialect.column(attribute)
            return [tree] if column is not None and column.index is not None else []
        case _:
            return []


def _comparison(column: SqlColumn, operator: str, value: Any, case_sensitive: bool) -> tuple[str, list[Any]]:
    sql = column.sql
    if operator == "pr":
        return f"{sql} IS NOT NULL", []
    if column.kind == "array":
        condition, values = _comparison(SqlColumn("value"), operator, value, case_sensitive)
        return f"EXISTS (SELECT 1 FROM json_each({sql}) WHERE {condition})", values
    if column.kind == "date":
        return f"{sql} {_SYMBOLS[_ordering(operator)]} ?", [_date(value)]
    if value is None:
        return f"{sql} IS {'NOT ' if operator == 'ne' else ''}NULL", []
    if isinstance(value, bool | int | float):
        return f"{sql} {_SYMBOLS[_ordering(operator)]} ?", [value]
    return _text_comparison(sql, operator, value, case_sensitive)


def _text_comparison(sql: str, operator: str, value: str, case_sensitive: bool) -> tuple[str, list[Any]]:
    if operator == "sw":
        # A range and not a LIKE, so that the index serves it.
        return f"({sql} >= ? COLLATE NOCASE AND {sql} < ? COLLATE NOCASE)", [value, value + "\U0010ffff"]
    if operator == "co":
        return f"{sql} LIKE ? ESCAPE '\\'", [f"%{_literal(value)}%"]  # which does not mind the case of ASCII letters
    if operator == "ew":
        return f"{sql} LIKE ? ESCAPE '\\'", [f"%{_literal(value)}"]
    if case_sensitive and operator == "eq":
        return f"({sql} = ? COLLATE NOCASE AND {sql} = ? COLLATE BINARY)", [value, value]
    return f"{sql} {_SYMBOLS[operator]} ? COLLATE NOCASE", [value]


def _literal(text: str) -> str:
    """A text as a part of a LIKE pattern."""
    return re.sub(r"([%_\\])", r"\\\1", text)


_ANCHORS = frozenset({"eq", "sw", "gt", "ge", "lt", "le"})
_SYMBOLS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def _ordering(operator: str) -> str:
    if operator not in _SYMBOLS:
        raise FilterError(f"{operator} compares text only")
    return operator


def _date(value: Any) -> str:
    try:
        date = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise DateError(f"{value} is not a date") from None
    return iso_millis((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
