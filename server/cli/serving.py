"""Serves MCP until the client leaves or a signal arrives. What only HTTP needs is imported for HTTP only."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from server.cli.garbage import STARTING, resume
from server.desk.embedded import NAME, embedded
from server.desk.journal import GO_ON, gap
from server.desk.policy import remarks
from server.mcp.serving import server_of
from server.mcp.standard_input import HeldInput
from server.mcp.transports import leave, serve_stdio
from server.media.terminal import note, say, say_json, waiting
from server.policy.caller import NOBODY, TOKEN, Principal
from server.program import Program
from server.settings import Settings, load

if TYPE_CHECKING:
    from server.desk.connections import ConnectionShown
    from server.http.addresses import Address


def over_stdio(names: list[str], *, sandbox: bool) -> None:
    names = [NAME] if sandbox else names
    settings = load(connection=names[0] if names else None)
    _note_gap(settings)

    async def serve() -> None:
        asyncio.get_running_loop().call_later(STARTING, resume)
        async with Program(settings) as program, _with_sandbox(program, sandbox):
            held = HeldInput()
            server = server_of(program, "stdio", names, middleware=[held])
            for remark in await remarks(program):
                note(remark)
            if sys.stdin.isatty():
                note("Serving MCP over stdio, for an MCP client that starts this. For people: okta-actions chat.")
                note("Stop with Ctrl-C.")
            await serve_stdio(server, held)

    anyio.run(serve)
    leave()


def over_http(
    given: dict[str, object], names: list[str], *, sandbox: bool, authenticate: bool, allow_hosts: list[str]
) -> None:
    """Serve over HTTP; `given` are settings from the command line, which override the environment."""
    from server.desk import http_token
    from server.desk.connections import current
    from server.http import tls
    from server.http.addresses import Address, names_of, require_safe
    from server.http.serving import serve_http

    names = [NAME] if sandbox else names
    settings = load(**given, connection=names[0] if names else None)
    certificate = settings.tls_cert
    private = certificate is not None or settings.behind_proxy
    require_safe(settings.host, authenticated=authenticate, private=private)
    context = tls.context(certificate, settings.tls_key) if certificate else None
    known = names_of((*settings.allow_hosts, *allow_hosts)) + (tls.names(certificate) if certificate else ())
    address = Address(settings.host, settings.port, known)
    _note_gap(settings)
    starting = ExitStack()

    def started(first: str | None, served: "list[ConnectionShown]") -> None:
        starting.close()
        _announce(settings, address, first, served)

    async def serve() -> None:
        asyncio.get_running_loop().call_later(STARTING, resume)
        async with Program(settings) as program, _with_sandbox(program, sandbox):
            principal = Principal(TOKEN, "http") if authenticate else Principal(NOBODY, "")
            server = server_of(program, "HTTP", names, principal=principal)
            first = (await http_token.show(program)).token if authenticate else None
            chosen = [await current(program, name) for name in (*names, *([] if names else [None]))]
            served = [connection for connection in chosen if connection is not None]
            for remark in await remarks(program):
                note(remark)
            await serve_http(
                server,
                address,
                http_token.Admitting(program, first) if first else None,
                lambda: started(first, served),
                context,
            )

    with starting:
        starting.enter_context(waiting("Starting"))
        anyio.run(serve)
    leave()


def _note_gap(settings: Settings) -> None:
    """Warn about missing journal entries at startup rather than at the first change."""
    if missing := gap(settings):
        note(f"The journal is not complete, and so nothing will be changed. {missing}")
        note(f"Put the newest store back; or a person runs at a terminal: {GO_ON}")


def _announce(settings: Settings, address: "Address", token: str | None, served: "list[ConnectionShown]") -> None:
    """What a person needs to use the server: its address, a configuration to paste, and something to try."""
    import shlex
    import shutil

    from server.http.serving import PATH

    url = f"{'https' if settings.tls_cert else 'http'}://{address.authority}{PATH}"
    entry = {"type": "http", "url": url, **({"headers": {"Authorization": f"Bearer {token}"}} if token else {})}
    here = sys.argv[0] if shutil.which("okta-actions") != sys.argv[0] else "okta-actions"
    named = f"OKTA_ACTIONS_CONNECTION={settings.connection} " if settings.connection else ""
    say(f"Okta Actions serves MCP on {url}")
    say("Client configuration (the token lets its holder administer the org):")
    say_json({"mcpServers": {"okta-actions": entry}})
    for connection in served:
        say(f"Org:   {connection.org_url} as {connection.identity}, the connection “{connection.name}”")
    if not served:
        say("Org:   none is connected yet: okta-actions connect")
    say(f"Try:   {named}{shlex.quote(here)} call lookup_user --user-id jane.doe@example.com", whole=True)
    say(f"Chat:  {named}{shlex.quote(here)} chat  # with OPENAI_API_KEY set", whole=True)
    say(f"Data:  {settings.data_dir}")
    say(f"Rules: {settings.policy if settings.has_policy_file else f'defaults, no policy file at {settings.policy}'}")
    say("Stop with Ctrl-C.")


@asynccontextmanager
async def _with_sandbox(program: Program, wanted: bool) -> AsyncIterator[None]:
    """Runs the embedded org beside the server, if requested."""
    if not wanted:
        yield
        return
    async with embedded(program, note):
        yield
