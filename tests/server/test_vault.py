"""Secrets at rest open with the right key, in the place they were sealed for, and otherwise not at all."""

import base64
import os
import sqlite3
import stat

import pytest

from server.settings import Settings, load
from server.store.database import Database
from server.store.schema import StoreError

SECRET = b"a-refresh-token-nobody-may-read"


@pytest.fixture
def settings() -> Settings:
    return load()


def put(settings: Settings, owner: str = "prod", name: str = "tokens", secret: bytes = SECRET) -> None:
    database = Database(settings)
    with database.transaction():
        database.vault.put(owner, name, secret)
    database.close()


def get(settings: Settings, owner: str = "prod", name: str = "tokens") -> bytes | None:
    database = Database(settings)
    try:
        with database.transaction():
            return database.vault.get(owner, name)
    finally:
        database.close()


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_what_is_put_comes_back_and_stands_nowhere_in_the_files(settings: Settings) -> None:
    put(settings)
    assert get(settings) == SECRET
    assert get(settings, name="other") is None
    assert not any(SECRET in path.read_bytes() for path in settings.data_dir.iterdir())


def test_a_row_copied_onto_another_does_not_open(settings: Settings) -> None:
    put(settings)
    put(settings, owner="evil", secret=b"x")
    with sqlite3.connect(settings.store_file) as raw:
        raw.execute(
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE owner = 'prod') WHERE owner = 'evil'"
        )
    with pytest.raises(StoreError):
        get(settings, owner="evil")
    assert get(settings) == SECRET


def test_a_key_file_is_private_and_a_readable_one_refused(settings: Settings) -> None:
    put(settings)
    file = settings.data_dir / "vault.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        get(settings)


def test_a_lost_key_file_is_an_error_and_no_new_key(settings: Settings) -> None:
    put(settings)
    (settings.data_dir / "vault.key").unlink()
    with pytest.raises(StoreError, match="is missing"):
        get(settings)
    with pytest.raises(StoreError, match="is missing"):
        put(settings, name="more")


def test_another_key_is_an_error_and_loses_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    put(settings)
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY", key())
    with pytest.raises(StoreError, match="does not decrypt"):
        get(load())
    with pytest.raises(StoreError, match="does not decrypt"):
        put(load(), secret=b"y")
    monkeypatch.delenv("OKTA_ACTIONS_VAULT_KEY")
    assert get(load()) == SECRET


def test_a_key_from_the_environment_is_written_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    given = key()
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY", given)
    settings = load()
    put(settings)
    assert get(settings) == SECRET
    raw = base64.b64decode(given)
    assert not any(
        given.encode() in path.read_bytes() or raw in path.read_bytes() for path in settings.data_dir.iterdir()
    )
    monkeypatch.delenv("OKTA_ACTIONS_VAULT_KEY")
    with pytest.raises(StoreError, match="OKTA_ACTIONS_VAULT_KEY, which is not set"):
        get(load())


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ=", "=" * 44])
def test_a_key_that_is_none_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY", text or " ")
    with pytest.raises(StoreError) as refused:
        put(load())
    assert "c2hvcnQ" not in str(refused.value)


def test_a_machine_without_a_keyring_says_so_where_one_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_VAULT_KEY_SOURCE", "keyring")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with pytest.raises(StoreError, match="no keyring"):
        put(load())
