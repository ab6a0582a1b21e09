"""What the connection manager costs: a token when none need be fetched, and a store with very many connections."""

import statistics
import time
from dataclasses import dataclass

from sqlalchemy import insert

from benchmarks.world import World
from server.desk.connections import connections
from server.program import Program
from server.settings import load
from server.store import tables

MANY = 10_000
ROUNDS = 20_000
LOOKS = 20


@dataclass(frozen=True)
class Many:
    """Seconds, in a store with very many connections."""

    opened: float
    """Until the connection is known to a new process."""
    looked: float
    """Until it is known again after another process has written, p50."""
    listed: float
    """Until all of them are listed."""


async def token(world: World) -> float:
    """Seconds for a valid token that is at hand."""
    async with Program(load()) as program:
        connection = await program.connections.connected()
        keeper, _ = await program.connections.live(connection)
        await keeper.tokens()
        times = []
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(ROUNDS):
                await keeper.tokens()
            times.append((time.perf_counter() - began) / ROUNDS)
        return statistics.median(times)


async def many(world: World) -> Many:
    async with Program(load()) as program:
        connection = await program.connections.connected()
        row = {**connection.model_dump(), "roles": None}
        for name in ("scopes_requested", "scopes_granted"):
            row[name] = " ".join(row[name])
        rows = [{**row, "name": f"other-{number}"} for number in range(MANY)]
        await program.store.run(lambda database: database.connection.execute(insert(tables.connections), rows))
    began = time.perf_counter()
    async with Program(load()) as program:
        found = await program.connections.connected("default")
        assert found.name == "default"
        opened = time.perf_counter() - began
        looked = await _looked(program)
        began = time.perf_counter()
        assert len(await connections(program)) > MANY
        listed = time.perf_counter() - began
        await program.store.run(
            lambda database: database.execute(
                tables.connections.delete().where(tables.connections.c.name.startswith("other-"))
            )
        )
    return Many(opened, looked, listed)


async def _looked(program: Program) -> float:
    times = []
    async with Program(load()) as other:
        for number in range(LOOKS):
            await other.connections.book.remember("benchmark", str(number))
            began = time.perf_counter()
            await program.connections.connected("default")
            times.append(time.perf_counter() - began)
    return statistics.median(times)
