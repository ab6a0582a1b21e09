"""Asking the desk something, through a program of this command's own."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

from server.program import Program
from server.settings import load

T = TypeVar("T")


def desk(do: Callable[[Program], Awaitable[T]], **given: Any) -> T:
    """What the desk says. `given` are settings of the command line, which go before those of the environment.

    Raises:
        ActionError: it refused, or a setting cannot be what it is set to.
    """
    settings = load(**given)

    async def run() -> T:
        async with Program(settings) as program:
            return await do(program)

    return anyio.run(run)
