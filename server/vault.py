"""The vault: secrets at rest are sealed with AES-GCM, each bound to the place it belongs to."""

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from server.settings import Settings
from server.store import StoreError
from server.tables import secrets, vault_key

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_BYTES = 32
NONCE_BYTES = 12
SERVICE = "okta-actions"
_PROOF = b"okta-actions vault"

# Those that ask nothing on the terminal and keep nothing in plain text.
_KEYRINGS = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
)


class Vault:
    """Keeps secrets, each under its owner and name. Used on the store's thread, inside a transaction.

    The key comes from OKTA_ACTIONS_VAULT_KEY, or else from where the first secret of this store found one: the OS
    keyring if there is a usable one, otherwise a file that only the user can read.
    """

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._key: bytes | None = None

    def get(self, owner: str, name: str) -> bytes | None:
        """A secret, or None if there is none.

        Raises:
            StoreError: the key is another one, or the secret was copied here from another place.
        """
        here = (secrets.c.owner == owner) & (secrets.c.name == name)
        row = self._connection.execute(secrets.select().where(here)).one_or_none()
        return _open(self._get_key(), _place(owner, name), row.sealed) if row else None

    def put(self, owner: str, name: str, secret: bytes) -> None:
        sealed = _seal(self._get_key(), _place(owner, name), secret)
        row = insert(secrets).values(owner=owner, name=name, sealed=sealed)
        self._connection.execute(row.on_conflict_do_update(set_={"sealed": sealed}))

    def forget(self, owner: str) -> None:
        """Every secret of an owner."""
        self._connection.execute(secrets.delete().where(secrets.c.owner == owner))

    def _get_key(self) -> bytes:
        if self._key is None:
            known = self._connection.execute(vault_key.select()).one_or_none()
            if known is None:
                source, key = self._make_key()
                row = {"id": 1, "source": source, "proof": _seal(key, "vault", _PROOF)}
                self._connection.execute(vault_key.insert().values(row))
            else:
                key = self._find_key(known.source)
                _open(key, "vault", known.proof)
            self._key = key
        return self._key

    @property
    def _file(self) -> Path:
        return self._settings.data_dir / "vault.key"

    def _make_key(self) -> tuple[str, bytes]:
        """A key for a store that has none yet, and where it is kept."""
        if self._settings.vault_key:
            return "environment", _decoded(self._settings.vault_key.get_secret_value(), "OKTA_ACTIONS_VAULT_KEY")
        wanted = self._settings.vault_key_source
        key = os.urandom(KEY_BYTES)
        text = base64.b64encode(key).decode()
        if wanted != "file" and self._to_keyring(text):
            return "keyring", key
        if wanted == "keyring":
            raise StoreError(
                "This machine has no keyring that can be used without a prompt.",
                code="no_keyring",
                next_step="Set OKTA_ACTIONS_VAULT_KEY_SOURCE=file, or OKTA_ACTIONS_VAULT_KEY.",
            )
        if self._file.exists():
            # Left by a store that is gone; using it again loses nothing.
            return "file", self._from_file()
        with os.fdopen(os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        return "file", key

    def _find_key(self, source: str) -> bytes:
        if self._settings.vault_key:
            return _decoded(self._settings.vault_key.get_secret_value(), "OKTA_ACTIONS_VAULT_KEY")
        if source == "file":
            return self._from_file()
        if source == "keyring":
            return _decoded(self._from_keyring(), "The keyring")
        raise StoreError(
            "The vault's key was given by OKTA_ACTIONS_VAULT_KEY, which is not set.",
            code="no_vault_key",
            next_step="Set it to the same key again.",
        )

    def _from_file(self) -> bytes:
        try:
            if os.name == "posix" and stat.S_IMODE(self._file.stat().st_mode) & 0o077:
                raise StoreError(
                    f"Others on this machine can read the vault's key {self._file}.",
                    code="vault_key_not_private",
                    next_step=f"Run: chmod 600 {self._file}",
                )
            return _decoded(self._file.read_text("ascii").strip(), str(self._file))
        except FileNotFoundError:
            raise StoreError(
                f"The vault's key {self._file} is gone; what it sealed cannot be read.",
                code="no_vault_key",
                next_step=f"Restore it, or remove {self._settings.store_file} and connect again.",
            ) from None

    def _account(self) -> str:
        """One entry a store: two data folders do not share a key."""
        return str(self._settings.store_file.resolve())

    def _to_keyring(self, text: str) -> bool:
        keyring = _usable_keyring()
        if keyring is None:
            return False
        try:
            keyring.set_password(SERVICE, self._account(), text)
            return bool(keyring.get_password(SERVICE, self._account()) == text)
        except Exception:
            return False  # locked, or nobody at home: back ends raise whatever they like

    def _from_keyring(self) -> str:
        keyring = _usable_keyring()
        try:
            found = keyring.get_password(SERVICE, self._account()) if keyring else None
        except Exception:
            found = None
        if not found:
            raise StoreError(
                "The vault's key is in the keyring, which cannot be opened now.",
                code="no_vault_key",
                next_step="Unlock the keyring (log in to the desktop), or set OKTA_ACTIONS_VAULT_KEY.",
            )
        return str(found)


def _usable_keyring() -> "KeyringBackend | None":
    """A keyring of the operating system that asks nothing on the terminal: stdin belongs to the protocol."""
    import keyring
    from keyring.backends import chainer

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, chainer.ChainerBackend) else [chosen]
    return next((backend for backend in candidates if type(backend).__module__.startswith(_KEYRINGS)), None)


def _decoded(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"{source} holds no vault key: {KEY_BYTES} bytes in base64 are expected.", code="invalid_vault_key"
        )
    return key


def _seal(key: bytes, place: str, secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, place.encode())


def _open(key: bytes, place: str, sealed: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except InvalidTag:
        raise StoreError(
            "The vault's key does not open what is in the store.",
            code="wrong_vault_key",
            next_step="Use the key that this store was made with: OKTA_ACTIONS_VAULT_KEY, the keyring or the key file.",
        ) from None


def _place(owner: str, name: str) -> str:
    """What a secret is bound to: sealed for one place, it opens in no other."""
    return f"{owner}\n{name}"
