"""`serve`: the process that stays."""

import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from server.connection_names import SANDBOX, is_embedded
from server.connections.manager import App
from server.connections.models import Connection, Credentials
from server.desk.policy import remarks
from server.mcp.request_state import SharedState
from server.mcp.server import OktaActionsServer
from server.mcp.standard_input import HeldInput
from server.mcp.transports import leave, serve_stdio
from server.media.terminal import note, say, say_json
from server.policy.caller import NOBODY, TOKEN, Principal
from server.program import Program
from server.settings import Settings, load
from server.store.marker import ACCEPT, gap_at_start
from server.store.schema import StoreError
from tools.okta.errors import ActionError, InvalidInput

if TYPE_CHECKING:
    import httpx2

    from server.http.addresses import Address
    from server.sandbox.running import RunningSandbox


def over_stdio(names: list[str], *, sandbox: bool) -> None:
    names = [SANDBOX] if sandbox else names
    settings = load(connection=names[0] if names else None)
    _note_gap(settings)

    async def serve() -> None:
        async with Program(settings) as program, _with_sandbox(program, sandbox):
            held = HeldInput()
            state = SharedState(program.store)
            server = OktaActionsServer(program.door, program.connections, "stdio", state, [held], names)
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
    """Serve over HTTP; `given` are settings of the command line, which go before those of the environment."""
    from server.http import tls, token
    from server.http.addresses import Address, names_of, require_safe
    from server.http.serving import serve_http

    names = [SANDBOX] if sandbox else names
    settings = load(**given, connection=names[0] if names else None)
    certificate = settings.tls_cert
    private = certificate is not None or settings.behind_proxy
    require_safe(settings.host, authenticated=authenticate, private=private)
    context = tls.context(certificate, settings.tls_key) if certificate else None
    known = names_of((*settings.allow_hosts, *allow_hosts)) + (tls.names(certificate) if certificate else ())
    address = Address(settings.host, settings.port, known)
    _note_gap(settings)

    async def serve() -> None:
        async with Program(settings) as program, _with_sandbox(program, sandbox):
            state = SharedState(program.store)
            server = OktaActionsServer(
                program.door,
                program.connections,
                "HTTP",
                state,
                allowed=names,
                principal=Principal(TOKEN, "http") if authenticate else Principal(NOBODY, ""),
            )
            first = await program.store.run(token.read_or_make) if authenticate else None

            async def current() -> str:
                # Looked up for each request, so that a token that was replaced is refused at once.
                nonlocal first
                try:
                    kept: str | None = await program.store.read(token.read)
                except StoreError:
                    # Nothing is done through a store that cannot be read, and the call itself says why best.
                    kept = first
                if kept is None:
                    raise token.gone()
                first = kept
                return kept

            chosen = [await program.connections.current(name) for name in (*names, *([] if names else [None]))]
            served = [connection for connection in chosen if connection is not None]
            for remark in await remarks(program):
                note(remark)
            await serve_http(
                server,
                address,
                current if first else None,
                lambda: _announce(settings, address, first, served),
                context,
            )

    anyio.run(serve)
    leave()


def _note_gap(settings: Settings) -> None:
    """Say at once where the journal lacks entries, rather than at the first change."""
    if not settings.memory_only and (missing := gap_at_start(settings.store_file, settings.marker_file)):
        note(f"The journal is not complete, and so nothing will be changed. {missing}")
        note(f"Put the newest store back; or a person runs at a terminal: {ACCEPT}")


def _announce(settings: Settings, address: "Address", token: str | None, served: list[Connection]) -> None:
    """What a person needs to use the server: its address, a configuration to paste, something to try."""
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
    """The embedded org beside the server, connected; the one of another process if that runs already."""
    if not wanted:
        yield
        return
    from server.sandbox.running import PortTaken, RunningSandbox

    settings = program.settings
    await _refuse_real(program)
    try:
        running = await anyio.to_thread.run_sync(
            lambda: RunningSandbox(
                settings.sandbox_file, port=settings.sandbox_port, redirect_uris=[settings.redirect_uri]
            ).start()
        )
    except PortTaken:
        await _share(program)
        yield
        return
    try:
        await _connect(program, running)
        yield
    finally:
        running.stop()


async def _refuse_real(program: Program) -> None:
    """Leave a connection alone that has the sandbox's name and leads to a real org, as older versions made them.

    Raises:
        InvalidInput: there is one.
    """
    connection = (await program.connections.book.all()).get(SANDBOX)
    if connection is not None and not is_embedded(SANDBOX, connection.org_url):
        anew = f"okta-actions connect --name NAME --org-url {connection.org_url}"
        raise InvalidInput(
            f"The connection “{SANDBOX}” leads to {connection.org_url} as {connection.identity}, and the embedded org "
            "needs its name; it was left as it is, and nothing was started.",
            code="name_taken",
            next_step=f"Connect that org under another name ({anew}), then: okta-actions disconnect {SANDBOX}",
        )


async def _share(program: Program) -> None:
    """Go on with the org that another process of ours runs.

    Raises:
        InvalidInput: what runs there is another program, or another folder's org.
    """
    url = f"http://127.0.0.1:{program.settings.sandbox_port}"
    connection = await program.connections.current(SANDBOX)
    if connection is None or connection.org_url != url or connection.needs_sign_in or not await _is_org(url):
        raise InvalidInput(
            f"Port {program.settings.sandbox_port}, the sandbox's, is taken by another program.",
            code="port_taken",
            next_step="Stop it, or set OKTA_ACTIONS_SANDBOX_PORT to a free port.",
        )
    note(f"The sandbox runs already, at {url}; it is shared.")


async def _is_org(url: str) -> bool:
    import httpx2

    try:
        async with httpx2.AsyncClient(timeout=3.0) as client:
            answer = await client.get(f"{url}/.well-known/okta-organization")
            return bool(answer.json()["cell"] == "sandbox")
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, RecursionError):
        return False


async def _connect(program: Program, running: "RunningSandbox") -> None:
    """Sign in at our own org as anybody would, except that the administrator's session spares the clicks."""
    import httpx2

    demo = running.demo
    connection = (await program.connections.book.all()).get(SANDBOX)
    if (
        connection is not None
        and (connection.org_url, connection.client_id) == (running.url, demo.client_id)
        and connection.needs_sign_in is None
    ):
        return

    async def present(url: str) -> None:
        name, value = demo.session_cookie
        async with httpx2.AsyncClient(timeout=10.0) as browser:
            answer = await browser.get(url, headers={"cookie": f"{name}={value}"})
            await _follow(browser, answer, program.settings.redirect_uri)

    app = App(running.url, demo.client_id, Credentials(client_secret=demo.client_secret))
    if connection is not None and (connection.org_url, connection.client_id) != (running.url, demo.client_id):
        # An embedded org that is no more, as its data was removed or its port changed: there is nobody to revoke at.
        await program.connections.disconnect(SANDBOX, force=True)
    await program.connections.connect(app, present, note, name=SANDBOX, replacing=True, ours=True)


async def _follow(browser: "httpx2.AsyncClient", answer: "httpx2.Response", redirect_uri: str) -> None:
    target = answer.headers.get("location", "")
    if urlsplit(target)[:3] != urlsplit(redirect_uri)[:3]:
        raise ActionError(
            "The sandbox did not sign in.", code="sandbox", next_step="Remove sandbox.db and start again."
        )
    await browser.get(target)
