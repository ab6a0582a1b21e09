"""What programs that this one starts inherit: its environment, without its secrets."""

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
"""Of the model's key, and of what else the model's server is told."""


def without_secrets() -> dict[str, str]:
    """The environment of a child: a password manager, a browser, somebody else's MCP server.

    Secrets of ours are none of its business. What it needs of its own, such as the session of a password manager, is
    there as in a shell.
    """
    return {name: value for name, value in os.environ.items() if not _is_secret(name.upper(), value)}


def _is_secret(name: str, value: str) -> bool:
    if name.startswith(MODEL_PREFIX) or name in _SECRETS:
        return True
    return name == f"{PREFIX}PROXY" and "@" in value  # with the name and password for it
