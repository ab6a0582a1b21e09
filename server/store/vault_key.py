"""Where the key that opens the vault is kept: the environment, a command's output, the OS keyring, a private file."""

import base64
import binascii
import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from server.environment import without_secrets
from server.machine.ownership import ANYTHING_BY_OTHERS, check_private
from server.settings import Settings
from server.store.schema import StoreError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_BYTES = 32
SERVICE = "okta-actions"
COMMAND_SECONDS = 30

# Back ends that do not prompt on the terminal and keep nothing in plain text.
_KEYRINGS = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
)


def make(settings: Settings) -> tuple[str, bytes]:
    """Create a key for a store that has none yet. Returns where it is kept, and the key.

    Raises:
        StoreError: it cannot be kept at the configured place.
    """
    if settings.memory_only:
        return "memory", os.urandom(KEY_BYTES)
    if settings.vault_key or settings.vault_key_command:
        source = "environment" if settings.vault_key else "command"
        return source, _told(settings)
    wanted, key = settings.vault_key_source, os.urandom(KEY_BYTES)
    if wanted != "file" and _to_keyring(settings, key):
        return "keyring", key
    if wanted == "keyring":
        raise StoreError(
            "This machine has no keyring that works without a prompt.",
            code="no_keyring",
            next_step="Set OKTA_ACTIONS_VAULT_KEY_SOURCE=file, or OKTA_ACTIONS_VAULT_KEY.",
        )
    if _file(settings).exists():
        # Left by a store that no longer exists; reusing it loses nothing.
        return "file", _from_file(_file(settings), settings)
    _to_file(_file(settings), key)
    return "file", key


def candidates(settings: Settings, source: str) -> list[bytes]:
    """The possible keys of the store: more than one only after an interrupted rotation.

    Raises:
        StoreError: there is none.
    """
    if settings.vault_key or settings.vault_key_command:
        return [_told(settings)]
    if source == "file":
        newer = _newer(_file(settings))
        first = _from_file(_file(settings), settings)
        return [first, *([_from_file(newer, settings)] if newer.exists() else [])]
    if source == "keyring":
        return _from_keyring(settings)
    name = "OKTA_ACTIONS_VAULT_KEY" if source == "environment" else "OKTA_ACTIONS_VAULT_KEY_COMMAND"
    raise StoreError(
        f"The vault's key came from {name}, which is not set.",
        code="no_vault_key",
        next_step="Set it to the same key.",
    )


def prepare_next(settings: Settings, source: str) -> bytes:
    """Create a new key beside the present one, which stays until `settle`.

    Raises:
        StoreError: the key is not managed by this program.
    """
    if source not in ("file", "keyring"):
        raise StoreError(
            f"The vault's key comes from the {source} and cannot be changed here.",
            code="foreign_vault_key",
            next_step="Set OKTA_ACTIONS_NEW_VAULT_KEY to the new key. After the rotation, replace the old key with it.",
        )
    key = os.urandom(KEY_BYTES)
    if source == "file":
        newer = _newer(_file(settings))
        newer.unlink(missing_ok=True)
        _to_file(newer, key)
    elif not _to_keyring(settings, key, ".new"):
        raise StoreError("The keyring cannot be opened.", code="no_vault_key", next_step="Unlock it.")
    return key


def settle(settings: Settings, source: str, key: bytes) -> None:
    """Make the new key the present one, once the store is sealed with it."""
    if source == "file":
        _newer(_file(settings)).replace(_file(settings))
    elif source == "keyring":
        _to_keyring(settings, key)


def new_from_environment(settings: Settings) -> bytes | None:
    if settings.new_vault_key is None:
        return None
    return decoded(settings.new_vault_key.get_secret_value(), "OKTA_ACTIONS_NEW_VAULT_KEY")


def decoded(text: str, source: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"{source} holds no vault key: {KEY_BYTES} bytes in base64 expected.", code="invalid_vault_key"
        )
    return key


def _told(settings: Settings) -> bytes:
    """The key from the environment, or from the command that it names."""
    if settings.vault_key:
        return decoded(settings.vault_key.get_secret_value(), "OKTA_ACTIONS_VAULT_KEY")
    text = settings.vault_key_command or ""
    try:
        # Windows has no rules for splitting that all programs share, and passes the whole line on.
        command = text if os.name == "nt" else shlex.split(text)
        # It must never read the protocol's input, nor write to its output.
        done = subprocess.run(  # noqa: S603 - the person's own command
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
            env=without_secrets(),
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise StoreError(
            f"OKTA_ACTIONS_VAULT_KEY_COMMAND did not give a key ({type(error).__name__}).",
            code="no_vault_key",
            next_step="Run it by hand: it must print 32 bytes in base64 without a prompt.",
        ) from None
    return decoded(done.stdout.strip(), "OKTA_ACTIONS_VAULT_KEY_COMMAND")


def _file(settings: Settings) -> Path:
    return settings.data_dir / "vault.key"


def _newer(file: Path) -> Path:
    return file.with_suffix(".key.new")


def _to_file(file: Path, key: bytes) -> None:
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
        opened.write(base64.b64encode(key).decode())
        opened.flush()
        os.fsync(opened.fileno())


def _from_file(file: Path, settings: Settings) -> bytes:
    try:
        check_private(file, "The vault's key", ANYTHING_BY_OTHERS, code="vault_key_not_private", kind=StoreError)
        return decoded(file.read_text("ascii").strip(), str(file))
    except FileNotFoundError:
        raise StoreError(
            f"The vault's key {file} is missing; the store cannot be decrypted.",
            code="no_vault_key",
            next_step=f"Restore it, or remove {settings.store_file} and connect again.",
        ) from None


def _account(settings: Settings) -> str:
    """The keyring account, one per store: two data folders do not share a key."""
    return str(settings.store_file.resolve())


def _to_keyring(settings: Settings, key: bytes, suffix: str = "") -> bool:
    keyring, text = _usable_keyring(), base64.b64encode(key).decode()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, _account(settings) + suffix, text)
        return bool(keyring.get_password(SERVICE, _account(settings) + suffix) == text)
    except Exception:
        return False  # locked or unavailable: back ends raise all kinds of errors


def _from_keyring(settings: Settings) -> list[bytes]:
    keyring = _usable_keyring()
    try:
        accounts = (_account(settings), _account(settings) + ".new")
        found = [text for account in accounts if keyring and (text := keyring.get_password(SERVICE, account))]
    except Exception:
        found = []
    if not found:
        raise StoreError(
            "The vault's key is in the keyring, which cannot be opened.",
            code="no_vault_key",
            next_step="Unlock the keyring (log in to the desktop), or set OKTA_ACTIONS_VAULT_KEY.",
        )
    return [decoded(str(text), "The keyring") for text in found]


def from_keyring(place: str) -> str:
    """The secret that the person keeps in the OS keyring under `SERVICE/ACCOUNT`.

    Raises:
        StoreError: there is no usable keyring, or nothing under that name.
    """
    service, _, account = place.partition("/")
    keyring = _usable_keyring()
    try:
        found = keyring.get_password(service, account) if keyring else None
    except Exception:
        found = None
    if not found:
        raise StoreError(
            f"The keyring has no entry {place}, or cannot be opened.",
            code="no_private_key",
            next_step="Unlock it, or pass the key with --private-key-file.",
        )
    return str(found)


def _usable_keyring() -> "KeyringBackend | None":
    """A keyring of the operating system that does not prompt on the terminal: stdin belongs to the protocol."""
    import keyring
    from keyring.backends import chainer

    chosen = keyring.get_keyring()
    backends = chosen.backends if isinstance(chosen, chainer.ChainerBackend) else [chosen]
    return next((backend for backend in backends if type(backend).__module__.startswith(_KEYRINGS)), None)
