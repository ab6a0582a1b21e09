"""Asking the model again, where that can help. Only the model is asked again: what a reply had done is done once."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import anyio

from server.agent.model import Function, Item, Model, ModelError, Reply

MOST_TRIES = 5
LONGEST_WAIT = 60.0
"""Seconds. A server that wants more is not waited for: the person may as well come back later."""
FIRST_WAIT = 0.5
"""Seconds; it doubles with each try, and a random part keeps clients from coming back all at once."""


@dataclass(frozen=True)
class Again:
    """The model is asked again in `seconds`; what it has said in this round does not count."""

    error: ModelError
    seconds: float


async def persistently(
    model: Model, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
) -> AsyncGenerator[str | Reply | Again, None]:
    """One round of the model, asked again after failures that pass.

    Raises:
        ModelError: it did not answer, however often it was asked.
    """
    for tries in range(1, MOST_TRIES + 1):
        try:
            async with aclosing(model.answer(instructions, conversation, functions)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        except ModelError as error:
            wait = error.retry_after or FIRST_WAIT * 2 ** (tries - 1) * random.uniform(1, 1.5)  # noqa: S311
            if not error.retryable or tries == MOST_TRIES or wait > LONGEST_WAIT:
                raise
            yield Again(error, wait)
        await anyio.sleep(wait)
