"""Own actions: those about this server itself. Surfaces show them like any other action."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, get_args

from pydantic import BaseModel

from server.door.call import Call
from server.door.execution import Question
from server.door.guard import Offer
from server.door.keeping import Exports
from server.door.passage import Passage
from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect, require_an_outcome, told
from tools.contract.listing import ListedAction
from tools.find import Findings

R = TypeVar("R", bound=ActionInput)


class Way(Protocol):
    """The door, as own actions use it."""

    exports: Exports

    async def offers(self, connection: str | None = None) -> list[Offer]: ...

    def find(self, query: str, limit: int) -> Findings: ...

    def is_direct(self, action: ListedAction) -> bool: ...

    def passage(self, call: Call, action: Definition, request: ActionInput) -> AbstractAsyncContextManager[Passage]: ...


@dataclass(frozen=True)
class Here:
    """Where an own action runs: the call, the action itself, and the door that the call came through."""

    call: Call
    action: "OwnAction"
    door: Way
    dry_run: bool = False

    def passage(self, request: ActionInput) -> AbstractAsyncContextManager[Passage]:
        """The way through the call's connection. Entering it raises an ActionError if the action may not run there."""
        return self.door.passage(self.call, self.action, request)


Run = Callable[[Any, Here], Awaitable[BaseModel | Question]]


@dataclass(frozen=True, kw_only=True)
class OwnAction(Definition):
    """An action about this server itself: `run` answers, or asks."""

    run: Run


def own(
    *,
    effect: Effect = Effect.READ,
    leads_to: frozenset[Effect] = frozenset(),
    undo: str = "",
    escalates: str = "",
    words: str = "",
    neutral: bool = False,
) -> Callable[[Callable[[R, Here], Awaitable[Any]]], OwnAction]:
    """Make an `OwnAction` from an async function `(request, here) -> answer`, as `tools.contract.action.reads` does."""

    def define(run: Callable[[R, Here], Awaitable[Any]]) -> OwnAction:
        about = told(run)
        about["output"] = _model(about["output"])
        if effect is not Effect.READ:
            require_an_outcome(about["name"], about["output"])
        return OwnAction(
            **about,
            effect=effect,
            idempotent=effect is Effect.READ,
            scopes=frozenset(),
            undo=undo or None,
            escalates=escalates,
            run=run,
            words=words,
            leads_to=leads_to,
            neutral=neutral,
        )

    return define


def _model(output: Any) -> type[BaseModel]:
    """The model among the types that a function returns."""
    models: list[type[BaseModel]] = [one for one in get_args(output) or (output,) if issubclass(one, BaseModel)]
    return models[0]
