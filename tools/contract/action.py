"""What an action is: one definition from which every surface takes what it needs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from inspect import getdoc, signature
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from tools.contract.record import Change, Changes, Facts, Undo, UndoneBy
from tools.contract.schemas import compact_schema
from tools.objects.models import Group, Observed, Outcome, User
from tools.okta.client import OktaClient

Run = Callable[[Any, OktaClient, Any], Awaitable[BaseModel]]


class Effect(StrEnum):
    """What running an action does to the org; the annotations of its tool follow from it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


class ActionInput(BaseModel):
    """The arguments of an action: closed, so that a misspelt name is refused and never silently dropped."""

    # Built when first used: starting pays for no model that nobody asks for.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Reference:
    """Marks an input field that names a person, a group or a change; the door replaces its text with an id."""

    kind: type[User] | type[Group] | type[Change]


@dataclass(frozen=True)
class OfTheSchema:
    """Marks an input field that names attributes of people; the door makes each name exact."""


Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
UserRef = Annotated[Named, Reference(User), Field(description="Okta user id, login or e-mail.")]
GroupRef = Annotated[Named, Reference(Group), Field(description="Okta group id, or the group's exact name.")]
ChangeRef = Annotated[Named, Reference(Change), Field(description="A change_id.", coerce_numbers_to_str=True)]


@dataclass(frozen=True)
class Targets:
    """The people, groups and recorded changes that a call names, in the order of the input's fields."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    changes: tuple[Change, ...] = ()
    record: Changes | None = None
    """Where changes are recorded, for the actions that read that."""

    @property
    def objects(self) -> tuple[User | Group, ...]:
        """The people and groups."""
        return (*self.users, *self.groups)

    @property
    def user(self) -> User:
        (user,) = self.users
        return user

    @property
    def group(self) -> Group:
        (group,) = self.groups
        return group

    @property
    def change(self) -> Change:
        (change,) = self.changes
        return change


async def the_named_object(request: Any, okta: OktaClient, targets: Targets) -> Observed | None:
    """Observe nothing beyond what resolving already read: the one person or group that the call names."""
    return targets.objects[0] if len(targets.objects) == 1 else None


@dataclass(frozen=True)
class Profiles:
    """What group rules look at: a person's attributes before and after; before None, no rule looks at them."""

    before: Facts | None
    after: Facts
    id: str | None = None
    """The person's id, if they have one yet."""


@dataclass(frozen=True)
class Preview:
    """What running an action would do to what was observed: for the person asked, for a dry run, for the record.

    `text` is the record's line. `after` are the facts that it is about, as they will be.
    """

    text: str
    after: Facts

    headline: str = ""
    """What is done, and to whom: the first sentence of a question, `text` by default."""
    consequence: str = ""
    """What comes of it, in the same breath."""
    details: tuple[str, ...] = ()
    """What else a person should know, a line each: the weightiest first."""
    remaining: str = ""
    """How many more details there are."""

    joins: tuple[Group, ...] = ()
    """Groups that somebody gets into."""
    leaves: tuple[Group, ...] = ()
    """Groups that somebody gets out of, or whose members lose what they have."""
    regains: tuple[Group, ...] = ()
    """Groups whose gifts somebody gets back."""
    profiles: Profiles | None = None
    """What group rules look at, if it changes."""
    claims: tuple[str, ...] = ()
    """Logins and addresses that somebody gets."""
    mails: tuple[str, ...] = ()
    """Where an activation link is mailed to."""
    escalates: str = ""
    """Why a person should confirm it even though it destroys nothing."""


@dataclass(frozen=True)
class Action:
    """One thing an administrator does in Okta.

    `observe` reads the target's state once, before anything happens. `facts` is the part of that state that the action
    changes: any state has them. `already` gives the answer where the state is the wanted one, and refuses where that
    cannot be reached from there. `preview` says what `run` would do to whom; it is asked only where `already` had no
    answer. `lowers` tells whether a call gives nobody anything: then an undo may do it to people who became
    administrators meanwhile. `undo` says how a recorded change is reversed, or why not. What `becomes` another call is
    that call, by another name.
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
    observe: Callable[[Any, OktaClient, Targets], Awaitable[Any]]
    facts: Callable[[Any, Any], Facts] | None
    already: Callable[[Any, Any], BaseModel | None]
    preview: Callable[[Any, Any], Preview] | None
    lowers: Callable[[Any], bool]
    undo: UndoneBy | str | None
    escalates: str = ""
    """When it asks a person although its effect alone would not, for the table of actions."""
    becomes: Callable[[Any, Targets], Undo] | None = field(default=None)

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()

    @property
    def asks(self) -> str:
        """When a person must confirm before it runs, in words; empty if never. Policy may ask for more."""
        return "always" if self.effect is Effect.DESTRUCTIVE else self.escalates

    @property
    def undone_by(self) -> str:
        """How a change of it is undone, in words."""
        return str(self.undo or "")

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        return compact_schema(self.input.model_json_schema())

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        return compact_schema(self.output.model_json_schema())

    @cached_property
    def references(self) -> dict[str, type[User] | type[Group] | type[Change]]:
        """The input fields that name people, groups or changes, with what they name."""
        return {
            name: mark.kind
            for name, field in self.input.model_fields.items()
            for mark in (*field.metadata, *_marks_inside(field.annotation))
            if isinstance(mark, Reference)
        }

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The input fields that name attributes of people."""
        return tuple(
            name
            for name, field in self.input.model_fields.items()
            if any(isinstance(mark, OfTheSchema) for mark in field.metadata)
        )

    def missing_scopes(self, granted: Iterable[str]) -> list[str]:
        """The scopes it needs and `granted` does not cover; a manage scope covers the read scope beside it."""
        held = set(granted)
        held |= {scope.removesuffix(".manage") + ".read" for scope in held if scope.endswith(".manage")}
        return sorted(self.scopes - held)


def _marks_inside(annotation: Any) -> Iterable[Any]:
    """The metadata of an annotated type inside another, as in `list[GroupRef]` and `GroupRef | None`."""
    return [mark for item in get_args(annotation) for mark in getattr(item, "__metadata__", ())]


def _paragraphs(text: str) -> str:
    """A docstring without the line breaks that only the source's width asks for."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _nothing_to_skip(request: Any, before: Any) -> None:
    return None


def always(request: Any) -> bool:
    return True


def never(request: Any) -> bool:
    return False


def action(
    *,
    scopes: set[str],
    effect: Effect,
    idempotent: bool,
    observe: Callable[[Any, OktaClient, Targets], Awaitable[Any]] = the_named_object,
    facts: Callable[[Any, Any], Facts] | None = None,
    already: Callable[[Any, Any], BaseModel | None] = _nothing_to_skip,
    preview: Callable[[Any, Any], Preview] | None = None,
    lowers: Callable[[Any], bool] = never,
    undo: UndoneBy | str | None = None,
    escalates: str = "",
    becomes: Callable[[Any, Targets], Undo] | None = None,
) -> Callable[[Run], Action]:
    """Make an `Action` of an async function `(request, okta, before) -> output`.

    The function's name, docstring, annotations and module give the action's name, description, models and toolset.

    Raises:
        TypeError: a write does not say what it would do, or neither how it is undone nor why it cannot be, or has an
            output that cannot say that nothing was done.
    """

    def define(run: Run) -> Action:
        hints = get_type_hints(run)
        request: type[ActionInput] = hints[next(iter(signature(run).parameters))]
        if effect is not Effect.READ:
            if preview is None and becomes is None:
                raise TypeError(f"{run.__name__} changes something: say in preview= what.")
            if facts is None and becomes is None:
                raise TypeError(f"{run.__name__} changes something: say in facts= how that is now.")
            if not undo:
                raise TypeError(
                    f"{run.__name__} changes something: say in undo= how to undo it, or why that cannot be."
                )
            if not issubclass(hints["return"], Outcome):
                raise TypeError(f"{run.__name__} changes something: its answer must be an Outcome.")
            answered = {name for name, field in hints["return"].model_fields.items() if field.is_required()}
            if answered != {"success", "changed"}:
                raise TypeError(f"{run.__name__} changes something: its answer must do without {', '.join(answered)}.")
            request = _with_dry_run(request)
        return Action(
            name=run.__name__,
            toolset=run.__module__.rpartition(".")[2],
            description=_paragraphs(getdoc(run) or ""),
            effect=effect,
            idempotent=idempotent,
            scopes=frozenset(scopes),
            input=request,
            output=hints["return"],
            run=run,
            observe=observe,
            facts=facts,
            already=already,
            preview=preview,
            lowers=lowers,
            undo=undo,
            escalates=escalates,
            becomes=becomes,
        )

    return define


DRY_RUN = "dry_run"


def _with_dry_run(given: type[ActionInput]) -> type[ActionInput]:
    """The input of a write: what its author wrote, and the one argument that every write takes, last."""
    told = Field(False, description="Only tell what it would do.")
    made: type[ActionInput] = create_model(
        given.__name__, __base__=given, __module__=given.__module__, dry_run=(bool, told)
    )
    return made
