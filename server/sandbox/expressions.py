"""The conditions of group rules: simple expressions of Okta's expression language on `user.*`.

Source: https://developer.okta.com/docs/reference/okta-expression-language/
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<symbol>==|!=|>=|<=|&&|\|\||[()!<>,{}])|(?P<name>[A-Za-z_][\w.]*))"""
)
MOST_DEPTH = 50


class ExpressionError(ValueError):
    """The text is no expression, or uses what is not offered."""


@dataclass(frozen=True)
class Subject:
    """Whom an expression is about: a profile, and the groups of its person by id and by name."""

    profile: dict[str, Any]
    group_ids: frozenset[str]
    group_names: frozenset[str]


Expression = Callable[[Subject], Any]


def compile_expression(text: str) -> Expression:
    """What the text says, as a function of a person.

    Raises:
        ExpressionError: it does not follow the grammar.
    """
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"Invalid expression: unexpected text at position {at}.")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
    parser = _Parser(tokens)
    expression = parser.either(0)
    if parser.tokens:
        raise ExpressionError(f"Invalid expression: unexpected {parser.tokens[0][1]}.")
    return expression


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def _next(self, *texts: str) -> str | None:
        """The next token, taken, if it is one of these."""
        if self.tokens and self.tokens[0][0] != "string" and self.tokens[0][1].lower() in texts:
            return self.tokens.pop(0)[1].lower()
        return None

    def _expect(self, text: str) -> None:
        if self._next(text) is None:
            raise ExpressionError(f"Invalid expression: {text} is missing.")

    def either(self, depth: int) -> Expression:
        if depth > MOST_DEPTH:
            raise ExpressionError("Invalid expression: it is nested too deeply.")
        left = self.both(depth)
        while self._next("||", "or"):
            left = _joined(any, left, self.both(depth))
        return left

    def both(self, depth: int) -> Expression:
        left = self.comparison(depth)
        while self._next("&&", "and"):
            left = _joined(all, left, self.comparison(depth))
        return left

    def comparison(self, depth: int) -> Expression:
        left = self.term(depth)
        if symbol := self._next(*_COMPARISONS, "eq", "ne"):
            return _compared(_COMPARISONS[{"eq": "==", "ne": "!="}.get(symbol, symbol)], left, self.term(depth))
        return left

    def term(self, depth: int) -> Expression:
        if self._next("!", "not"):
            inner = self.term(depth + 1)
            return lambda subject: not inner(subject)
        if self._next("("):
            inside = self.either(depth + 1)
            self._expect(")")
            return inside
        if not self.tokens:
            raise ExpressionError("Invalid expression: it ends too early.")
        kind, text = self.tokens.pop(0)
        if kind == "string":
            return _constant(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "number":
            return _constant(float(text))
        if kind == "name":
            return self._named(text, depth)
        raise ExpressionError(f"Invalid expression: unexpected {text}.")

    def _named(self, name: str, depth: int) -> Expression:
        if name.lower() in ("true", "false", "null"):
            return _constant({"true": True, "false": False, "null": None}[name.lower()])
        if name.startswith("user."):
            attribute = name.removeprefix("user.")
            return lambda subject: subject.profile.get(attribute)
        function = _FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"Invalid expression: {name} is unknown.")
        self._expect("(")
        arguments: list[Expression] = []
        while not self._next(")"):
            if arguments:
                self._expect(",")
            arguments.append(self.either(depth + 1))
        return lambda subject: function(subject, *(argument(subject) for argument in arguments))


def _constant(value: Any) -> Expression:
    return lambda subject: value


def _joined(how: Callable[[Any], bool], left: Expression, right: Expression) -> Expression:
    return lambda subject: how(bool(side(subject)) for side in (left, right))


def _compared(how: Callable[[Any, Any], bool], left: Expression, right: Expression) -> Expression:
    def compare(subject: Subject) -> bool:
        try:
            return how(left(subject), right(subject))
        except TypeError:  # what cannot be compared, an absent attribute for one, does not match
            return False

    return compare


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "String.startsWith": lambda _, text, start: _text(text).startswith(_text(start)),
    "String.stringContains": lambda _, text, part: _text(part) in _text(text),
    "String.toLowerCase": lambda _, text: _text(text).lower(),
    "String.toUpperCase": lambda _, text: _text(text).upper(),
    "String.len": lambda _, text: len(_text(text)),
    "String.append": lambda _, text, more: _text(text) + _text(more),
    "String.substringBefore": lambda _, text, mark: _text(text).partition(_text(mark))[0],
    "String.substringAfter": lambda _, text, mark: _text(text).partition(_text(mark))[2],
    "Arrays.contains": lambda _, items, item: item in (items or []),
    "Arrays.isEmpty": lambda _, items: not items,
    "isMemberOfGroup": lambda subject, id: id in subject.group_ids,
    "isMemberOfAnyGroup": lambda subject, *ids: any(id in subject.group_ids for id in ids),
    "isMemberOfGroupName": lambda subject, name: name in subject.group_names,
    "isMemberOfGroupNameStartsWith": lambda subject, start: any(n.startswith(start) for n in subject.group_names),
    "isMemberOfGroupNameContains": lambda subject, part: any(part in n for n in subject.group_names),
}
