"""Keys: those of service apps, and those with which the vault encrypts everything."""

from pathlib import Path
from typing import Any, Literal

from server.desk import http_token
from server.desk.files import write_new
from server.desk.shown import Shown
from server.policy.caller import Caller
from server.program import Program
from server.store import vault_key


class KeyMade(Shown):
    """A new key for a service app: the path of the private half, and the public half as a JWK (RFC 7517)."""

    file: str
    public_key: dict[str, Any]


class VaultRotated(Shown):
    """Everything was sealed with new keys; says where the vault's key is kept.

    With `to_put`, the person has to put the new key there. `token_replaced`: HTTP clients need the new token.
    """

    source: str
    to_put: bool
    token_replaced: bool


def keygen(file: Path, kind: Literal["EC", "RSA"]) -> KeyMade:
    """Make a key and write its private half to a new file.

    Raises:
        InvalidInput: the file exists, or cannot be written.
    """
    from server.connections.keys import dumped, generate, public

    key = generate(kind)
    write_new(file, [dumped(key).encode()])
    return KeyMade(file=str(file), public_key=public(key))


async def rotate(program: Program, by: Caller) -> VaultRotated:
    """Seal everything with new keys, and replace the token of HTTP clients, if there is one.

    Raises:
        StoreError: the new key cannot be kept.
    """
    settings = program.settings
    source, key = await program.recorder.do("rotated", lambda database: database.vault.rotate(), by)
    if settings.new_vault_key is None:
        vault_key.settle(settings, source, key)
    token = await http_token.rotate(program, by)
    return VaultRotated(source=source, to_put=settings.new_vault_key is not None, token_replaced=token.replaced)
