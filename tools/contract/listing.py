"""An action as lists show it: all that surfaces and rules ask of it before it is called, without its code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self

from tools.contract.definition import Definition, Effect, title_of
from tools.contract.schemas import kept_schema, name_of, of_answers
from tools.okta.scopes import uncovered


class ListedAction(Protocol):
    """What a `Definition` and its `CatalogueEntry` have in common; see `Definition`."""

    @property
    def name(self) -> str: ...
    @property
    def toolset(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def idempotent(self) -> bool: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def helpful_scopes(self) -> frozenset[str]: ...
    @property
    def guard_scopes(self) -> frozenset[str]: ...
    @property
    def kind_names(self) -> frozenset[str]: ...
    @property
    def asks(self) -> str: ...
    @property
    def undone_by(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def leads_to(self) -> frozenset[Effect]: ...
    @property
    def neutral(self) -> bool: ...
    @property
    def input_schema(self) -> dict[str, Any]: ...
    @property
    def output_schema(self) -> dict[str, Any]: ...
    def missing_scopes(self, granted: Iterable[str]) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """What the catalogue keeps of an action on Okta, so that start-up need not import it.

    `input` and `output` are the names of its models.
    """

    name: str
    toolset: str
    description: str
    effect: Effect
    idempotent: bool
    scopes: frozenset[str]
    helpful_scopes: frozenset[str]
    guard_scopes: frozenset[str]
    kind_names: frozenset[str]
    asks: str
    undone_by: str
    words: str
    input: str
    output: str
    leads_to: ClassVar[frozenset[Effect]] = frozenset()
    neutral: ClassVar[bool] = False

    @classmethod
    def of(cls, action: Definition) -> Self:
        told: dict[str, Any] = {field.name: getattr(action, field.name) for field in fields(cls)}
        return cls(**{**told, "input": name_of(action.input), "output": name_of(action.output)})

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """The entry from what `kept` wrote."""
        told: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**{**told, "effect": Effect(kept["effect"])})

    def kept(self) -> dict[str, Any]:
        """The entry as it is kept in JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}

    @property
    def title(self) -> str:
        return title_of(self.name)

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        return kept_schema(self.input)

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = of_answers(kept_schema(self.output))
        return schema

    def missing_scopes(self, granted: Iterable[str]) -> list[str]:
        """The scopes that it needs and `granted` does not cover."""
        return uncovered(self.scopes, granted)
