"""The passphrase of an export: from a variable, or typed without echo."""

import os
import sys

from server.media.terminal import typed
from tools.okta.errors import InvalidInput

FEWEST = 12
"""Minimum length in characters."""


def passphrase(*, twice: bool = False) -> str:
    """Raises InvalidInput if it is missing or too short."""
    given = os.environ.get("OKTA_ACTIONS_PASSPHRASE")
    if not given and sys.stdin.isatty():
        given = typed("Passphrase", hide=True, twice=twice)
    if not given or len(given) < FEWEST:
        raise InvalidInput(
            f"A passphrase of at least {FEWEST} characters is needed.",
            code="missing_passphrase",
            next_step="Type it at a terminal, or set OKTA_ACTIONS_PASSPHRASE.",
        )
    return given
