"""The token that HTTP clients send. It stays the same from start to start, so that their configuration does."""

import secrets
from typing import TYPE_CHECKING

from server.connection_names import Owner
from server.journal.recording import event
from server.policy.caller import at_the_command_line
from server.program import Program
from tools.okta.errors import ActionError

if TYPE_CHECKING:
    from server.journal.chain import Chain
    from server.store.database import Database

NAME = "token"
REPLACED = "The token for HTTP clients was replaced; they need the new one: okta-actions token show"


def read(database: "Database") -> str | None:
    """The token; None if no server over HTTP was ever started."""
    kept = database.vault.get(Owner.HTTP, NAME)
    return kept.decode() if kept is not None else None


def gone() -> ActionError:
    """The error for a token that somebody took out of the store while a server runs."""
    return ActionError(
        "The server's token is gone from its store.", code="no_token", next_step="Start the server again."
    )


def read_or_make(database: "Database") -> str:
    return read(database) or _make(database)


async def rotate(program: Program) -> bool:
    """Put another token in the place of the one there is, which is refused from now on. Whether there was one."""

    def replace(database: "Database", chain: "Chain") -> bool:
        if read(database) is None:
            return False
        _make(database)
        chain.append(database, event("rotated", at_the_command_line(), what="HTTP token"))
        return True

    return await program.recorder.run(replace)


def _make(database: "Database") -> str:
    token = secrets.token_urlsafe(32)
    database.vault.put(Owner.HTTP, NAME, token.encode())
    return token
