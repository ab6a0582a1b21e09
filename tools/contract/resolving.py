"""From the texts that a call names things by to what is meant. From here on only ids travel."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from tools.contract.action import Action, Effect
from tools.contract.arguments import ActionInput
from tools.contract.kinds import Finder, Sources
from tools.contract.record import Changes
from tools.contract.targets import Targets
from tools.okta.client import OktaClient

Input = TypeVar("Input", bound=ActionInput)
Found = Callable[[Finder[Any], str, Awaitable[Any]], Awaitable[Any]]
"""Gives what a text names, from its lookup, or raises where it may not be named."""


async def _whatever_is_found(kind: Finder[Any], text: str, lookup: Awaitable[Any]) -> Any:
    return await lookup


async def resolve(
    action: Action,
    request: Input,
    okta: OktaClient,
    record: Changes | None = None,
    found_as: Found = _whatever_is_found,
) -> tuple[Input, Targets]:
    """Replace what the request names by ids, and names that only the org knows by the exact ones.

    Also gives what is known of what is named.

    `found_as` lets what is found pass.

    Raises:
        NotFound, Ambiguous, InvalidInput: by the first name, in the order of the input, that does not name exactly one;
            and what `found_as` raises.
    """
    sources = Sources(okta, record)
    wanted = [
        (field, kind, text) for field, kind in action.references.items() for text in _texts(getattr(request, field))
    ]
    found = await _all(found_as(kind, text, kind.find(text, sources)) for _, kind, text in wanted)
    exact: dict[str, Any] = {}
    for (field, _, _), one in zip(wanted, found, strict=True):
        if isinstance(getattr(request, field), list):
            exact.setdefault(field, []).append(one.id)
        else:
            exact[field] = one.id
    for field, mark in action.exact.items():
        if sent := getattr(request, field):
            exact[field] = await mark.names(field, sent, okta, action.effect is not Effect.READ)
    return request.model_copy(update=exact), Targets(tuple(found), record)


async def _all(lookups: Iterable[Awaitable[Any]]) -> list[Any]:
    """What all of them find, looked up at once. Every one is awaited, and the first failure in their order reported."""
    waiting = list(lookups)
    if len(waiting) == 1:
        return [await waiting[0]]
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found


def _texts(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value
