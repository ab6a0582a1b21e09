"""The store is the one at its path, and as new as it was: nothing is done that would be recorded nowhere, or twice."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from appending import matter
from ledger import JANE, do, refuse, verdict
from org import Org
from server.journal.recording import Begun
from server.marker import Mark
from server.program import Program
from server.settings import Settings, load
from surface import COMMAND, HttpServer, call, details, environment, free_port, over_http, over_stdio, refused
from terminal import Terminal
from tools.okta.errors import ActionError


def backup(settings: Settings) -> Path:
    """A copy of the store as it is, made as one makes it while the store is in use."""
    copy = settings.data_dir / "older"
    copy.unlink(missing_ok=True)
    source, target = sqlite3.connect(settings.store_file), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    copy.chmod(0o600)
    return copy


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([COMMAND, *arguments], env=environment(), capture_output=True, text=True, timeout=60)


async def change(settings: Settings, times: int) -> None:
    """So many changes, by a program of their own."""
    async with Program(settings) as program:
        for _ in range(times):
            await do(program, "update_user_profile", user_id=JANE, title=f"Title {time.time()}")


# Under a running server

Replaced = Callable[[Settings, Path], object]


def moved_over(settings: Settings, older: Path) -> None:
    older.replace(settings.store_file)


def moved_over_cleanly(settings: Settings, older: Path) -> None:
    older.replace(settings.store_file)
    for beside in ("store.db-wal", "store.db-shm"):
        (settings.data_dir / beside).unlink()


def copied_over(settings: Settings, older: Path) -> None:
    shutil.copyfile(older, settings.store_file)
    for beside in ("store.db-wal", "store.db-shm"):
        (settings.data_dir / beside).unlink()


def copied_into(settings: Settings, older: Path) -> None:
    """In place, with nothing of the newer state left in the log beside it."""
    with closing(sqlite3.connect(settings.store_file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(older, settings.store_file)


def removed(settings: Settings, older: Path) -> None:
    settings.store_file.unlink()


def all_removed(settings: Settings, older: Path) -> None:
    for file in settings.data_dir.glob("store.db*"):
        file.unlink()


def log_removed(settings: Settings, older: Path) -> None:
    (settings.data_dir / "store.db-wal").unlink()


REPLACED: list[Replaced] = [
    moved_over,
    moved_over_cleanly,
    copied_over,
    copied_into,
    removed,
    all_removed,
    log_removed,
]


@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("replace", REPLACED)
async def test_a_server_whose_store_was_replaced_changes_nothing(
    connected: None, org: Org, settings: Settings, replace: Replaced, transport: str
) -> None:
    async def work(client: Any) -> None:
        await call(client, "update_user_profile", user_id=JANE, title="Before")
        older = backup(settings)
        await call(client, "update_user_profile", user_id=JANE, title="Recorded")
        await anyio.to_thread.run_sync(replace, settings, older)
        for _ in range(3):
            refusal = details(await refused(client, "update_user_profile", user_id=JANE, title="Lost"))
            assert refusal["code"] in ("store_replaced", "journal_incomplete", "store"), refusal
            assert refusal["next_step"]

    if transport == "stdio":
        async with over_stdio("legacy") as client:
            await work(client)
    else:
        with HttpServer(free_port()) as server:
            async with over_http(server, "legacy") as client:
                await work(client)
    assert org.user(JANE)["profile"]["title"] == "Recorded"


async def test_a_store_that_is_put_where_it_was_is_used_again(program: Program, settings: Settings, org: Org) -> None:
    await do(program, "suspend_user", user_id=JANE)
    away = settings.store_file.rename(settings.data_dir / "away")
    assert (await refuse(program, "unsuspend_user", user_id=JANE)).code == "store_replaced"
    away.rename(settings.store_file)
    await do(program, "unsuspend_user", user_id=JANE)
    assert org.user(JANE)["status"] == "ACTIVE"


# An older store, or another one


@pytest.fixture
def rolled_back(connected: None, settings: Settings) -> None:
    """A store of one change, where there had been three."""
    anyio.run(change, settings, 1)
    older = backup(settings)
    anyio.run(change, settings, 2)
    older.replace(settings.store_file)


def test_the_marker_follows_the_journal(connected: None, settings: Settings) -> None:
    anyio.run(change, settings, 3)
    mark = Mark.of(settings.marker_file.read_text())
    assert mark.sequence == 6
    assert settings.marker_file.stat().st_mode & 0o777 == 0o600
    assert f"Head: {mark.head}" in run("journal", "verify").stdout


async def test_an_older_store_is_said_and_takes_no_entries(rolled_back: None, org: Org) -> None:
    title = org.user(JANE)["profile"]["title"]
    verified = run("journal", "verify")
    assert verified.returncode == 1
    assert re.search(r"Entries 3 to 6: missing; this folder's marker of \S+Z has them\.", verified.stdout)
    assert "whole" not in verified.stdout
    for _ in range(2):
        changed = run("call", "update_user_profile", "--user-id", JANE, "--title", "Lost")
        assert changed.returncode == 1
        assert "okta-actions journal accept-restore" in changed.stderr
    assert org.user(JANE)["profile"]["title"] == title
    assert run("call", "lookup_user", "--user-id", JANE).returncode == 0
    assert "Entries 3 to 6: missing" in run("doctor").stdout


def test_an_older_store_is_said_at_start(rolled_back: None) -> None:
    served = subprocess.run([COMMAND, "serve"], env=environment(), input="", capture_output=True, text=True, timeout=60)
    assert "Entries 3 to 6: missing" in served.stderr
    assert served.returncode == 0
    with HttpServer(free_port()) as server:
        server.end()
        assert "Entries 3 to 6: missing" in server.errors


def test_a_restore_that_a_person_accepts_is_an_entry_that_names_the_gap(
    rolled_back: None, settings: Settings, org: Org
) -> None:
    piped = subprocess.run(
        [COMMAND, "journal", "accept-restore"], env=environment(), input="y\n", capture_output=True, text=True
    )
    assert (piped.returncode, "no terminal" in piped.stderr) == (1, True)
    assert accepted("n\n") != 0
    assert run("journal", "verify").returncode == 1
    assert accepted("y\n") == 0
    whole = run("journal", "verify")
    assert whole.returncode == 0, whole.stdout
    assert "Entry 7: " in whole.stdout
    assert "Entries 3 to 6: missing" in whole.stdout
    anyio.run(change, settings, 1)
    # The numbers of what is missing are not given again.
    listed = json.loads(run("journal", "list", "--json").stdout)
    assert [row["id"] for row in listed] == ["8", "1"]
    assert run("journal", "verify").returncode == 0
    assert Mark.of(settings.marker_file.read_text()).sequence == 9
    assert run("journal", "accept-restore").stderr.startswith("Nothing is missing")


def accepted(typed: str) -> int:
    with Terminal("journal", "accept-restore") as terminal:
        terminal.until("[y/N]")
        assert "Entries 3 to 6: missing" in terminal.screen or "1 to 6: missing" in terminal.screen
        terminal.type(typed)
        return terminal.end()


async def test_a_store_made_anew_is_said_and_can_be_accepted(
    connected: None, settings: Settings, template: Any
) -> None:
    await change(settings, 3)
    for file in settings.data_dir.glob("store.db*"):
        file.unlink()
    assert "Entries 1 to 6: missing" in run("journal", "verify").stdout
    async with Program(settings) as program:
        with pytest.raises(ActionError, match="not complete"):
            await program.recorder.begin(matter("somebody"), None, None)
    assert await anyio.to_thread.run_sync(accepted, "y\n") == 0
    async with Program(settings) as program:
        # Neither the place nor the number of an entry that was lost is given again.
        assert await program.recorder.begin(matter("somebody"), None, None) == Begun(8, 4)
        found = await verdict(program)
        assert (found.problems, found.entries) == ([], 2)


async def test_what_was_written_on_after_an_older_store_is_no_stand_in(rolled_back: None, settings: Settings) -> None:
    """By a program that knows no marker, say."""
    marker = settings.marker_file.rename(settings.data_dir / "aside")
    await change(settings, 3)
    marker.replace(settings.marker_file)
    async with Program(settings) as program:
        (problem,) = (await verdict(program)).problems
        assert problem.startswith("Entry 6: not the one")
        assert (await refuse(program, "suspend_user", user_id=JANE)).code == "journal_incomplete"


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"store":1}', "\x00", "[" * 100_000])
async def test_a_marker_that_cannot_be_read_lets_nothing_be_written(
    program: Program, settings: Settings, text: str, org: Org
) -> None:
    await do(program, "update_user_profile", user_id=JANE, title="Before")
    settings.marker_file.write_text(text)
    assert (await refuse(program, "update_user_profile", user_id=JANE, title="Lost")).code == "marker_unreadable"
    assert org.user(JANE)["profile"]["title"] == "Before"
    assert not (await verdict(program)).whole


async def test_a_marker_that_was_altered_is_found(connected: None, settings: Settings) -> None:
    await change(settings, 2)
    told = json.loads(settings.marker_file.read_text())
    settings.marker_file.write_text(json.dumps({**told, "sequence": 2}))
    async with Program(settings) as program:
        (problem,) = (await verdict(program)).problems
        assert "marker was altered" in problem
        assert (await refuse(program, "suspend_user", user_id=JANE)).code == "marker_altered"


async def test_a_marker_that_lags_behind_is_as_it_should_be(connected: None, settings: Settings) -> None:
    await change(settings, 1)
    behind = settings.marker_file.read_bytes()
    await change(settings, 2)
    settings.marker_file.write_bytes(behind)
    async with Program(settings) as program:
        assert (await verdict(program)).whole
    await change(settings, 1)
    assert Mark.of(settings.marker_file.read_text()).sequence == 8


def test_many_processes_never_lower_the_marker(connected: None, settings: Settings) -> None:
    appending = str(Path(__file__).parents[1] / "support" / "appending.py")
    seen = [0]
    running = [subprocess.Popen([sys.executable, appending, "15"]) for _ in range(4)]
    while any(process.poll() is None for process in running):
        if settings.marker_file.exists():
            seen.append(Mark.of(settings.marker_file.read_text()).sequence)
        time.sleep(0.02)
    assert seen == sorted(seen)
    assert Mark.of(settings.marker_file.read_text()).sequence == 4 * 15 * 2


async def test_a_program_in_memory_has_no_marker(settings: Settings) -> None:
    async with Program(load(memory_only=True)) as program:
        await program.recorder.begin(matter("somebody"), None, None)
    assert not settings.data_dir.exists()
