"""`okta-actions doctor`: what is well and what is not, one line each."""

import anyio
import typer

from server.cli.report import Exit
from server.cli.rooms import foreign_rooms
from server.connections.manager import App, app_of_settings
from server.desk.doctor import Finding, examine
from server.machine.placeholders import check_value
from server.media.terminal import say, say_json
from server.program import Program
from server.settings import Settings, load

MARKS = {"ok": "ok  ", "warning": "warn", "problem": "FAIL"}


def doctor(name: str | None, org_url: str | None, client_id: str | None, as_json: bool) -> None:
    settings = load(connection=name)
    app = _app(settings, org_url, client_id)

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
        say_json([finding.row() for finding in findings])
    if any(finding.state == "problem" for finding in findings):
        raise typer.Exit(Exit.FAILED)


def _app(settings: Settings, org_url: str | None, client_id: str | None) -> App | None:
    """The app that is to be examined before anything is connected, by what is given or set."""
    if not org_url and not client_id:
        return None
    check_value("--org-url", org_url)
    check_value("--client-id", client_id)
    given = {"org_url": org_url or settings.org_url or "-", "client_id": client_id or settings.client_id or "-"}
    return app_of_settings(settings.model_copy(update=given))
