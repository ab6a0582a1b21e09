"""Reading what a connection may not be allowed to read."""

from collections.abc import Awaitable
from typing import TypeVar

from tools.okta.errors import ActionError, RateLimited, Unauthorized, Unreachable

T = TypeVar("T")


async def unless_refused(asked: Awaitable[T], *other: type[ActionError]) -> T | None:
    """What Okta answers, or None where it does not let this connection know.

    Raises:
        ActionError: Okta cannot be asked at all now, or it answers with one of the `other` errors.
    """
    try:
        return await asked
    except ActionError as error:
        if isinstance(error, (Unreachable, RateLimited, Unauthorized, *other)):
            raise
        return None
