"""Hides attributes that the rules name: they are removed from every answer, and nobody can search by them.

Every answer passes here. Sentences leave hidden attributes out where they are composed; see
`tools.contract.sight`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from server.policy.hidden import Hidden
from server.policy.rules import PolicyRefusal
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect
from tools.objects.attribute_names import NAMED, OTHERS, OWN
from tools.okta.errors import InvalidInput
from tools.okta.expressions import comparisons, parse

_ATTRIBUTES = frozenset(name for one in (*NAMED, *OTHERS) for name in (one, to_camel(one)))
"""The names in answers of the attributes in every org's schema. The org's own are under `attributes`."""
_VALUES = ("old", "new", "value")
"""The keys beside an attribute's name when it is given as a pair or a change."""


class Hiding:
    """Applies the rules that hide attributes to calls and their answers."""

    def __init__(self, everywhere: Iterable[str], in_lists: Iterable[str]) -> None:
        self.everywhere = Hidden(everywhere)
        self._in_lists = Hidden(in_lists)

    def check(self, action: Definition, request: ActionInput) -> None:
        """Accept a call that does not search by hidden attributes: finding people by a value confirms a guess.

        Raises:
            PolicyRefusal: names the argument.
        """
        if action.effect is not Effect.READ or not (self.everywhere or self._in_lists):
            return
        for argument in request.model_fields_set:
            value = getattr(request, argument)
            if value in (None, {}, []) or argument == "fields":
                continue
            if argument == "by" and self._in_lists(str(value)) and not self.everywhere(str(value)):
                raise PolicyRefusal("hidden_in_lists", "by uses an attribute that lists do not show.")
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
        """An answer without hidden attributes."""
        shown = _without(content, self.everywhere)
        if "users" in shown:
            shown["users"] = _without(shown["users"], self._in_lists)
        return dict(shown)


def _asked(argument: str, value: Any) -> Iterable[str]:
    """The attributes that a search argument asks about."""
    if argument == "manager":
        return ("manager", "managerId")
    if argument == "attributes" and isinstance(value, Mapping):
        return tuple(value)
    if argument == "by" and isinstance(value, str):
        return (value,)
    if argument == "search":
        try:
            return tuple(one.attribute for one in comparisons(parse(value)))
        except InvalidInput:
            # It holds more than we can parse, so each of its words may be the name of an attribute.
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
