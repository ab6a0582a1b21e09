"""What an action on Okta is: one definition from which every surface takes what it needs."""

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from pydantic import BaseModel

from tools.contract.arguments import ActionInput
from tools.contract.definition import Definition, Effect, require_an_outcome, told
from tools.contract.kinds import Kind
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.record import UndoneBy
from tools.contract.targets import Pending
from tools.okta.client import OktaClient

R = TypeVar("R", bound=ActionInput)
S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Action(Definition):
    """One thing an administrator does in Okta. `reads` and `writes` make one of a function.

    `observe` reads the target's state once, before anything happens; what it needs only ids for, it reads while the
    targets are still being found. `preview` describes a state and what `run` would
    change it to: if both are the same, there is nothing to do and `unchanged` answers. `refuse` raises if the wanted
    state cannot be reached. `lowers` tells whether a call grants nothing: an undo may then apply it to people who have
    since become administrators.
    """

    run: Callable[[Any, OktaClient, Any], Awaitable[BaseModel]]
    observe: Callable[[Any, OktaClient, Pending], Awaitable[Any]]
    preview: Callable[[Any, Any], Preview] | None = None
    refuse: Callable[[Any, Any], None] | None = None
    unchanged: Callable[[Any, Any], Outcome] | None = None
    creates: Kind[Any] | None = None
    """The kind of object it creates. The object's id is the fact `id` afterwards."""
    lowers: Callable[[Any], bool] | None = None
    reveals: str = ""
    """The secret that it shows to a person at a terminal who asks for it, in words."""


@overload
def reads(
    *, scopes: set[str], helpful_scopes: Set[str] = frozenset(), words: str = ""
) -> Callable[[Callable[[R, OktaClient], Awaitable[BaseModel]]], Action]: ...


@overload
def reads(
    *,
    scopes: set[str],
    observe: Callable[[ActionInput, OktaClient, Pending], Awaitable[S]],
    helpful_scopes: Set[str] = frozenset(),
    words: str = "",
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[BaseModel]]], Action]: ...


@overload
def reads(
    *,
    scopes: set[str],
    observe: Callable[[R, OktaClient, Pending], Awaitable[S]],
    helpful_scopes: Set[str] = frozenset(),
    words: str = "",
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[BaseModel]]], Action]: ...


def reads(*, scopes: set[str], observe: Any = None, helpful_scopes: Set[str] = frozenset(), words: str = "") -> Any:
    """Make a reading `Action` from an async function `(request, okta)`, or of `(request, okta, observed)`.

    With `helpful_scopes` it tells more, and without them it runs all the same.

    The function's name, docstring, annotations and module give the action's name, description, models and toolset.
    """

    def define(run: Any) -> Action:
        async def run_without(request: Any, okta: OktaClient, nothing: None) -> BaseModel:
            answer: BaseModel = await run(request, okta)
            return answer

        about = told(run)
        return Action(
            **about,
            effect=Effect.READ,
            idempotent=True,
            scopes=frozenset(scopes),
            helpful_scopes=frozenset(helpful_scopes),
            run=run if observe else run_without,
            observe=observe or _nothing,
            words=words,
        )

    return define


def writes(
    *,
    scopes: set[str],
    observe: Callable[[R, OktaClient, Pending], Awaitable[S]],
    preview: Callable[[R, S], Preview],
    undo: UndoneBy | str,
    effect: Effect = Effect.WRITE,
    idempotent: bool = True,
    refuse: Callable[[R, S], None] | None = None,
    unchanged: Callable[[R, S], Outcome] | None = None,
    creates: Kind[Any] | None = None,
    lowers: Callable[[R], bool] | None = None,
    escalates: str = "",
    reveals: str = "",
    words: str = "",
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[Outcome]]], Action]:
    """Make a writing `Action` from an async function `(request, okta, observed) -> outcome`.

    The result of `observe` is passed to all the other functions. An action that is not `idempotent` always has
    something to do.

    Raises:
        TypeError: its outcome has a required field, so it cannot say that nothing was done.
    """

    def define(run: Callable[[R, OktaClient, S], Awaitable[Outcome]]) -> Action:
        about = told(run)
        require_an_outcome(about["name"], about["output"])
        return Action(
            **about,
            effect=effect,
            idempotent=idempotent,
            scopes=frozenset(scopes),
            run=run,
            observe=observe,
            preview=preview,
            refuse=refuse,
            unchanged=unchanged,
            creates=creates,
            lowers=lowers,
            undo=undo,
            escalates=escalates,
            reveals=reveals,
            words=words,
        )

    return define


def always(request: ActionInput) -> bool:
    return True


async def _nothing(request: Any, okta: OktaClient, pending: Pending) -> None:
    return None
