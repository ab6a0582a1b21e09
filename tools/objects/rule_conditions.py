"""Whether a person fits the condition of a group rule, as far as that can be told outside Okta.

A condition is an expression of Okta's own language (https://developer.okta.com/docs/reference/
okta-expression-language/). The plain forms are evaluated: attributes, constants, comparisons, and/or/not, and the
common functions on text. For all others, and wherever Okta may compare differently from us, the answer is None:
unknown.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tools.objects.groups import Group
from tools.text.likeness import folded

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<mark>==|!=|&&|\|\||[()!,])|(?P<name>[A-Za-z_][\w.]*))"""
)
STATUS = "getInternalProperty"
"""Key of a person's status among the values that rules look at: user.getInternalProperty("status")."""
MOST_TOKENS = 500
MOST_DEPTH = 30


@dataclass(frozen=True)
class Node:
    """A part of a condition. `kind` is one of or, and, not, ==, !=, value, attribute, status and call.

    `value` is that of a constant, or the name of an attribute or function.
    """

    kind: str
    value: Any = None
    of: tuple["Node", ...] = ()

    def all(self, kind: str) -> Iterator["Node"]:
        """The parts of that kind, itself included."""
        if self.kind == kind:
            yield self
        for one in self.of:
            yield from one.all(kind)


@lru_cache(maxsize=512)
def parse(expression: str) -> Node | None:
    """The parts of an expression; None where it has a form that is not supported here."""
    tokens = _tokens(expression)
    if tokens is None:
        return None
    reading = _Reading(tokens)
    try:
        node = reading.either(0)
    except _Strange:
        return None
    return None if reading.tokens else node


def fits(
    expression: str, profile: Mapping[str, Any], member_of: tuple[Group, ...] = (), outside: tuple[Group, ...] = ()
) -> bool | None:
    """Whether a person matches an expression; None if that cannot be told.

    `member_of` are groups that they are known to be in, `outside` groups that they are known not to be in.
    """
    node = parse(expression)
    value = None if node is None else _Evaluation(profile, member_of, outside).value(node)
    return value if isinstance(value, bool) else None


def _tokens(expression: str) -> list[tuple[str, str]] | None:
    """The kind and text of each token; None where it has others, or too many."""
    tokens: list[tuple[str, str]] = []
    at = 0
    expression = expression.strip()
    while at < len(expression):
        found = _TOKEN.match(expression, at)
        if found is None or len(tokens) >= MOST_TOKENS:
            return None
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind)))
        at = found.end()
    return tokens


def may_ask_for(expression: str, group: Group) -> bool:
    """Whether an expression may ask who is in a group."""
    tokens = _tokens(expression)
    if tokens is None:
        return _about_groups(expression)
    function = ""
    for kind, text in tokens:
        if kind == "name":
            function = text
        elif kind == "text" and _about_groups(function):
            is_meant = _MEMBERSHIPS.get(function)
            if is_meant is None or is_meant(group, _unquoted(text)):
                return True
        elif text == ")":
            function = ""
    return False


def _about_groups(text: str) -> bool:
    """Every function that tests memberships is named isMemberOf…, or is about groups."""
    return any(part in text.casefold() for part in ("memberof", "groups"))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


class _Strange(Exception):
    """The expression has a form that is not supported here."""


class _Reading:
    """Parses an expression."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens[::-1]

    def _next(self, *marks: str) -> bool:
        """Whether the next token is one of these. If so, it is consumed."""
        if self.tokens and self.tokens[-1][0] != "text" and self.tokens[-1][1].casefold() in marks:
            self.tokens.pop()
            return True
        return False

    def either(self, depth: int) -> Node:
        nodes = [self.both(depth)]
        while self._next("||", "or"):
            nodes.append(self.both(depth))
        return nodes[0] if len(nodes) == 1 else Node("or", of=tuple(nodes))

    def both(self, depth: int) -> Node:
        nodes = [self.comparison(depth)]
        while self._next("&&", "and"):
            nodes.append(self.comparison(depth))
        return nodes[0] if len(nodes) == 1 else Node("and", of=tuple(nodes))

    def comparison(self, depth: int) -> Node:
        left = self.term(depth)
        if self._next("==", "eq"):
            return Node("==", of=(left, self.term(depth)))
        if self._next("!=", "ne"):
            return Node("!=", of=(left, self.term(depth)))
        return left

    def term(self, depth: int) -> Node:
        if depth > MOST_DEPTH or not self.tokens:
            raise _Strange
        if self._next("!", "not"):
            return Node("not", of=(self.term(depth + 1),))
        if self._next("("):
            node = self.either(depth + 1)
            if not self._next(")"):
                raise _Strange
            return node
        kind, text = self.tokens.pop()
        if kind == "text":
            return Node("value", _unquoted(text))
        if kind == "number":
            return Node("value", float(text))
        if kind != "name":
            raise _Strange
        if text.casefold() in ("true", "false", "null"):
            return Node("value", {"true": True, "false": False, "null": None}[text.casefold()])
        if text == f"user.{STATUS}":
            return self._status(depth)
        attribute = text.removeprefix("user.")
        if attribute != text and "." not in attribute:
            return Node("attribute", attribute)
        return self._function(text, depth)

    def _status(self, depth: int) -> Node:
        if not self._next("("):
            raise _Strange
        name = self.either(depth + 1)
        if not self._next(")"):
            raise _Strange
        return Node("status", of=(name,))

    def _function(self, name: str, depth: int) -> Node:
        if not self._next("("):
            raise _Strange
        nodes: list[Node] = []
        while not self._next(")"):
            if nodes and not self._next(","):
                raise _Strange
            nodes.append(self.either(depth + 1))
        return Node("call", name, tuple(nodes))


_UNKNOWN = object()


class _Evaluation:
    """Evaluates a condition for one person, in three-valued logic."""

    def __init__(self, profile: Mapping[str, Any], member_of: tuple[Group, ...], outside: tuple[Group, ...]) -> None:
        self._profile = profile
        self._member_of = member_of
        self._outside = outside

    def value(self, node: Node) -> Any:
        match node.kind:
            case "value":
                return node.value
            case "attribute":
                return self._attribute(node.value)
        values = [self.value(one) for one in node.of]
        match node.kind:
            case "or":
                return _any(values)
            case "and":
                return _not(_any([_not(value) for value in values]))
            case "not":
                return _not(values[0])
            case "==":
                return _equal(*values)
            case "!=":
                return _not(_equal(*values))
            case "status":
                status = self._profile.get(STATUS)
                return status if values[0] == "status" and isinstance(status, str) else _UNKNOWN
            case _:
                return self._call(node.value, values)

    def _attribute(self, name: str) -> Any:
        if name in self._profile:
            return self._profile[name]
        # An attribute in another spelling may or may not be the same one to Okta.
        return _UNKNOWN if any(known.casefold() == name.casefold() for known in self._profile) else None

    def _call(self, name: str, values: list[Any]) -> Any:
        if name in _MEMBERSHIPS:
            return self._membership(_MEMBERSHIPS[name], values)
        function = _FUNCTIONS.get(name)
        if function is None or len(values) != function[0] or _UNKNOWN in values:
            return _UNKNOWN
        texts = [
            "" if value is None else value for value in values if value is None or isinstance(value, str | int | float)
        ]
        if len(texts) != len(values) or not all(isinstance(text, str) for text in texts):
            return _UNKNOWN
        return function[1](*texts)

    def _membership(self, is_meant: Callable[[Group, str], bool], values: list[Any]) -> Any:
        """Membership is known only for the groups that a step is about."""
        if not values or not all(isinstance(value, str) for value in values):
            return _UNKNOWN
        if any(is_meant(group, value) for group in self._member_of for value in values):
            return True
        exact = is_meant in (_by_id, _by_name) and len(values) == 1
        return False if exact and any(is_meant(group, values[0]) for group in self._outside) else _UNKNOWN


def _any(values: list[Any]) -> Any:
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else _UNKNOWN


def _not(value: Any) -> Any:
    return not value if isinstance(value, bool) else _UNKNOWN


def _equal(left: Any, right: Any) -> Any:
    if left is _UNKNOWN or right is _UNKNOWN:
        return _UNKNOWN
    if isinstance(left, str) and isinstance(right, str):
        return _alike(lambda one, other: one == other, left, right)
    if isinstance(left, list) or isinstance(right, list):
        return _UNKNOWN
    if left in (None, "") and right in (None, "") and left != right:  # Okta may treat them as equal
        return _UNKNOWN
    same_kind = type(left) is type(right) or None in (left, right)
    return left == right if same_kind else _UNKNOWN


def _alike(compare: Callable[[str, str], bool], text: str, part: str) -> Any:
    """A text comparison: unknown if it depends on case, blanks or the encoding of the same letters."""
    if compare(text, part):
        return True
    return _UNKNOWN if compare(folded(text), folded(part)) else False


_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "String.startsWith": (2, lambda text, part: _alike(str.startswith, text, part)),
    "String.stringContains": (2, lambda text, part: _alike(str.__contains__, text, part)),
    "String.toLowerCase": (1, lambda text: text.lower()),
    "String.toUpperCase": (1, lambda text: text.upper()),
    "String.substringAfter": (2, lambda text, mark: text.partition(mark)[2] if mark in text else _UNKNOWN),
    "String.substringBefore": (2, lambda text, mark: text.partition(mark)[0] if mark in text else _UNKNOWN),
}
"""Functions by name: the number of arguments, and the implementation. They treat a missing attribute as empty text."""


def _by_id(group: Group, id: str) -> bool:
    return group.id == id


def _by_name(group: Group, name: str) -> bool:
    return folded(group.name) == folded(name)


_MEMBERSHIPS: dict[str, Callable[[Group, str], bool]] = {
    "isMemberOfGroup": _by_id,
    "isMemberOfAnyGroup": _by_id,
    "isMemberOfGroupName": _by_name,
    "isMemberOfGroupNameStartsWith": lambda group, start: group.name.startswith(start),
    "isMemberOfGroupNameContains": lambda group, part: part in group.name,
}
