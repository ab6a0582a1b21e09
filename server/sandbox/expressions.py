"""The conditions of group rules: expressions of Okta's expression language on `user.*`.

Source: https://developer.okta.com/docs/reference/okta-expression-language/, and
https://support.okta.com/help/s/article/Group-Rule-Restrictions: `Convert` and `Time` are not for group rules.
"""

import inspect
import operator
import re
from collections.abc import Callable, Container, Iterable
from functools import cached_property, lru_cache
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<symbol>==|!=|>=|<=|&&|\|\||[()!<>,{}?:+])|(?P<name>[A-Za-z_][\w.]*))"""
)
MOST_DEPTH = 50


class ExpressionError(ValueError):
    """The text is no expression, or uses what is not offered."""


class Subject:
    """Whom an expression is about: a profile, and the groups of its person, looked up once an expression asks."""

    def __init__(
        self, profile: dict[str, Any], groups: Callable[[], Iterable[tuple[str, str]]], status: str = "ACTIVE"
    ) -> None:
        self.profile = profile
        self.status = status
        self._groups = groups

    @cached_property
    def groups(self) -> dict[str, str]:
        """Names by id."""
        return dict(self._groups())


Expression = Callable[[Subject], Any]


@lru_cache(maxsize=256)
def compile_expression(text: str) -> Expression:
    """What the text says, as a function of a person.

    Raises:
        ExpressionError: it does not follow the grammar.
    """
    return _parsed(text, None)


def check(text: str, attributes: Container[str]) -> None:
    """Let an expression pass that follows the grammar and speaks of attributes that there are.

    Raises:
        ExpressionError: it does not.
    """
    _parsed(text, attributes)


def _parsed(text: str, attributes: Container[str] | None) -> Expression:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"Invalid expression: unexpected text at position {at}.")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
    parser = _Parser(tokens, attributes)
    expression = parser.whole(0)
    if parser.tokens:
        raise ExpressionError(f"Invalid expression: unexpected {parser.tokens[0][1]}.")
    return expression


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], attributes: Container[str] | None) -> None:
        self.tokens = tokens
        self._attributes = attributes

    def _next(self, *texts: str) -> str | None:
        """The next token, taken, if it is one of these."""
        if self.tokens and self.tokens[0][0] != "string" and self.tokens[0][1].lower() in texts:
            return self.tokens.pop(0)[1].lower()
        return None

    def _expect(self, text: str) -> None:
        if self._next(text) is None:
            raise ExpressionError(f"Invalid expression: {text} is missing.")

    def whole(self, depth: int) -> Expression:
        """A condition, or a choice by one: `condition ? then : otherwise`."""
        if depth > MOST_DEPTH:
            raise ExpressionError("Invalid expression: it is nested too deeply.")
        condition = self.either(depth)
        if self._next("?") is None:
            return condition
        then = self.whole(depth + 1)
        self._expect(":")
        otherwise = self.whole(depth + 1)
        return lambda subject: then(subject) if condition(subject) else otherwise(subject)

    def either(self, depth: int) -> Expression:
        sides = [self.both(depth)]
        while self._next("||", "or"):
            sides.append(self.both(depth))
        return _joined(any, sides)

    def both(self, depth: int) -> Expression:
        sides = [self.comparison(depth)]
        while self._next("&&", "and"):
            sides.append(self.comparison(depth))
        return _joined(all, sides)

    def comparison(self, depth: int) -> Expression:
        left = self.sum(depth)
        if symbol := self._next(*_COMPARISONS, "eq", "ne"):
            return _compared(_COMPARISONS[{"eq": "==", "ne": "!="}.get(symbol, symbol)], left, self.sum(depth))
        return left

    def sum(self, depth: int) -> Expression:
        parts = [self.term(depth)]
        while self._next("+"):
            parts.append(self.term(depth))
        return _added(parts)

    def term(self, depth: int) -> Expression:
        if depth > MOST_DEPTH:
            raise ExpressionError("Invalid expression: it is nested too deeply.")
        if self._next("!", "not"):
            inner = self.term(depth + 1)
            return lambda subject: not inner(subject)
        if self._next("("):
            inside = self.whole(depth + 1)
            self._expect(")")
            return inside
        if self._next("{"):
            items = self._listed("}", depth)
            return lambda subject: [item(subject) for item in items]
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
        if name.startswith("user.") and name not in _FUNCTIONS:
            attribute = name.removeprefix("user.")
            if self._attributes is not None and attribute not in self._attributes:
                raise ExpressionError(f"Invalid property {attribute} in expression {name}")
            return lambda subject: subject.profile.get(attribute)
        function = _FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"Invalid expression: {name} is unknown.")
        self._expect("(")
        arguments = self._listed(")", depth)
        try:
            inspect.signature(function).bind(None, *arguments)
        except TypeError:
            raise ExpressionError(f"Invalid expression: {name} does not take {len(arguments)} values.") from None
        return lambda subject: function(subject, *(argument(subject) for argument in arguments))

    def _listed(self, end: str, depth: int) -> list[Expression]:
        """What is listed up to a bracket."""
        listed: list[Expression] = []
        while not self._next(end):
            if listed:
                self._expect(",")
            listed.append(self.whole(depth + 1))
        return listed


def _constant(value: Any) -> Expression:
    return lambda subject: value


def _joined(how: Callable[[Iterable[Any]], bool], sides: list[Expression]) -> Expression:
    return sides[0] if len(sides) == 1 else lambda subject: how(bool(side(subject)) for side in sides)


def _added(parts: list[Expression]) -> Expression:
    def add(subject: Subject) -> Any:
        values = [part(subject) for part in parts]
        if all(isinstance(value, int | float) for value in values):
            return sum(values)
        return "".join(_text(value) for value in values)

    return parts[0] if len(parts) == 1 else add


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


def _switched(text: Any, default: Any, *pairs: Any) -> Any:
    """The value after the first key that the text contains."""
    keys = zip(pairs[::2], pairs[1::2], strict=False)
    return next((value for key, value in keys if _text(key) in _text(text)), default)


def _fitting(pattern: Any, names: Iterable[str]) -> bool:
    try:
        return any(re.fullmatch(_text(pattern), name) for name in names)
    except re.error:
        return False


def _flat(items: Iterable[Any]) -> list[Any]:
    return [one for item in items for one in (_flat(item) if isinstance(item, list) else [item])]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "String.append": lambda _, text, more: _text(text) + _text(more),
    "String.join": lambda _, between, *texts: _text(between).join(_text(text) for text in texts),
    "String.len": lambda _, text: len(_text(text)),
    "String.removeSpaces": lambda _, text: _text(text).replace(" ", ""),
    "String.replace": lambda _, text, old, new: _text(text).replace(_text(old), _text(new)),
    "String.replaceFirst": lambda _, text, old, new: _text(text).replace(_text(old), _text(new), 1),
    "String.startsWith": lambda _, text, start: _text(text).startswith(_text(start)),
    "String.stringContains": lambda _, text, part: _text(part) in _text(text),
    "String.stringSwitch": lambda _, text, default, *pairs: _switched(text, default, *pairs),
    "String.substring": lambda _, text, start, end: _text(text)[int(start) : int(end)],
    "String.substringAfter": lambda _, text, mark: _text(text).partition(_text(mark))[2],
    "String.substringBefore": lambda _, text, mark: _text(text).partition(_text(mark))[0],
    "String.toLowerCase": lambda _, text: _text(text).lower(),
    "String.toUpperCase": lambda _, text: _text(text).upper(),
    "Arrays.add": lambda _, items, item: [*(items or []), item],
    "Arrays.clear": lambda _, items: [],
    "Arrays.contains": lambda _, items, item: item in (items or []),
    "Arrays.flatten": lambda _, *items: _flat(items),
    "Arrays.get": lambda _, items, place: items[int(place)],
    "Arrays.isEmpty": lambda _, items: not items,
    "Arrays.remove": lambda _, items, item: [one for one in items or [] if one != item],
    "Arrays.size": lambda _, items: len(items or []),
    "Arrays.toCsvString": lambda _, items: ",".join(_text(item) for item in items or []),
    "isMemberOfGroup": lambda subject, id: id in subject.groups,
    "isMemberOfAnyGroup": lambda subject, *ids: any(id in subject.groups for id in _flat(ids)),
    "isMemberOfGroupName": lambda subject, name: name in subject.groups.values(),
    "isMemberOfGroupNameStartsWith": lambda subject, start: any(n.startswith(start) for n in subject.groups.values()),
    "isMemberOfGroupNameContains": lambda subject, part: any(part in n for n in subject.groups.values()),
    "isMemberOfGroupNameRegex": lambda subject, pattern: _fitting(pattern, subject.groups.values()),
    # https://support.okta.com/help/s/article/okta-expression-issue-for-user-status
    "user.getInternalProperty": lambda subject, name: subject.status if name == "status" else None,
    # Nobody in a sandbox has an account of another directory.
    "hasDirectoryUser": lambda _: False,
    "hasWorkdayUser": lambda _: False,
}
"""By name; each takes the person first. The deprecated spellings without `String.` are not offered."""
