"""How an older store becomes a newer one. Each step is run once, inside the transaction that sets the new version."""

from collections.abc import Callable

from sqlalchemy import Connection

Migration = Callable[[Connection], None]


def _to_2(connection: Connection) -> None:
    """More than one connection and more ways to sign in; a lease for each refresh; a key under the vault's key."""
    for column in (
        "method VARCHAR NOT NULL DEFAULT 'authorization_code'",
        "client_auth VARCHAR NOT NULL DEFAULT 'client_secret'",
        "dpop INTEGER NOT NULL DEFAULT 0",
        "roles VARCHAR",
        "token_ends_at FLOAT",
        "last_used FLOAT",
    ):
        connection.exec_driver_sql(f"ALTER TABLE connections ADD COLUMN {column}")
    # Secrets are sealed anew when the vault's key is first at hand.
    connection.exec_driver_sql("ALTER TABLE vault_key ADD COLUMN wrapped BLOB")
    connection.exec_driver_sql(
        "CREATE TABLE leases (connection VARCHAR PRIMARY KEY, holder VARCHAR NOT NULL, until FLOAT NOT NULL)"
    )
    connection.exec_driver_sql("CREATE TABLE choices (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")


MIGRATIONS: tuple[Migration, ...] = (_to_2,)
"""The first takes a store of version 1 to version 2, and so on; the last one to VERSION."""
