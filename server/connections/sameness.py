"""Whether a name still stands for the org, the app and the identity that it stood for: names are no identities."""

import shlex

from server.connections.models import Connection
from tools.okta.errors import ActionError, InvalidInput


class NameTaken(InvalidInput):
    """The name belongs to a connection to another org, or through another app."""

    code = "name_taken"

    def __init__(self, before: Connection, org_url: str) -> None:
        super().__init__(
            f"The connection “{before.name}” leads to {before.org_url} as {before.identity}"
            f"{', through another app' if before.org_url == org_url else ''}; nothing was changed.",
            next_step=f"To keep both, add --name NAME for {org_url}. To replace it and revoke its tokens, "
            f"add --replace (with --name {shlex.quote(before.name)}).",
        )


class AnotherIdentity(ActionError):
    """The person who signed in is not the one whom the connection acts as."""

    code = "another_identity"

    def __init__(self, before: Connection, now: Connection) -> None:
        if before.owner_unknown or now.owner_unknown:
            why = f"the owner of one of the API tokens is unknown, and it acted as {before.identity}"
        else:
            why = f"it acts as {before.identity}, but {now.identity} signed in"
        super().__init__(
            f"The connection “{before.name}” to {before.org_url} was kept as it is: {why}.",
            next_step=f"Sign in as {before.identity}; or, to change the identity, run in a terminal: "
            f"okta-actions connect --name {shlex.quote(before.name)} --replace",
        )


class ConnectionChanged(ActionError):
    """What the name of a connection stands for was changed while this process ran."""

    code = "connection_changed"

    def __init__(self, met: Connection, now: Connection) -> None:
        super().__init__(
            f"The connection “{met.name}” led to {met.org_url} as {met.identity} when this process first used it, and "
            f"leads to {now.org_url} as {now.identity} now; nothing was done.",
            next_step="If that is intended, a person must restart this server.",
        )


class ConnectedMeanwhile(ActionError):
    """Another process stored a connection under the same name during a sign-in."""

    code = "connected_meanwhile"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The connection “{name}” was changed by another process during the sign-in; that change was kept.",
            next_step="Check it, and connect again if needed: okta-actions connections",
        )


def same_app(before: Connection, org_url: str, client_id: str) -> bool:
    return (before.org_url, before.client_id) == (org_url, client_id)


def same(one: Connection, other: Connection) -> bool:
    """Whether two connections are to one org, through one app, as one identity that is known."""
    known = not one.owner_unknown and not other.owner_unknown
    return known and same_app(one, other.org_url, other.client_id) and one.user_id == other.user_id
