"""Reading goes on beside writing: neither waits for the other, and a read sees all that was written before it began."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import anyio
import pytest

from appending import matter
from ledger import tamper
from server.connections.book import put
from server.connections.models import Connection
from server.journal.chain import Chain, Row
from server.journal.marking import lacking
from server.journal.verifying import Verdict, verify
from server.program import Program
from server.settings import Settings, load
from server.store.database import Database
from server.store.marker import Mark
from server.store.schema import StoreError

PATIENCE = 60
"""Seconds after which what waits for the other one is taken to wait for ever."""


@pytest.fixture
def settings() -> Settings:
    return load()


@pytest.fixture
async def program(settings: Settings) -> AsyncIterator[Program]:
    async with Program(settings) as made:
        await made.recorder.run(append)
        yield made


def append(database: Database, chain: Chain) -> Row:
    return chain.append(database, matter("somebody").entry("declined"))


def count(database: Database, chain: Chain) -> int:
    return len(database.driver.execute("SELECT sequence FROM journal").fetchall())


class Held:
    """A read that has begun and waits to be let go."""

    def __init__(self) -> None:
        self._begun, self._go_on = threading.Event(), threading.Event()

    def wait(self) -> None:
        self._begun.set()
        assert self._go_on.wait(PATIENCE)

    async def begun(self) -> None:
        assert await anyio.to_thread.run_sync(self._begun.wait, PATIENCE)

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        try:
            with anyio.fail_after(PATIENCE / 2):
                yield
        finally:
            self._go_on.set()


async def test_a_write_ends_while_a_read_goes_on_and_is_not_in_it(program: Program) -> None:
    held, counted = Held(), list[int]()

    def look(database: Database, chain: Chain) -> None:
        counted.append(count(database, chain))
        held.wait()
        counted.append(count(database, chain))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(program.recorder.read, look)
        await held.begun()
        with held.until_the_end():
            for _ in range(5):
                await program.recorder.run(append)
    assert counted == [1, 1]
    assert await program.recorder.read(count) == 6


async def test_a_read_ends_while_a_write_goes_on_and_does_not_have_it(program: Program) -> None:
    held = Held()

    def write(database: Database, chain: Chain) -> None:
        append(database, chain)
        held.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(program.recorder.run, write)
        await held.begun()
        with held.until_the_end():
            assert await program.recorder.read(count) == 1
    assert await program.recorder.read(count) == 2


@pytest.mark.parametrize("memory_only", [False, True])
async def test_whoever_has_written_reads_it(memory_only: bool) -> None:
    async with Program(load(memory_only=memory_only)) as program:
        for number in range(1, 100):
            await program.recorder.run(append)
            assert await program.recorder.read(count) == number


async def test_what_only_reads_cannot_write(program: Program, settings: Settings) -> None:
    def write(database: Database) -> None:
        database.put(database.choices, {"name": "default", "value": "other"})

    with pytest.raises(StoreError, match="readonly"):
        await program.store.read(write)
    assert await program.connections.book.remembered("default") is None
    await program.store.run(write)
    assert await program.connections.book.remembered("default") == "other"


async def test_nothing_is_missing_from_a_read_that_others_mark_entries_during(
    program: Program, settings: Settings
) -> None:
    """The marker is ahead of what the read sees, and not ahead of the journal."""
    held, told = Held(), list[Any]()

    def look(database: Database, chain: Chain) -> None:
        count(database, chain)
        held.wait()
        told.extend((lacking(database, chain), verify(database, chain)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(program.recorder.read, look)
        await held.begun()
        with held.until_the_end():
            await program.recorder.run(append)
            while Mark.of(settings.marker_file.read_text()).sequence < 2:  # noqa: ASYNC110 - it is a file
                await anyio.sleep(0.01)
    missing, verdict = told
    assert missing is None
    assert isinstance(verdict, Verdict)
    assert (verdict.problems, verdict.entries) == ([], 1)


# Very many connections: what one call needs is read, and nothing of the others


def connection(name: str) -> Connection:
    return Connection(
        name=name,
        org_url="https://example.okta.com",
        client_id="0oa1",
        user_id="00u1",
        login=None,
        person=None,
        service_account=True,
        scopes_requested=(),
        scopes_granted=(),
        connected_at=1.0,
    )


async def test_a_call_reads_its_own_connection_and_no_other(program: Program, settings: Settings) -> None:
    for name in ("default", "broken", "third"):
        await program.store.run(partial(put, connection=connection(name)))
    # Whoever reads all of them stumbles over this one.
    tamper(settings.store_file, "UPDATE connections SET method = 'by magic' WHERE name = 'broken'")
    book = program.connections.book
    with pytest.raises(ValueError, match="by magic"):
        await book.all()
    named: tuple[str | None, ...] = (None, "default", "third")
    for one in named:
        found = await book.current(one)
        assert found is not None
        assert (found.name, await book.option(one)) == (one or "default", one)
        assert await book.place(found) == f"{found.name}, {found.org_url}"
    assert await book.current("fourth") is None
    assert await book.default_elsewhere() is None
    assert (await book.choose("third")).name == "third"


async def test_what_another_process_changes_of_a_connection_is_seen_at_the_next_look(
    program: Program, settings: Settings
) -> None:
    book = program.connections.book
    await program.store.run(lambda database: put(database, connection("default")))
    for number in range(3):
        tamper(settings.store_file, "UPDATE connections SET login = ? WHERE name = 'default'", f"{number}@example.com")
        found = await book.current()
        assert found is not None
        assert found.login == f"{number}@example.com"
    tamper(settings.store_file, "DELETE FROM connections")
    assert await book.current() is None


async def test_a_name_that_no_store_can_hold_is_nobodys(program: Program) -> None:
    assert await program.connections.book.current("\ud800") is None
