"""Data that was spoilt on its way here, and would spoil the directory: refused, with the right form."""

from collections.abc import Iterator
from typing import Any

from tools.contract.definition import Definition, Effect
from tools.contract.pairs import is_pair
from tools.text.characters import SPOILT

NOTHING = ("null", "undefined")
"""Texts that programs send instead of no value. No name is spelt like this in lower case."""
OBJECT = "[object Object]"
"""The text that JavaScript makes of an object. Nobody writes it."""


def spoilt(action: Definition, arguments: dict[str, Any]) -> tuple[str, ...]:
    """A sentence for each argument that must not reach the directory as it is."""
    if action.effect is Effect.READ:
        # A search for spoilt values must be able to name them.
        return ()
    known = [name for name in arguments if name in action.input.model_fields and name not in action.references]
    return tuple(
        sentence
        for name in known
        for path, text in _texts(name, arguments[name])
        if (sentence := _sentence(path, text, required=action.input.model_fields[name].is_required()))
    )


def _sentence(path: str, text: str, *, required: bool) -> str:
    if SPOILT in text:
        return (
            f"{path} contains U+FFFD (�), the mark of a character that a program could not decode: send the real "
            "character, in UTF-8"
        )
    if OBJECT in text:
        return f"{path} contains “{OBJECT}”, which a program wrote in place of a value: send the value itself"
    if text in NOTHING and not required:
        return f"{path} is the text “{text}”: omit it to leave it unchanged, or list it in clear to empty it"
    return ""


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text in an argument, with its path."""
    if isinstance(value, str):
        yield path, value
    elif is_pair(value):
        yield from _texts(f"{path}: {value['name'][:60]}", value["value"])
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(f"{path}: {name[:60]}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(path, inner)
