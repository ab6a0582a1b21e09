"""`connect`, `connections`, `use`, `status` and `disconnect`: the person's side of the connections."""

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import typer

from server.cli.confirming import at_a_terminal
from server.cli.report import Exit
from server.cli.rooms import foreign_rooms, warning
from server.connection_names import DEFAULT, checked_name, free_name
from server.connections.book import read_credentials
from server.connections.manager import App
from server.connections.models import OPENID_SCOPES, Connection, Credentials, NotConnected, iso
from server.connections.scopes import Lacking, scopes_lacking, wanted_scopes
from server.door.guard import Guard, Offer
from server.environment import without_secrets
from server.http import token
from server.machine.placeholders import check_value
from server.media import terminal
from server.media.terminal import note, say_grid, say_json, say_table
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import Settings, load
from server.store.marker import ACCEPT, gap_at_start
from server.store.vault_key import from_keyring
from tools.catalogue import CATALOGUE
from tools.okta.errors import InvalidInput
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from server.connections.sign_in import DeviceSignIn


@dataclass(frozen=True)
class Wanted:
    """What the person asked for on the command line."""

    name: str | None = None
    org_url: str | None = None
    client_id: str | None = None
    device: bool = False
    service: bool = False
    browser: bool = False
    public: bool = False
    private_key_file: Path | None = None
    kid: str | None = None
    api_token: bool = False
    read_only: bool = False
    add_scopes: bool = False
    replace: bool = False


def connect(wanted: Wanted) -> None:
    settings = load()
    checked_name(wanted.name or DEFAULT)
    for option, value in (("--org-url", wanted.org_url), ("--client-id", wanted.client_id), ("--kid", wanted.kid)):
        check_value(option, value)
    if settings.memory_only:
        raise InvalidInput(
            "OKTA_ACTIONS_MEMORY_ONLY keeps tokens in the process that signs in, and this one ends.",
            code="memory_only",
            next_step="Unset it here; or let the server sign in: its first call gives the address.",
        )
    connection, meant, lacks = anyio.run(_connect, settings, wanted)
    note(f"Connected to {connection.org_url} as {connection.identity}: {connection.how}.")
    note(f"The connection is called “{connection.name}”.")
    if meant is not None and meant.name != connection.name:
        why = "OKTA_ACTIONS_CONNECTION says so" if settings.connection else "it is the default"
        note(
            f"Commands use “{meant.name}” ({meant.org_url}), because {why}; for this one: "
            f"--connection {shlex.quote(connection.name)}"
        )
    _tell(settings, connection, lacks)


async def _connect(settings: Settings, wanted: Wanted) -> tuple[Connection, Connection | None, Lacking | None]:
    """What was connected, what is used where no connection is named, and what the new one lacks."""
    async with Program(settings) as program:
        made = await _connected(program, settings, wanted)
    async with Program(settings) as program:
        meant = await program.connections.current()
        named = None if meant is not None and meant.name == made.name else made.name
        option = await program.connections.book.option(named)
        return made, meant, scopes_lacking(settings, made, option)


async def _connected(program: Program, settings: Settings, wanted: Wanted) -> Connection:
    connections = program.connections
    known = (await connections.book.all()).get(wanted.name or DEFAULT)
    if known is None:
        free_name(wanted.name or DEFAULT)
    org_url = checked_org_url(
        _given(wanted.org_url or settings.org_url or (known.org_url if known else None), "--org-url", "Org URL")
    )
    how: dict[str, Any] = {"name": wanted.name, "replacing": wanted.replace, "by": at_the_command_line()}
    if wanted.api_token:
        token = settings.api_token.get_secret_value() if settings.api_token else None
        token = _given(token, "OKTA_ACTIONS_API_TOKEN", "API token", hide=True)
        return await connections.connect_api_token(org_url, token, **how)
    client_id = _given(
        wanted.client_id or settings.client_id or (known.client_id if known else None), "--client-id", "Client ID"
    )
    await connections.register.place(wanted.name, org_url, client_id, replacing=wanted.replace)  # before more is asked
    same = known is not None and (known.org_url, known.client_id) == (org_url, client_id)
    kept = Credentials()
    if known is not None and same:
        name = known.name
        kept = await program.store.read(lambda database: read_credentials(database, name))
    service = wanted.service or (same and known is not None and known.method == "client_credentials")
    app = App(org_url, client_id, _credentials(settings, wanted, kept, service=service))
    scopes = _scopes(settings, wanted, known)
    if wanted.device or (same and known is not None and known.method == "device_code" and not wanted.browser):
        return await connections.connect_on_device(app, _show_code, scopes=scopes, **how)
    if app.credentials.private_key and not wanted.browser:
        return await connections.connect_service(app, scopes=scopes, **how)
    return await connections.connect(app, _present, note, scopes=scopes, **how)


def _scopes(settings: Settings, wanted: Wanted, known: Connection | None) -> tuple[str, ...]:
    """What to ask for; empty for all that the actions need."""
    rules = settings.model_copy(update={"read_only": True}) if wanted.read_only else settings
    scopes = wanted_scopes(rules)
    if wanted.add_scopes and known is not None:
        held = (scope for scope in known.scopes_granted if scope not in OPENID_SCOPES)
        scopes = tuple(dict.fromkeys((*held, *scopes)))
    return scopes


def _credentials(settings: Settings, wanted: Wanted, kept: Credentials, *, service: bool) -> Credentials:
    """What the app proves itself with: what is given now, else what was kept, else what the person types."""
    if wanted.public:
        return Credentials()
    key = None
    if wanted.private_key_file:
        try:
            key = wanted.private_key_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"{wanted.private_key_file} cannot be read ({type(error).__name__}).", code="invalid_private_key"
            ) from None
    elif settings.private_key:
        key = settings.private_key.get_secret_value()
    elif settings.private_key_keyring:
        key = from_keyring(settings.private_key_keyring)
    kid = wanted.kid if wanted.kid is not None else settings.private_key_id if key else None
    if not key and kid is not None:
        key = kept.private_key
        if key is None:
            raise InvalidInput(
                "--kid was given, and no private key.",
                code="missing_private_key",
                next_step="Give the key too: --private-key-file FILE",
            )
    if key:
        from server.connections.keys import dumped, load

        return Credentials(private_key=dumped(load(key, kid)))
    if settings.client_secret:
        return replace(kept, client_secret=settings.client_secret.get_secret_value(), private_key=None)
    if kept.private_key or kept.client_secret:
        return kept
    if service:
        return Credentials()  # the manager says what a service app needs
    return Credentials(client_secret=_given(None, "OKTA_ACTIONS_CLIENT_SECRET", "Client secret", hide=True))


def _given(value: str | None, name: str, prompt: str, *, hide: bool = False) -> str:
    """What was given, or else what the person at the terminal answers."""
    if not value and os.isatty(0):
        value = terminal.typed(prompt, hide=hide)
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


async def _show_code(begun: "DeviceSignIn") -> None:
    import segno

    note(f"On any device, open {begun.url} and enter the code {begun.user_code}, or open:")
    note(begun.complete_url, whole=True)
    if sys.stderr.isatty():
        segno.make(begun.complete_url, error="l").terminal(out=sys.stderr, compact=True)
    note("Waiting for the sign-in …")


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"


def _tell(settings: Settings, connection: Connection, lacks: Lacking | None) -> None:
    """What the connection may do, and what an administrator should look at."""
    made = Guard(settings).offers(CATALOGUE.values(), connection)
    off = _names(made, offered=False)
    say_grid(
        [
            ("connection", f"{connection.name}, {connection.org_url}"),
            ("scopes", " ".join(connection.scopes_granted) or "all (an API token has no scopes)"),
            ("actions on", " ".join(_names(made, offered=True)) or "none"),
            *([("actions off", " ".join(off))] if off else []),
        ]
    )
    for text in connection.warnings:
        note(f"Warning: {text}")
    if lacks is not None:
        note(lacks.told, lacks.next_step)


def _names(made: list[Offer], *, offered: bool) -> list[str]:
    return [offer.action.name for offer in made if (offer.reason is None) is offered]


def status(name: str | None, as_json: bool, refresh: bool = False) -> None:
    settings = load(connection=name)

    async def ask() -> tuple[dict[str, object], Connection | None, Lacking | None]:
        async with Program(settings) as program:
            if refresh:
                await program.connections.refresh()
            connection = await program.connections.current()
            option = await program.connections.book.option()
            lacks = scopes_lacking(settings, connection, option) if connection else None
            return await program.connections.describe(), connection, lacks

    described, connection, lacks = anyio.run(ask)
    foreign = foreign_rooms()
    if not settings.memory_only and (missing := gap_at_start(settings.store_file, settings.marker_file)):
        note(f"Warning: The journal is not complete, and so nothing will be changed. {missing}", f"Next: {ACCEPT}")
    if described.get("frozen"):
        note(f"Warning: {described['frozen']}", "Next: okta-actions unfreeze")
    if as_json:
        made = Guard(settings).offers(CATALOGUE.values(), connection) if connection else []
        actions = {"actions_on": _names(made, offered=True), "actions_off": _names(made, offered=False)}
        say_json(
            {
                **described,
                **(actions if connection else {}),
                "data_dir": str(settings.data_dir),
                "foreign_packages": foreign,
            }
        )
    else:
        known = [("connected", "no")] if connection is None else _facts(connection)
        say_grid([*known, ("data", str(settings.data_dir))])
        if connection is not None:
            _tell(settings, connection, lacks)
    for place in foreign:
        note(warning(place))
    if connection is None:
        note(f"Next: {described['next_step']}")


def _facts(connection: Connection) -> list[tuple[str, str]]:
    roles = "not readable (okta.roles.read)" if connection.roles is None else " ".join(connection.roles)
    return [
        ("connected", "no: a new sign-in is needed" if connection.needs_sign_in else "yes"),
        ("org", connection.org_url),
        ("as", f"{connection.identity}  (Okta records what is done under this name)"),
        ("admin roles", roles or "none"),
        ("how", connection.how),
        ("since", connection.connected_since),
        ("client id", connection.client_id or "none"),
    ]


def connections(as_json: bool) -> None:
    settings = load()
    guard = Guard(settings)

    async def ask() -> tuple[dict[str, Connection], Connection | None]:
        async with Program(settings) as program:
            return await program.connections.book.all(), await program.connections.current()

    found, current = anyio.run(ask)
    rows = [_row(guard, connection, connection == current) for connection in found.values()]
    if as_json:
        say_json(rows)
        return
    keys = ("org_url", "connected_as", "scopes", "actions", "token", "last_used")
    shown = [
        (
            f"{row['name']} *" if row["default"] else str(row["name"]),
            *(str(row[key]) if row[key] is not None else "" for key in keys),
        )
        for row in rows
    ]
    say_table(("name", "org", "connected as", "scopes", "actions", "token", "last used"), shown)
    if not rows:
        note("No Okta org is connected. Next: okta-actions connect")
    elif settings.connection:
        note(f"Here OKTA_ACTIONS_CONNECTION={settings.connection} goes before the default.")


def _row(guard: Guard, connection: Connection, default: bool) -> dict[str, object]:
    made = guard.offers(CATALOGUE.values(), connection)
    state = "valid"
    if connection.needs_sign_in:
        state = "needs sign-in"
    elif connection.token_ends_at is not None and connection.token_ends_at < time.time():
        state = "refreshed when next used"
    return {
        "name": connection.name,
        "default": default,
        "org_url": connection.org_url,
        "connected_as": connection.identity,
        "scopes": " ".join(scope for scope in connection.scopes_granted if scope not in OPENID_SCOPES),
        "actions": f"{len(_names(made, offered=True))} of {len(made)}",
        "token": state,
        "last_used": iso(connection.last_used) if connection.last_used else None,
    }


def use(name: str) -> None:
    settings = load()

    async def choose() -> Connection:
        async with Program(settings) as program:
            return await program.connections.book.choose(name)

    connection = anyio.run(choose)
    note(f"{named(connection)} is now the default connection.")
    note("Servers and chats that run keep the connection that they started with until they are restarted.")
    if settings.connection and settings.connection != name:
        note(f"Here OKTA_ACTIONS_CONNECTION={settings.connection} goes before the default.")


def disconnect(names: list[str], *, everything: bool, force: bool, yes: bool) -> None:
    """Disconnect all of them, or, where one does not exist or the person says no, none.

    Raises:
        InvalidInput: nobody could be asked. NotConnected: there is none of a name.
    """
    settings = load()
    ending = anyio.run(_ending, settings, names, everything)
    what = "forgotten, whether Okta revokes them or not" if force else "revoked at Okta and forgotten"
    if not yes:
        if not at_a_terminal():
            raise InvalidInput(
                f"Not disconnected: {'; '.join(map(named, ending))}. There is no terminal to ask at.",
                code="confirmation_required",
                next_step="Run it in a terminal, or add --yes.",
            )
        note("To be disconnected:")
        for connection in ending:
            note(f"  {named(connection)}")
        if not terminal.confirmed(f"Their tokens are {what}. Go on?"):
            note("Nothing was disconnected.")
            raise typer.Exit(Exit.DECLINED)

    async def leave() -> None:
        async with Program(settings) as program:
            if everything and await token.rotate(program):
                note(token.REPLACED)
            for one in ending:
                revoked = await program.connections.disconnect(one.name, force=force, by=at_the_command_line())
                done = "revoked and forgotten" if revoked else "forgotten, and not revoked at Okta"
                note(f"Disconnected {named(one)}: the tokens are {done}.")

    anyio.run(leave)


async def _ending(settings: Settings, names: list[str], everything: bool) -> list[Connection]:
    """The connections that are to be ended: those named, every one, or the default one."""
    async with Program(settings) as program:
        book = program.connections.book
        found = await book.all()
        for name in names:
            if name not in found:
                raise NotConnected(name, tuple(found))
        if names and everything:
            raise InvalidInput("Either names or --all; nothing was disconnected.", code="contradiction")
        if everything:
            return list(found.values())
        if names:
            return [found[name] for name in dict.fromkeys(names)]
        connection = await book.current()
        if connection is None:
            raise await book.missing(None)
        return [connection]


def named(connection: Connection) -> str:
    return f"{connection.name} ({connection.org_url}, as {connection.identity})"
