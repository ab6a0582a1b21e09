"""The command line. Each command's work is imported when it runs, so that none waits for what it does not use."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from server import __version__
from server.cli import models
from server.cli.call import ActionGroup
from server.cli.journal import journal
from server.cli.options import AsJson, ConnectionName
from server.cli.report import EXIT_CODES, Exit, left_unread, reporting
from server.cli.rooms import foreign_rooms, warning
from server.cli.token import token

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
        from server.media.terminal import say

        say(f"okta-actions {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and log to stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    from server.logs import set_up

    set_up(debug)


@app.command()
def serve(
    ctx: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP instead of stdio.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to serve HTTP on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to serve HTTP on. [default: 8321]")] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Start the embedded Okta org, connect to it and serve that.")
    ] = False,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Admit anybody on this machine over HTTP; loopback addresses only.")
    ] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="Serve HTTPS with this certificate chain, in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key, in PEM, if in another file.")] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front has HTTPS: serve plain HTTP on any address.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="One more host name that HTTP clients call the server by.")
    ] = None,
    connection: Annotated[
        list[str] | None,
        typer.Option(help="Name of the connection to serve; several let each call choose. [default: the default one]"),
    ] = None,
) -> None:
    """Serve the actions over MCP.

    Over stdio, an MCP client starts this and talks to it; nothing else is written to its output. Over HTTP, clients
    send the bearer token that is printed at start. The server starts at once even if no org is connected. An address
    that other machines can reach is served with a certificate or behind a proxy only.
    """
    from server.cli import serving

    with reporting(ctx):
        if http:
            serving.over_http(
                {
                    "host": host,
                    "port": port,
                    "tls_cert": tls_cert and tls_cert.absolute(),
                    "tls_key": tls_key and tls_key.absolute(),
                    "behind_proxy": behind_proxy or None,
                },
                connection or [],
                sandbox=sandbox,
                authenticate=not no_auth,
                allow_hosts=allow_host or [],
            )
        else:
            serving.over_stdio(connection or [], sandbox=sandbox)


@app.command()
def connect(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option(help="Name to give the connection. [default: default]")] = None,
    org_url: Annotated[str | None, typer.Option(help="For example https://dev-12345.okta.com")] = None,
    client_id: Annotated[str | None, typer.Option(help="The client ID of the app created in the org.")] = None,
    device: Annotated[bool, typer.Option("--device", help="Sign in on another device, by a code.")] = False,
    service: Annotated[bool, typer.Option("--service", help="Connect a service app, without a person.")] = False,
    private_key_file: Annotated[Path | None, typer.Option(help="The app's private key: PEM or JWK.")] = None,
    kid: Annotated[
        str | None, typer.Option(help="The ID that Okta shows for the key, if Okta made it or the file is PEM.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Sign in in the browser, also with a key.")] = False,
    public: Annotated[bool, typer.Option("--public", help="The app has no client secret (PKCE only).")] = False,
    api_token: Annotated[bool, typer.Option("--api-token", help="By an API token, if that is allowed.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Ask only for scopes that read.")] = False,
    add_scopes: Annotated[bool, typer.Option("--add-scopes", help="Add scopes to what is granted already.")] = False,
    replace: Annotated[
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
    from it; another org, app or identity takes its name only with --replace, which revokes the old tokens. README,
    “Connecting your org”, has the clicks.
    """
    from server.cli import connecting
    from server.desk.connecting import Wanted

    with reporting(ctx):
        connecting.connect(
            Wanted(
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
                replace=replace,
            )
        )


@app.command()
def connections(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the connections as a table.

    Name, org, as whom, scopes, how many actions they allow, the state of the token, and when it was last used. The
    one that is used if none is named has a star.
    """
    from server.cli import connecting

    with reporting(ctx):
        connecting.connections(as_json)


@app.command()
def use(ctx: typer.Context, name: Annotated[str, typer.Argument(help="Name of a connection.")]) -> None:
    """Make a connection the default."""
    from server.cli import connecting

    with reporting(ctx):
        connecting.use(name)


@app.command()
def status(
    ctx: typer.Context,
    connection: ConnectionName = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask Okta first which scopes it grants now, for a service app each anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is connected, and what needs attention.

    Which org, as whom Okta records what is done, the scopes granted, the actions they switch on and off, warnings, and
    where the data is. What lacks a scope is named, with how to get it. Exit code 0 also where nothing is connected,
    unless --refresh was to ask there.
    """
    from server.cli import connecting

    with reporting(ctx):
        connecting.status(connection, as_json, refresh)


@app.command()
def disconnect(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Names of connections. [default: the default one]")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every connection.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Forget the tokens even if Okta cannot be reached to revoke them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Revoke the tokens at Okta, then forget them.

    It says which connections, orgs and identities it is about and asks; without a terminal it needs --yes. A name that
    does not exist refuses all of it. If Okta cannot be reached nothing is forgotten, so that it can be tried again;
    --force forgets all the same.
    """
    from server.cli import connecting

    with reporting(ctx):
        connecting.disconnect(names or [], everything=everything, force=force, yes=yes)


@app.command()
def doctor(
    ctx: typer.Context,
    connection: ConnectionName = None,
    org_url: Annotated[str | None, typer.Option(help="Look at an org that is not connected yet.")] = None,
    client_id: Annotated[str | None, typer.Option(help="The app to look at there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find out what is wrong, and how to mend it.

    It looks at this machine, the store, the network, the clock, the app, its redirect URI, the scopes, the admin role
    and the rate limits, one line each, and changes nothing. The client secret or key of an app that is not connected
    yet is taken from OKTA_ACTIONS_CLIENT_SECRET or OKTA_ACTIONS_PRIVATE_KEY. Exit code 1 if there is a problem.
    """
    from server.cli import doctoring

    with reporting(ctx):
        doctoring.doctor(connection, org_url, client_id, as_json)


@app.command()
def keygen(
    ctx: typer.Context,
    file: Annotated[Path, typer.Option(help="Where the private key goes; it must not exist.")],
    rsa: Annotated[bool, typer.Option("--rsa", help="RSA instead of an elliptic curve.")] = False,
) -> None:
    """Make a key for a service app.

    The private key goes to a file that only you can read; the public key, to be pasted into the app's settings in the
    Admin Console, is printed.
    """
    from server.cli import keeping

    with reporting(ctx):
        keeping.keygen(file, "RSA" if rsa else "EC")


vault = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The store's own keys.")
app.add_typer(vault, name="vault")


@vault.callback()
def _vault() -> None:
    pass


@vault.command()
def rotate(ctx: typer.Context) -> None:
    """Seal everything with new keys.

    A key in the keyring or in the key file is replaced. One from OKTA_ACTIONS_VAULT_KEY or a command is not ours to
    change: give the new one as OKTA_ACTIONS_NEW_VAULT_KEY, then put it where the old one was.
    """
    from server.cli import keeping

    with reporting(ctx):
        keeping.rotate()


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    name: Annotated[str | None, typer.Option(help="One connection. [default: all of them]")] = None,
) -> None:
    """Write connections to a file that only its passphrase opens.

    The passphrase is asked for, or taken from OKTA_ACTIONS_PASSPHRASE.
    """
    from server.cli import keeping

    with reporting(ctx):
        keeping.export(file, name)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that export wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace connections of the same names.")] = False,
) -> None:
    """Take connections in from a file that export wrote."""
    from server.cli import keeping

    with reporting(ctx):
        keeping.take_in(file, replace=replace)


@app.command()
def actions(ctx: typer.Context, connection: ConnectionName = None, as_json: AsJson = False) -> None:
    """List every action as a table.

    Its toolset, its effect (read, write, destructive), whether a person is asked first, the scopes it needs, and
    whether it is offered: if not, why.
    """
    from server.cli import listing

    with reporting(ctx):
        listing.actions(connection, as_json)


app.add_typer(
    typer.Typer(rich_markup_mode=None),
    name="call",
    cls=ActionGroup,
    no_args_is_help=True,
    help="Run one action. `okta-actions call ACTION --help` says what it takes. Where a person must confirm, it asks.",
)


app.command()(models.chat)
app.command()(models.ask)
app.command("eval")(models.evaluation)


@app.command()
def undo(
    ctx: typer.Context,
    change: Annotated[
        str | None, typer.Argument(help="Id of a change. [default, at a terminal: the newest that can be undone]")
    ] = None,
    connection: ConnectionName = None,
    reason: Annotated[str | None, typer.Option(help="Why it is undone; recorded with it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would do.")] = False,
) -> None:
    """Undo a change that was made through okta-actions.

    At a terminal it says what it will do and asks. Without one the change must be named, and it is refused where the
    rules want a person's yes. It is refused too, with the reason, where a change cannot be reversed, or where somebody
    changed the same since.
    """
    from server.cli import undoing

    with reporting(ctx):
        undoing.undo(change, connection, reason, dry_run=dry_run)


@app.command()
def approve(
    ctx: typer.Context,
    request: Annotated[str | None, typer.Argument(help="Id of a request. [default: list those that wait]")] = None,
    as_json: AsJson = False,
) -> None:
    """Approve a change that was asked for where no person could be asked.

    The request is shown in full, as Okta has its target now, and waits for your yes. It is good once, and for five
    minutes. Only at a terminal. Policy decides whether there are such requests: change_requests.
    """
    from server.cli import approving

    with reporting(ctx):
        approving.approve(request, as_json)


@app.command()
def policy(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the rules in force, and where they come from."""
    from server.cli import listing

    with reporting(ctx):
        listing.policy(as_json)


@app.command()
def freeze(
    ctx: typer.Context,
    reads: Annotated[bool, typer.Option("--reads", help="Stop reads as well.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; every refusal says it, and it is recorded.")] = None,
) -> None:
    """Stop all writes at once, in every process that uses this store.

    Servers, chats, approvals and undos are refused until `okta-actions unfreeze`. What Okta is doing already ends.
    """
    from server.cli import freezing

    with reporting(ctx):
        freezing.freeze(reason, reads=reads)


@app.command()
def unfreeze(
    ctx: typer.Context, reason: Annotated[str | None, typer.Option(help="Why; recorded with it.")] = None
) -> None:
    """Let everything that `okta-actions freeze` stopped go on."""
    from server.cli import freezing

    with reporting(ctx):
        freezing.unfreeze(reason)


app.add_typer(journal, name="journal")
app.add_typer(token, name="token")


@app.command()
def sandbox(
    ctx: typer.Context,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port on 127.0.0.1. [default: 8322]")] = None,
    data: Annotated[Path | None, typer.Option(help="SQLite file to keep the org in. [default: in memory]")] = None,
    users: Annotated[int | None, typer.Option(min=1, help="Fill a new org with this many people.")] = None,
    api_token: Annotated[str | None, typer.Option(help="API token (SSWS) that the org accepts.")] = None,
    public_key: Annotated[
        Path | None,
        typer.Option(help="Your public key (JWK or PEM) for the service app. [default: a pair in the data folder]"),
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="HTTPS, with a certificate made on the spot.")] = False,
) -> None:
    """Run the embedded Okta org alone.

    An HTTP server on loopback that behaves like an Okta org, with about sixty people in it, for tests and for trying
    things out. It prints the credentials it made for itself: an API token, a web, a native and a service app.
    Administrators make others at /oauth2/v1/clients, as at Okta.

    Behind a proxy that ends TLS, the proxy must run on this machine, pass the Host header on and send
    X-Forwarded-Proto: the org takes its own URL from them, which tokens name and DPoP proofs are checked against.
    """
    from server.cli import sandboxing

    with reporting(ctx):
        sandboxing.the_sandbox(port, data, users, api_token, public_key, tls=tls)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what an encoding does not have is no reason to end
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        from server.media.terminal import note

        told = io.StringIO()
        error.show(told)  # type: ignore[attr-defined]
        note(*told.getvalue().rstrip("\n").split("\n"))
        sys.exit(error.exit_code)
    except typer.Abort:
        print("Aborted!", file=sys.stderr)
        sys.exit(Exit.FAILED)
    except ImportError:
        places = foreign_rooms()
        if not places:
            raise
        for place in places:
            print(warning(place), file=sys.stderr)  # plainly, for what note needs may be what is in the way
        sys.exit(Exit.FAILED)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        left_unread()
        sys.exit(Exit.NOT_READ)
