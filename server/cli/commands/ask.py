"""`okta-actions ask`: one request in plain words."""

import sys
from typing import Annotated, Any

import typer

from server.agent.opening import ChosenServer
from server.agent.session import UNDO, CallOutcome
from server.agent.turn import Report
from server.cli.options import AsJson, ConnectionName
from server.cli.report import Exit
from server.cli.screen import Screen
from server.cli.servers import McpCommand, McpUrl, server_of
from server.cli.talking import talking
from server.media.terminal import say_json
from server.settings import load


def command(
    request: Annotated[str | None, typer.Argument(help="What is to be done; - or nothing: standard input.")] = None,
    connection: ConnectionName = None,
    url: McpUrl = None,
    command_: McpCommand = None,
    as_json: AsJson = False,
) -> None:
    """Make one request in your own words.

    Like chat, for one turn. The answer goes to stdout, calls and changes to stderr; with --json all of it goes to
    stdout. Without a terminal nothing is done that a person must confirm; where change_requests is on, it waits for
    okta-actions approve. Exit code 0 means that the turn ended and no call was refused, declined or failed; 3 that a
    person declined, and nothing else went wrong.
    """
    ask(request, server_of(url, command_, connection), connection, as_json)


def ask(request: str | None, server: ChosenServer, connection: str | None, as_json: bool) -> None:
    text = _read(request)
    # Another server's journal is not the one whose changes `okta-actions undo` takes back.
    undo = UNDO if server.url or server.command else f"okta-actions undo{_through(connection)}"
    screen = Screen(None if as_json else sys.stdout, sys.stderr, undo)
    can_ask = sys.stdin.isatty() and sys.stderr.isatty()
    with talking(load(connection=connection), server, "ask", screen, can_ask=can_ask) as talk:
        report = talk.run(talk.agent.turn, text, screen.tell)
        screen.report(report)
        if as_json:
            say_json(_row(report))
    if code := exit_code(report):
        raise typer.Exit(code)


def _through(connection: str | None) -> str:
    return f" --connection {connection}" if connection else ""


def _read(request: str | None) -> str:
    """The request, from the command line or from standard input."""
    if request == "-" or (request is None and not sys.stdin.isatty()):
        request = sys.stdin.read()
    if not request or not request.strip():
        raise typer.BadParameter("Nothing was asked.", param_hint="REQUEST")
    return request.strip()


def exit_code(report: Report) -> Exit:
    """0 only if the turn ended with an answer and every call in it succeeded."""
    outcomes = {made.outcome for made in report.calls}
    if report.stopped:
        return Exit.INTERRUPTED
    if any(made.details.get("code") in ("not_connected", "needs_sign_in") for made in report.calls):
        return Exit.NOT_CONNECTED
    if report.error or outcomes - {CallOutcome.DONE, CallOutcome.DECLINED}:
        return Exit.FAILED
    return Exit.DECLINED if CallOutcome.DECLINED in outcomes else Exit.DONE


def _row(report: Report) -> dict[str, Any]:
    """The report in the form that programs read; `changes` is null if the server has no journal to show."""
    return {
        "answer": report.answer,
        "error": report.error.details() if report.error else None,
        "calls": [made.row() for made in report.calls],
        "changes": report.changes,
        "rounds": report.rounds,
        "tokens": report.tokens,
    }
