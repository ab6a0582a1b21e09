"""Calls that wait for a person: made where nobody could be asked, approved here."""

from typing import Any

from pydantic import Field, PrivateAttr

from server.desk.shown import Shown, Who
from server.journal.matter import Matter
from server.journal.tickets import Request
from server.policy.caller import Caller
from server.program import Program
from tools.okta.errors import NotFound
from tools.text.lines import readable


class Approval(Shown):
    """A waiting call as it was made: on whose behalf, what it would do, and through which connection."""

    id: str
    seconds_left: int = Field(ge=0)
    summary: str
    action: str
    arguments: dict[str, Any]
    reason: str | None
    by: Who
    connection: str
    org_url: str
    identity: str = Field(description="Whom Okta names as having done it.")
    _matter: Matter = PrivateAttr()

    @property
    def caller(self) -> Caller:
        """On whose behalf it runs."""
        return self._matter.caller


async def approvals(program: Program) -> list[Approval]:
    """The calls that wait for approval, oldest first."""
    return [_approval(request) for request in await program.recorder.waiting()]


async def take(program: Program, id: str) -> Approval:
    """Take a waiting call out of the queue: the caller of this runs it, or says that it is abandoned.

    Raises:
        NotFound: nothing waits under this id.
    """
    found = await program.recorder.take_request(id)
    if found is None:
        raise NotFound(
            f"No request {readable(id)[:20]} waits for approval: it was used, or is older than five minutes.",
            next_step="See those that wait: okta-actions approve",
        )
    return _approval(found)


async def abandon(program: Program, approval: Approval) -> None:
    """Record that a call was taken but came to nothing."""
    entry = approval._matter.bare_entry("abandoned")
    await program.recorder.run(lambda database, chain: chain.append(database, entry))


def _approval(request: Request) -> Approval:
    matter = request.matter
    told = Approval(
        id=request.id,
        seconds_left=max(0, round(request.seconds_left)),
        summary=matter.text,
        action=request.name,
        arguments=request.arguments,
        reason=matter.reason,
        by=Who.of(matter.caller),
        connection=matter.connection,
        org_url=matter.org,
        identity=matter.identity,
    )
    told._matter = matter
    return told
