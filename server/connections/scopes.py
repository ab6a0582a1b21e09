"""Scopes: which ones are requested, which ones an app was granted, and which actions are not offered without the rest.

The scopes that the allowed actions need are requested. Okta grants a service app all requested scopes or none, and does
not list what it would grant; so the granted scopes are found out once and kept with its tokens.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.connection_names import DEFAULT, is_embedded
from server.connections.models import OPENID_SCOPES, Connection, Tokens, repair
from server.connections.sign_in import SignInFailed
from server.policy.allowing import allowed_actions
from server.policy.rules import Rules
from tools.catalogue import needed_scopes
from tools.contract.definition import Effect
from tools.contract.listing import ListedAction
from tools.okta.errors import InvalidInput
from tools.okta.scopes import ROLES

if TYPE_CHECKING:
    from server.connections.oauth import AuthorizationServer

Choice = Callable[[tuple[str, ...]], tuple[str, ...]]
"""Chooses the scopes to request from those granted so far."""

NOT_GRANTED = ("invalid_scope", "consent_required")
"""How Okta says that an app may not have a scope."""
COLUMNS = 80
"""Width of a terminal."""


def wanted_scopes(rules: Rules, connection: Connection | None = None) -> tuple[str, ...]:
    """The scopes that the allowed actions and the guard need; for a read-only connection, only those that read.

    `connection`: the existing one, if it continues.
    """
    if connection is not None and _only_reads(connection):
        rules = rules.model_copy(update={"read_only": True})
    scopes = needed_scopes(allowed_actions(rules))
    # Administrators need not be known if only Okta protects them, or if nothing is needed anyway.
    return scopes if rules.allow_administrators or not scopes else tuple(dict.fromkeys((*scopes, ROLES)))


def _only_reads(connection: Connection) -> bool:
    """Whether a person connected it for reading only: then only a new connect by them requests more."""
    asked = [scope for scope in connection.scopes_requested if scope not in OPENID_SCOPES]
    return bool(asked) and all(scope.endswith(".read") for scope in asked)


def something(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Scopes to request as a service app, which gets no token without any.

    Raises:
        InvalidInput: there are none.
    """
    if not scopes:
        raise InvalidInput(
            "The rules allow no action that needs Okta, so there are no scopes to request.",
            code="nothing_allowed",
            next_step="Allow more (okta-actions policy shows the rules), then try again.",
        )
    return scopes


async def as_far_as_granted(server: "AuthorizationServer", scopes: tuple[str, ...]) -> Tokens:
    """Tokens of a service app, with those of `n` scopes that it was granted, by `n` + 1 requests at most.

    If Okta refuses them together, each is requested along with those granted so far: the last token issued has all that
    are available. The answer tells which scopes a token has.

    Raises:
        SignInFailed: none was granted, or it is refused for another reason.
    """
    try:
        return await server.as_itself(scopes)
    except SignInFailed as error:
        if error.error not in NOT_GRANTED:
            raise
        refused = error
    tokens: Tokens | None = None
    for scope in scopes:
        held = tokens.scopes if tokens else ()
        try:
            tokens = await server.as_itself((*held, scope))
        except SignInFailed as error:
            if error.error not in NOT_GRANTED:
                raise
    if tokens is None:
        raise refused
    return tokens


def missing_scopes(rules: Rules, action: ListedAction, connection: Connection) -> list[str]:
    """The scopes that an action, or the guard because of it, needs and the connection lacks."""
    if not connection.limited:
        return []
    missing = action.missing_scopes(connection.scopes_granted)
    if action.effect is Effect.READ or rules.allow_administrators:
        return missing
    return [*missing, *sorted(action.guard_scopes - {*missing, *connection.scopes_granted})]


@dataclass(frozen=True)
class Lacking:
    """Scopes that a connection lacks, and the allowed actions that are not offered because of that."""

    scopes: tuple[str, ...]
    actions: tuple[str, ...]
    command: str
    """The command that picks them up once the app was granted them."""

    @property
    def next_step(self) -> str:
        return f"Grant: Applications, app, Okta API Scopes; then {self.command}"

    @property
    def told(self) -> str:
        """One terminal line, if the scopes leave room. Actions that do not fit are counted."""
        start, count = f"Not granted: {', '.join(self.scopes)}; off: ", len(self.actions)
        for named in range(count, 0, -1):
            more = f" and {count - named} more" if named < count else ""
            if len(line := f"{start}{', '.join(self.actions[:named])}{more}.") <= COLUMNS:
                return line
        return f"{start}{count} action{'s' * (count != 1)}."


@dataclass(frozen=True)
class Reach:
    """What connections with the same scopes lack. `looked_for`: whether they ask for all of it by themselves."""

    scopes: tuple[str, ...]
    actions: tuple[str, ...]
    looked_for: bool


def reach(rules: Rules, connection: Connection) -> Reach:
    """What a connection lacks, which follows from its scopes and whether they limit it."""
    allowed = allowed_actions(rules)
    missing = {action.name: missing_scopes(rules, action, connection) for action in allowed}
    actions = [name for name, lacks in missing.items() if lacks]
    scopes = sorted({scope for found in missing.values() for scope in found})
    looked_for = bool(scopes) and set(scopes) <= set(wanted_scopes(rules, connection))
    return Reach(tuple(scopes), tuple(actions), looked_for)


def scopes_lacking(
    rules: Rules, connection: Connection, option: str | None = None, known: Reach | None = None
) -> Lacking | None:
    """The scopes that the allowed actions need and a connection lacks; None if it lacks nothing.

    `option`: the name that a command needs to go to it, if it needs one. `known`: its reach, if that is known already.
    """
    found = known or reach(rules, connection)
    if not found.scopes:
        return None
    if connection.method == "client_credentials" and found.looked_for:
        command = "okta-actions status --refresh" + (f" --connection {shlex.quote(option)}" if option else "")
    elif is_embedded(connection.name, connection.org_url):
        command = repair(connection)
    else:
        name = "" if connection.name == DEFAULT else f" --name {shlex.quote(connection.name)}"
        command = f"okta-actions connect{name}"
    return Lacking(found.scopes, found.actions, command)
