"""Who refreshes a connection's tokens now: one process at a time, for a bounded time.

A lease names its holder by process id, start time and host, so that one left by a process of this host that is gone is
free at once; that of another host holds until its time is over. No
transaction is held while Okta is asked. The time-out of the token endpoint is shorter than a lease, and a lease shorter
than the leeway in which Okta takes a refresh token a second time (30 s), so that whoever comes after a holder that died
between Okta's answer and the write can still use what that holder used.
"""

import secrets
import time
from typing import TYPE_CHECKING

from server.machine.processes import alive, this_process

if TYPE_CHECKING:
    from server.store.database import Database

TOKEN_SECONDS = 10.0
"""How long the token endpoint may take."""
LEASE_SECONDS = 15.0


def new_holder() -> str:
    """A holder: this process, and one of its tasks."""
    return f"{this_process()}:{secrets.token_hex(4)}"


def is_free(database: "Database", connection: str) -> bool:
    table = database.leases
    row = database.execute(table.select().where(table.c.connection == connection)).one_or_none()
    return row is None or row.until <= time.time() or not alive(row.holder)


def take(database: "Database", connection: str, holder: str) -> bool:
    """Take the lease if nobody living has it. In a transaction that writes."""
    if not is_free(database, connection):
        return False
    row = {"connection": connection, "holder": holder, "until": time.time() + LEASE_SECONDS}
    database.put(database.leases, row)
    return True


def give_back(database: "Database", connection: str, holder: str) -> None:
    table = database.leases
    database.execute(table.delete().where((table.c.connection == connection) & (table.c.holder == holder)))
