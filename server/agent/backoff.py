"""Retries requests to the model where that can help. Only the request is retried: a reply's calls are made once."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import anyio

from server.agent.model import Function, Item, Model, ModelError, Reply

MOST_TRIES = 5
LONGEST_WAIT = 60.0
"""Limit in seconds. If a server asks for a longer wait, we give up: the person may as well come back later."""
FIRST_WAIT = 0.5
"""Seconds. The wait doubles with each try, and a random part keeps clients from retrying all at once."""


@dataclass(frozen=True)
class Again:
    """The model is asked again in `seconds`; what it has said so far in this round is discarded."""

    error: ModelError
    seconds: float


async def persistently(
    model: Model, instructions: str, conversation: Sequence[Item], functions: Sequence[Function]
) -> AsyncGenerator[str | Reply | Again, None]:
    """One round of the model, retried after transient failures.

    Raises:
        ModelError: the model did not answer after all retries.
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
