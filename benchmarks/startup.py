"""From the start of the process to its first answers."""

import json
import statistics
import subprocess
import time
from collections.abc import Sequence

from benchmarks.world import BARE, SERVE, World

RUNS = 15
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


def once(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds to the reply to `initialize`, and to that of the first `tools/list`."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def send(*messages: object) -> None:
            assert process.stdin is not None
            process.stdin.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
            process.stdin.flush()

        send(INITIALIZE)
        process.stdout.readline()
        initialized = time.perf_counter() - began
        send(INITIALIZED, LIST)
        process.stdout.readline()
        listed = time.perf_counter() - began
        process.stdin.close()
    return initialized, listed


def measure(world: World, others: Sequence[tuple[list[str], World]] = ()) -> list[tuple[str, list[float]]]:
    """Medians in seconds of runs in turn, so that whatever else the machine does hits all alike.

    By name: those of the bare server, of ours, and of others than ours, each in its own world.
    """
    servers = [(BARE, world), (SERVE, world), *others]
    found: list[list[tuple[float, float]]] = [[] for _ in servers]
    for run in range(RUNS + 1):
        for (command, where), times in zip(servers, found, strict=True):
            measured = once(command, where.environment)
            if run:  # the first one fills the disk's cache
                times.append(measured)
    return [
        (name, [statistics.median(run[index] for run in times) for times in found])
        for index, name in enumerate(("start to initialize", "start to tools/list"))
    ]
