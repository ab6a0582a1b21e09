"""`connect`, `status` and `disconnect`: the person's side of the connection."""

import json
import os
import webbrowser
from typing import TYPE_CHECKING

import anyio
import typer

from server.cli.report import console, note
from server.cli.rooms import foreign_rooms, warning
from server.connections.models import Connection
from server.guard import Offer, offers
from server.program import Program
from server.settings import load
from tools.catalogue import CATALOGUE
from tools.okta.errors import InvalidInput
from tools.okta.urls import org_url as checked_org_url

if TYPE_CHECKING:
    from rich.table import Table


def connect(org_url: str | None, client_id: str | None) -> None:
    settings = load()
    org_url = checked_org_url(_given(org_url or settings.org_url, "--org-url", "Org URL"))
    client_id = _given(client_id or settings.client_id, "--client-id", "Client ID")
    if settings.client_secret:
        secret = settings.client_secret.get_secret_value()
    else:
        secret = _given(None, "OKTA_ACTIONS_CLIENT_SECRET", "Client secret", hide=True)
    connection = anyio.run(_sign_in, org_url, client_id, secret)
    note(f"Connected to {connection.org_url} as {connection.identity}.")
    _tell(connection)


def _given(value: str | None, name: str, prompt: str, *, hide: bool = False) -> str:
    """What was given, or else what the person at the terminal answers."""
    if not value and os.isatty(0):
        value = typer.prompt(prompt, hide_input=hide, err=True)
    if not value:
        raise InvalidInput(f"{name} is missing.", code="missing_option", next_step=f"Give {name}.")
    return value


async def _sign_in(org_url: str, client_id: str, secret: str) -> Connection:
    async def present(url: str) -> None:
        note(f"Sign in in the browser. If none opens, go to:\n{url}")
        # Text-mode browsers would take over this terminal.
        if os.name != "posix" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or _is_mac():
            await anyio.to_thread.run_sync(webbrowser.open, url)

    async with Program(load()) as program:
        return await program.connections.connect(org_url, client_id, secret, present, note)


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"


def _tell(connection: Connection) -> None:
    """What the connection may do, and what an administrator should look at."""
    made = offers(CATALOGUE.values(), connection)
    table = _grid()
    table.add_row("scopes", " ".join(connection.scopes_granted))
    table.add_row("actions on", " ".join(_names(made, offered=True)) or "none")
    if off := _names(made, offered=False):
        table.add_row("actions off", " ".join(off))
    console().print(table)
    for text in connection.warnings:
        note(f"Warning: {text}")


def _names(made: list[Offer], *, offered: bool) -> list[str]:
    return [offer.action.name for offer in made if (offer.reason is None) is offered]


def _grid() -> "Table":
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    return table


def status(as_json: bool) -> None:
    settings = load()

    async def ask() -> tuple[dict[str, object], Connection | None]:
        async with Program(settings) as program:
            return await program.connections.describe(), await program.connections.current()

    described, connection = anyio.run(ask)
    foreign = foreign_rooms()
    if as_json:
        print(json.dumps({**described, "data_dir": str(settings.data_dir), "foreign_packages": foreign}, indent=2))
    else:
        table = _grid()
        if connection is None:
            table.add_row("connected", "no")
        else:
            table.add_row("connected", "no: a new sign-in is needed" if connection.needs_sign_in else "yes")
            table.add_row("connection", connection.name)
            table.add_row("org", connection.org_url)
            table.add_row("as", f"{connection.identity}  (Okta records what is done under this name)")
            table.add_row("since", connection.connected_since)
            table.add_row("client id", connection.client_id)
        table.add_row("data", str(settings.data_dir))
        console().print(table)
        if connection is not None:
            _tell(connection)
    for place in foreign:
        note(warning(place))
    if connection is None:
        note(f"Next: {described['next_step']}")


def disconnect(force: bool) -> None:
    async def leave() -> Connection:
        async with Program(load()) as program:
            return await program.connections.disconnect(force=force)

    connection = anyio.run(leave)
    note(f"Disconnected from {connection.org_url}: the tokens are {'forgotten' if force else 'revoked and forgotten'}.")
