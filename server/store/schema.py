"""What every part of the store knows of it: the version of its tables, and the error of one that cannot be used."""

from tools.okta.errors import ActionError

VERSION = 4
"""Of the store's tables: what this program reads and writes."""


class StoreError(ActionError):
    """The store cannot be used as it is."""

    code = "store"
