"""`connect`, `connections`, `use`, `status` and `disconnect`: the person's side of the connections."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace

import anyio
import typer

from server.cli.confirming import at_a_terminal
from server.cli.keeping import REPLACED
from server.cli.report import Exit
from server.cli.rooms import foreign_rooms, warning
from server.desk import connections as desk
from server.desk import http_token
from server.desk.connecting import Asked, DeviceCode, Wanted, check, to_ask
from server.desk.connecting import connect as desk_connect
from server.desk.connections import Chosen, ConnectionShown, Status
from server.environment import without_secrets
from server.media import terminal
from server.media.terminal import note, say_grid, say_json, say_table
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import Settings, load
from tools.okta.errors import InvalidInput


def connect(wanted: Wanted) -> None:
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
    _tell(made)


async def _connect(settings: Settings, wanted: Wanted) -> tuple[ConnectionShown, ConnectionShown | None]:
    """What was connected, and what is used where no connection is named."""
    async with Program(settings) as program:
        while missing := await to_ask(program, wanted):
            wanted = replace(wanted, **{missing: _answered(missing)})  # type: ignore[arg-type]
        made = await desk_connect(
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
"""How each can be given, and what the person is asked."""


def _answered(missing: Asked) -> str:
    """What the person at the terminal answers."""
    name, prompt = PROMPTS[missing]
    value = terminal.typed(prompt, hide=missing in ("client_secret", "api_token")) if os.isatty(0) else ""
    if not value:
        raise InvalidInput(f"{name} is missing.", code="missing_option", next_step=f"Give {name}.")
    return value


async def _present(url: str) -> None:
    note("Sign in in the browser. If none opens, go to:")
    note(url, whole=True)
    # Text-mode browsers would take over this terminal.
    if os.name != "posix" or _is_mac() or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        await anyio.to_thread.run_sync(_open_browser, url)


def _open_browser(url: str) -> None:
    """Open a browser by a process of its own: what it starts inherits its environment, and with ours our secrets."""
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


def _tell(connection: ConnectionShown) -> None:
    """What the connection may do, and what an administrator should look at."""
    say_grid(
        [
            ("connection", f"{connection.name}, {connection.org_url}"),
            ("scopes", " ".join(connection.scopes_granted) or "all (an API token has no scopes)"),
            ("actions on", " ".join(connection.actions_on) or "none"),
            *([("actions off", " ".join(connection.actions_off))] if connection.actions_off else []),
        ]
    )
    for text in connection.warnings:
        note(f"Warning: {text}")
    if lacks := connection.lacks:
        note(lacks, connection.scopes_next_step or "")


def status(name: str | None, as_json: bool, refresh: bool = False) -> None:
    settings = load(connection=name)

    async def ask() -> Status:
        async with Program(settings) as program:
            return await desk.status(program, foreign_rooms(), refresh=refresh)

    told = anyio.run(ask)
    if gap := told.journal_gap:
        note(f"Warning: The journal is not complete, and so nothing will be changed. {gap.told}")
        note(f"Next: {gap.next_step}")
    if told.frozen:
        note(f"Warning: {told.frozen}", "Next: okta-actions unfreeze")
    if as_json:
        say_json(told.model_dump(mode="json"))
    else:
        known = _facts(told.connection, told.connected) if told.connection else [("connected", "no")]
        say_grid([*known, ("data", told.data_dir)])
        if told.connection is not None:
            _tell(told.connection)
    for place in told.foreign_packages:
        note(warning(place))
    if told.next_step:
        note(f"Next: {told.next_step}")


def _facts(connection: ConnectionShown, connected: bool) -> list[tuple[str, str]]:
    roles = "not readable (okta.roles.read)" if connection.admin_roles is None else " ".join(connection.admin_roles)
    return [
        ("connected", "yes" if connected else "no: a new sign-in is needed"),
        ("org", connection.org_url),
        ("as", f"{connection.identity}  (Okta records what is done under this name)"),
        ("admin roles", roles or "none"),
        ("how", connection.how),
        ("since", connection.connected_since.isoformat().replace("+00:00", "Z")),
        ("client id", connection.client_id or "none"),
    ]


TOKENS = {"valid": "valid", "needs_sign_in": "needs sign-in", "expired": "refreshed when next used"}


def connections(as_json: bool) -> None:
    settings = load()

    async def ask() -> list[ConnectionShown]:
        async with Program(settings) as program:
            return await desk.connections(program)

    found = anyio.run(ask)
    if as_json:
        say_json([one.model_dump(mode="json") for one in found])
        return
    shown = [
        (
            f"{one.name} *" if one.default else one.name,
            one.org_url,
            str(one.identity),
            " ".join(one.scopes_granted),
            f"{len(one.actions_on)} of {len(one.actions_on) + len(one.actions_off)}",
            TOKENS[one.token],
            one.last_used.isoformat().replace("+00:00", "Z") if one.last_used else "",
        )
        for one in found
    ]
    say_table(("name", "org", "connected as", "scopes", "actions", "token", "last used"), shown)
    if not found:
        note("No Okta org is connected. Next: okta-actions connect")
    elif settings.connection:
        note(f"Here OKTA_ACTIONS_CONNECTION={settings.connection} goes before the default.")


def use(name: str) -> None:
    settings = load()

    async def choose() -> Chosen:
        async with Program(settings) as program:
            return await desk.use(program, name)

    chosen = anyio.run(choose)
    note(f"{chosen.connection.named} is now the default connection.")
    note("Servers and chats that run keep the connection that they started with until they are restarted.")
    if chosen.overruled_by:
        note(f"Here OKTA_ACTIONS_CONNECTION={chosen.overruled_by} goes before the default.")


def disconnect(names: list[str], *, everything: bool, force: bool, yes: bool) -> None:
    """Disconnect all of them, or, where one does not exist or the person says no, none.

    Raises:
        InvalidInput: nobody could be asked. NotConnected: there is none of a name.
    """
    settings = load()

    async def look() -> list[ConnectionShown]:
        async with Program(settings) as program:
            return await desk.to_end(program, names, everything=everything)

    ending = anyio.run(look)
    what = "forgotten, whether Okta revokes them or not" if force else "revoked at Okta and forgotten"
    if not yes:
        if not at_a_terminal():
            raise InvalidInput(
                f"Not disconnected: {'; '.join(one.named for one in ending)}. There is no terminal to ask at.",
                code="confirmation_required",
                next_step="Run it in a terminal, or add --yes.",
            )
        note("To be disconnected:")
        for connection in ending:
            note(f"  {connection.named}")
        if not terminal.confirmed(f"Their tokens are {what}. Go on?"):
            note("Nothing was disconnected.")
            raise typer.Exit(Exit.DECLINED)

    async def leave() -> None:
        async with Program(settings) as program:
            if everything and (await http_token.rotate(program, at_the_command_line())).replaced:
                note(REPLACED)
            for one in ending:
                ended = await desk.disconnect(program, one, at_the_command_line(), force=force)
                done = "revoked and forgotten" if ended.revoked else "forgotten, and not revoked at Okta"
                note(f"Disconnected {one.named}: the tokens are {done}.")

    anyio.run(leave)
