"""Attributes that the rules hide: they are taken out of every answer, and nobody searches by them.

This is the one place that every answer passes. Sentences are made without them where they are made; see
`tools.contract.sight`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from server.policy.hidden import Hidden
from server.policy.rules import PolicyRefusal
from tools.contract.action import Action, Effect
from tools.contract.arguments import ActionInput
from tools.objects.attribute_names import NAMED, OTHERS, OWN
from tools.okta.errors import InvalidInput
from tools.okta.expressions import comparisons, parse

_ATTRIBUTES = frozenset(name for one in (*NAMED, *OTHERS) for name in (one, to_camel(one)))
"""What answers call the attributes of every org's schema. The org's own are under `attributes`."""
_VALUES = ("old", "new", "value")
"""What stands beside an attribute's name where it is told as a pair or a change."""


class Hiding:
    """The rules that hide attributes, applied to calls and their answers."""

    def __init__(self, everywhere: Iterable[str], in_lists: Iterable[str]) -> None:
        self.everywhere = Hidden(everywhere)
        self._in_lists = Hidden(in_lists)

    def check(self, action: Action, request: ActionInput) -> None:
        """Let a call pass that asks for nobody by what is hidden: who finds people by a value has guessed it.

        Raises:
            PolicyRefusal: naming the argument.
        """
        if action.effect is not Effect.READ or not self.everywhere:
            return
        for argument in request.model_fields_set:
            value = getattr(request, argument)
            if value in (None, {}, []) or argument == "fields":
                continue
            if any(self.everywhere(name) for name in _asked(argument, value)):
                raise PolicyRefusal("hidden_attributes", f"{argument} uses a hidden attribute.")

    def notes(self, request: ActionInput, answer: BaseModel) -> tuple[str, ...]:
        """What an answer about people leaves out, whether or not there is anything."""
        told = []
        if self.everywhere and _keys(answer.model_dump(exclude_none=True)) & _ATTRIBUTES:
            told.append("The rule hidden_attributes hides some attributes.")
        fields = getattr(request, "fields", None) or ()
        if left_out := [field for field in fields if self._in_lists(field) and not self.everywhere(field)]:
            told.append(f"The rule hidden_in_lists omits {', '.join(left_out)} from lists; lookup_user shows it.")
        return tuple(told)

    def without(self, content: dict[str, Any]) -> dict[str, Any]:
        """An answer without what is hidden."""
        shown = _without(content, self.everywhere)
        if "users" in shown:
            shown["users"] = _without(shown["users"], self._in_lists)
        return dict(shown)


def _asked(argument: str, value: Any) -> Iterable[str]:
    """The attributes that an argument of a search asks about."""
    if argument == "manager":
        return ("manager", "managerId")
    if argument == "attributes" and isinstance(value, Mapping):
        return tuple(value)
    if argument == "search":
        try:
            return tuple(one.attribute for one in comparisons(parse(value)))
        except InvalidInput:
            # It holds more than we read; then each of its words may be the name of an attribute.
            return tuple(_words(value))
    return (argument,) if argument in _ATTRIBUTES else ()


def _words(text: str) -> Iterable[str]:
    return "".join(c if c.isalnum() or c in "_." else " " for c in text).split()


def _without(value: Any, hides: Hidden, *, own: bool = False) -> Any:
    """A part of an answer. `own`: its keys are attributes, whatever they are called."""
    if not hides:
        return value
    if isinstance(value, list):
        return [_without(one, hides) for one in value]
    if not isinstance(value, Mapping):
        return value
    named = value.get("attribute", value.get("name") if set(value) == {"name", "value"} else None)
    if isinstance(named, str) and hides(named):
        return {key: inner for key, inner in value.items() if key not in _VALUES}
    return {
        key: _without(inner, hides, own=key == "attributes")
        for key, inner in value.items()
        if not ((own or key in _ATTRIBUTES or key.startswith(OWN)) and hides(key))
    }


def _keys(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list | tuple) else set()
