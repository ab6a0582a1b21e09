"""`okta-actions approve`: a person says yes to what was asked for where none could be asked."""

import anyio

from server.cli.confirming import at_a_terminal, carry_out, told_if_declined
from server.cli.showing import show
from server.desk import approvals
from server.desk.approvals import Approval
from server.media.json_text import in_json
from server.media.terminal import note, say_json
from server.program import Program
from server.settings import load
from tools.okta.errors import ActionError, InvalidInput


def approve(id: str | None, as_json: bool) -> None:
    if id is None:
        _list(anyio.run(_waiting), as_json)
        return
    if not at_a_terminal():
        raise InvalidInput(
            "A request is approved by a person at a terminal, and there is none here.", code="no_terminal"
        )
    approval = anyio.run(_take, id)
    note(f"{approval.by} asked for {approval.action} through {approval.connection}")
    note(f"({approval.org_url}, recorded there as {approval.identity}), with:")
    note(in_json(approval.arguments))
    settings = load(connection=approval.connection)
    try:
        done = carry_out(
            settings, approval.action, approval.arguments, approval.caller, how="approval", reason=approval.reason
        )
    except ActionError as error:
        if error.change_id is None:
            anyio.run(_abandon, approval)
        raise
    if done.content.get("success") is not False:
        show(done.content)
    told_if_declined(done.content)


def _list(found: list[Approval], as_json: bool) -> None:
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    for one in found:
        note(f"{one.id}  {one.seconds_left} s left  {one.summary}")
    note("Approve one with: okta-actions approve ID" if found else "Nothing waits for approval.")


async def _waiting() -> list[Approval]:
    async with Program(load()) as program:
        return await approvals.approvals(program)


async def _abandon(approval: Approval) -> None:
    async with Program(load()) as program:
        await approvals.abandon(program, approval)


async def _take(id: str) -> Approval:
    async with Program(load()) as program:
        return await approvals.take(program, id)
