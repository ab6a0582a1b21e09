"""Rules for servers that listen on this machine only."""

import errno

BOTH = ("127.0.0.1", "::1")
"""The addresses that `localhost` may resolve to."""


def is_missing(error: OSError) -> bool:
    """Whether this machine has no address of that family, such as with IPv6 switched off.

    Every other reason, above all that the port is taken, means that another program may be listening in our place.
    """
    return error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EADDRNOTAVAIL)
