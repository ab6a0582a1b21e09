"""`okta-actions doctor`: says what works and what does not, one line each."""

from typing import Annotated

import anyio
import typer

from server.cli.options import AsJson, ConnectionName, Fields, Output
from server.cli.output import Shape, show_list
from server.cli.report import Exit
from server.cli.rooms import foreign_rooms
from server.desk.doctor import Finding, State, app_given, examine
from server.media.terminal import Style, say
from server.program import Program
from server.settings import load

MARKS: dict[State, tuple[str, Style | None]] = {
    "ok": ("ok  ", None),
    "warning": ("warn", "bold"),
    "problem": ("FAIL", "bad"),
}


def command(
    connection: ConnectionName = None,
    org_url: Annotated[
        str | None, typer.Option(help="Look at an org that is not connected yet.", metavar="URL")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="The app to look at there.", metavar="ID")] = None,
    as_json: AsJson = False,
    output: Output = None,
    fields: Fields = None,
) -> None:
    """Find out what is wrong, and how to mend it.

    It looks at this machine, the store, the network, the clock, the app, its redirect URI, the scopes, the admin role
    and the rate limits, one line each, and changes nothing. The client secret or key of an app that is not connected
    yet is taken from OKTA_ACTIONS_CLIENT_SECRET or OKTA_ACTIONS_PRIVATE_KEY. Exit code 1 if there is a problem.
    """
    shape = Shape.of(as_json, output, fields)
    settings = load(connection=connection)
    app = app_given(settings, org_url, client_id)

    async def look() -> list[Finding]:
        findings = []
        async with Program(settings) as program:
            async for finding in examine(program, connection, app, foreign_rooms()):
                findings.append(finding)
                if shape.for_people:
                    _tell(finding)
        return findings

    findings = anyio.run(look)
    show_list(findings, shape, lambda: None)
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(Exit.FAILED)


def _tell(finding: Finding) -> None:
    mark, style = MARKS[finding.state]
    say(f"{mark}  {finding.name}: {finding.told}", style=style)
    if finding.repair:
        say(f"      → {finding.repair}")
