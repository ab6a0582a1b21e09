"""The index of the history agrees with the entries whatever happens, and lists are as a plain reading has them."""

import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from appending import matter
from ledger import CALLER, entries, tamper, verdict
from server.journal import restoring, retention
from server.journal.chain import Chain, Entry, Row
from server.journal.chain import rows as rows_of
from server.journal.finding import WantedChanges, begins, found
from server.journal.lately import _done_lately
from server.journal.recording import Ending
from server.program import Program
from server.settings import Settings, load
from server.store.database import Database
from tools.okta.errors import InvalidInput

PEOPLE = tuple(f"00u{letter * 17}" for letter in "ABC")
GROUPS = tuple(f"00g{letter * 17}" for letter in "XY")
ACTIONS = ("add_user_to_group", "remove_user_from_group", "create_user")
PLACES = ("default", "other")
ENDINGS = ("done", "failed", "partly", "unknown", "settled")


@pytest.fixture
def settings() -> Settings:
    return load()


@pytest.fixture
async def empty(settings: Settings) -> AsyncIterator[Program]:
    async with Program(settings) as program:
        yield program


def plainly(rows: Iterable[Row]) -> set[tuple[str, int, str]]:
    """What each change is about, said once more: the targets of its intent, and those of what is said of its end."""
    begun = {row.sequence: row for row in rows if row.kind == "intent"}
    told = {(id, row.sequence, row.action) for row in begun.values() for id in row.target_ids}
    for row in rows:
        if row.kind in ENDINGS and row.change in begun:
            told |= {(id, row.change, begun[row.change].action) for id in row.target_ids}
    return told


async def indexed(program: Program) -> set[tuple[str, int, str]]:
    def look(database: Database, _: Chain) -> set[tuple[str, int, str]]:
        return set(database.driver.execute("SELECT target, change, action FROM journal_targets"))

    return await program.recorder.read(look)


@dataclass
class Happening:
    """A journal that things happen to, at times of the test's own. `open` are changes whose outcome is not known."""

    now: float = field(default_factory=lambda: time.time() - 1_000_000)
    open: list[int] = field(default_factory=list)

    def begin(self, database: Database, chain: Chain, place: str, action: str, targets: list[str]) -> None:
        about = replace(
            matter("somebody"),
            connection=place,
            action=action,
            targets=tuple(("user" if id.startswith("00u") else "group", id, "") for id in targets),
        )
        self.open.append(chain.append(database, about.entry("intent", process="1:1")).sequence)

    def end(self, database: Database, chain: Chain, kind: str, made: str | None) -> None:
        if not self.open:
            return
        change = self.open.pop(0)
        (row,) = rows_of(database, "sequence = ?", (change,))
        about = replace(
            matter("somebody"),
            connection=row.connection,
            action=row.action,
            targets=tuple(("user", id, "") for id in row.target_ids),
        )
        ending = Ending(kind, made=("user", made, "") if made else None, verdict="done" if kind == "settled" else None)
        chain.append(database, ending.entry(change, about))
        if kind == "unknown":
            self.open.append(change)

    def ask(self, database: Database, chain: Chain, target: str) -> None:
        chain.append(database, Entry("declined", connection="default", targets=(f"user:{target}",), body={}))

    def seal(self, database: Database, chain: Chain) -> None:
        segment = retention.segment(database, chain, self.now - 100)
        if segment is not None:
            retention.seal(database, chain, segment, CALLER, Path("file"), "00")


STEPS = st.one_of(
    st.tuples(
        st.just("begin"),
        st.sampled_from(PLACES),
        st.sampled_from(ACTIONS),
        st.lists(st.sampled_from(PEOPLE + GROUPS), min_size=0, max_size=3),
    ),
    st.tuples(st.just("end"), st.sampled_from(ENDINGS), st.sampled_from((None, *PEOPLE))),
    st.tuples(st.just("ask"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("seal")),
    st.tuples(st.just("wait"), st.sampled_from((-500.0, 0.0, 1.0, 60.0, 4000.0))),
)
ASKED: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    targets=st.lists(st.sampled_from(PEOPLE + GROUPS), max_size=2, unique=True).map(tuple),
    action=st.sampled_from((None, *ACTIONS)),
    place=st.sampled_from(PLACES),
    since=st.sampled_from((None, -4000.0, -60.0, 0.0, 500.0)),
    below=st.sampled_from((None, 1, 4, 9)),
)


@configured(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=40), asked=ASKED, patience=st.sampled_from((1, 200)))
async def test_after_any_sequence_the_index_and_the_lists_say_what_the_entries_do(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any], asked: dict[str, Any], patience: int
) -> None:
    happening = Happening()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("server.journal.chain.time.time", lambda: happening.now)
        patched.setattr("server.journal.finding._MOST_OLDER", patience)
        folder = tmp_path_factory.mktemp("store") / "data"
        async with Program(load(data_dir=folder, vault_key_source="file")) as program:

            def happen(database: Database, chain: Chain) -> None:
                for name, *how in steps:
                    if name == "wait":
                        happening.now += how[0]
                    else:
                        getattr(happening, name)(database, chain, *how)
                        happening.now += 0.001

            await program.recorder.run(happen)
            rows = await entries(program)
            assert await indexed(program) == plainly(rows)
            assert (await verdict(program)).problems == []
            since = happening.now + asked["since"] if asked["since"] is not None else None
            place, org = asked["place"], "https://example.okta.com"
            wanted = WantedChanges(place, org, asked["targets"], asked["action"], since, asked["below"])
            listed = await program.recorder.read(lambda database, _: list(found(database, wanted)))
            about = plainly(rows)
            assert listed == [
                row
                for row in reversed(rows)
                if row.number is not None
                and (row.connection, row.org) == (place, org)
                and all((id, row.sequence, row.action) in about for id in asked["targets"])
                and asked["action"] in (None, row.action)
                and (since is None or row.at >= since)
                and (asked["below"] is None or row.number < asked["below"])
            ]
            at = await program.recorder.read(lambda database, _: begins(database, place, org))
            assert at == next((row.at for row in rows if row.number is not None and row.connection == place), None)


def begin(database: Database, chain: Chain) -> None:
    Happening().begin(database, chain, "default", ACTIONS[0], [PEOPLE[0], GROUPS[0]])


async def test_after_an_older_store_was_put_back_it_agrees_too(settings: Settings) -> None:
    async with Program(settings) as program:
        await program.recorder.run(begin)
    older = settings.data_dir / "older.db"
    with sqlite3.connect(settings.store_file) as opened, sqlite3.connect(older) as copy:
        opened.backup(copy)
    opened.close()
    copy.close()
    older.chmod(0o600)
    async with Program(settings) as program:
        await program.recorder.run(begin)
    older.replace(settings.store_file)
    async with Program(settings) as program:
        accepted = await program.recorder.read(restoring.missing)
        assert accepted is not None
        await program.recorder.run(lambda database, chain: restoring.accept(database, chain, accepted, CALLER))
        await program.recorder.run(begin)
        assert {change for _, change, _ in await indexed(program)} == {1, 4}
        assert await indexed(program) == plainly(await entries(program))
        assert (await verdict(program)).problems == []


# Tampering: lists believe the index, so verifying does not


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (f"DELETE FROM journal_targets WHERE change = 3 AND target = '{PEOPLE[0]}'", ["Entry 3: removed"]),
        (
            "DELETE FROM journal_targets",
            ["Entry 1: removed", "Entry 1: removed", "Entry 3: removed", "Entry 3: removed", "Entry 4: removed"],
        ),
        ("DELETE FROM journal_targets WHERE target = 'made'", ["Entry 4: removed"]),
        ("INSERT INTO journal_targets VALUES ('00uFOREIGN', 1, 'add_user_to_group')", ["Entry 1: in the index"]),
        ("INSERT INTO journal_targets VALUES ('00uFOREIGN', 2, 'add_user_to_group')", ["Entry 2: in the index"]),
        ("INSERT INTO journal_targets VALUES ('00uFOREIGN', 99, 'add_user_to_group')", ["Entry 99: in the index"]),
        ("INSERT INTO journal_targets VALUES ('00uFOREIGN', 'x', 'add_user_to_group')", ["Entry x: in the index"]),
        ("INSERT INTO journal_targets VALUES (x'ff', 1, 'add_user_to_group')", ["Entry 1: in the index"]),
        (
            f"UPDATE journal_targets SET action = 'create_user' WHERE change = 1 AND target = '{PEOPLE[0]}'",
            ["Entry 1: in the index", "Entry 1: removed"],
        ),
        (
            f"UPDATE journal_targets SET target = '{PEOPLE[1]}' WHERE change = 1 AND target = '{PEOPLE[0]}'",
            ["Entry 1: removed", "Entry 1: in the index"],
        ),
    ],
)
async def test_each_change_of_the_index_is_found(
    empty: Program, settings: Settings, statement: str, told: list[str]
) -> None:
    def fill(database: Database, chain: Chain) -> None:
        happening = Happening()
        happening.begin(database, chain, "default", ACTIONS[0], [PEOPLE[0], GROUPS[0]])
        happening.ask(database, chain, PEOPLE[0])
        happening.begin(database, chain, "default", "create_user", [PEOPLE[0], GROUPS[0]])
        happening.open.reverse()
        happening.end(database, chain, "done", "made")

    await empty.recorder.run(fill)
    assert (await verdict(empty)).problems == []
    tamper(settings.store_file, statement)
    problems = sorted((await verdict(empty)).problems)
    assert len(problems) == len(told)
    assert all(problem.startswith(begun) for problem, begun in zip(problems, sorted(told), strict=True)), problems
    with pytest.raises(InvalidInput, match="not intact"):
        await empty.recorder.read(lambda database, chain: retention.segment(database, chain, time.time() + 1))


async def test_what_an_earlier_version_leaves_in_the_index_is_no_finding(empty: Program, settings: Settings) -> None:
    """It knows no index: what it seals stays there, and what it adds gets there."""
    happening = Happening()

    def change(database: Database, chain: Chain) -> None:
        happening.begin(database, chain, "default", ACTIONS[0], [PEOPLE[0], GROUPS[0]])
        happening.end(database, chain, "done", None)

    await empty.recorder.run(change)
    left = await indexed(empty)
    happening.now = time.time() + 200
    await empty.recorder.run(happening.seal)
    for row in left:
        tamper(settings.store_file, "INSERT INTO journal_targets VALUES (?, ?, ?)", *row)
    assert (await verdict(empty)).problems == []
    await empty.recorder.run(change)
    happening.now = time.time() + 300
    await empty.recorder.run(happening.seal)
    assert await indexed(empty) == set()


# Older stores


async def test_the_index_of_an_older_store_is_made_from_its_entries(settings: Settings) -> None:
    """The store of version 4 that is migrated has what a random one has; it is taken from today's, less the index."""
    happening = Happening()

    def fill(database: Database, chain: Chain) -> None:
        for number in range(200):
            targets = [PEOPLE[number % 3], GROUPS[number % 2]][: number % 4]
            happening.begin(database, chain, PLACES[number % 2], ACTIONS[number % 3], targets)
            if number % 5:
                happening.end(database, chain, ENDINGS[number % 5], PEOPLE[number % 3] if number % 3 == 2 else None)
            happening.ask(database, chain, PEOPLE[1])

    async with Program(settings) as program:
        await program.recorder.run(fill)
    fresh = schema_of(settings)
    added = (("INDEX", "journal_by_", ADDED), ("TRIGGER", "journal_", TRIGGERS), ("TABLE", "journal_", ("targets",)))
    for kind, name in ((kind, f"{begun}{one}") for kind, begun, names in added for one in names):
        tamper(settings.store_file, f"DROP {kind} {name}")
    for table in ("export_parts", "exports"):  # of version 6
        tamper(settings.store_file, f"DROP TABLE {table}")
    tamper(settings.store_file, "PRAGMA user_version = 4")
    async with Program(settings) as program:
        assert await indexed(program) == plainly(await entries(program))
        assert (await verdict(program)).problems == []
    assert schema_of(settings) == fresh
    (backup,) = settings.data_dir.glob("store.db.v4.*.bak")
    assert backup.exists()


ADDED, TRIGGERS = ("place", "action", "time", "event"), ("begun", "ended")
"""The indexes and triggers that stores have since version 5."""


def schema_of(settings: Settings) -> dict[str, list[Any]]:
    """By table: its columns, and the columns and conditions of its indexes, however they were written."""
    with sqlite3.connect(settings.store_file) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        told: dict[str, list[Any]] = {
            "triggers": [
                (name, " ".join(sql.split()))
                for name, sql in opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1")
            ]
        }
        for table in tables:
            columns = [row[1:4] for row in opened.execute(f"PRAGMA table_info({table})")]
            indexes = sorted(
                (name, partial, tuple(row[2] for row in opened.execute(f"PRAGMA index_info({name})")))
                for _, name, _, _, partial in opened.execute(f"PRAGMA index_list({table})")
            )
            told[table] = [columns, indexes]
    opened.close()
    return told


# Lists stop early, whatever lies between


@pytest.mark.parametrize("patience", [1, 200])
async def test_what_came_before_the_clock_was_set_back_is_found_by_its_time(
    empty: Program, monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    monkeypatch.setattr("server.journal.finding._MOST_OLDER", patience)
    happening = Happening()
    noon = happening.now
    monkeypatch.setattr("server.journal.chain.time.time", lambda: happening.now)

    def fill(database: Database, chain: Chain) -> None:
        for hour in (-1, 1, -2, -2, -2, 1, -3, -3):
            happening.now = noon + hour * 3600
            happening.begin(database, chain, "default", ACTIONS[0], [PEOPLE[0]])

    await empty.recorder.run(fill)

    def look(database: Database, _: Chain) -> list[list[int | None]]:
        plain = WantedChanges("default", "https://example.okta.com", since=noon)
        asked = (plain, replace(plain, action=ACTIONS[0]), replace(plain, targets=(PEOPLE[0],)))
        return [[row.number for row in found(database, wanted)] for wanted in asked]

    assert await empty.recorder.read(look) == [[6, 2]] * 3


async def test_what_was_done_lately_is_found_behind_many_that_failed(empty: Program) -> None:
    def fill(database: Database, chain: Chain) -> None:
        happening = Happening()
        for kind, times in (("done", 1), ("failed", 60), ("done", 2)):
            for _ in range(times):
                happening.begin(database, chain, "default", ACTIONS[0], [PEOPLE[0]])
                happening.end(database, chain, kind, None)

    await empty.recorder.run(fill)

    def look(database: Database, _: Chain) -> list[int]:
        return list(_done_lately(database, "https://example.okta.com", PEOPLE[0]))

    assert await empty.recorder.read(look) == [125, 123, 1]
