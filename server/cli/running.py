"""Queries the desk through a program opened for this command."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio

from server.program import Program
from server.settings import load

T = TypeVar("T")


def desk(do: Callable[[Program], Awaitable[T]], **given: Any) -> T:
    """The desk's answer. `given` are settings from the command line, which override the environment.

    Raises:
        ActionError: the desk refused, or a setting is invalid.
    """
    settings = load(**given)

    async def run() -> T:
        async with Program(settings) as program:
            return await do(program)

    return anyio.run(run)
