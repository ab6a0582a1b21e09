"""What an action is: one definition from which every surface takes what it needs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from inspect import getdoc, signature
from typing import Any, TypeVar, get_type_hints, overload

from pydantic import BaseModel

from tools.contract.arguments import ActionInput, Exact, Reference, marks
from tools.contract.kinds import Finder, Kind
from tools.contract.outcomes import Outcome
from tools.contract.preview import Preview
from tools.contract.record import Undo, UndoneBy
from tools.contract.schemas import compact_schema
from tools.contract.targets import Targets
from tools.okta.client import OktaClient
from tools.okta.scopes import uncovered

R = TypeVar("R", bound=ActionInput)
S = TypeVar("S")


class Effect(StrEnum):
    """What running an action does to the org. The tool's annotations follow from it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


@dataclass(frozen=True)
class Action:
    """One thing an administrator does in Okta. `reads`, `writes` and `becomes` make one of a function.

    `observe` reads the target's state once, before anything happens. `preview` describes a state and what `run` would
    change it to: if both are the same, there is nothing to do and `unchanged` answers. `refuse` raises if the wanted
    state cannot be reached. `lowers` tells whether a call grants nothing: an undo may then apply it to people who have
    since become administrators. `undo` says how a recorded change is reversed, or why not. An action that `becomes`
    another call is that call, by another name.
    """

    name: str
    toolset: str
    description: str
    effect: Effect
    idempotent: bool
    """Whether a repeated request has no further effect. If so, the client retries requests that got no answer."""
    scopes: frozenset[str]
    input: type[ActionInput]
    output: type[BaseModel]
    run: Callable[[Any, OktaClient, Any], Awaitable[BaseModel]]
    observe: Callable[[Any, OktaClient, Targets], Awaitable[Any]]
    preview: Callable[[Any, Any], Preview] | None = None
    refuse: Callable[[Any, Any], None] | None = None
    unchanged: Callable[[Any, Any], Outcome] | None = None
    creates: Kind[Any] | None = None
    """The kind of object it creates. The object's id is the fact `id` afterwards."""
    lowers: Callable[[Any], bool] | None = None
    undo: UndoneBy | str | None = None
    escalates: str = ""
    """When it asks for confirmation although its effect alone does not require it, for the table of actions."""
    becomes: Callable[[Any, Targets], Undo] | None = None
    words: str = ""
    """Other words by which people ask for it, with commas between; `tools/finding` has the common synonyms already."""

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def asks(self) -> str:
        """When a person must confirm before it runs, in words; empty if never. Policy may ask for more."""
        return "always" if self.effect is Effect.DESTRUCTIVE else self.escalates

    @property
    def undone_by(self) -> str:
        """How a change made by it is undone, in words."""
        return str(self.undo or "")

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        return compact_schema(self.input.model_json_schema())

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        return compact_schema(self.output.model_json_schema())

    @cached_property
    def references(self) -> dict[str, Finder[Any]]:
        """The input fields that name something, each with its finder."""
        return {name: mark.kind for name, mark in marks(self.input) if isinstance(mark, Reference)}

    @cached_property
    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds of objects that its input names: the targets first, then those that grant something."""
        found = dict.fromkeys(kind for kind in self.references.values() if isinstance(kind, Kind))
        return tuple(sorted(found, key=lambda kind: kind.protection.grants))

    @cached_property
    def exact(self) -> dict[str, Exact]:
        """The input fields that hold names which only the org knows exactly."""
        return {name: mark for name, mark in marks(self.input) if isinstance(mark, Exact)}

    def missing_scopes(self, granted: Iterable[str]) -> list[str]:
        """The scopes that it needs and `granted` does not cover."""
        return uncovered(self.scopes, granted)


@overload
def reads(
    *, scopes: set[str], words: str = ""
) -> Callable[[Callable[[R, OktaClient], Awaitable[BaseModel]]], Action]: ...


@overload
def reads(
    *, scopes: set[str], observe: Callable[[ActionInput, OktaClient, Targets], Awaitable[S]], words: str = ""
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[BaseModel]]], Action]: ...


@overload
def reads(
    *, scopes: set[str], observe: Callable[[R, OktaClient, Targets], Awaitable[S]], words: str = ""
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[BaseModel]]], Action]: ...


def reads(*, scopes: set[str], observe: Any = None, words: str = "") -> Any:
    """Make a reading `Action` from an async function `(request, okta)`, or of `(request, okta, observed)`.

    The function's name, docstring, annotations and module give the action's name, description, models and toolset.
    """

    def define(run: Any) -> Action:
        async def run_without(request: Any, okta: OktaClient, nothing: None) -> BaseModel:
            answer: BaseModel = await run(request, okta)
            return answer

        told = _told(run)
        return Action(
            **told,
            effect=Effect.READ,
            idempotent=True,
            scopes=frozenset(scopes),
            run=run if observe else run_without,
            observe=observe or _nothing,
            words=words,
        )

    return define


def writes(
    *,
    scopes: set[str],
    observe: Callable[[R, OktaClient, Targets], Awaitable[S]],
    preview: Callable[[R, S], Preview],
    undo: UndoneBy | str,
    effect: Effect = Effect.WRITE,
    idempotent: bool = True,
    refuse: Callable[[R, S], None] | None = None,
    unchanged: Callable[[R, S], Outcome] | None = None,
    creates: Kind[Any] | None = None,
    lowers: Callable[[R], bool] | None = None,
    escalates: str = "",
    words: str = "",
) -> Callable[[Callable[[R, OktaClient, S], Awaitable[Outcome]]], Action]:
    """Make a writing `Action` from an async function `(request, okta, observed) -> outcome`.

    The result of `observe` is passed to all the other functions. An action that is not `idempotent` always has
    something to do.

    Raises:
        TypeError: its outcome has a required field, so it cannot say that nothing was done.
    """

    def define(run: Callable[[R, OktaClient, S], Awaitable[Outcome]]) -> Action:
        told = _told(run)
        _require_an_outcome(told["name"], told["output"])
        return Action(
            **told,
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
            words=words,
        )

    return define


def becomes(
    call: Callable[[R, Targets], Undo], *, undo: str, escalates: str, words: str = ""
) -> Callable[[Callable[[R, OktaClient, tuple[str, Outcome]], Awaitable[Outcome]]], Action]:
    """Make an `Action` that runs another call, which `call` returns, under its own name.

    The function builds the answer from what is not restored and from the other call's outcome.
    """

    def define(run: Callable[[R, OktaClient, tuple[str, Outcome]], Awaitable[Outcome]]) -> Action:
        told = _told(run)
        _require_an_outcome(told["name"], told["output"])
        return Action(
            **told,
            effect=Effect.WRITE,
            idempotent=False,
            scopes=frozenset(),
            run=run,
            observe=_nothing,
            undo=undo,
            escalates=escalates,
            becomes=call,
            words=words,
        )

    return define


def always(request: ActionInput) -> bool:
    return True


async def _nothing(request: Any, okta: OktaClient, targets: Targets) -> None:
    return None


def _told(run: Callable[..., Any]) -> dict[str, Any]:
    """The parts of an action's definition that come from its function."""
    hints = get_type_hints(run)
    return {
        "name": run.__name__,
        "toolset": run.__module__.rpartition(".")[2],
        "description": _paragraphs(getdoc(run) or ""),
        "input": hints[next(iter(signature(run).parameters))],
        "output": hints["return"],
    }


def _require_an_outcome(name: str, output: type[BaseModel]) -> None:
    required = {field for field, told in output.model_fields.items() if told.is_required()}
    if not issubclass(output, Outcome):
        raise TypeError(f"{name} changes something: its answer must be an Outcome.")
    if more := sorted(required - {"success", "changed"}):
        raise TypeError(f"{name} changes something: its answer must do without {', '.join(more)}.")


def _paragraphs(text: str) -> str:
    """A docstring without the line breaks that only serve the width of the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
