"""A journal that an earlier version wrote: it stays as it was sealed, and goes on in the newest format."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from appending import matter
from ledger import entries, tamper, verdict
from server.journal.chain import Chain, Head, rows
from server.journal.exporting import lines, verify_lines
from server.journal.history import newest, read
from server.journal.recording import Begun
from server.program import Program
from server.settings import Settings, load

STORES = Path(__file__).parent / "stores"
ENTRIES = 14
"""How many entries the older store has; the last change in it is number 12."""


@pytest.fixture
def older() -> Settings:
    """A store of version 3, as the version before this one left it: changes, a no, an undo, an erasure."""
    settings = load()
    settings.data_dir.mkdir(mode=0o700, parents=True)
    key = settings.data_dir / "vault.key"
    shutil.copy(STORES / "version-3.key", key)
    key.chmod(0o600)
    with sqlite3.connect(settings.store_file) as made:
        made.executescript((STORES / "version-3.sql").read_text())
        made.execute("PRAGMA user_version = 3")
        made.execute(f"PRAGMA application_id = {0x4F6B7441}")
    made.close()
    settings.store_file.chmod(0o600)
    return settings


async def begun(program: Program) -> Begun:
    return await program.recorder.begin(matter("somebody"), None, None)


async def test_older_entries_verify_as_they_did_and_newer_ones_follow_them(older: Settings) -> None:
    async with Program(older) as program:
        assert (await verdict(program)).problems == []
        assert {row.format for row in await entries(program)} == {1}
        change = await begun(program)
        # Until now a change's id was its place in the journal: no number is given twice.
        assert (change.sequence, change.number) == (ENTRIES + 1, ENTRIES + 1)
        assert (await begun(program)).number == ENTRIES + 2
        found = await verdict(program)
        assert (found.problems, found.entries) == ([], ENTRIES + 2)


async def test_the_older_store_is_kept_beside_the_new_one(older: Settings) -> None:
    async with Program(older) as program:
        await verdict(program)
    (backup,) = older.data_dir.glob("store.db.v3.*.bak")
    with sqlite3.connect(backup) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (3,)
        assert opened.execute("SELECT count(*) FROM journal").fetchone() == (ENTRIES,)


async def test_older_changes_keep_their_ids_and_are_read_as_before(older: Settings) -> None:
    async with Program(older) as program:
        listed = await program.recorder.read(lambda database, chain: newest(database, chain, 100))
        assert [one.id for one in listed if not one.id.startswith("e")] == ["12", "10", "8", "6", "3", "1"]
        told = {one.id: (one.outcome, one.by, one.undoes, one.undone_by) for one in listed}
        assert told["6"] == ("done", "local user over stdio", None, 8)
        assert told["8"] == ("done", "local user over stdio", 6, None)
        assert told["e5"][0] == "declined"
        assert {one.org for one in listed if one.row.connection} == {listed[-1].org}
        change = await program.recorder.read(lambda database, chain: read(database, chain, 6))
        assert change is not None
        assert change.whole["arguments"]["title"] == "Chief"
        assert change.body["client"] == "Claude 1.0"


@pytest.mark.parametrize(
    "change",
    [
        "format = 2",
        "number = 77",
        "number = NULL",
        "org = 'https://other.okta.com'",
        "batch = 'b1'",
        "sealed = x'00'",
        "caller = 'nobody'",
        "body = '{}'",
    ],
)
async def test_an_older_entry_that_was_altered_is_found_in_its_newer_columns_too(older: Settings, change: str) -> None:
    async with Program(older) as program:
        await verdict(program)
    tamper(older.store_file, f"UPDATE journal SET {change} WHERE sequence = 1")
    async with Program(older) as program:
        assert [problem.partition(":")[0] for problem in (await verdict(program)).problems] == ["Entry 1"]


async def test_an_exported_journal_of_both_formats_is_verified_line_by_line(older: Settings) -> None:
    async with Program(older) as program:
        await begun(program)

        def told(database: object, chain: Chain) -> list[str]:
            return list(lines(rows(database), Head(0, bytes(32))))  # type: ignore[arg-type]

        exported = await program.recorder.read(told)
        first, last = json.loads(exported[0]), json.loads(exported[-1])
        assert not {"format", "number", "org", "batch", "sealed"} & first.keys(), "as the earlier version wrote it"
        assert (last["format"], last["number"]) == (2, ENTRIES + 1)
        found = await program.recorder.read(lambda database, chain: verify_lines(database, chain, exported))
        assert found.problems == []
        altered = [*exported[:-1], exported[-1].replace("example.okta.com", "another.okta.com")]
        found = await program.recorder.read(lambda database, chain: verify_lines(database, chain, altered))
        assert found.problems
