"""From the start of the process to its first answers."""

import json
import statistics
import subprocess
import time

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


def measure(world: World) -> list[tuple[str, float, float]]:
    """Medians of interleaved runs: name, bare, ours; in seconds."""
    ours, bare = [], []
    for run in range(RUNS + 1):
        measured = once(BARE, world.environment), once(SERVE, world.environment)
        if run:  # the first one fills the disk's cache
            bare.append(measured[0])
            ours.append(measured[1])
    return [
        (name, statistics.median(run[index] for run in bare), statistics.median(run[index] for run in ours))
        for index, name in enumerate(("start to initialize", "start to tools/list"))
    ]
