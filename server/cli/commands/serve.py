"""`okta-actions serve`: the long-running process."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.serving import over_http, over_stdio


def command(
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
    if http:
        given: dict[str, object] = {
            "host": host,
            "port": port,
            "tls_cert": tls_cert and tls_cert.absolute(),
            "tls_key": tls_key and tls_key.absolute(),
            "behind_proxy": behind_proxy or None,
        }
        over_http(given, connection or [], sandbox=sandbox, authenticate=not no_auth, allow_hosts=allow_host or [])
    else:
        over_stdio(connection or [], sandbox=sandbox)
