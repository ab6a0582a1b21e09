"""The environment that child programs inherit: this program's, without its secrets."""

import os
from typing import get_args

from pydantic import SecretStr

from server.settings import OTHER_VARIABLES, PREFIX, Settings

_SECRETS = {
    *(
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if SecretStr in get_args(field.annotation)
    ),
    *(f"{PREFIX}{name}" for name in OTHER_VARIABLES),
}
MODEL_PREFIX = "OPENAI_"
"""Prefix of the variables for the model's key and the model server's other settings."""


def without_secrets() -> dict[str, str]:
    """The environment of a child: a password manager, a browser, somebody else's MCP server.

    Our secrets are left out. What the child itself needs, such as a password manager's session, is
    kept as in a shell.
    """
    return {name: value for name, value in os.environ.items() if not _is_secret(name.upper(), value)}


def _is_secret(name: str, value: str) -> bool:
    if name.startswith(MODEL_PREFIX) or name in _SECRETS:
        return True
    if name.startswith("OTEL_EXPORTER_") and name.endswith("HEADERS"):
        return True  # they hold what the collector asks for
    return name == f"{PREFIX}PROXY" and "@" in value  # holds the name and password for it
