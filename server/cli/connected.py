"""A connection as shown to a person: where it leads, what it may do, and what an administrator should look at."""

from server.cli.output import moment
from server.desk.connections import ConnectionShown
from server.media.terminal import note, say_grid


def facts(connection: ConnectionShown, connected: bool) -> list[tuple[str, str]]:
    roles = "not readable (okta.roles.read)" if connection.admin_roles is None else " ".join(connection.admin_roles)
    return [
        ("connected", "yes" if connected else "no: a new sign-in is needed"),
        ("org", connection.org_url),
        ("as", f"{connection.identity}  (Okta records what is done under this name)"),
        ("admin roles", roles or "none"),
        ("how", connection.how),
        ("since", moment(connection.connected_since)),
        ("client id", connection.client_id or "none"),
    ]


def tell(connection: ConnectionShown) -> None:
    """What the connection may do, and what an administrator should look at."""
    say_grid(
        [
            ("connection", f"{connection.name}, {connection.org_url}"),
            ("scopes", " ".join(connection.scopes_granted) or "all (an API token has no scopes)"),
            ("actions on", " ".join(connection.actions_on) or "none"),
            *([("actions off", " ".join(connection.actions_off))] if connection.actions_off else []),
        ]
    )
    for text in connection.warnings:
        note(f"Warning: {text}")
    if lacks := connection.lacks:
        note(lacks, connection.scopes_next_step or "")
