"""Looks for problems between this machine and an org, one at a time, and says how to fix them.

It changes nothing: it only reads, and sends requests that the org must refuse.
"""

import sys
from collections.abc import AsyncIterator
from typing import Any, Literal

from server import __version__
from server.connections.manager import App, app_of_settings
from server.connections.models import Connection, NeedsSignIn, repair
from server.connections.scopes import scopes_lacking
from server.desk.policy import remarks
from server.desk.shown import Shown
from server.desk.unmatched import unmatched
from server.journal.marking import lacking
from server.machine.placeholders import check_value
from server.program import Program
from server.settings import Settings
from server.store.marker import ACCEPT
from tools.okta.client import OktaClient
from tools.okta.errors import ActionError
from tools.okta.scopes import ROLES
from tools.okta.urls import org_url as checked_org_url

CLOCK_SECONDS = 60.0
"""Clock difference in seconds that is harmless."""
LOW = 0.1
"""The share of a rate limit below which little is left."""

State = Literal["ok", "warning", "problem"]


class Finding(Shown):
    """The result of one check. `repair` is the next step if it failed."""

    name: str
    state: State
    told: str
    repair: str | None = None

    def __init__(self, name: str, state: State, told: str, repair: str | None = None) -> None:
        given: dict[str, Any] = {"name": name, "state": state, "told": told, "repair": repair}
        super().__init__(**given)


def app_given(settings: Settings, org_url: str | None, client_id: str | None) -> App | None:
    """The app to examine before anything is connected, from what is given or set; None if nothing is given.

    Raises:
        InvalidInput: a given value is a placeholder, or the private key that is set is invalid.
    """
    if not org_url and not client_id:
        return None
    check_value("--org-url", org_url)
    check_value("--client-id", client_id)
    given = {"org_url": org_url or settings.org_url or "-", "client_id": client_id or settings.client_id or "-"}
    return app_of_settings(settings.model_copy(update=given))


async def examine(program: Program, name: str | None, app: App | None, foreign: list[str]) -> AsyncIterator[Finding]:
    """Every finding, in order of dependency; it stops when nothing further can be checked.

    `app` is one that is not connected yet; without it, the connection called `name` or the default one is examined.
    """
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("machine", "ok", f"Python {version} on {sys.platform}, okta-actions {__version__}")
    if foreign:
        place = "Install okta-actions with uvx or pipx, in an environment of its own."
        yield Finding("packages", "problem", f"Another package is in the way: {foreign[0]}.", place)
    else:
        yield Finding("packages", "ok", "The packages that are imported are ours.")
    try:
        source = await program.store.run(lambda database: database.vault.source)
        connection = await program.connections.current(name)
    except ActionError as error:
        yield _problem("store", error)
        return
    yield await _policy(program)
    where = "in memory" if program.settings.memory_only else str(program.settings.store_file)
    yield Finding("store", "ok", f"It opens, and only you can read it: {where}")
    yield Finding("vault", "ok", f"Its key opens it; kept in: {source}")
    if problem := await _incomplete(program):
        yield problem
    if app is None and connection is None:
        missing = await program.connections.book.missing(name)
        yield Finding("connection", "problem", missing.summary, missing.next_step)
        return
    if app is None and connection is not None:
        async for finding in _examine_connection(program, connection):
            yield finding
    elif app is not None:
        async for finding in _examine_app(program, app):
            yield finding


async def _incomplete(program: Program) -> Finding | None:
    try:
        missing = await program.recorder.read(lacking)
    except ActionError as error:
        return _problem("journal", error)
    step = f"Put the newest store back; or, to go on without those entries: {ACCEPT}"
    return Finding("journal", "problem", str(missing), step) if missing else None


async def _examine_connection(program: Program, connection: Connection) -> AsyncIterator[Finding]:
    yield Finding(
        "connection", "ok", f"{connection.name}: {connection.org_url} as {connection.identity}; {connection.how}"
    )
    if connection.owner_unknown:
        yield Finding(
            "own identity",
            "warning",
            "Okta did not tell whose the API token is, so that its owner is not protected as whom it acts as.",
            f"Add their login to protected_users, or ask Okta again: {repair(connection)}",
        )
    if connection.method != "api_token":
        app = await program.connections.app_of(connection)
        async for finding in _examine_app(program, app, device=connection.method == "device_code"):
            yield finding
            if finding.state == "problem" and finding.name in ("org URL", "network", "org"):
                return
    option = await program.connections.book.option(connection.name)
    if lacks := scopes_lacking(program.settings, connection, option):
        command = lacks.command if connection.method == "client_credentials" else repair(connection)
        # The rest works without this one.
        state: State = "warning" if lacks.scopes == (ROLES,) else "problem"
        step = f"Grant them to the app (Admin Console, Applications, the app, Okta API Scopes), then run: {command}"
        yield Finding("scopes", state, lacks.told, step)
    else:
        yield Finding("scopes", "ok", "What the allowed actions need is granted.")
    async for finding in _examine_token(program, connection):
        yield finding


async def _examine_app(program: Program, app: App, *, device: bool = False) -> AsyncIterator[Finding]:
    try:
        url = checked_org_url(app.org_url)
    except ActionError as error:
        yield _problem("org URL", error)
        return
    yield Finding("org URL", "ok", url)
    async with program.connections.server_of(App(url, app.client_id, app.credentials)) as server:
        try:
            await server.endpoint("token_endpoint")
        except ActionError as error:
            yield _problem("network" if error.code == "unreachable" else "org", error)
            return
        yield Finding("network", "ok", f"{url} answers.")
        yield Finding("org", "ok", "It is an Okta org, and says that it is this one.")
        yield _clock(server.clock_offset)
        refused = await server.probe(device=device)
        if refused is not None:
            yield Finding("client", "problem", refused.summary, refused.next_step)
        else:
            yield Finding("client", "ok", f"{app.client_id} proves itself with: {app.client_auth}")
        bound = server.credentials.dpop_key is not None
        yield Finding("DPoP", "ok", "The app demands it, and it is used." if bound else "The app does not demand it.")
        if not device and app.client_auth != "private_key_jwt":
            uri = program.settings.redirect_uri
            try:
                why = await server.refuses_redirect_uri()
            except ActionError as error:
                why = error.summary
            if why is None:
                yield Finding("redirect URI", "ok", f"{uri} is listed in the app.")
            else:
                step = f"List {uri} in the app (General, Sign-in redirect URIs), exactly so."
                yield Finding("redirect URI", "problem", why, step)


def _clock(offset: float) -> Finding:
    if abs(offset) <= CLOCK_SECONDS:
        return Finding("clock", "ok", "This machine's clock is right.")
    way = "behind" if offset > 0 else "ahead"
    return Finding(
        "clock",
        "problem",
        f"This machine's clock is {abs(offset) / 60:.0f} minutes {way} of Okta's.",
        "Set it, or let the system set it (NTP): signatures are dated by it.",
    )


async def _examine_token(program: Program, connection: Connection) -> AsyncIterator[Finding]:
    """One harmless read: checks that the token works and the role allows something, and reads the rate limit."""
    roles = "not readable (okta.roles.read)" if connection.roles is None else ", ".join(connection.roles) or "none"
    try:
        live = await program.connections.connected(connection.name)
        okta = await program.connections.client(live)
        people = await okta.get("users", limit=1)
    except NeedsSignIn as error:
        yield _problem("token", error)
        return
    except ActionError as error:
        if error.code in ("E0000006", "http_403"):
            yield Finding("token", "ok", "Okta accepts it.")
            yield Finding(
                "admin role",
                "problem",
                f"{connection.identity} has no role that lets it read people (roles: {roles}).",
                "Security → Administrators in the Admin Console: give it the role that docs/connecting.md describes.",
            )
            return
        yield _problem("token", error)
        return
    yield Finding("token", "ok", "Okta accepts it.")
    super_admin = "SUPER_ADMIN" in (connection.roles or ())
    yield Finding(
        "admin role",
        "warning" if super_admin else "ok",
        f"{connection.identity}: {roles}",
        "Give it the least role that works instead of Super Administrator." if super_admin else None,
    )
    yield await _rules(program, okta)
    if people and not program.settings.allow_administrators:
        yield await _administrators(okta, str(people[0].get("id")))
    if headroom := okta.headroom():
        left, limit = min(headroom.values(), key=lambda pair: pair[0] / pair[1])
        low = left / limit < LOW
        step = "Wait a minute, or ask Okta for a higher limit; other programs use the same one." if low else None
        yield Finding("rate limit", "warning" if low else "ok", f"{left} of {limit} requests left this minute.", step)


async def _policy(program: Program) -> Finding:
    """Where the rules come from, and any problem with that."""
    settings = program.settings
    if amiss := await remarks(program):
        step = "Unset the variables, if that is not meant." if settings.has_policy_file else None
        return Finding("policy", "warning", " ".join(amiss), step)
    if not settings.has_policy_file:
        return Finding("policy", "ok", f"No policy file at {settings.policy}: defaults, and variables.")
    return Finding("policy", "ok", f"The rules are those of {settings.policy}.")


async def _rules(program: Program, okta: OktaClient) -> Finding:
    """Whether everything that the rules name exists: a misspelt protection protects nobody."""
    try:
        found = await unmatched(program.settings, okta)
    except ActionError as error:
        return Finding("rules", "warning", f"Whom the rules name was not looked up: {error.summary}", error.next_step)
    if found:
        step = "Correct the entries, or remove them: they hold for nothing."
        return Finding("rules", "warning", " ".join(map(str, found)), step)
    return Finding("rules", "ok", "Whom and what the rules name is there.")


async def _administrators(okta: OktaClient, person: str) -> Finding:
    """Whether administrators, who are protected, can be told from others: if not, nothing is done to anybody."""
    try:
        await okta.get("users", person, "roles")
    except ActionError as error:
        return Finding(
            "administrators",
            "problem",
            f"Who is an administrator cannot be read, so everybody is protected as one: {error.summary}",
            "Grant okta.roles.read to the app, and to the identity's role the permission to view admin assignments; "
            "or set OKTA_ACTIONS_ALLOW_ADMINISTRATORS=true and let Okta alone protect them.",
        )
    return Finding("administrators", "ok", "They can be told from others, and are protected.")


def _problem(name: str, error: ActionError) -> Finding:
    return Finding(name, "problem", " ".join((error.summary, *error.causes)), error.next_step)
