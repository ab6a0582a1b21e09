"""What an action is: one definition from which every surface takes what it needs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from inspect import getdoc, signature
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tools.models import Group, Observed, User
from tools.okta.client import OktaClient
from tools.schemas import compact_schema

Run = Callable[[Any, OktaClient, Any], Awaitable[BaseModel]]


class Effect(StrEnum):
    """What running an action does to the org; the annotations of its tool follow from it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


class ActionInput(BaseModel):
    """The arguments of an action: closed, so that a misspelt name is refused and never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Reference:
    """Marks an input field that names a person or a group; the door replaces its text with an Okta id."""

    kind: type[User] | type[Group]


Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
UserRef = Annotated[Named, Reference(User), Field(description="Okta user id, login or e-mail.")]
GroupRef = Annotated[Named, Reference(Group), Field(description="Okta group id, or the group's exact name.")]


@dataclass(frozen=True)
class Targets:
    """The people and groups that a call names, as Okta has them, in the order of the input's fields."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def user(self) -> User:
        (user,) = self.users
        return user

    @property
    def group(self) -> Group:
        (group,) = self.groups
        return group


async def the_named_object(request: Any, okta: OktaClient, targets: Targets) -> Observed | None:
    """Observe nothing beyond what resolving already read: the one person or group that the call names."""
    named = (*targets.users, *targets.groups)
    return named[0] if len(named) == 1 else None


@dataclass(frozen=True)
class Action:
    """One thing an administrator does in Okta.

    `observe` reads the target's state once, before anything happens; `already` gives the answer where that state
    is the wanted one; `preview` says, for a person who must confirm, what `run` would do to whom.
    """

    name: str
    toolset: str
    description: str
    effect: Effect
    idempotent: bool
    scopes: frozenset[str]
    input: type[ActionInput]
    output: type[BaseModel]
    run: Run
    observe: Callable[[Any, OktaClient, Targets], Awaitable[Observed | None]]
    already: Callable[[Any, Any], BaseModel | None]
    preview: Callable[[Any, Any], str] | None

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def asks(self) -> bool:
        """Whether a person must confirm before it runs."""
        return self.effect is Effect.DESTRUCTIVE

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        return compact_schema(self.input.model_json_schema())

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        return compact_schema(self.output.model_json_schema())

    @cached_property
    def references(self) -> dict[str, type[User] | type[Group]]:
        """The input fields that name people or groups, with what they name."""
        return {
            name: mark.kind
            for name, field in self.input.model_fields.items()
            for mark in (*field.metadata, *_marks_inside(field.annotation))
            if isinstance(mark, Reference)
        }

    def missing_scopes(self, granted: Iterable[str]) -> list[str]:
        """The scopes it needs and `granted` does not cover; a manage scope covers the read scope beside it."""
        held = set(granted)
        held |= {scope.removesuffix(".manage") + ".read" for scope in held if scope.endswith(".manage")}
        return sorted(self.scopes - held)


def _marks_inside(annotation: Any) -> Iterable[Any]:
    """The metadata of an annotated item type, as in `list[GroupRef]`."""
    return [mark for item in get_args(annotation) for mark in getattr(item, "__metadata__", ())]


def _paragraphs(text: str) -> str:
    """A docstring without the line breaks that only the source's width asks for."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _nothing_to_skip(request: Any, before: Any) -> None:
    return None


def action(
    *,
    scopes: set[str],
    effect: Effect,
    idempotent: bool,
    observe: Callable[[Any, OktaClient, Targets], Awaitable[Observed | None]] = the_named_object,
    already: Callable[[Any, Any], BaseModel | None] = _nothing_to_skip,
    preview: Callable[[Any, Any], str] | None = None,
) -> Callable[[Run], Action]:
    """Make an `Action` of an async function `(request, okta, before) -> output`.

    The function's name, docstring, annotations and module give the action's name, description, models and toolset.

    Raises:
        TypeError: a destructive action has no preview to ask a person with.
    """

    def define(run: Run) -> Action:
        if effect is Effect.DESTRUCTIVE and preview is None:
            raise TypeError(f"{run.__name__} is destructive: say in preview= what a person confirms.")
        hints = get_type_hints(run)
        request = next(iter(signature(run).parameters))
        return Action(
            name=run.__name__,
            toolset=run.__module__.rpartition(".")[2],
            description=_paragraphs(getdoc(run) or ""),
            effect=effect,
            idempotent=idempotent,
            scopes=frozenset(scopes),
            input=hints[request],
            output=hints["return"],
            run=run,
            observe=observe,
            already=already,
            preview=preview,
        )

    return define
