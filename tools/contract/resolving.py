"""Resolves the texts by which a call names things. From here on only ids are passed on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from tools.contract.action import Action
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect, texts
from tools.contract.kinds import Kind
from tools.contract.targets import Pending, Targets
from tools.okta.client import OktaClient
from tools.telemetry import Span

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
    with Span("resolve"):
        return await _resolved(action, request, okta, found_as)


async def _resolved(action: Definition, request: Input, okta: OktaClient, found_as: Found) -> tuple[Input, Targets]:
    wanted = [(field, kind, text) for field, kind in action.references.items() for text in texts(request, field)]
    marked = [(field, mark) for field, mark in action.exact.items() if getattr(request, field)]
    # Both at the same time; an object that is not found is told first.
    found = await _all(
        (
            *(found_as(kind, text, kind.find(okta, text)) for _, kind, text in wanted),
            *(
                mark.names(field, getattr(request, field), okta, action.effect is not Effect.READ)
                for field, mark in marked
            ),
        )
    )
    targets = Targets(tuple(found[: len(wanted)]))
    exact: dict[str, Any] = dict(zip((field for field, _ in marked), found[len(wanted) :], strict=True))
    for (field, _, _), one in zip(wanted, targets.objects, strict=True):
        if isinstance(getattr(request, field), list):
            exact.setdefault(field, []).append(one.id)
        else:
            exact[field] = one.id
    return request.model_copy(update=exact), targets


async def observed(action: Action, request: ActionInput, okta: OktaClient, pending: Pending) -> Any:
    """What an action observes for a request with ids.

    Raises:
        NotFound, InvalidInput: an object is gone. ActionError: Okta cannot be asked.
    """
    with Span("observe"):
        return await action.observe(request, okta, pending)


async def observe(action: Action, request: Input, okta: OktaClient) -> tuple[Input, Any]:
    """The request resolved, and what an action observes for it. It names objects by their ids.

    Raises:
        NotFound, InvalidInput: an object is gone. ActionError: Okta cannot be asked.
    """
    pending = Pending()
    observing = asyncio.ensure_future(observed(action, request, okta, pending))
    try:
        resolved, targets = await resolve(action, request, okta)
        pending.found(targets)
        return resolved, await observing
    finally:
        observing.cancel()
        observing.add_done_callback(lambda done: done.cancelled() or done.exception())


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
