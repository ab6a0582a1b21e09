"""The lease for refreshing a connection's tokens: held by one process at a time, for a limited time.

A lease names its holder by process id, start time and host, so that a lease left by a dead process of this host is free
at once; that of another host lasts until it expires. No transaction is open while Okta is asked. The time-out of the
token endpoint is shorter than a lease, and a lease shorter than the leeway in which Okta takes a refresh token a second
time (30 s), so that the process after a holder that died between Okta's answer and the write can still use the same
refresh token.
"""

import secrets
import time
from typing import TYPE_CHECKING

from server.machine.processes import alive, this_process

if TYPE_CHECKING:
    from server.store.database import Database

TOKEN_SECONDS = 10.0
"""Timeout of the token endpoint in seconds."""
LEASE_SECONDS = 15.0


def new_holder() -> str:
    """A holder: this process, and one of its tasks."""
    return f"{this_process()}:{secrets.token_hex(4)}"


def is_free(database: "Database", connection: str) -> bool:
    table = database.leases
    row = database.execute(table.select().where(table.c.connection == connection)).one_or_none()
    return row is None or row.until <= time.time() or not alive(row.holder)


def take(database: "Database", connection: str, holder: str) -> bool:
    """Take the lease unless a living process holds it. Called in a write transaction."""
    if not is_free(database, connection):
        return False
    row = {"connection": connection, "holder": holder, "until": time.time() + LEASE_SECONDS}
    database.put(database.leases, row)
    return True


def give_back(database: "Database", connection: str, holder: str) -> None:
    table = database.leases
    database.execute(table.delete().where((table.c.connection == connection) & (table.c.holder == holder)))
