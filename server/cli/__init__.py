"""The command line. Each command's work is imported when it runs, so that none waits for what it does not use."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from server import __version__
from server.cli.call import ActionGroup
from server.cli.report import EXIT_CODES, Exit, note, reporting
from server.cli.rooms import foreign_rooms, warning

app = typer.Typer(
    name="okta-actions",
    help=f"Administer an Okta org from AI assistants, chat and the command line.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"okta-actions {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and log to stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    ctx: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP instead of stdio.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to serve HTTP on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve HTTP on. [default: 8321]")] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Start the embedded Okta org, connect to it and serve that.")
    ] = False,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Admit anybody on this machine over HTTP; loopback addresses only.")
    ] = False,
) -> None:
    """Serve the actions over MCP.

    Over stdio, an MCP client starts this and talks to it; nothing else is written to its output. Over HTTP, clients
    send the bearer token that is printed at start. The server starts at once even if no org is connected.
    """
    from server.cli import serving

    with reporting(ctx.find_root().params["debug"]):
        if http:
            serving.over_http(host, port, sandbox=sandbox, authenticate=not no_auth)
        else:
            serving.over_stdio(sandbox=sandbox)


@app.command()
def connect(
    ctx: typer.Context,
    org_url: Annotated[str | None, typer.Option(help="For example https://dev-12345.okta.com")] = None,
    client_id: Annotated[str | None, typer.Option(help="The client ID of the app created in the org.")] = None,
) -> None:
    """Connect an Okta org through a sign-in in the browser.

    The tokens are kept on this machine, encrypted, and refreshed as long as Okta allows it.

    The client secret is asked for, or taken from OKTA_ACTIONS_CLIENT_SECRET; it is never an argument, for arguments
    are visible to every program on the machine. Afterwards it says as whom Okta will record what is done, which
    scopes were granted and which actions that switches on. README, “Connecting your org”, has the clicks.
    """
    from server.cli import connecting

    with reporting(ctx.find_root().params["debug"]):
        connecting.connect(org_url, client_id)


@app.command()
def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what is connected, and what needs attention.

    Which org, as whom Okta records what is done, the scopes granted, the actions they switch on and off, warnings, and
    where the data is. Exit code 0 also where nothing is connected.
    """
    from server.cli import connecting

    with reporting(ctx.find_root().params["debug"]):
        connecting.status(as_json)


@app.command()
def disconnect(
    ctx: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Forget the tokens even if Okta cannot be reached to revoke them.")
    ] = False,
) -> None:
    """Revoke the tokens at Okta, then forget them.

    If Okta cannot be reached nothing is forgotten, so that it can be tried again; --force forgets all the same.
    """
    from server.cli import connecting

    with reporting(ctx.find_root().params["debug"]):
        connecting.disconnect(force)


@app.command()
def actions(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List every action as a table.

    Its toolset, its effect (read, write, destructive), whether a person is asked first, the scopes it needs, and
    whether it is offered: if not, why.
    """
    from server.cli import listing

    with reporting(ctx.find_root().params["debug"]):
        listing.actions(as_json)


app.add_typer(
    typer.Typer(rich_markup_mode=None),
    name="call",
    cls=ActionGroup,
    no_args_is_help=True,
    help="Run one action. `okta-actions call ACTION --help` says what it takes. Where a person must confirm, it asks.",
)


@app.command()
def sandbox(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1. [default: 8322]")] = None,
    data: Annotated[Path | None, typer.Option(help="SQLite file to keep the org in. [default: in memory]")] = None,
    users: Annotated[int | None, typer.Option(min=1, help="Fill a new org with this many people.")] = None,
    api_token: Annotated[str | None, typer.Option(help="API token (SSWS) that the org accepts.")] = None,
) -> None:
    """Run the embedded Okta org alone.

    An HTTP server on loopback that behaves like an Okta org, with about sixty people in it, for tests and for trying
    things out. It prints the credentials it made for itself.
    """
    from server.cli import serving

    with reporting(ctx.find_root().params["debug"]):
        serving.the_sandbox(port, data, users, api_token)


def main() -> None:
    """The console script."""
    try:
        app()
    except ImportError:
        places = foreign_rooms()
        if not places:
            raise
        for place in places:
            note(warning(place))
        sys.exit(Exit.FAILED)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
