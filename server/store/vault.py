"""The vault: secrets at rest are sealed with AES-GCM, each bound to the connection and the place it belongs to.

Envelope encryption: the secrets are sealed with a key of the store's own, and that key with one kept elsewhere
(`vault_key`), so that replacing either takes one transaction.
"""

import os
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from server.connection_names import Owner
from server.machine.ownership import ANYTHING_BY_OTHERS, check_private
from server.settings import Settings
from server.store import vault_key as keys
from server.store.schema import MustWrite, StoreError
from server.store.sealing import seal, unseal
from server.store.tables import connections, secrets, vault_key

_PROOF = b"okta-actions vault"


@dataclass(frozen=True)
class _Opened:
    source: str
    wrapped: bytes
    inner: bytes


class Vault:
    """Keeps secrets, each under its owner and name. Used on a thread of the store, inside a transaction.

    An owner is a connection, by its name, or an `Owner` of the program itself. A connection with the name of such an
    owner cannot reach its secrets.
    """

    def __init__(self, connection: Connection, settings: Settings, *, reads: bool = False) -> None:
        """`reads`: the connection cannot write."""
        self._connection = connection
        self._reads = reads
        self._settings = settings
        if not settings.memory_only:
            check_private(
                settings.data_dir, "The data folder", ANYTHING_BY_OTHERS, code="store_not_private", kind=StoreError
            )
        self._opened: _Opened | None = None

    def get(self, owner: str, name: str) -> bytes | None:
        """A secret, or None if there is none.

        Raises:
            StoreError: the key is the wrong one, the secret was copied here from another place, or the connection was
                altered outside the program, such as to another org's address.
        """
        _keep_apart(owner)
        inner = self._open().inner
        here = (secrets.c.owner == owner) & (secrets.c.name == name)
        row = self._connection.execute(secrets.select().where(here)).one_or_none()
        return unseal(inner, self._place(owner, name), row.sealed) if row else None

    def put(self, owner: str, name: str, secret: bytes) -> None:
        """Store a secret. The row of its connection, if it has one, must be written first."""
        _keep_apart(owner)
        sealed = seal(self._open().inner, self._place(owner, name), secret)
        row = insert(secrets).values(owner=owner, name=name, sealed=sealed)
        self._connection.execute(row.on_conflict_do_update(set_={"sealed": sealed}))

    def forget(self, owner: str) -> None:
        """Delete every secret of a connection. Secrets of the program itself are never deleted."""
        _keep_apart(str(owner))
        self._connection.execute(secrets.delete().where(secrets.c.owner == owner))

    def rotate(self) -> tuple[str, bytes]:
        """Seal everything with new keys. The new outer key is kept beside the old one until `vault_key.settle`."""
        opened = self._open()
        outer = keys.new_from_environment(self._settings) or keys.prepare_next(self._settings, opened.source)
        self._seal_anew(opened.inner, opened.source, outer, os.urandom(keys.KEY_BYTES))
        return opened.source, outer

    @property
    def source(self) -> str:
        """Where the vault's key is kept."""
        return self._open().source

    def _open(self) -> _Opened:
        """The keys, read from the store each time: another process may have changed them, or ours rolled them back."""
        row = self._connection.execute(vault_key.select()).one_or_none()
        if self._opened is not None and row is not None and row.wrapped == self._opened.wrapped:
            return self._opened
        if self._reads and (row is None or row.wrapped is None):
            raise MustWrite
        if row is None:
            source, outer = keys.make(self._settings)
            return self._keep(source, outer, os.urandom(keys.KEY_BYTES))
        outer = self._fitting(keys.candidates(self._settings, row.source), row.proof)
        if row.wrapped is None:
            return self._seal_anew(outer, row.source, outer, os.urandom(keys.KEY_BYTES), legacy=True)
        self._opened = _Opened(row.source, row.wrapped, unseal(outer, "vault key", row.wrapped))
        return self._opened

    def _keep(self, source: str, outer: bytes, inner: bytes) -> _Opened:
        row = {
            "id": 1,
            "source": source,
            "proof": seal(outer, "vault", _PROOF),
            "wrapped": (wrapped := seal(outer, "vault key", inner)),
        }
        self._connection.execute(insert(vault_key).values(row).on_conflict_do_update(set_=row))
        self._opened = _Opened(source, wrapped, inner)
        return self._opened

    def _fitting(self, candidates: list[bytes], proof: bytes) -> bytes:
        for candidate in candidates[:-1]:
            try:
                unseal(candidate, "vault", proof)
            except StoreError:
                continue
            return candidate
        unseal(candidates[-1], "vault", proof)
        return candidates[-1]

    def _seal_anew(self, old: bytes, source: str, outer: bytes, inner: bytes, *, legacy: bool = False) -> _Opened:
        """Open every secret with one key and seal it with another. Stores of version 1 bound secrets to less."""
        for row in self._connection.execute(secrets.select()).all():
            place = self._place(row.owner, row.name)
            secret = unseal(old, f"{row.owner}\n{row.name}" if legacy else place, row.sealed)
            here = (secrets.c.owner == row.owner) & (secrets.c.name == row.name)
            self._connection.execute(secrets.update().where(here).values(sealed=seal(inner, place, secret)))
        return self._keep(source, outer, inner)

    def _place(self, owner: str, name: str) -> str:
        """The context that a secret is bound to: sealed for one connection to one org, it opens for no other."""
        if owner in set(Owner):
            return f"{owner}\n{name}\n"
        bound = connections.select().where(connections.c.name == owner)
        row = self._connection.execute(bound).one_or_none()
        identity = f"{row.org_url}\n{row.client_id}\n{row.user_id}" if row is not None else ""
        return f"{owner}\n{name}\n{identity}"


def _keep_apart(owner: str) -> None:
    """Refuse a connection's name that is also an owner of the program itself.

    Raises:
        StoreError: it is one.
    """
    if not isinstance(owner, Owner) and owner in set(Owner):
        raise StoreError(
            f"The vault reserves “{owner}” for secrets of okta-actions itself.",
            code="reserved_name",
            next_step="Connect under another name: okta-actions connect --name NAME",
        )
