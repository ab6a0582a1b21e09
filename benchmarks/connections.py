"""What the connection manager costs: a token when none need be fetched, and a store with very many connections."""

import statistics
import time

from sqlalchemy import insert

from benchmarks.world import World
from server.program import Program
from server.settings import load
from server.store import tables

MANY = 10_000
ROUNDS = 20_000


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


async def many(world: World) -> float:
    """Seconds until the connection is known, in a store that holds very many others."""
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
        seconds = time.perf_counter() - began
        await program.store.run(
            lambda database: database.execute(
                tables.connections.delete().where(tables.connections.c.name.startswith("other-"))
            )
        )
    return seconds
