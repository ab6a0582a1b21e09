"""What actions on the status of people share: their input, their answer and the sentences in it."""

import asyncio
from contextlib import suppress
from typing import Any

from pydantic import Field

from tools.contract.facts import Facts
from tools.contract.outcomes import Outcome
from tools.objects.statuses import meaning
from tools.objects.users import User
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError


class StatusChange(Outcome):
    user_id: str | None = None
    login: str | None = None
    status_before: str | None = None
    status_after: str | None = Field(None, description="May lag by a few seconds.")

    def facts(self) -> dict[str, Any]:
        moved = self.status_after is not None and self.status_after != self.status_before
        return {"status": self.status_after} if moved else {}


def status_of(user: User) -> Facts:
    """What these actions change."""
    return {"status": user.status}


def moved(user: User, status: str | None, what: str, consequence: str = "") -> StatusChange:
    """What came of a change that Okta accepted. `what` was done, as in “Suspended Jane Doe <jane.doe@example.com>”.

    `status` is None if Okta does not show the new one yet.
    """
    now = f"now {status}" if status is not None else "Okta does not show the new status yet"
    told = f"{what} {user.label}: {user.status} before, {now}. {consequence}".rstrip()
    return StatusChange.done(**whose(user), status_after=status, message=told)


def stayed(user: User, what: str, consequence: str = "") -> StatusChange:
    """What came of a change that Okta accepted and that leaves the status as it is."""
    told = f"{what} {user.label}, who stays {user.status}. {consequence}".rstrip()
    return StatusChange.done(**whose(user), status_after=user.status, message=told)


def as_it_was(user: User, more: str = "") -> StatusChange:
    told = f"Nothing to do: {user.label} is {user.status}, {meaning(user.status)}. {more}".rstrip()
    return StatusChange.unchanged(**whose(user), status_after=user.status, message=told)


def whose(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "login": user.login, "status_before": user.status}


async def shown_after(okta: OktaClient, user: User) -> str | None:
    """The status after a change that may lead to several: asked up to three times, for Okta's reads lag."""
    # Okta accepted the change: that it cannot be looked at now makes it no failure.
    with suppress(ActionError):
        for wait in (0, 0.2, 0.5):
            await asyncio.sleep(wait)
            status = User.model_validate(await okta.get("users", user.id)).status
            if status != user.status:
                return status
    return None
