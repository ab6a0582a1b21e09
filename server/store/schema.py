"""Shared by all parts of the store: the version of its tables, and the error for a store that cannot be used."""

from tools.okta.errors import ActionError

VERSION = 6
"""The version of the store's tables that this program reads and writes."""


class StoreError(ActionError):
    """The store cannot be used as it is."""

    code = "store"


class MustWrite(Exception):
    """The vault cannot be opened only for reading: it has no key yet, or is still as version 1 left it."""
