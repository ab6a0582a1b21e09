"""The arguments of an action, and the marks that say what a field names."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints

from tools.contract.kinds import Kind
from tools.okta.client import OktaClient


class ActionInput(BaseModel):
    """The arguments of an action: closed, so that a misspelt name is refused and never silently dropped."""

    # Built on first use, so that start-up does not pay for unused models.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Reference:
    """Marks a field that names an object. Its text is replaced with an id before the action."""

    kind: Kind[Any]


@dataclass(frozen=True)
class Exact:
    """Marks a field that holds names whose exact form only the org knows.

    `names` returns the field's value with every name exact. It takes the field, its value, the client, and whether the
    action writes.
    """

    names: Callable[[str, Any, OktaClient, bool], Awaitable[Any]]


Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
"""Text that names something. A `Reference` says what."""


def marks(model: type[ActionInput]) -> Iterable[tuple[str, Any]]:
    """Every field with each mark on it or on a type nested in its own, as in `list[GroupRef]` and `GroupRef | None`."""
    for name, field in model.model_fields.items():
        inside = (mark for item in get_args(field.annotation) for mark in getattr(item, "__metadata__", ()))
        for mark in (*field.metadata, *inside):
            yield name, mark
