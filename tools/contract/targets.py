"""The objects that a call names: while they are being found, and once they are."""

import asyncio
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


class Pending:
    """The objects that a call names, while they are being found.

    What an action reads by id alone it asks beside this: its request holds ids from the start, where they were sent
    or can be guessed.
    """

    def __init__(self, targets: Targets | None = None) -> None:
        """`targets`: they are found already."""
        self._targets: asyncio.Future[Targets] = asyncio.get_running_loop().create_future()
        if targets is not None:
            self._targets.set_result(targets)

    def found(self, targets: Targets) -> None:
        self._targets.set_result(targets)

    async def all(self, type: type[T]) -> tuple[T, ...]:
        """The targets of this type."""
        return (await asyncio.shield(self._targets)).all(type)

    async def the(self, type: type[T]) -> T:
        """The only target of this type."""
        return (await asyncio.shield(self._targets)).the(type)


def the(kind: Kind[Object]) -> Callable[[ActionInput, OktaClient, Pending], Awaitable[Object]]:
    """Observe only what is found by its name: the one object of this kind that the call names."""

    async def the_named_one(request: ActionInput, okta: OktaClient, pending: Pending) -> Object:
        return await pending.the(kind.type)

    return the_named_one
