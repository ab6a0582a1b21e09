"""Connections: what is connected, as whom, and what that allows; choosing, ending and moving them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from server.connections.models import OPENID_SCOPES, Connection, Method, NotConnected
from server.connections.moving import packed, to_export, unpacked
from server.connections.scopes import Lacking, Reach, reach, scopes_lacking
from server.connections.ways_in import FOREVER
from server.desk.freezing import Freeze
from server.desk.journal import GO_ON, gap
from server.desk.shown import Shown, Time, at
from server.policy.caller import Caller
from server.program import Program
from tools.okta.errors import InvalidInput

TokenState = Literal["valid", "expired", "needs_sign_in"]
"""An expired token is refreshed when it is next used."""


class IdentityShown(Shown):
    """The identity that Okta names as the actor."""

    user_id: str
    login: str | None
    name: str | None

    def __str__(self) -> str:
        return f"{self.name} <{self.login}>" if self.name and self.login else self.login or self.user_id


class ConnectionShown(Shown):
    """A connection, without its secrets."""

    name: str
    default: bool = Field(description="Whether it is used where none is named.")
    org_url: str
    identity: IdentityShown
    client_id: str | None
    method: Method
    client_auth: str | None
    dpop: bool
    how: str = Field(description="The way in, in words.")
    admin_roles: list[str] | None = Field(description="null where they could not be read.")
    scopes_granted: list[str]
    scopes_not_granted: list[str] = Field(description="What the allowed actions need and it lacks.")
    actions_without_scope: list[str]
    scopes_next_step: str | None = Field(description="How it gets the scopes that it lacks.")
    actions_on: list[str]
    actions_off: list[str]
    token: TokenState
    token_until: Time | None
    connected_since: Time
    last_used: Time | None
    warnings: list[str]

    @property
    def lacks(self) -> str:
        """What it lacks, in one line for a terminal; empty if nothing."""
        scopes, actions = tuple(self.scopes_not_granted), tuple(self.actions_without_scope)
        return Lacking(scopes, actions, "").told if scopes else ""

    @property
    def named(self) -> str:
        return f"{self.name} ({self.org_url}, as {self.identity})"


class JournalGap(Shown):
    """Entries missing from the journal; until this is settled, nothing can be changed."""

    told: str
    next_step: str


class Status(Shown):
    """The default connection, and what is wrong here."""

    connected: bool = Field(description="Whether there is a connection, and its tokens can be used.")
    connection: ConnectionShown | None
    next_step: str | None
    data_dir: str
    journal_gap: JournalGap | None
    frozen: Freeze | None
    foreign_packages: list[str] = Field(description="Packages that are imported instead of this program's.")


class Chosen(Shown):
    """The default connection now; `overruled_by` is one set by a variable, which takes precedence."""

    connection: ConnectionShown
    overruled_by: str | None


class Disconnected(Shown):
    """A connection that ended, and whether Okta revoked its tokens."""

    connection: ConnectionShown
    revoked: bool


class Moved(Shown):
    """Connections that were written to a file or read from one."""

    file: str
    connections: list[ConnectionShown]


@dataclass(frozen=True)
class _Allowed:
    """What follows from the rules and a connection's scopes alone. Of many connections, most have the same."""

    reach: Reach
    on: list[str]
    off: list[str]


class _View:
    """Shows connections; what several have in common is worked out once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[object, _Allowed] = {}

    def allowed(self, connection: Connection) -> _Allowed:
        same = (connection.limited, connection.scopes_granted, connection.scopes_requested)
        if same not in self._known:
            offers = self._program.guard.offers(connection)
            self._known[same] = _Allowed(
                reach(self._program.settings, connection),
                [offer.action.name for offer in offers if offer.reason is None],
                [offer.action.name for offer in offers if offer.reason is not None],
            )
        return self._known[same]


async def shown(
    program: Program, connection: Connection, current: Connection | None, view: _View | None = None
) -> ConnectionShown:
    named = current is None or current.name != connection.name
    option = connection.name if named else await program.connections.book.option()
    allowed = (view or _View(program)).allowed(connection)
    lacks = scopes_lacking(program.settings, connection, option, allowed.reach)
    ends = connection.token_ends_at
    state: TokenState = "valid"
    if connection.needs_sign_in:
        state = "needs_sign_in"
    elif ends is not None and ends < time.time():
        state = "expired"
    return ConnectionShown(
        name=connection.name,
        default=connection == current,
        org_url=connection.org_url,
        identity=IdentityShown(user_id=connection.user_id, login=connection.login, name=connection.person),
        client_id=connection.client_id or None,
        method=connection.method,
        client_auth=connection.client_auth if connection.method != "api_token" else None,
        dpop=connection.dpop,
        how=connection.how,
        admin_roles=list(connection.roles) if connection.roles is not None else None,
        scopes_granted=[scope for scope in connection.scopes_granted if scope not in OPENID_SCOPES],
        scopes_not_granted=list(lacks.scopes) if lacks else [],
        actions_without_scope=list(lacks.actions) if lacks else [],
        scopes_next_step=lacks.next_step if lacks else None,
        actions_on=allowed.on,
        actions_off=allowed.off,
        token=state,
        token_until=at(ends) if ends and ends < FOREVER else None,
        connected_since=at(connection.connected_at),
        last_used=at(connection.last_used) if connection.last_used else None,
        warnings=connection.warnings,
    )


async def _all_shown(program: Program, chosen: Iterable[Connection]) -> list[ConnectionShown]:
    current, view = await program.connections.current(), _View(program)
    return [await shown(program, connection, current, view) for connection in chosen]


async def connections(program: Program) -> list[ConnectionShown]:
    """All of them."""
    return await _all_shown(program, (await program.connections.book.all()).values())


async def current(program: Program, name: str | None = None) -> ConnectionShown | None:
    """The connection of that name, or the default one."""
    found = await program.connections.current(name)
    return await shown(program, found, await program.connections.current()) if found is not None else None


async def status(program: Program, foreign: list[str], *, refresh: bool = False) -> Status:
    """The default connection. `foreign`: packages that shadow this program's.

    With `refresh`, Okta is asked first which scopes it grants now.

    Raises:
        ActionError: with `refresh`, nothing is connected, or Okta cannot be asked.
    """
    if refresh:
        await program.connections.refresh()
    connection = await current(program)
    described = await program.connections.describe()
    if connection is not None:
        connection = connection.model_copy(update={"warnings": described["warnings"]})
    missing = gap(program.settings)
    return Status(
        connected=described["connected"],
        connection=connection,
        next_step=described.get("next_step"),
        data_dir=str(program.settings.data_dir),
        journal_gap=JournalGap(told=missing, next_step=GO_ON) if missing else None,
        frozen=Freeze.of(frozen) if (frozen := await program.connections.frozen()) is not None else None,
        foreign_packages=foreign,
    )


async def use(program: Program, name: str) -> Chosen:
    """Make a connection the default.

    Raises:
        NotConnected: there is no connection of that name.
    """
    found = await program.connections.book.choose(name)
    setting = program.settings.connection
    return Chosen(
        connection=await shown(program, found, found), overruled_by=setting if setting and setting != name else None
    )


async def to_end(program: Program, names: list[str], *, everything: bool) -> list[ConnectionShown]:
    """The connections that would be ended: those named, all of them, or the default one.

    Raises:
        NotConnected: there is none of a name, or none at all. InvalidInput: both names and everything were given.
    """
    book = program.connections.book
    found = await book.all()
    for name in names:
        if name not in found:
            raise NotConnected(name, tuple(found))
    if names and everything:
        raise InvalidInput("Either names or --all; nothing was disconnected.", code="contradiction")
    if everything:
        return await _all_shown(program, found.values())
    if names:
        return await _all_shown(program, [found[name] for name in dict.fromkeys(names)])
    connection = await book.current()
    if connection is None:
        raise await book.missing(None)
    return [await shown(program, connection, connection)]


async def disconnect(program: Program, connection: ConnectionShown, by: Caller, *, force: bool) -> Disconnected:
    """Revoke its tokens at Okta, then forget them. With `force` they are forgotten even if Okta does not answer.

    Raises:
        NotConnected: it is gone. ActionError: the tokens could not be revoked; nothing changed.
    """
    revoked = await program.connections.disconnect(connection.name, force=force, by=by)
    return Disconnected(connection=connection, revoked=revoked)


async def exported(program: Program, name: str | None) -> list[ConnectionShown]:
    """The connections that an export would hold: the named one, or all but the embedded org's.

    Raises:
        NotConnected: there is none.
    """
    return await _all_shown(program, await to_export(program.connections, name))


async def export(program: Program, name: str | None, passphrase: str) -> bytes:
    """Export connections with their secrets, sealed under a passphrase. Selection and errors: see `exported`."""
    return await packed(program.connections, program.store, passphrase, name)


async def take_in(
    program: Program, sealed: bytes, passphrase: str, by: Caller, *, replace: bool
) -> list[ConnectionShown]:
    """Import the connections of an export. With `replace` they take the place of existing ones, which end then.

    Raises:
        InvalidInput: the passphrase or the file is wrong, or a name is taken; nothing changed. ActionError: the tokens
            of a replaced connection could not be revoked.
    """
    names = await unpacked(program.connections, sealed, passphrase, replace=replace, by=by)
    found = await program.connections.book.all()
    return await _all_shown(program, [found[name] for name in names])
