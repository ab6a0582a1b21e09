"""The store is private, versioned, and created once however many processes come first together."""

import base64
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from server.connections.book import read_credentials, read_tokens
from server.journal.matter import Matter
from server.journal.recording import Confirmation, Recorder, TicketSpent
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import Settings, load
from server.store.database import APPLICATION_ID, Database
from server.store.migrations import MIGRATIONS
from server.store.schema import VERSION, StoreError
from server.store.store import Store

TOKENS = b'{"access_token": "a", "refresh_token": "r", "expires_at": 1.0, "scopes": ["openid"]}'


@pytest.fixture
def settings() -> Settings:
    return load()


def opened(settings: Settings) -> None:
    Database(settings).close()


def test_folder_and_file_are_private(settings: Settings) -> None:
    opened(settings)
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.store_file.stat().st_mode) == 0o600


@pytest.mark.parametrize("which", ["data_dir", "store_file"])
def test_a_store_that_others_can_read_is_refused(settings: Settings, which: str) -> None:
    opened(settings)
    place: Path = getattr(settings, which)
    place.chmod(0o755)
    with pytest.raises(StoreError, match=f"chmod go-rwx {place}"):
        opened(settings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_store_of_somebody_else_is_refused(settings: Settings) -> None:
    opened(settings)
    os.chown(settings.store_file, 54321, -1)
    with pytest.raises(StoreError, match="belongs to the user 54321"):
        opened(settings)
    os.chown(settings.store_file, os.geteuid(), -1)
    opened(settings)


def test_a_store_of_a_newer_program_is_refused_and_left_alone(settings: Settings) -> None:
    opened(settings)
    with sqlite3.connect(settings.store_file) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer okta-actions"):
        opened(settings)
    with sqlite3.connect(settings.store_file) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (99,)


def test_another_programs_database_is_refused_and_left_alone(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700, parents=True)
    with sqlite3.connect(settings.store_file) as raw:
        raw.execute("CREATE TABLE photos (id)")
    settings.store_file.chmod(0o600)
    with pytest.raises(StoreError, match="not a store"):
        opened(settings)
    with sqlite3.connect(settings.store_file) as raw:
        assert [row[0] for row in raw.execute("SELECT name FROM sqlite_master")] == ["photos"]


def test_a_file_that_is_no_database_is_refused(settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o700, parents=True)
    settings.store_file.write_text("these are not the tokens you are looking for" * 50)
    settings.store_file.chmod(0o600)
    with pytest.raises(StoreError, match="cannot be read"):
        opened(settings)


def add_colour(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE connections ADD COLUMN colour TEXT DEFAULT 'blue'")


def fail(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TABLE connections")
    raise RuntimeError("half way")


def test_an_older_store_is_migrated_after_a_backup(settings: Settings) -> None:
    opened(settings)
    Database(settings, migrations=(*MIGRATIONS, add_colour)).close()
    with sqlite3.connect(settings.store_file) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert "colour" in [row[1] for row in raw.execute("PRAGMA table_info(connections)")]
    (backup,) = settings.data_dir.glob(f"store.db.v{VERSION}.*.bak")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with sqlite3.connect(backup) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert "colour" not in [row[1] for row in raw.execute("PRAGMA table_info(connections)")]


def test_a_migration_that_fails_changes_nothing(settings: Settings) -> None:
    opened(settings)
    with pytest.raises(RuntimeError):
        Database(settings, migrations=(*MIGRATIONS, add_colour, fail))
    with sqlite3.connect(settings.store_file) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert "colour" not in [row[1] for row in raw.execute("PRAGMA table_info(connections)")]


VERSION_1 = """
CREATE TABLE connections (
    name VARCHAR NOT NULL PRIMARY KEY, org_url VARCHAR NOT NULL, client_id VARCHAR NOT NULL, user_id VARCHAR NOT NULL,
    login VARCHAR, person VARCHAR, service_account INTEGER NOT NULL, scopes_requested VARCHAR NOT NULL,
    scopes_granted VARCHAR NOT NULL, connected_at FLOAT NOT NULL, needs_sign_in VARCHAR
);
CREATE TABLE secrets (owner VARCHAR NOT NULL, name VARCHAR NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (owner, name));
CREATE TABLE vault_key (id INTEGER NOT NULL PRIMARY KEY, source VARCHAR NOT NULL, proof BLOB NOT NULL);
CREATE TABLE tickets (
    ticket VARCHAR NOT NULL PRIMARY KEY, seal VARCHAR NOT NULL, round INTEGER NOT NULL, expires_at FLOAT NOT NULL
);
INSERT INTO connections VALUES ('prod', 'https://x.okta.com', '0oa', '00u', 'svc@x.com', 'Svc', 1, 'openid', 'openid',
    1.0, NULL);
"""


async def test_a_store_of_version_1_keeps_its_connections_and_secrets(settings: Settings) -> None:
    key = os.urandom(32)

    def sealed(place: str, secret: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, secret, place.encode())

    settings.data_dir.mkdir(mode=0o700, parents=True)
    with sqlite3.connect(settings.store_file) as raw:
        raw.executescript(VERSION_1)
        raw.execute("INSERT INTO vault_key VALUES (1, 'file', ?)", (sealed("vault", b"okta-actions vault"),))
        raw.execute("INSERT INTO secrets VALUES ('prod', 'tokens', ?)", (sealed("prod\ntokens", TOKENS),))
        raw.execute("INSERT INTO secrets VALUES ('prod', 'client_secret', ?)", (sealed("prod\nclient_secret", b"s3"),))
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("PRAGMA user_version = 1")
    settings.store_file.chmod(0o600)
    key_file = settings.data_dir / "vault.key"
    key_file.write_bytes(base64.b64encode(key))
    key_file.chmod(0o600)

    for _ in range(2):  # as it is found, and as it is afterwards
        async with Program(settings) as program:
            connection = await program.connections.connected()
            assert (connection.name, connection.method) == ("prod", "authorization_code")
            tokens = await program.store.read(lambda database: read_tokens(database, "prod"))
            assert tokens is not None
            assert (tokens.access_token, tokens.refresh_token) == ("a", "r")
            credentials = await program.store.read(lambda database: read_credentials(database, "prod"))
            assert credentials.client_secret == "s3"


def test_many_processes_may_create_it_at_once(settings: Settings) -> None:
    code = (
        "from server.store.database import Database; from server.settings import load\n"
        "d = Database(load())\n"
        "with d.transaction(): d.vault.put('o', 'n', b's')\n"
        "with d.transaction(): print(d.vault.get('o', 'n').decode())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    ended = [process.communicate(timeout=60) for process in started]
    assert [out.strip() for out, _ in ended] == ["s"] * 8, ended


async def test_what_fails_undoes_what_it_wrote(settings: Settings) -> None:
    store = Store(settings)

    def write_and_fail(database: Database) -> None:
        database.vault.put("o", "n", b"s")
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(write_and_fail)
    assert await store.run(lambda database: database.vault.get("o", "n")) is None
    await store.aclose()


@pytest.fixture
async def recorder(settings: Settings) -> AsyncIterator[Recorder]:
    store = Store(settings)
    yield Recorder(store, settings)
    await store.aclose()


CALLER = Caller(Principal("tests", "tester"), "tests")
MATTER = Matter(CALLER, "prod", "https://x.okta.com", "svc", "suspend_user", {}, (), {}, {}, "Suspend her.")


async def test_a_ticket_is_spent_once(recorder: Recorder) -> None:
    ticket = await recorder.ask("seal", 1, MATTER)
    found = await recorder.look(ticket)
    assert found is not None
    assert (found.seal, found.round, found.matter) == ("seal", 1, MATTER)
    await recorder.begin(MATTER, ticket, Confirmation("test", "somebody"))
    for used in (ticket, "made up"):
        assert await recorder.look(used) is None
        with pytest.raises(TicketSpent):
            await recorder.begin(MATTER, used, Confirmation("test", "somebody"))


async def test_a_ticket_lives_five_minutes(recorder: Recorder, settings: Settings) -> None:
    ticket = await recorder.ask("seal", 1, MATTER)
    with sqlite3.connect(settings.store_file) as raw:
        raw.execute("UPDATE tickets SET expires_at = expires_at - 300")
    assert await recorder.look(ticket) is None
    with pytest.raises(TicketSpent):
        await recorder.begin(MATTER, ticket, Confirmation("test", "somebody"))


def locks_on(path: Path) -> list[str]:
    return [line for line in Path("/proc/locks").read_text().splitlines() if f":{path.stat().st_ino} " in line]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists its locks")
async def test_a_process_keeps_its_locks_on_a_store_that_others_leave(settings: Settings) -> None:
    """The second start looks at the connections before it opens the store as such."""
    opened(settings)
    async with Program(settings) as program:
        assert await program.connections.current() is None
        await program.store.run(lambda database: database.vault.put("o", "n", b"s"))
        assert locks_on(settings.store_file)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists what a process has open")
def test_the_tests_themselves_open_no_store_beside_sqlite(settings: Settings) -> None:
    database = Database(settings)
    with pytest.raises(AssertionError, match="opened beside SQLite"):
        settings.store_file.read_bytes()
    database.close()
    assert settings.store_file.read_bytes()


def test_nothing_of_ours_is_left_readable_under_any_umask(settings: Settings) -> None:
    before = os.umask(0)
    try:
        database = Database(settings)
        with database.transaction():
            database.vault.put("o", "n", b"s")
        database.close()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in settings.data_dir.iterdir()}
    assert not any(modes.values()), modes
