"""What is known about a connection. Secrets are no part of it: they are in the vault."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from tools.okta.errors import ActionError


class Connection(BaseModel):
    """A link to one org under one identity."""

    model_config = ConfigDict(frozen=True)

    name: str
    org_url: str
    client_id: str
    user_id: str
    login: str | None
    person: str | None
    """The name of who is connected, as Okta shows it."""
    service_account: bool
    """Whether the identity looks like a service account rather than somebody's own."""
    scopes_requested: tuple[str, ...]
    scopes_granted: tuple[str, ...]
    connected_at: float
    needs_sign_in: str | None = None
    """Why its tokens can no longer be refreshed, if so."""

    @property
    def identity(self) -> str:
        """Whom Okta names as having done what is done."""
        return f"{self.person} <{self.login}>" if self.person and self.login else self.login or self.user_id

    @property
    def scopes_refused(self) -> tuple[str, ...]:
        return tuple(scope for scope in self.scopes_requested if scope not in self.scopes_granted)

    @property
    def connected_since(self) -> str:
        return datetime.fromtimestamp(self.connected_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def warnings(self) -> list[str]:
        """What an administrator should look at."""
        found = []
        if self.needs_sign_in:
            found.append(f"A new sign-in is needed: {self.needs_sign_in} Run: okta-actions connect")
        if not self.service_account:
            found.append(
                f"{self.identity} looks like a person's own account: Okta will record everything that is done as done "
                "by that person. Connect as a dedicated service account instead."
            )
        if self.scopes_refused:
            found.append(f"Not granted: {', '.join(self.scopes_refused)}.")
        return found


class NotConnected(ActionError):
    """There is no connection to run anything through."""

    code = "not_connected"

    def __init__(self, name: str | None = None) -> None:
        which = f"There is no connection called “{name}”" if name else "No Okta org is connected"
        super().__init__(
            f"{which}, so nothing was done.",
            next_step="A person runs in a terminal: okta-actions connect --org-url https://YOUR-ORG.okta.com "
            "--client-id CLIENT_ID   (or, to try without an org: okta-actions serve --sandbox)",
        )


class NeedsSignIn(ActionError):
    """The connection's tokens are used up or revoked; a person must sign in again."""

    code = "needs_sign_in"

    def __init__(self, connection: Connection, why: str) -> None:
        super().__init__(
            f"The connection to {connection.org_url} needs a new sign-in, so nothing was done: {why}",
            next_step=f"A person runs in a terminal: okta-actions connect --org-url {connection.org_url} "
            f"--client-id {connection.client_id}",
        )
