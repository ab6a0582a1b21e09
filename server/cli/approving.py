"""`okta-actions approve`: a person says yes to what was asked for where none could be asked."""

import anyio

from server.cli.confirming import at_a_terminal, carry_out, told_if_declined
from server.cli.showing import show
from server.journal.tickets import Request
from server.media.json_text import in_json
from server.media.terminal import note
from server.program import Program
from server.settings import load
from tools.okta.errors import ActionError, InvalidInput, NotFound
from tools.text.lines import readable


def approve(id: str | None) -> None:
    if id is None:
        _list(anyio.run(_waiting))
        return
    if not at_a_terminal():
        raise InvalidInput(
            "A request is approved by a person at a terminal, and there is none here.", code="no_terminal"
        )
    request = anyio.run(_take, id)
    matter = request.matter
    note(f"{matter.caller} asked for {request.name} through {matter.connection}")
    note(f"({matter.org}, recorded there as {matter.identity}), with:")
    note(in_json(request.arguments))
    settings = load(connection=matter.connection)
    try:
        done = carry_out(settings, request.name, request.arguments, matter.caller, how="approval", reason=matter.reason)
    except ActionError as error:
        if error.change_id is None:
            anyio.run(_abandon, request)
        raise
    if done.content.get("success") is not False:
        show(done.content)
    told_if_declined(done.content)


def _list(requests: list[Request]) -> None:
    for request in requests:
        note(f"{request.id}  {request.seconds_left:.0f} s left  {request.matter.text}")
    note("Approve one with: okta-actions approve ID" if requests else "Nothing waits for approval.")


async def _waiting() -> list[Request]:
    async with Program(load()) as program:
        return await program.recorder.waiting()


async def _abandon(request: Request) -> None:
    """Write down that nothing came of a request."""
    async with Program(load()) as program:
        await program.recorder.run(
            lambda database, chain: chain.append(database, request.matter.bare_entry("abandoned"))
        )


async def _take(id: str) -> Request:
    async with Program(load()) as program:
        found = await program.recorder.take_request(id)
    if found is None:
        raise NotFound(
            f"No request {readable(id)[:20]} waits for approval: it was used, or is older than five minutes.",
            next_step="See those that wait: okta-actions approve",
        )
    return found
