"""`okta-actions approve`: a person approves a call that was made where nobody could be asked."""

from typing import Annotated

import typer

from server.cli.confirming import at_a_terminal, carry_out
from server.cli.options import AsJson
from server.cli.output import Shape, show_list
from server.cli.running import desk
from server.cli.showing import show_answer
from server.desk import approvals
from server.desk.approvals import Approval
from server.door.door import Call
from server.media.json_text import in_json
from server.media.terminal import note
from server.settings import load
from tools.okta.errors import ActionError, InvalidInput


def command(
    request: Annotated[str | None, typer.Argument(help="Id of a request. [default: list those that wait]")] = None,
    as_json: AsJson = False,
) -> None:
    """Approve a change that was asked for where no person could be asked.

    The request is shown in full, as Okta has its target now, and waits for your yes. It is good once, and for five
    minutes. Only at a terminal. Policy decides whether there are such requests: change_requests.
    """
    shape = Shape.of(as_json)
    if request is None:
        found = desk(approvals.approvals)
        show_list(found, shape, lambda: _draw(found))
        return
    if not at_a_terminal():
        raise InvalidInput(
            "A request is approved by a person at a terminal, and there is none here.", code="no_terminal"
        )
    approval = desk(lambda program: approvals.take(program, request))
    note(f"{approval.by} asked for {approval.action} through {approval.connection}")
    note(f"({approval.org_url}, recorded there as {approval.identity}), with:")
    note(in_json(approval.arguments))
    settings = load(connection=approval.connection)
    try:
        call = Call(approval.caller, approval.action, approval.arguments, must_ask=True, reason=approval.reason)
        done = carry_out(settings, call, how="approval")
    except ActionError as error:
        if error.change_id is None:
            desk(lambda program: approvals.abandon(program, approval))
        raise
    show_answer(done, shape)


def _draw(found: list[Approval]) -> None:
    for one in found:
        note(f"{one.id}  {one.seconds_left} s left  {one.summary}")
    note("Approve one with: okta-actions approve ID" if found else "Nothing waits for approval.")
