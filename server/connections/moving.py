"""Connections in a file that is worth nothing without its passphrase: AES-GCM under a key from scrypt (RFC 7914)."""

import json
import os
from dataclasses import asdict
from typing import Any

from server.connections.book import read_credentials, read_tokens
from server.connections.manager import ConnectionManager
from server.connections.models import Connection, Credentials, Tokens
from server.store import Store
from tools.okta.errors import InvalidInput

MAGIC = b"okta-actions export 1\n"
SALT_BYTES = 16
NONCE_BYTES = 12


async def packed(connections: ConnectionManager, store: Store, passphrase: str, name: str | None = None) -> bytes:
    """The connection called `name`, or all of them, with their secrets, sealed.

    Raises:
        NotConnected: there is none.
    """
    found = await connections.book.all()
    if not found or (name and name not in found):
        raise await connections.book.missing(name)
    rows = []
    for connection in [found[name]] if name else found.values():
        kept = connection.name
        credentials = await store.read(lambda database, kept=kept: read_credentials(database, kept))  # type: ignore[misc]
        tokens = await store.read(lambda database, kept=kept: read_tokens(database, kept))  # type: ignore[misc]
        if tokens is not None:
            rows.append(
                {
                    "connection": connection.model_dump(),
                    "credentials": asdict(credentials),
                    "tokens": asdict(tokens),
                }
            )
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed: bytes = _cipher(passphrase, salt).encrypt(nonce, json.dumps(rows).encode(), MAGIC)
    return MAGIC + salt + nonce + sealed


async def unpacked(
    connections: ConnectionManager, sealed: bytes, passphrase: str, *, replace: bool = False
) -> list[str]:
    """Write the connections of a file down; their names.

    Raises:
        InvalidInput: the passphrase or the file is wrong, or a name is taken and `replace` is false; nothing changed.
    """
    from cryptography.exceptions import InvalidTag

    if not sealed.startswith(MAGIC):
        raise InvalidInput("This file is no export of okta-actions.", code="not_an_export")
    salt = sealed[len(MAGIC) :][:SALT_BYTES]
    nonce = sealed[len(MAGIC) + SALT_BYTES :][:NONCE_BYTES]
    try:
        opened = _cipher(passphrase, salt).decrypt(nonce, sealed[len(MAGIC) + SALT_BYTES + NONCE_BYTES :], MAGIC)
    except (InvalidTag, ValueError):
        raise InvalidInput("The passphrase does not open this file.", code="wrong_passphrase") from None
    rows: list[dict[str, Any]] = json.loads(opened)
    made = [Connection.model_validate(row["connection"]) for row in rows]
    taken = sorted({connection.name for connection in made} & set(await connections.book.all()))
    if taken and not replace:
        raise InvalidInput(
            f"There are connections of these names already: {', '.join(taken)}. Nothing was imported.",
            code="name_taken",
            next_step="Disconnect them, or import with --replace.",
        )
    for connection, row in zip(made, rows, strict=True):
        await connections.book.keep(connection, Credentials(**row["credentials"]), Tokens.of(row["tokens"]))
    return [connection.name for connection in made]


def _cipher(passphrase: str, salt: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))
