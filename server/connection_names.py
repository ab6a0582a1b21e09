"""Valid names of connections: one rule for `connect`, `import` and the settings."""

import re
from collections.abc import Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from tools.okta.errors import InvalidInput
from tools.okta.urls import is_loopback

DEFAULT = "default"
"""The default name that `connect` gives a connection."""
SANDBOX = "sandbox"
"""The connection to the embedded org, which only the program itself creates."""
MOST_CHARACTERS = 64
_VALID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{MOST_CHARACTERS - 1}}}")


class Owner(StrEnum):
    """The owner of the program's own secrets in the vault; all other owners are connections, by name."""

    JOURNAL = "*journal"
    MCP = "*mcp"
    EXPORTS = "*exports"
    HTTP = "http"


def checked_name(name: str) -> str:
    """The name, if it is valid for a connection.

    Raises:
        InvalidInput: it is not.
    """
    if not _VALID.fullmatch(name) or name in set(Owner):
        raise InvalidInput(
            f"A connection cannot be named “{name[:MOST_CHARACTERS]}”.",
            code="invalid_name",
            next_step=f"Use up to {MOST_CHARACTERS} letters (a to z), digits, dashes, dots and underscores, beginning "
            f"with a letter or digit; {' and '.join(owner for owner in Owner if _VALID.fullmatch(owner))} is taken.",
        )
    return name


def free_name(name: str) -> str:
    """The name, if a person may give it to a connection.

    Raises:
        InvalidInput: no connection may have this name, or only the sandbox's.
    """
    if checked_name(name).casefold() == SANDBOX:
        raise InvalidInput(
            f"“{name}” is the name of the embedded org's connection; nothing was changed.",
            code="reserved_name",
            next_step="Choose another with --name NAME. To connect the embedded org: okta-actions serve --sandbox",
        )
    return name


def check_apart(name: str, others: Iterable[str]) -> None:
    """Accept a new name only if it cannot be mistaken for an existing one.

    Raises:
        InvalidInput: it differs from an existing name only in capitals.
    """
    if alike := next((one for one in others if one != name and one.casefold() == name.casefold()), None):
        raise InvalidInput(
            f"“{name}” and “{alike}” differ only in case; nothing was changed.",
            code="invalid_name",
            next_step="Choose a more distinct name.",
        )


def is_embedded(name: str, org_url: str) -> bool:
    """Whether this is the embedded org's connection; an older version's may lead elsewhere under that name."""
    parts = urlsplit(org_url)
    return name == SANDBOX and parts.scheme == "http" and is_loopback(parts.hostname or "")
