"""The store is the one at its path, and as new as it was: nothing is done that would be recorded nowhere, or twice."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from appending import matter
from connected_org import Org
from ledger import CALLER, JANE, do, entries, refuse, tamper, verdict
from server.door.door import Call, Refusal
from server.journal.chain import Chain, Head
from server.journal.recording import Begun
from server.journal.restoring import accept, missing
from server.program import Program
from server.settings import Settings, load
from server.store.marker import Mark
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


def marked(settings: Settings) -> int:
    """The entry that the marker names."""
    return Mark.of(settings.marker_file.read_text()).sequence if settings.marker_file.exists() else 0


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


async def test_the_marker_follows_while_nothing_more_is_written(program: Program, settings: Settings) -> None:
    """A server that waits for its next call has its last one marked."""
    for name in ("suspend_user", "unsuspend_user", "suspend_user"):
        await do(program, name, user_id=JANE)
    with anyio.fail_after(60):
        while marked(settings) < 6:  # noqa: ASYNC110 - it is a file
            await anyio.sleep(0.01)


async def test_an_older_store_is_said_and_takes_no_entries(rolled_back: None, org: Org) -> None:
    title = org.user(JANE)["profile"]["title"]
    verified = run("journal", "verify")
    assert verified.returncode == 1
    assert re.search(
        r"Entries 3 to 6: missing; .* of \S+Z has them\. The newest entry here is 2, of \S+Z\.", verified.stdout
    )
    assert "whole" not in verified.stdout
    for _ in range(2):
        changed = run("call", "update_user_profile", "--user-id", JANE, "--title", "Lost")
        assert changed.returncode == 1
        assert "okta-actions journal accept-restore" in changed.stderr
    assert org.user(JANE)["profile"]["title"] == title
    assert run("call", "lookup_user", "--user-id", JANE).returncode == 0
    assert "Entries 3 to 6: missing" in run("doctor").stdout
    assert "Entries 3 to 6: missing" in run("status").stderr


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
    assert [row["id"] for row in listed] == ["4", "e7", "1"]
    assert run("journal", "verify").returncode == 0
    assert marked(settings) == 9
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
    # Its process knows what it wrote; another one takes a person's word.
    async with Program(settings) as another:
        assert await another.recorder.run(go_on) == 3
    assert marked(settings) == 3
    await do(program, "update_user_profile", user_id=JANE, title="After")
    found = await verdict(program)
    assert (found.problems, len(found.notes)) == ([], 1)


def go_on(database: Any, chain: Chain) -> int:
    """Accept what is missing, as the command does."""
    found = missing(database, chain)
    assert found is not None
    return accept(database, chain, found, CALLER)


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
    assert marked(settings) == 8


def test_many_processes_never_lower_the_marker(connected: None, settings: Settings) -> None:
    appending = str(Path(__file__).parents[1] / "support" / "appending.py")
    seen = [0]
    running = [subprocess.Popen([sys.executable, appending, "15"]) for _ in range(4)]
    while any(process.poll() is None for process in running):
        seen.append(marked(settings))
        time.sleep(0.02)
    assert seen == sorted(seen)
    assert marked(settings) == 4 * 15 * 2


async def test_a_kept_head_shows_what_a_person_accepted_to_be_without(rolled_back: None, settings: Settings) -> None:
    kept = Head.of(Mark.of(settings.marker_file.read_text()).head)

    async with Program(settings) as program:
        assert await program.recorder.run(go_on) == 7
        assert (await verdict(program)).problems == []
        (problem,) = (await verdict(program, kept)).problems
        assert problem == "Entry 6, whose MAC was kept, is missing; a person accepted that."
        # Whoever takes that entry out, or the one it follows, leaves a gap that nobody accepted.
        tamper(settings.store_file, "DELETE FROM journal WHERE sequence = 2")
        assert "Entries 2 to 6: removed." in (await verdict(program)).problems


# The disk, and the clock


@pytest.mark.parametrize("room", [0, 1, 2, 5])
async def test_a_store_that_may_not_grow_records_what_it_does_or_does_nothing(
    program: Program, settings: Settings, org: Org, room: int
) -> None:
    """So many pages are left; each change takes more than one, and SQLite says when there is none."""
    await do(program, "update_user_profile", user_id=JANE, title="Before")

    def limit(database: Any) -> None:
        (pages,) = database.driver.execute("PRAGMA page_count").fetchone()
        database.driver.execute(f"PRAGMA max_page_count = {pages + room}")

    await program.store.run(limit)
    made, long = ["Before"], "x" * 2000
    for number in range(12):
        outcome = await program.door.call(
            Call(
                CALLER, "update_user_profile", {"user_id": JANE, "title": f"{number}", "attributes": {"nickName": long}}
            )
        )
        if not isinstance(outcome, Refusal) or outcome.error.code == "outcome_not_recorded":
            made.append(str(number))
        else:
            assert outcome.error.code == "store", outcome.error
            assert "full" in str(outcome.error)
    assert org.user(JANE)["profile"]["title"] == made[-1]
    assert len(made) < 13
    begun = [entry for entry in await entries(program) if entry.kind == "intent"]
    assert len(begun) == len(made)
    assert (await verdict(program)).whole


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root makes a small disk")
def test_on_a_disk_that_is_full_nothing_is_done(connected: None, settings: Settings, org: Org, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir(mode=0o700)
    mounted = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", str(small)]
    if subprocess.run(mounted, check=False, capture_output=True).returncode != 0:
        pytest.skip("this container may not mount")
    try:
        for file in settings.data_dir.iterdir():
            shutil.copy(file, small)
        (small / "filler").write_bytes(b"")
        with suppress(OSError), (small / "filler").open("ab", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        command = [COMMAND, "call", "update_user_profile", "--user-id", JANE, "--title", "Lost"]
        there = {**environment(), "OKTA_ACTIONS_DATA_DIR": str(small)}
        refused = subprocess.run(command, env=there, capture_output=True, text=True, timeout=60, check=False)
        assert refused.returncode == 1
        assert refused.stderr.startswith("The store")
        assert org.user(JANE)["profile"].get("title") != "Lost"
        (small / "filler").unlink()
        done = subprocess.run(command, env=there, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert org.user(JANE)["profile"]["title"] == "Lost"
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


async def test_a_clock_that_was_set_back_is_noted(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for seconds in (0.0, 5.0, 4.5, -3600.0, -3590.0):
        monkeypatch.setattr(time, "time", lambda at=now + seconds: at)
        await program.recorder.begin(matter("somebody"), None, None)
    found = await verdict(program)
    assert found.problems == []
    (note,) = found.notes
    assert note.startswith("Entry 4: its time, ")
    assert note.endswith("that of entry 3: the clock was set back.")


async def test_a_program_in_memory_has_no_marker(settings: Settings) -> None:
    async with Program(load(memory_only=True)) as program:
        await program.recorder.begin(matter("somebody"), None, None)
    assert not settings.data_dir.exists()
