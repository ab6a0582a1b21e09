"""What listening on this machine alone has to mind, for whoever does it."""

import errno

BOTH = ("127.0.0.1", "::1")
"""The addresses that a program may take `localhost` for."""


def is_missing(error: OSError) -> bool:
    """Whether this machine has no address of that family, as with IPv6 switched off.

    Every other reason, above all that the port is taken, means that somebody else may be there in our place.
    """
    return error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EADDRNOTAVAIL)
