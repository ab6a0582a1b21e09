"""What every part of the store knows of it: the version of its tables, and the error of one that cannot be used."""

from enum import StrEnum

from tools.okta.errors import ActionError

VERSION = 4
"""Of the store's tables: what this program reads and writes."""


class Owner(StrEnum):
    """Whose the program's own secrets are in the vault; the owners of all others are connections, by name."""

    JOURNAL = "*journal"
    MCP = "*mcp"
    HTTP = "http"


class StoreError(ActionError):
    """The store cannot be used as it is."""

    code = "store"
