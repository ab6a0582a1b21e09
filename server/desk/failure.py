"""A refusal or failure in the form that programs read: the same details on every surface."""

from typing import Literal

from server.desk.shown import Shown
from tools.okta.errors import ActionError, By
from tools.text.lines import visible


class Problem(Shown):
    """What was refused or failed, who refused it, why, and what to do next. `retry_after` is in seconds."""

    code: str
    by: By
    summary: str
    causes: list[str]
    okta_request_id: str | None
    retryable: bool
    retry_after: float | None
    next_step: str | None
    change_id: str | None
    connection: str | None
    rule: str | None = None


class Failure(Shown):
    """What a command prints in place of the data it was asked for."""

    success: Literal[False] = False
    error: Problem


def failure(error: ActionError) -> Failure:
    return Failure(error=Problem(**visible(error.details())))
