"""The key that seals MCP's request states: the store's, so that any process of ours can continue a call."""

import os
from functools import cached_property
from typing import TYPE_CHECKING

from mcp.server.mcpserver import RequestStateSecurity

from server.connection_names import Owner
from server.store.store import Store

if TYPE_CHECKING:
    from server.store.database import Database


class SharedState:
    """An SDK codec whose key is read when the first state is sealed or opened, so that startup waits for no key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _sealed(self) -> RequestStateSecurity:
        return RequestStateSecurity(keys=[self._store.run_now(_key)])

    def seal(self, payload: bytes) -> str:
        return self._sealed.codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        return self._sealed.codec.unseal(token)


def _key(database: "Database") -> bytes:
    kept = database.vault.get(Owner.MCP, "request state")
    if kept is None:
        kept = os.urandom(32)
        database.vault.put(Owner.MCP, "request state", kept)
    return kept
