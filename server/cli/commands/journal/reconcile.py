"""`okta-actions journal reconcile`."""

import typer

from server.cli.options import AsJson
from server.cli.output import Shape, show_list
from server.cli.report import Exit
from server.cli.running import desk
from server.desk.journal import Reconciled, reconcile
from server.media.terminal import say


def command(as_json: AsJson = False) -> None:
    """Find out what became of changes whose outcome is unknown.

    Okta is asked, and what it tells is written down. Exit code 1 if one is still unknown.
    """
    findings = desk(reconcile)
    show_list(findings, Shape.of(as_json), lambda: _draw(findings))
    if any(one.verdict is None for one in findings):
        raise typer.Exit(Exit.FAILED)


def _draw(findings: list[Reconciled]) -> None:
    for one in findings:
        say(f"Change {one.change_id} ({one.summary}): {one.verdict or 'still unknown'}. {one.reason}")
    if not findings:
        say("There is no change whose outcome is unknown.")
