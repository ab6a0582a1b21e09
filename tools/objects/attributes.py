"""Names of people's attributes in the org's own schema, and the types of their values.

An org may have an attribute `employee_number` of its own beside Okta's `employeeNumber`. The exact name of an attribute
takes precedence; our spelling of an Okta attribute applies only if the org has no attribute of that name. A search
tells which attributes exist: Okta refuses to compare attributes that are not in the schema.
"""

import asyncio
import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from tools.objects.attribute_names import ALIASES, OF_OKTA, OWN, schema_name
from tools.okta.client import OktaClient
from tools.okta.errors import InvalidInput, OktaError
from tools.text.lines import readable

_NO_SUCH_ATTRIBUTE = ("E0000030", "E0000031")


async def exact_names(field: str, sent: Any, okta: OktaClient, writes: bool) -> Any:
    """The value of a field, names or values by name, with every name as the org's schema has it.

    Raises:
        InvalidInput: a value is text and the org's attribute is not, or the other way round; or the attribute to write
            does not exist.
    """
    exact = await _exact(okta, sent)
    if isinstance(sent, dict):
        values = {exact.get(name, name): value for name, value in dict[str, Any](sent).items()}
        if len(values) < len(sent):
            raise InvalidInput(f"{field}: the same attribute was sent under two names. Send it once.")
        await require_kinds(okta, values.items())
        return values
    names = [exact.get(name, name) for name in sent]
    if writes:
        await _require_known(okta, field, names)
    return names


async def _require_known(okta: OktaClient, field: str, names: Iterable[str]) -> None:
    """Refuse names of unknown attributes: they would count as empty, and a misspelling would go unnoticed.

    Raises:
        InvalidInput: naming the nearest of Okta's own.
    """
    own = [name for name in names if schema_name(name) not in OF_OKTA]
    known = await asyncio.gather(*(_looked_up(okta, schema_name(name)) for name in own))
    for name, (is_known, _) in zip(own, known, strict=True):
        if not is_known:
            spelt = {one.casefold(): one for one in OF_OKTA}
            nearest = get_close_matches(name.casefold(), spelt, n=1)
            raise InvalidInput(
                f"{field}: the org's schema has no attribute “{readable(name)[:60]}”.",
                code="no_such_attribute",
                next_step=f"Did you mean {spelt[nearest[0]]}?" if nearest else "Send its exact name in the schema.",
            )


async def _exact(okta: OktaClient, names: Iterable[str]) -> dict[str, str]:
    """The names that could mean two attributes, each with the attribute that it means."""
    open_to_doubt = [name for name in names if name.removeprefix(OWN) in ALIASES]
    known = await asyncio.gather(*(_looked_up(okta, name.removeprefix(OWN)) for name in open_to_doubt))
    return {
        name: f"{OWN}{name.removeprefix(OWN)}" if is_known else name.removeprefix(OWN)
        for name, (is_known, _) in zip(open_to_doubt, known, strict=True)
    }


async def _looked_up(okta: OktaClient, name: str) -> tuple[bool, Any]:
    """Whether the org's schema has an attribute with exactly this name, and an example of its value."""
    try:
        listed = await okta.get("users", search=f"{OWN}{name} pr", limit=1)
    except OktaError as error:
        if error.code in _NO_SUCH_ATTRIBUTE:
            return False, None
        raise
    return True, next((user.get("profile", {}).get(name) for user in listed), None)


async def require_kinds(okta: OktaClient, values: Iterable[tuple[str, Any]]) -> None:
    """Refuse text if the org's attribute is not text, and the other way round.

    Only values that look like another type are looked up. An attribute that is set for nobody is left to Okta.

    Raises:
        InvalidInput: with the form that the value must have.
    """
    sent = ((schema_name(name), value) for name, value in values)
    doubtful = [(name, value) for name, value in sent if name not in OF_OKTA and _looks_like_another_kind(value)]
    held = await asyncio.gather(*(_looked_up(okta, name) for name, _ in doubtful))
    for (name, value), (_, example) in zip(doubtful, held, strict=True):
        if example is not None and (form := _right_form(value, example)):
            raise InvalidInput(
                f"{name} is {_kind(example)} in the org's schema, but {_told(value)} was sent.",
                code="wrong_kind",
                next_step=f"Send {form}. On the command line: {name}:={form}",
            )


def _looks_like_another_kind(value: Any) -> bool:
    return not isinstance(value, str | list) or (isinstance(value, str) and _meant(value) is not None)


def _meant(text: str) -> Any:
    """What a text would be if it had been sent as JSON; None if it is only text."""
    if text.strip().casefold() in ("null", "none", "undefined"):
        return ""
    try:
        return json.loads(text.strip().casefold() if text.strip().casefold() in ("true", "false") else text)
    except (ValueError, RecursionError):
        return None


def _right_form(value: Any, example: Any) -> str:
    """How a value must be sent, given an example of the attribute's value; empty if it is right as it is."""
    if isinstance(example, list):
        return "" if not isinstance(value, str) or not isinstance(_meant(value), list) else value
    if isinstance(value, str):
        if isinstance(example, str):
            return ""
        meant = _meant(value)
        fits = isinstance(meant, bool) is isinstance(example, bool) and isinstance(meant, bool | int | float)
        return json.dumps(meant) if fits else ("true or false" if isinstance(example, bool) else "a number, such as 3")
    if isinstance(example, str):
        return json.dumps(json.dumps(value))
    if isinstance(example, bool) is not isinstance(value, bool):
        return "true or false" if isinstance(example, bool) else "a number, such as 3"
    return ""


def _kind(example: Any) -> str:
    match example:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "text"


def _told(value: Any) -> str:
    return f"the text “{readable(value)[:60]}”" if isinstance(value, str) else _kind(value)
