"""`okta-actions doctor`: what is well and what is not, one line each."""

import anyio
import typer

from server.cli.report import Exit
from server.cli.rooms import foreign_rooms
from server.desk.doctor import Finding, app_given, examine
from server.media.terminal import say, say_json
from server.program import Program
from server.settings import load

MARKS = {"ok": "ok  ", "warning": "warn", "problem": "FAIL"}


def doctor(name: str | None, org_url: str | None, client_id: str | None, as_json: bool) -> None:
    settings = load(connection=name)
    app = app_given(settings, org_url, client_id)

    async def look() -> list[Finding]:
        findings = []
        async with Program(settings) as program:
            async for finding in examine(program, name, app, foreign_rooms()):
                findings.append(finding)
                if not as_json:
                    say(f"{MARKS[finding.state]}  {finding.name}: {finding.told}")
                    if finding.repair:
                        say(f"      → {finding.repair}")
        return findings

    findings = anyio.run(look)
    if as_json:
        say_json([finding.model_dump(mode="json") for finding in findings])
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(Exit.FAILED)
