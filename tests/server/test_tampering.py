"""Tampering: whatever somebody does to the journal behind the program's back, verifying finds it, and where it is."""

import asyncio
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from appending import matter
from ledger import tamper, verdict
from server.journal.chain import FIRST_MAC, Chain, Head, Row, rows
from server.journal.exporting import lines, verify_lines
from server.journal.recording import Confirmation, Ending
from server.journal.verifying import Verdict, follow
from server.program import Program
from server.settings import load
from surface import COMMAND, environment
from tools.okta.errors import ActionError, InvalidInput

if TYPE_CHECKING:
    from server.store.database import Database

N = 1000
START = Head(0, FIRST_MAC)


@dataclass(frozen=True)
class Journal:
    folder: Path
    chain: Chain
    rows: list[Row]

    @property
    def head(self) -> Head:
        return Head(N, self.rows[-1].mac)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    """A thousand entries of every kind that writes leave."""
    folder = tmp_path_factory.mktemp("journal") / "data"

    async def build() -> Journal:
        async with Program(load(data_dir=folder, vault_key_source="file")) as program:
            chain = await program.recorder.chain()
            await program.recorder.run(fill)
            return Journal(folder, chain, await program.recorder.read(lambda database, _: list(rows(database))))

    return asyncio.run(build())


def fill(database: "Database", chain: Chain) -> None:
    about, number = matter("somebody"), 0
    while number < N:
        confirmation = Confirmation("elicitation", "a person")
        change = chain.append(database, about.entry("intent", confirmation=confirmation.by, process="1:1"))
        failure = ActionError("Okta said no.", code="E0000001")
        chain.append(database, Ending("done", ["request"], 0.01).entry(change.sequence, about))
        change = chain.append(database, about.entry("intent", process="1:1"))
        chain.append(database, Ending("failed", [], 0.01, error=failure).entry(change.sequence, about))
        change = chain.append(database, about.entry("intent", process="1:1"))
        chain.append(database, Ending("unknown", [], 0.01, error=failure).entry(change.sequence, about))
        settled = Ending("settled", after={"member": True}, verdict="done", reason="Okta shows the intended state.")
        chain.append(database, settled.entry(change.sequence, about))
        for kind in ("declined", "cancelled", "abandoned"):
            number = chain.append(database, about.entry(kind)).sequence


def named(found: Verdict) -> set[int]:
    """The entries that the findings name."""
    numbers: set[int] = set()
    for problem in found.problems:
        first, last = re.findall(r"Entr(?:y|ies) (-?\d+)(?: to (\d+))?", problem)[0]
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def around(journal: Journal, place: int, change: Callable[[list[Row], int], object]) -> Verdict:
    """Verify the entries around a place in which something was changed; each only hangs on the one before it."""
    begin = max(0, place - 2)
    window = journal.rows[begin : place + 4]
    change(window, place - begin)
    kept = journal.rows[begin : place + 4][-1]
    base = Head(begin, journal.rows[begin - 1].mac) if begin else START
    return follow(journal.chain, window, base, Head(kept.sequence, kept.mac))


def putting(row: Row, further: int = 0) -> Callable[[list[Row], int], None]:
    """Put this entry there, or so much further on, in place of what is there if anything is."""

    def put(window: list[Row], at: int) -> None:
        window[at + further : at + further + 1] = [row]

    return put


def test_nothing_is_found_in_what_nobody_touched(journal: Journal) -> None:
    found = follow(journal.chain, journal.rows, START, journal.head)
    assert (found.problems, found.entries, found.head) == ([], N, journal.head)
    assert {row.kind for row in journal.rows} >= {"intent", "done", "failed", "unknown", "settled", "declined"}


# One entry, at each of the thousand places

Edit = Callable[[Any], Any]
EDITS: list[tuple[str, Edit]] = [
    ("at", lambda value: value + 0.001),
    ("at", lambda _: "yesterday"),
    ("kind", lambda value: "failed" if value == "done" else "done"),
    ("kind", lambda value: value.encode()),
    ("change", lambda value: None if value else -1),
    ("change", lambda value: None if value else 0),
    ("change", lambda value: (value or 0) + 1),
    ("caller", lambda value: f"{value} "),
    ("connection", lambda _: ""),
    ("action", lambda _: "remove_user_from_group"),
    ("targets", lambda value: value.lower()),
    ("body", lambda value: value.replace("}", ',"x":1}')),
    ("body", lambda _: None),
    ("digest", lambda value: bytes(len(value)) + b"\0"),
    ("digest", lambda _: b""),
    ("details", lambda value: (value or "{}").replace("}", " }")),
    ("details", lambda _: "[]"),
    ("details", lambda value: (value or "{}").encode()),
    ("details", lambda _: None),
    ("mac", lambda value: value[::-1]),
    ("mac", lambda _: "text"),
]


@pytest.mark.parametrize(("column", "edit"), EDITS, ids=[f"{n} {column}" for n, (column, _) in enumerate(EDITS)])
def test_each_edit_of_each_entry_is_found(journal: Journal, column: str, edit: Edit) -> None:
    for place, row in enumerate(journal.rows):
        new = row._replace(**{column: edit(getattr(row, column))})
        if new == row:
            continue
        found = around(journal, place, putting(new))
        assert row.sequence in named(found), row
        # The next one hangs on the MAC of this one.
        assert named(found) <= {row.sequence, row.sequence + (column == "mac")}


def test_no_byte_moves_from_one_column_to_the_next(journal: Journal) -> None:
    columns = ("kind", "caller", "connection", "action", "targets", "body")
    row = journal.rows[500]
    for left, right in pairwise(columns):
        one, other = getattr(row, left), getattr(row, right)
        new = row._replace(**{left: one[:-1], right: one[-1] + other})
        assert named(around(journal, 500, putting(new))) == {501}


def test_each_removal_is_found(journal: Journal) -> None:
    for place in range(N):
        assert named(around(journal, place, lambda window, at: window.pop(at))) == {place + 1}


def test_each_swap_of_neighbours_is_found(journal: Journal) -> None:
    def swap(window: list[Row], at: int) -> None:
        one, other = window[at : at + 2]
        window[at : at + 2] = [other._replace(sequence=one.sequence), one._replace(sequence=other.sequence)]

    for place in range(N - 1):
        assert {place + 1, place + 2} <= named(around(journal, place, swap)) <= {place + 1, place + 2, place + 3}


def test_swaps_of_distant_entries_are_found(journal: Journal) -> None:
    for one, other in ((0, N - 1), (1, 500), (10, 990), (498, 501)):
        altered = list(journal.rows)
        altered[one] = journal.rows[other]._replace(sequence=one + 1)
        altered[other] = journal.rows[one]._replace(sequence=other + 1)
        found = named(follow(journal.chain, altered, START))
        assert {one + 1, other + 1} <= found <= {one + 1, one + 2, other + 1, other + 2}


def test_each_copy_is_found(journal: Journal) -> None:
    for place in range(N):
        # In place of the next one, as far as there is one; and put in before it, with all others moved on.
        copy = journal.rows[place]._replace(sequence=place + 2)
        found = around(journal, place, putting(copy, 1))
        assert place + 2 in named(found)
    later = [row._replace(sequence=row.sequence + 1) for row in journal.rows[500:]]
    inserted = [*journal.rows[:500], journal.rows[499]._replace(sequence=501), *later]
    found = follow(journal.chain, inserted, START)
    assert min(named(found)) == 501
    assert 502 in named(found)


def test_each_truncation_is_found_by_a_kept_head(journal: Journal) -> None:
    for end in range(N):
        last = journal.rows[end - 1 : end]
        base = Head(end - 1, journal.rows[end - 2].mac) if end > 1 else START
        assert named(follow(journal.chain, last, base, journal.head)) == set(range(end + 1, N + 1))


# In the store


@pytest.fixture
def store(journal: Journal, tmp_path: Path) -> Path:
    """The journal's store, to be tampered with."""
    shutil.copytree(journal.folder, tmp_path / "data")
    return tmp_path / "data" / "store.db"


async def looked_at(kept: Head | None = None) -> Verdict:
    async with Program(load()) as program:
        return await verdict(program, kept)


async def appended(times: int) -> None:
    async with Program(load()) as program:
        for _ in range(times):
            await program.recorder.begin(matter("somebody else"), None, None)


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        (["UPDATE journal SET caller = 'nobody' WHERE sequence = 500"], {500}),
        (["UPDATE journal SET at = at + 1 WHERE sequence = 1"], {1}),
        (["UPDATE journal SET details = NULL WHERE sequence = 7"], {7}),
        (["UPDATE journal SET details = NULL, digest = x'' WHERE sequence = 7"], {7}),
        (["UPDATE journal SET body = CAST(x'ff' AS TEXT) WHERE sequence = 500"], {500}),
        (["UPDATE journal SET body = x'7b7d', kind = 'erased' WHERE sequence = 500"], {500}),
        (["UPDATE journal SET kind = 'sealed', body = '{\"until\":5}' WHERE sequence = 500"], {500}),
        (
            [
                """UPDATE journal SET kind = 'erased', body = '{"entries":[7]}' WHERE sequence = 500""",
                "UPDATE journal SET details = NULL WHERE sequence = 7",
            ],
            {7, 500},
        ),
        (["DELETE FROM journal WHERE sequence = 1"], {1}),
        (["DELETE FROM journal WHERE sequence BETWEEN 400 AND 600"], set(range(400, 601))),
        (["UPDATE journal SET sequence = -5 WHERE sequence = 5"], {-5, 5}),
        (["UPDATE journal SET sequence = 5000 WHERE sequence = 5"], {5, *range(1001, 5001)}),
        (["UPDATE journal SET sequence = 0 WHERE sequence = 1000"], {0, 1000}),
        *[([f"DELETE FROM journal WHERE sequence > {N - cut}"], set(range(N - cut + 1, N + 1))) for cut in (1, 2, 99)],
        (["DELETE FROM journal"], set(range(1, N + 1))),
        (["UPDATE journal SET mac = 'text' WHERE sequence = 1000"], {1000}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
async def test_tampering_with_the_store_is_found(store: Path, statements: list[str], where: set[int]) -> None:
    for statement in statements:
        tamper(store, statement)
    assert named(await looked_at()) == where


@pytest.mark.parametrize("cut", [1, 2, 10, 999, 1000])
async def test_a_cut_off_tail_is_found_when_others_were_written_since(store: Path, cut: int) -> None:
    tamper(store, "DELETE FROM journal WHERE sequence > ?", N - cut)
    await appended(3)
    assert named(await looked_at()) == set(range(N - cut + 1, N + 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_head SET sequence = 999",
        "UPDATE journal_head SET mac = (SELECT mac FROM journal WHERE sequence = 999)",
        "UPDATE journal_head SET seal = 'text'",
        "UPDATE journal_head SET sequence = 'text'",
        "DELETE FROM journal_head",
    ],
)
async def test_tampering_with_the_head_is_found(store: Path, statement: str) -> None:
    tamper(store, statement)
    (problem,) = (await looked_at()).problems
    assert "head" in problem
    with pytest.raises(ActionError):
        await appended(1)


async def test_a_second_head_changes_nothing(store: Path) -> None:
    tamper(store, "INSERT INTO journal_head SELECT 2, 5, mac, seal, changes FROM journal_head")
    assert (await looked_at()).whole


async def test_a_store_put_back_to_an_older_state_is_found_by_a_head_that_was_kept(store: Path) -> None:
    """The marker would show it as well; it was put back too."""
    older, marker = store.with_name("older"), store.with_name("journal.marker")
    shutil.copy(store, older)
    await appended(3)
    newer = (await looked_at()).head
    shutil.copy(older, store)
    marker.unlink()
    assert (await looked_at()).whole
    assert "removed since" in " ".join((await looked_at(newer)).problems)
    # Written on from there it is as long again, and yet another one.
    await appended(3)
    assert (await looked_at()).whole
    assert "rewritten" in " ".join((await looked_at(newer)).problems)


async def test_an_older_head_does_not_hide_newer_entries(store: Path) -> None:
    older = store.with_name("older")
    shutil.copy(store, older)
    await appended(2)
    tamper(store, "DELETE FROM journal_head")
    with_head(store, older)
    assert named(await looked_at()) == {1001, 1002}
    with pytest.raises(ActionError):
        await appended(1)


def with_head(store: Path, other: Path) -> None:
    """Put another store's head into this one."""
    with sqlite3.connect(other) as opened:
        head = opened.execute("SELECT * FROM journal_head").fetchone()
    tamper(store, "INSERT INTO journal_head VALUES (?, ?, ?, ?, ?)", *head)


def verified(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [COMMAND, "journal", "verify", *options]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)


def test_the_command_says_what_it_found_with_its_exit_code(store: Path, journal: Journal) -> None:
    whole = verified("--head", str(journal.head))
    assert (whole.returncode, whole.stderr) == (0, "")
    assert f"Head: {journal.head}" in whole.stdout
    tamper(store, "UPDATE journal SET action = 'x' WHERE sequence = 123")
    found = verified()
    assert found.returncode == 1
    assert found.stdout.startswith("Entry 123: altered")
    assert "not whole" in found.stderr
    assert verified("--head", "nonsense").returncode == 1


# In a file


def told(journal: Journal) -> list[str]:
    return list(lines(journal.rows, START))


async def read_file(text: Sequence[str], kept: Head | None = None) -> Verdict:
    async with Program(load()) as program:
        return await program.recorder.read(lambda database, chain: verify_lines(database, chain, text, kept))


async def test_an_exported_journal_is_verified_as_it_is(store: Path, journal: Journal) -> None:
    found = await read_file(told(journal), journal.head)
    assert (found.problems, found.entries) == ([], N)


FILE_EDITS: list[tuple[Callable[[list[str]], object], set[int]]] = [
    (lambda text: text.pop(0), {1}),
    (lambda text: text.pop(499), {500}),
    (lambda text: text.__setitem__(slice(0, 300), []), set(range(1, 301))),
    (lambda text: text.insert(500, text[10]), {11}),
    (lambda text: text.__setitem__(499, text[499].replace('"somebody"', '"nobody"')), {500}),
    (lambda text: text.__setitem__(499, text[499].replace('"text":"Add', '"text":"No')), {500}),
    (lambda text: text.__setitem__(499, text[499].replace('"before":"', '"before":"00')), {500}),
]


@pytest.mark.parametrize(("edit", "where"), FILE_EDITS)
async def test_tampering_with_a_file_is_found(
    store: Path, journal: Journal, edit: Callable[[list[str]], object], where: set[int]
) -> None:
    text = told(journal)
    edit(text)
    assert named(await read_file(text)) == where


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", "null", '{"sequence":1}', "[" * 100_000, '{"time":"2020-01-01T00:00:00.000Z"}']
)
async def test_a_line_of_something_else_is_named(store: Path, journal: Journal, line: str) -> None:
    with pytest.raises(InvalidInput, match="Line 8 "):
        await read_file([*told(journal)[:7], line])


async def test_what_a_line_tells_people_is_what_its_entry_says(store: Path, journal: Journal) -> None:
    text = told(journal)
    text[7] = re.sub(r'"time":"\d+', '"time":"1999', text[7])
    with pytest.raises(InvalidInput, match="Line 8 "):
        await read_file(text)


async def test_a_file_that_was_cut_off_is_found_by_its_head(store: Path, journal: Journal) -> None:
    assert (await read_file(told(journal)[:-1])).whole
    assert "removed since" in " ".join((await read_file(told(journal)[:-1], journal.head)).problems)
