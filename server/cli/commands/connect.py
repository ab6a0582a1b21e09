"""`okta-actions connect`: the person's side of a sign-in."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import anyio
import typer

from server.cli.completing import connection_names
from server.cli.connected import tell
from server.desk import connections as desk
from server.desk.connecting import Asked, DeviceCode, Wanted, check, connect, to_ask
from server.desk.connections import ConnectionShown
from server.environment import without_secrets
from server.media import terminal
from server.media.terminal import note, waiting
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import Settings, load
from tools.okta.errors import InvalidInput


def command(
    name: Annotated[
        str | None,
        typer.Option(
            help="Name to give the connection, or that it has. [default: default]",
            metavar="NAME",
            autocompletion=connection_names,
        ),
    ] = None,
    org_url: Annotated[
        str | None,
        typer.Option(
            help="The org, such as https://dev-12345.okta.com [default: OKTA_ACTIONS_ORG_URL, or asked]", metavar="URL"
        ),
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option(
            help="The client ID of the app created in the org. [default: OKTA_ACTIONS_CLIENT_ID, or asked]",
            metavar="ID",
        ),
    ] = None,
    device: Annotated[bool, typer.Option("--device", help="Sign in on another device, by a code.")] = False,
    service: Annotated[bool, typer.Option("--service", help="Connect a service app, without a person.")] = False,
    private_key_file: Annotated[
        Path | None, typer.Option(help="The app's private key: PEM or JWK.", metavar="FILE")
    ] = None,
    kid: Annotated[
        str | None,
        typer.Option(help="The ID that Okta shows for the key, if Okta made it or the file is PEM.", metavar="ID"),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Sign in in the browser, also with a key.")] = False,
    public: Annotated[bool, typer.Option("--public", help="The app has no client secret (PKCE only).")] = False,
    api_token: Annotated[bool, typer.Option("--api-token", help="By an API token, if that is allowed.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Ask only for scopes that read.")] = False,
    add_scopes: Annotated[bool, typer.Option("--add-scopes", help="Add scopes to what is granted already.")] = False,
    replace_: Annotated[
        bool, typer.Option("--replace", help="Let another org, app or identity have the name; the old tokens end.")
    ] = False,
) -> None:
    """Connect an Okta org.

    By a sign-in in the browser, by one on another device (--device), or as a service app with a key (--service). The
    tokens are kept on this machine, encrypted, and refreshed as long as Okta allows it. Whether the app demands DPoP
    is found out.

    The client secret is asked for, or taken from OKTA_ACTIONS_CLIENT_SECRET; it is never an argument, for arguments
    are visible to every program on the machine. Afterwards it says as whom Okta will record what is done, which
    scopes were granted and which actions that switches on. For a connection that exists, what is not given is taken
    from it; another org, app or identity takes its name only with --replace, which revokes the old tokens. The page
    docs/connecting.md has the steps in Okta.
    """
    wanted = Wanted(
        name=name,
        org_url=org_url,
        client_id=client_id,
        device=device,
        service=service,
        browser=browser,
        public=public,
        private_key_file=private_key_file,
        kid=kid,
        by_api_token=api_token,
        read_only=read_only,
        add_scopes=add_scopes,
        replace=replace_,
    )
    settings = load()
    check(settings, wanted)
    made, meant = anyio.run(_connect, settings, wanted)
    note(f"Connected to {made.org_url} as {made.identity}: {made.how}.")
    note(f"The connection is called “{made.name}”.")
    if meant is not None and meant.name != made.name:
        why = "OKTA_ACTIONS_CONNECTION says so" if settings.connection else "it is the default"
        note(
            f"Commands use “{meant.name}” ({meant.org_url}), because {why}; for this one: "
            f"--connection {shlex.quote(made.name)}"
        )
    tell(made)


async def _connect(settings: Settings, wanted: Wanted) -> tuple[ConnectionShown, ConnectionShown | None]:
    """Connects an org and says what was connected and what the default is."""
    async with Program(settings) as program:
        while missing := await to_ask(program, wanted):
            wanted = replace(wanted, **{missing: _answered(missing)})  # type: ignore[arg-type]
        with waiting("Waiting for Okta"):
            made = await connect(
                program, wanted, at_the_command_line(), present=_present, show_code=_show_code, tell=note
            )
    async with Program(settings) as program:
        return made, await desk.current(program)


PROMPTS: dict[Asked, tuple[str, str]] = {
    "org_url": ("--org-url", "Org URL"),
    "client_id": ("--client-id", "Client ID"),
    "client_secret": ("OKTA_ACTIONS_CLIENT_SECRET", "Client secret"),
    "api_token": ("OKTA_ACTIONS_API_TOKEN", "API token"),
}
"""How each value can be given, and the question for the person."""


def _answered(missing: Asked) -> str:
    """The person's answer at the terminal."""
    name, prompt = PROMPTS[missing]
    value = terminal.typed(prompt, hide=missing in ("client_secret", "api_token")) if os.isatty(0) else ""
    if not value:
        raise InvalidInput(f"{name} is missing.", code="missing_option", next_step=f"Give {name}.")
    return value


async def _present(url: str) -> None:
    note("Sign in in the browser. If none opens, go to:")
    note(url, whole=True)
    # Text-mode browsers would take over this terminal, so they are used only if the person chose one.
    if os.name != "posix" or _is_mac() or any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))):
        await anyio.to_thread.run_sync(_open_browser, url)


def _open_browser(url: str) -> None:
    """Open a browser by a separate process without our secrets: the browser inherits its environment."""
    opening = [sys.executable, "-I", "-m", "webbrowser", url]
    none = subprocess.DEVNULL
    subprocess.run(opening, env=without_secrets(), check=False, stdin=none, stdout=none, stderr=none)  # noqa: S603


async def _show_code(begun: DeviceCode) -> None:
    import segno

    note(f"On any device, open {begun.url} and enter the code {begun.user_code}, or open:")
    note(begun.complete_url, whole=True)
    if sys.stderr.isatty():
        segno.make(begun.complete_url, error="l").terminal(out=sys.stderr, compact=True)
    note("Waiting for the sign-in …")


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"
