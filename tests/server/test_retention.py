"""What the journal gives up: old segments that go elsewhere, and what tells of a person. What stays can be verified."""

import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from appending import matter
from connected_org import Org
from ledger import CALLER, JANE, ask, body, do, entries, erased, refuse, stored, tamper, verdict
from server.door.door import Call
from server.journal.chain import Chain, Entry, Head, rows
from server.journal.exporting import lines, verify_lines
from server.journal.retention import Segment, erase, seal, segment, traces
from server.program import Program
from server.settings import Settings, load
from server.store.schema import StoreError
from surface import COMMAND, environment
from terminal import Terminal
from tools.okta.errors import InvalidInput

if TYPE_CHECKING:
    from server.store.database import Database

# Old segments


@pytest.fixture
async def empty(settings: Settings) -> AsyncIterator[Program]:
    """A program with a journal and without a connection."""
    async with Program(settings) as made:
        yield made


def change(database: "Database", chain: Chain, ends: bool = True) -> int:
    """A change, done or still without an outcome."""
    intent = chain.append(database, matter("somebody").entry("intent", process="1:1"))
    if ends:
        chain.append(database, Entry("done", change=intent.sequence))
    return intent.sequence


async def sealed(program: Program, before: float) -> tuple[Segment | None, list[str]]:
    """Seal what is older, and give the lines that it was written as."""
    told: list[str] = []

    def put_aside(database: "Database", chain: Chain) -> Segment | None:
        found = segment(database, chain, before)
        if found is not None:
            told.extend(lines(rows(database, "sequence <= ?", (found.until.sequence,)), found.base))
        return found

    found = await program.recorder.read(put_aside)
    if found is not None:
        await program.recorder.run(lambda database, chain: seal(database, chain, found, CALLER, Path("old"), ""))
    return found, told


async def problems_of(program: Program, text: list[str], kept: Head | None = None) -> list[str]:
    return await program.recorder.read(lambda database, chain: verify_lines(database, chain, text, kept).problems)


async def test_what_was_sealed_can_be_verified_and_so_can_what_remains(empty: Program) -> None:
    kept = []
    files = []
    for _ in range(3):
        for _ in range(5):
            await empty.recorder.run(change)
        kept.append((await verdict(empty)).head)
        between = time.time()
        await empty.recorder.run(change)
        found, told = await sealed(empty, between)
        assert found is not None
        assert found.until == kept[-1]
        files.append(told)
        assert (await verdict(empty)).problems == []
    remaining = await entries(empty)
    assert [entry.kind for entry in remaining] == ["intent", "done", "sealed"]
    for told, head in zip(files, kept, strict=True):
        assert await problems_of(empty, told, head) == []
        assert await problems_of(empty, told[:-1], head) != []
    # Of the newest segments the journal itself knows where they begin.
    assert await problems_of(empty, files[-1][2:]) == ["Entries 24 to 25: removed."]
    # A head from before leads to the file that has it; that of the last sealed entry joins what remains to its file.
    (problem,) = (await verdict(empty, kept[0])).problems
    assert problem.startswith(f"Entry {kept[0].sequence}, whose MAC was kept, is in a sealed segment")
    assert (await verdict(empty, kept[-1])).problems == []


async def test_what_is_not_settled_or_was_undone_lately_stays_with_all_after_it(empty: Program) -> None:
    await empty.recorder.run(change)
    open_one = await empty.recorder.run(lambda database, chain: change(database, chain, ends=False))
    await empty.recorder.run(change)
    found, _ = await sealed(empty, time.time())
    assert found is not None
    assert found.until.sequence == open_one - 1
    await empty.recorder.run(lambda database, chain: chain.append(database, Entry("done", change=open_one)))
    before = time.time()
    await empty.recorder.run(lambda database, chain: chain.append(database, Entry("intent", change=open_one)))
    assert await sealed(empty, before) == (None, [])


async def test_what_was_erased_is_sealed_together_with_the_entry_that_says_so(empty: Program) -> None:
    await empty.recorder.run(change)
    between = time.time()
    assert await erased(empty, "jane.doe@example.com") == [1]
    assert await sealed(empty, between) == (None, [])
    _, told = await sealed(empty, time.time())
    assert len(told) == 3
    assert await problems_of(empty, told) == []


async def test_what_was_tampered_with_is_not_sealed(empty: Program, settings: Settings) -> None:
    await empty.recorder.run(change)
    tamper(settings.store_file, "UPDATE journal SET caller = 'x' WHERE sequence = 1")
    with pytest.raises(InvalidInput, match="not intact"):
        await sealed(empty, time.time())


async def test_what_was_erased_meanwhile_is_not_sealed_as_it_was(empty: Program) -> None:
    await empty.recorder.run(change)
    found = await empty.recorder.read(lambda database, chain: segment(database, chain, time.time()))
    assert found is not None
    await erased(empty, "jane.doe@example.com")
    with pytest.raises(InvalidInput, match="at the same time"):
        await empty.recorder.run(lambda database, chain: seal(database, chain, found, CALLER, Path("old"), ""))
    assert len(await entries(empty)) == 3


async def test_entries_put_back_from_a_sealed_segment_are_found(empty: Program, settings: Settings) -> None:
    await empty.recorder.run(change)
    (first, *_) = await entries(empty)
    await sealed(empty, time.time())
    marks = ", ".join("?" * len(first))
    tamper(settings.store_file, f"INSERT INTO journal VALUES ({marks})", *first)
    assert (await verdict(empty)).problems == ["Entry 1: not written there by okta-actions."]


async def command(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return await anyio.run_process([COMMAND, "journal", *arguments], env=environment(), check=False)


async def at_a_terminal(*arguments: str, typed: str = "y\n", asks: str = "[y/N]") -> str:
    """What a command shows to a person who answers its question."""

    def run() -> str:
        with Terminal("journal", *arguments) as terminal:
            terminal.until(asks)
            terminal.type(typed)
            terminal.end()
            return terminal.screen

    return await anyio.to_thread.run_sync(run)


async def test_the_commands_seal_into_a_file_and_verify_it(empty: Program, tmp_path: Path) -> None:
    await empty.recorder.run(change)
    file = tmp_path / "old.jsonl"
    assert b"No entries are older" in (await command("seal", str(file))).stderr
    assert not file.exists()
    await at_a_terminal("seal", str(file), "--days", "0", typed="n\n")
    assert not file.exists()
    done = await at_a_terminal("seal", str(file), "--days", "0")
    assert (file.stat().st_mode & 0o777, len(file.read_text().splitlines())) == (0o600, 2)
    head = done.partition("Head: ")[2].strip()
    whole = await command("verify", "--file", str(file), "--head", head)
    assert (whole.returncode, b"2 entries, from 1 to 2" in whole.stdout) == (0, True)
    assert (await command("verify")).returncode == 0
    file.write_text(file.read_text().replace("somebody", "nobody"))
    assert (await command("verify", "--file", str(file))).returncode == 1
    assert b"exists; nothing was written" in (await command("seal", str(file), "--days", "0")).stderr
    assert b"exists; nothing was written" in (await command("export", str(file))).stderr


async def test_verifying_says_which_sealed_entries_cannot_be_verified(empty: Program, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.jsonl" for number in range(3)]
    for file in files:
        # The entry that names the first file goes into the second one, and so on.
        await empty.recorder.run(change)
        await at_a_terminal("seal", str(file), "--days", "0")
    assert b"whole" in (await command("verify")).stdout
    moved = files[0].rename(tmp_path / "elsewhere.jsonl")
    lost = await command("verify")
    assert (lost.returncode, b"whole" in lost.stdout) == (1, False)
    assert f"Entries 1 to 2: sealed into {files[0]}, which is not there." in lost.stdout.decode()
    assert b"whole" in (await command("verify", "--sealed", str(moved))).stdout
    files[1].write_text(files[1].read_text().replace("somebody", "nobody"))
    altered = await command("verify", "--sealed", str(moved))
    assert (altered.returncode, b"whole" in altered.stdout) == (1, False)
    assert f"sealed into {files[1]}, which is not as it was written." in altered.stdout.decode()


@pytest.mark.parametrize(
    "arguments",
    [("journal", "erase", JANE), ("journal", "seal", "old.jsonl", "--days", "0"), ("vault", "rotate")],
    ids=lambda arguments: " ".join(arguments[:2]),
)
async def test_no_pipe_answers_what_a_person_must_confirm(
    program: Program, settings: Settings, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    await do(program, "suspend_user", user_id=JANE)
    before = await entries(program), (settings.data_dir / "vault.key").read_bytes()
    ran = await anyio.run_process(
        [COMMAND, *arguments], env=environment(), check=False, input=b"y\n" * 100, cwd=tmp_path
    )
    assert (ran.returncode, b"no terminal to ask at" in ran.stderr) == (1, True)
    assert (await entries(program), (settings.data_dir / "vault.key").read_bytes()) == before
    assert not (tmp_path / "old.jsonl").exists()


# A person's data


def kept_of(settings: Settings, *texts: str) -> list[str]:
    """Which of the texts are anywhere in the store's files."""
    everything = stored(settings)
    return [text for text in texts if text.encode() in everything]


PRIVATE: dict[str, Any] = {
    "first_name": "Zebulon",
    "last_name": "Quagmire",
    "title": "Sorcerer",
    "department": "Xenology",
}
LOGIN, FORMER, ADDRESS = "zeb@example.com", "zebulon.q@example.com", "zeb.private@example.com"
TELLING = (*PRIVATE.values(), f"<{LOGIN}>", f'"{LOGIN}"', f"“{LOGIN}”", FORMER, ADDRESS, "Zebbo", "Warlock")
NAMESAKE = "arch-zeb@example.com"


async def life_of(program: Program, org: Org) -> str:
    """A person who is created, changed, asked about and named by others; their id."""
    made = await do(program, "create_user", **PRIVATE, login=FORMER, email=ADDRESS)
    id = str(made["id"])
    await do(program, "update_user_profile", user_id=id, login=LOGIN, attributes={"nickName": "Zebbo"})
    await do(program, "add_user_to_group", user_id=id, group_id=org.create_group("Team"))
    await do(program, "update_user_profile", user_id=JANE, manager_id=LOGIN)
    org.trouble({"kind": "status", "status": 403, "method": "POST", "path": "/api/v1/users/00u"})
    await refuse(program, "update_user_profile", user_id=id, title="Warlock")
    await ask(program, "deactivate_user", user_id=id)
    question = await ask(program, "deactivate_user", user_id=id)
    assert await program.door.keep_request(question, Call(CALLER, "deactivate_user", {"user_id": LOGIN}))
    return id


@pytest.mark.parametrize("by", ["id", "login", "former login"])
async def test_nothing_of_an_erased_person_is_left_but_that_something_was_done(
    program: Program, settings: Settings, org: Org, by: str
) -> None:
    org.create(NAMESAKE)
    async with Program(load(change_requests=True)) as made:
        await do(made, "suspend_user", user_id=JANE)
        await do(made, "update_user_profile", user_id=NAMESAKE, title="Chief")
        id = await life_of(made, org)
        assert kept_of(settings, *TELLING) == list(TELLING)
        before = await entries(made)
        person = {"id": id, "login": LOGIN, "former login": FORMER}[by]
        found = await erased(made, person)
        await made.store.tidy()
    assert kept_of(settings, *TELLING) == []
    assert kept_of(settings, NAMESAKE, JANE, id) == [NAMESAKE, JANE, id]
    after = await entries(program)
    # Everything but the details is as it was, and one more entry says whose details went.
    assert [entry._replace(details=None) for entry in after[:-1]] == [entry._replace(details=None) for entry in before]
    assert (after[-1].kind, after[-1].caller, body(after[-1])["entries"]) == ("erased", "tester", found)
    assert [entry.sequence for entry in after[:-1] if entry.details is None] == found == list(range(5, len(after)))
    assert (await verdict(program)).problems == []
    assert "erased" in str(await refuse(program, "undo_change", change_id=str(found[0])))
    assert "(erased)" in str(await do(program, "list_changes"))
    assert await erased(program, id) == []


async def test_what_was_written_of_them_meanwhile_goes_too(empty: Program) -> None:
    open_one = await empty.recorder.run(lambda database, chain: change(database, chain, ends=False))
    found = await empty.recorder.read(lambda database, chain: traces(database, chain, "jane.doe@example.com"))
    late = Entry("failed", change=open_one, details={"error": "Jane said no."})
    await empty.recorder.run(lambda database, chain: chain.append(database, late))
    await empty.recorder.run(change)
    assert await empty.recorder.run(lambda database, chain: erase(database, chain, found, CALLER)) == [1, 2, 3]
    assert (await verdict(empty)).problems == []


async def test_of_two_people_with_one_login_the_one_meant_is_erased(program: Program, org: Org) -> None:
    first = org.create(LOGIN)["id"]
    await do(program, "update_user_profile", user_id=first, login=FORMER)
    second = org.create(LOGIN)["id"]
    await do(program, "suspend_user", user_id=JANE)
    await do(program, "update_user_profile", user_id=second, title="Sorcerer")
    with pytest.raises(InvalidInput, match="several people"):
        await erased(program, LOGIN)
    found = await erased(program, second)
    assert found == [5, 6]


async def test_of_a_great_many_entries_nothing_of_the_erased_stays(empty: Program, settings: Settings) -> None:
    """SQLite moves what it keeps from page to page: no copy stays behind."""

    def fill(database: "Database", chain: Chain) -> None:
        for number in range(3000):
            text = f"Suspend Somebody <person.{number % 300}@example.com>{'.' * (number * 7 % 900)}"
            chain.append(database, replace(matter("somebody", text), targets=(), arguments={}).entry("declined"))

    await empty.recorder.run(fill)
    gone = [f"person.{number}@example.com" for number in (0, 7, 150, 299)]
    for person in gone:
        await erased(empty, person)
    await empty.store.tidy()
    assert kept_of(settings, *(f"<{person}>" for person in gone)) == []
    assert kept_of(settings, "<person.70@example.com>") != []
    assert (await verdict(empty)).problems == []


async def test_what_was_erased_may_still_be_in_a_log_that_somebody_reads(empty: Program, settings: Settings) -> None:
    await empty.recorder.run(change)
    with sqlite3.connect(settings.store_file) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM journal").fetchone()
        await erased(empty, "jane.doe@example.com")

        def hurry(database: "Database", chain: Chain) -> None:
            database.connection.exec_driver_sql("PRAGMA busy_timeout = 10")

        await empty.recorder.run(hurry)
        with pytest.raises(StoreError, match="another process is reading"):
            await empty.store.tidy()
    reader.close()
    await empty.store.tidy()
    assert kept_of(settings, "jane.doe@example.com") == []


def test_a_person_at_a_terminal_erases_after_a_yes(connected: None, settings: Settings, org: Org) -> None:
    with Terminal("call", "suspend_user", "--user-id", JANE) as terminal:
        assert terminal.end() == 0
    for typed, left, code in (("n\n", [JANE], 3), ("y\n", [], 0)):
        with Terminal("journal", "erase", JANE) as terminal:
            terminal.until("It cannot be brought back")
            terminal.type(typed)
            assert terminal.end() == code
        assert kept_of(settings, JANE) == left
    assert "2 entries no longer tell of jane.doe@example.com" in terminal.screen
    with Terminal("journal", "erase", "jane") as terminal:
        assert terminal.end() == 1
