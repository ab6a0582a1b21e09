"""The objects that a call names, once found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tools.contract.arguments import ActionInput
from tools.contract.kinds import Kind, OktaObject
from tools.okta.client import OktaClient

T = TypeVar("T")
Object = TypeVar("Object", bound=OktaObject)


@dataclass(frozen=True)
class Targets:
    """The objects that a call names, in the order of the input's fields."""

    objects: tuple[OktaObject, ...] = ()

    def all(self, type: type[T]) -> tuple[T, ...]:
        """The targets of this type."""
        return tuple(one for one in self.objects if isinstance(one, type))

    def the(self, type: type[T]) -> T:
        """The only target of this type."""
        (one,) = self.all(type)
        return one


def the(kind: Kind[Object]) -> Callable[[ActionInput, OktaClient, Targets], Awaitable[Object]]:
    """Observe only what resolving has read already: the one object of this kind that the call names."""

    async def the_named_one(request: ActionInput, okta: OktaClient, targets: Targets) -> Object:
        return targets.the(kind.type)

    return the_named_one
