"""The data of a connection, without its secrets, which are in the vault."""

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from server.connection_names import SANDBOX, is_embedded
from tools.okta.errors import ActionError

Method = Literal["authorization_code", "device_code", "client_credentials", "api_token"]
ClientAuth = Literal["client_secret", "private_key_jwt", "none"]

OPENID_SCOPES = ("openid", "offline_access")
"""The scopes for the identity of the person and for a refresh token."""

UNKNOWN_OWNER = "the owner of the API token"
"""Placeholder for the id of the person who created an API token, if Okta does not tell."""

HOW = {
    "authorization_code": "sign-in in the browser (authorization code with PKCE)",
    "device_code": "sign-in on another device (device authorization)",
    "client_credentials": "service app, without a person (client credentials)",
    "api_token": "API token (SSWS)",
}


class Connection(BaseModel):
    """A link to one org under one identity."""

    model_config = ConfigDict(frozen=True)

    name: str
    org_url: str
    client_id: str
    user_id: str
    login: str | None
    person: str | None
    """The name of the connected person, as Okta shows it."""
    service_account: bool
    """Whether the identity looks like a service account rather than somebody's own."""
    scopes_requested: tuple[str, ...]
    scopes_granted: tuple[str, ...]
    connected_at: float
    needs_sign_in: str | None = None
    """Why its tokens can no longer be refreshed, if so."""
    method: Method = "authorization_code"
    client_auth: ClientAuth = "client_secret"
    dpop: bool = False
    """Whether tokens are bound to a key (RFC 9449)."""
    roles: tuple[str, ...] | None = None
    """The administrator roles of the identity; None where they could not be read."""
    token_ends_at: float | None = None
    last_used: float | None = None

    @property
    def identity(self) -> str:
        """The identity that Okta's log names for this connection's actions."""
        return f"{self.person} <{self.login}>" if self.person and self.login else self.login or self.user_id

    @property
    def how(self) -> str:
        """How it gets its tokens, in a few words."""
        proof = {
            "client_secret": "client secret",
            "private_key_jwt": "private key",
            "none": "no client secret",
        }[self.client_auth]
        words = HOW[self.method]
        if self.method != "api_token":
            words += f", {proof}" + (", tokens bound to a key (DPoP)" if self.dpop else "")
        return words

    @property
    def owner_unknown(self) -> bool:
        """Whether Okta did not tell whom it acts as."""
        return self.user_id == UNKNOWN_OWNER

    @property
    def limited(self) -> bool:
        """Whether scopes limit it; an API token has none."""
        return self.method != "api_token"

    @property
    def scopes_refused(self) -> tuple[str, ...]:
        return tuple(scope for scope in self.scopes_requested if scope not in self.scopes_granted)

    @property
    def connected_since(self) -> str:
        return iso(self.connected_at)

    @property
    def warnings(self) -> list[str]:
        """Warnings for an administrator."""
        found = []
        if self.needs_sign_in:
            found.append(f"A new sign-in is needed: {self.needs_sign_in} Run: {repair(self)}")
        if self.method != "client_credentials" and not self.service_account:
            found.append(
                f"{self.identity} looks like a person's own account: Okta will record every change as theirs. "
                "Connect as a dedicated service account instead."
            )
        if "SUPER_ADMIN" in (self.roles or ()):
            found.append(
                f"{self.identity} is a Super Administrator, who can do anything in the org. "
                "Assign the least role that works instead."
            )
        if self.owner_unknown:
            found.append(
                "Okta did not report the owner of this API token, so the rule for the connection's own identity cannot "
                f"protect them. Add their login to protected_users, or ask again: {repair(self)}"
            )
        if self.method == "api_token":
            found.append("An API token has all rights of its owner, whatever the actions need. Connect an app instead.")
        return found


@dataclass(frozen=True)
class Credentials:
    """The credentials of the client. Keys are JWKs, as JSON."""

    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    dpop_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Tokens:
    """The answer to a grant. Times are in seconds; `expires_at` since the epoch, by this machine's clock."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float
    scopes: tuple[str, ...]
    lifetime: float = 3600.0
    kind: str = "Bearer"

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Tokens":
        """The tokens from their stored JSON, which has no tuples."""
        return cls(**{**kept, "scopes": tuple(kept["scopes"])})


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def repair(connection: Connection) -> str:
    """The command that signs in again: to the same org, under the same name."""
    if is_embedded(connection.name, connection.org_url):
        return "okta-actions serve --sandbox"
    words = ["okta-actions", "connect", "--name", connection.name, "--org-url", connection.org_url]
    if connection.client_id:
        words += ["--client-id", connection.client_id]
    flag = {"device_code": "--device", "client_credentials": "--service", "api_token": "--api-token"}
    return shlex.join([*words, *filter(None, [flag.get(connection.method)])])


class NotConnected(ActionError):
    """There is no connection to run anything through."""

    code = "not_connected"

    def __init__(self, name: str | None = None, known: tuple[str, ...] = ()) -> None:
        """`known`: the names of the existing connections."""
        called = f" --name {shlex.quote(name)}" if name else ""
        connect = (
            f"A person runs in a terminal: okta-actions connect{called} --org-url https://YOUR-ORG.okta.com "
            "--client-id CLIENT_ID   (or, to try without an org: okta-actions serve --sandbox)"
        )
        if name:
            which, step = f"No connection is named “{name}”", connect
            if name == SANDBOX:
                step = "Start the embedded org, which connects itself: okta-actions serve --sandbox"
            if known:
                step = f"Use one of: {', '.join(known)}. {step}"
        elif known:
            which = "Several connections exist, and none is the default"
            step = f"Choose one of {', '.join(known)}: okta-actions use NAME, or --connection NAME"
        else:
            which, step = "No Okta org is connected", connect
        super().__init__(f"{which}, so nothing was done.", next_step=step)


class NeedsSignIn(ActionError):
    """The connection's tokens are used up or revoked; a person must sign in again."""

    code = "needs_sign_in"

    def __init__(self, connection: Connection, why: str) -> None:
        super().__init__(
            f"The connection “{connection.name}” to {connection.org_url} needs a new sign-in, so nothing was done: "
            f"{why}",
            next_step=f"A person runs in a terminal: {repair(connection)}",
        )
        self.connection = connection
