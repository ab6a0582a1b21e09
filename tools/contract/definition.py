"""What every surface needs to know of an action, whether it acts on Okta or on this server itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from inspect import getdoc, signature
from typing import Any, get_type_hints

from pydantic import BaseModel

from tools.contract.arguments import ActionInput, Exact, Reference, marks
from tools.contract.kinds import Kind
from tools.contract.outcomes import Outcome
from tools.contract.record import UndoneBy
from tools.contract.schemas import of_answers, schema_of
from tools.okta.scopes import uncovered


class Effect(StrEnum):
    """What running an action does to the org. The tool's annotations follow from it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"


WRITES = frozenset({Effect.WRITE, Effect.DESTRUCTIVE})


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An action as surfaces show it. The function that runs it gives its name, description, models and toolset."""

    name: str
    toolset: str
    description: str
    effect: Effect
    idempotent: bool
    """Whether a repeated request has no further effect. If so, the client retries requests that got no answer."""
    scopes: frozenset[str]
    input: type[ActionInput]
    output: type[BaseModel]
    helpful_scopes: frozenset[str] = frozenset()
    """Scopes with which it tells more. They are requested, and it runs without them."""
    undo: UndoneBy | str | None = None
    """How a recorded change is reversed, or why not."""
    escalates: str = ""
    """When it asks for confirmation although its effect alone does not require it, for the table of actions."""
    words: str = ""
    """Other words by which people ask for it, with commas between; `tools/finding` has the common synonyms already."""
    leads_to: frozenset[Effect] = frozenset()
    """The effects of the actions that it may come down to, if it runs others. It is not offered if none may run."""
    neutral: bool = False
    """It only finds or runs others, each of which is judged for itself: lists of what is allowed need not name it."""

    @property
    def title(self) -> str:
        return title_of(self.name)

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
        return schema_of(self.input)

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = of_answers(schema_of(self.output))
        return schema

    @cached_property
    def references(self) -> dict[str, Kind[Any]]:
        """The input fields that name objects, each with their kind."""
        return {name: mark.kind for name, mark in marks(self.input) if isinstance(mark, Reference)}

    @cached_property
    def kinds(self) -> tuple[Kind[Any], ...]:
        """The kinds of objects that its input names: the targets first, then those that grant something."""
        found = dict.fromkeys(self.references.values())
        return tuple(sorted(found, key=lambda kind: kind.protection.grants))

    @cached_property
    def guard_scopes(self) -> frozenset[str]:
        """The scopes without which the guard cannot tell who is an administrator among the objects it names."""
        return frozenset(kind.protection.scope for kind in self.kinds if kind.protection.scope)

    @cached_property
    def kind_names(self) -> frozenset[str]:
        """The names of the kinds of objects that its input names, such as `user`."""
        return frozenset(kind.name for kind in self.kinds)

    @cached_property
    def exact(self) -> dict[str, Exact]:
        """The input fields that hold names which only the org knows exactly."""
        return {name: mark for name, mark in marks(self.input) if isinstance(mark, Exact)}

    def named(self, request: ActionInput, kind: Kind[Any]) -> tuple[str, ...]:
        """The texts by which a request names objects of that kind; once it is resolved, their ids."""
        return tuple(
            dict.fromkeys(
                text for field, one in self.references.items() if one is kind for text in texts(request, field)
            )
        )

    def missing_scopes(self, granted: Iterable[str]) -> list[str]:
        """The scopes that it needs and `granted` does not cover."""
        return uncovered(self.scopes, granted)


def title_of(name: str) -> str:
    return name.replace("_", " ").capitalize()


def told(run: Callable[..., Any]) -> dict[str, Any]:
    """The parts of a definition that come from the action's function."""
    hints = get_type_hints(run)
    return {
        "name": run.__name__,
        "toolset": _toolset(run.__module__),
        "description": _paragraphs(getdoc(run) or ""),
        "input": hints[next(iter(signature(run).parameters))],
        "output": hints["return"],
    }


def _toolset(module: str) -> str:
    """The toolset of what a module defines: the module itself, or the folder in `tools` that it lies in."""
    parts = module.split(".")
    return parts[1] if parts[0] == "tools" else parts[-1]


def require_an_outcome(name: str, output: type[BaseModel]) -> None:
    """Refuse an answer of a write that cannot say that nothing was done.

    Raises:
        TypeError: says what is wrong with it.
    """
    required = {field for field, told in output.model_fields.items() if told.is_required()}
    if not issubclass(output, Outcome):
        raise TypeError(f"{name} changes something: its answer must be an Outcome.")
    if more := sorted(required - {"success", "changed"}):
        raise TypeError(f"{name} changes something: its answer must do without {', '.join(more)}.")


def texts(request: ActionInput, field: str) -> list[str]:
    """The texts in a field that names objects: one, several or none."""
    value: str | list[str] | None = getattr(request, field)
    return [] if value is None else [value] if isinstance(value, str) else value


def _paragraphs(text: str) -> str:
    """A docstring without the line breaks that only serve the width of the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
