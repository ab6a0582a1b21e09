"""Moves connections in a file encrypted with a passphrase: AES-GCM under a key from scrypt (RFC 7914)."""

import json
import os
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from server.connection_names import check_apart, free_name, is_embedded
from server.connections.book import read_credentials, read_tokens
from server.connections.manager import ConnectionManager
from server.connections.models import Connection, Credentials, NotConnected, Tokens
from server.connections.ways_in import FOREVER
from server.machine.placeholders import is_placeholder
from server.policy.caller import Caller
from server.store.store import Store
from tools.okta.errors import InvalidInput
from tools.okta.urls import org_url

MAGIC = b"okta-actions export 1\n"
SALT_BYTES = 16
NONCE_BYTES = 12
_CREDENTIALS = TypeAdapter(Credentials)
_TOKENS = TypeAdapter(Tokens)


async def to_export(connections: ConnectionManager, name: str | None = None) -> list[Connection]:
    """The connection called `name`, or all except the embedded org's, which is of no use elsewhere.

    Raises:
        NotConnected: there is none.
    """
    found = await connections.book.all()
    chosen = [
        one for one in found.values() if one.name == name or (name is None and not is_embedded(one.name, one.org_url))
    ]
    if not chosen:
        raise NotConnected(name, tuple(found) if name else ())
    return chosen


async def packed(connections: ConnectionManager, store: Store, passphrase: str, name: str | None = None) -> bytes:
    """Connections with their secrets, sealed. For the selection and the errors see `to_export`."""
    rows = []
    for connection in await to_export(connections, name):
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
    connections: ConnectionManager, sealed: bytes, passphrase: str, *, replace: bool = False, by: Caller | None = None
) -> list[str]:
    """Store the connections of a file and return their names. With `replace`, they replace existing ones.

    Raises:
        InvalidInput: the passphrase or the file is wrong, no connection may be called or lead as one of it is and does,
            or a name is taken and `replace` is false; nothing changed. ActionError: the tokens of a connection that is
            replaced could not be revoked.
    """
    from cryptography.exceptions import InvalidTag

    if not sealed.startswith(MAGIC):
        raise _not_an_export()
    salt = sealed[len(MAGIC) :][:SALT_BYTES]
    nonce = sealed[len(MAGIC) + SALT_BYTES :][:NONCE_BYTES]
    try:
        opened = _cipher(passphrase, salt).decrypt(nonce, sealed[len(MAGIC) + SALT_BYTES + NONCE_BYTES :], MAGIC)
    except (InvalidTag, ValueError):
        raise InvalidInput("The passphrase is wrong for this file.", code="wrong_passphrase") from None
    made = _read(opened)
    names = [connection.name for connection, _, _ in made]
    if again := next((name for name in names if names.count(name) > 1), None):
        raise InvalidInput(f"The file has two connections named “{again}”; nothing was imported.", code="not_an_export")
    found = await connections.book.all()
    for name in names:
        check_apart(name, (*names, *found))
    taken = sorted(set(names) & set(found))
    if taken and not replace:
        raise InvalidInput(
            f"Connections with these names exist already: {', '.join(taken)}. Nothing was imported.",
            code="name_taken",
            next_step="Disconnect them, or import with --replace.",
        )
    for connection, credentials, tokens in made:
        await connections.take_in(connection, credentials, tokens, by=by)
    return names


def _read(opened: bytes) -> list[tuple[Connection, Credentials, Tokens]]:
    """The connections in a decrypted file, except the embedded org's, which files of older versions have.

    Raises:
        InvalidInput: it holds something else, or what `connect` would not make.
    """
    made = []
    try:
        rows: list[dict[str, Any]] = json.loads(opened, parse_constant=_refuse)
        for row in rows:
            connection = Connection.model_validate(row["connection"])
            made.append((connection, _CREDENTIALS.validate_python(row["credentials"]), _tokens(row["tokens"])))
            _check_times(connection.connected_at, connection.token_ends_at, connection.last_used)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _not_an_export() from None
    made = [one for one in made if not is_embedded(one[0].name, one[0].org_url)]
    for connection, _, _ in made:
        try:
            free_name(connection.name)
            right = org_url(connection.org_url)
        except InvalidInput as error:
            error.summary = f"Nothing was imported. {error.summary}"
            raise
        if connection.org_url != right:
            raise InvalidInput(
                f"Nothing was imported. The org URL of “{connection.name}”, {connection.org_url}, is not {right}.",
                code="invalid_org_url",
            )
        if not _is_word(connection.client_id) or is_placeholder(connection.client_id, address=True):
            raise _not_an_export()
    return made


def _tokens(row: Any) -> Tokens:
    """Raises ValueError where these are no tokens, or would be more than a word each in a header."""
    tokens = _TOKENS.validate_python(row)
    _check_times(tokens.expires_at, tokens.lifetime)
    if not all(map(_is_word, (tokens.kind, tokens.access_token, tokens.refresh_token or ""))):
        raise ValueError("not a token")
    return tokens


def _check_times(*times: float | None) -> None:
    """Raises ValueError if one is not a valid time."""
    if not all(0 <= time <= FOREVER for time in times if time is not None):
        raise ValueError("not a time")


def _refuse(constant: str) -> None:
    """Raises ValueError: JSON has no such numbers, though Python reads them."""
    raise ValueError(constant)


def _is_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _not_an_export() -> InvalidInput:
    return InvalidInput("This file is not an export of okta-actions; nothing was imported.", code="not_an_export")


def _cipher(passphrase: str, salt: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))
