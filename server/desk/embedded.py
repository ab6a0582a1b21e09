"""The embedded org beside a server: started, connected, or shared with the process that already runs it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from server.connection_names import SANDBOX, is_embedded
from server.connections.manager import App
from server.connections.models import Credentials
from server.program import Program
from tools.okta.errors import ActionError, InvalidInput

if TYPE_CHECKING:
    import httpx2

    from server.sandbox.running import RunningSandbox

NAME = SANDBOX
"""The name of its connection."""
Tell = Callable[[str], None]


@asynccontextmanager
async def embedded(program: Program, tell: Tell) -> AsyncIterator[None]:
    """The embedded org, connected; if another process already runs it, that one is used.

    Raises:
        InvalidInput: something else uses its port or its connection's name.
    """
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
        await _share(program, tell)
        yield
        return
    try:
        await _connect(program, running, tell)
        yield
    finally:
        running.stop()


async def _refuse_real(program: Program) -> None:
    """Refuse to touch a connection that has the sandbox's name but leads to a real org, as older versions made them.

    Raises:
        InvalidInput: there is such a connection.
    """
    connection = await program.connections.book.named(SANDBOX)
    if connection is not None and not is_embedded(SANDBOX, connection.org_url):
        anew = f"okta-actions connect --name NAME --org-url {connection.org_url}"
        raise InvalidInput(
            f"The connection “{SANDBOX}” leads to {connection.org_url} as {connection.identity}, and the embedded org "
            "needs its name; it was left as it is, and nothing was started.",
            code="name_taken",
            next_step=f"Connect that org under another name ({anew}), then: okta-actions disconnect {SANDBOX}",
        )


async def _share(program: Program, tell: Tell) -> None:
    """Use the org that another process of ours runs.

    Raises:
        InvalidInput: the process there is another program, or runs another folder's org.
    """
    url = f"http://127.0.0.1:{program.settings.sandbox_port}"
    connection = await program.connections.current(SANDBOX)
    if connection is None or connection.org_url != url or connection.needs_sign_in or not await _is_org(url):
        raise InvalidInput(
            f"Port {program.settings.sandbox_port}, the sandbox's, is taken by another program.",
            code="port_taken",
            next_step="Stop it, or set OKTA_ACTIONS_SANDBOX_PORT to a free port.",
        )
    tell(f"The sandbox runs already, at {url}; it is shared.")


async def _is_org(url: str) -> bool:
    import httpx2

    try:
        async with httpx2.AsyncClient(timeout=3.0) as client:
            answer = await client.get(f"{url}/.well-known/okta-organization")
            return bool(answer.json()["cell"] == "sandbox")
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, RecursionError):
        return False


async def _connect(program: Program, running: "RunningSandbox", tell: Tell) -> None:
    """Sign in at our own org as anybody would, except that the administrator's session saves the clicks."""
    import httpx2

    demo = running.demo
    connection = await program.connections.book.named(SANDBOX)
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
        # An embedded org whose data was removed or whose port changed no longer exists, so it cannot revoke tokens.
        await program.connections.disconnect(SANDBOX, force=True)
    await program.connections.connect(app, present, tell, name=SANDBOX, replacing=True, ours=True)


async def _follow(browser: "httpx2.AsyncClient", answer: "httpx2.Response", redirect_uri: str) -> None:
    target = answer.headers.get("location", "")
    if urlsplit(target)[:3] != urlsplit(redirect_uri)[:3]:
        raise ActionError(
            "The sandbox did not sign in.", code="sandbox", next_step="Remove sandbox.db and start again."
        )
    await browser.get(target)
