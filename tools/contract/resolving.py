"""Resolves the texts by which a call names things. From here on only ids are passed on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect
from tools.contract.kinds import Kind
from tools.contract.targets import Targets
from tools.okta.client import OktaClient

Input = TypeVar("Input", bound=ActionInput)
Found = Callable[[Kind[Any], str, Awaitable[Any]], Awaitable[Any]]
"""Returns what a text names, from its lookup, or raises if it may not be named."""


async def _whatever_is_found(kind: Kind[Any], text: str, lookup: Awaitable[Any]) -> Any:
    return await lookup


async def resolve(
    action: Definition,
    request: Input,
    okta: OktaClient,
    found_as: Found = _whatever_is_found,
) -> tuple[Input, Targets]:
    """Replace the names in the request with ids, and names whose exact form only the org knows with the exact ones.

    Also returns the objects found.

    `found_as` decides whether a found object may be named.

    Raises:
        NotFound, Ambiguous, InvalidInput: by the first name, in the order of the input, that does not name exactly one;
            and what `found_as` raises.
    """
    wanted = [
        (field, kind, text) for field, kind in action.references.items() for text in _texts(getattr(request, field))
    ]
    found = await _all(found_as(kind, text, kind.find(okta, text)) for _, kind, text in wanted)
    exact: dict[str, Any] = {}
    for (field, _, _), one in zip(wanted, found, strict=True):
        if isinstance(getattr(request, field), list):
            exact.setdefault(field, []).append(one.id)
        else:
            exact[field] = one.id
    for field, mark in action.exact.items():
        if sent := getattr(request, field):
            exact[field] = await mark.names(field, sent, okta, action.effect is not Effect.READ)
    return request.model_copy(update=exact), Targets(tuple(found))


async def _all(lookups: Iterable[Awaitable[Any]]) -> list[Any]:
    """The results of all lookups, run concurrently. All are awaited; the first failure in their order is raised."""
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
