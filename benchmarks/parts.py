"""What can be measured by itself. Each part yields a row for each measurement, as soon as there is one."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import anyio

from benchmarks import agent, calls, connections, history, journaling, logs, searching, startup, telemetry, writes
from benchmarks.rows import Row, excess, ratio
from benchmarks.world import BARE, elsewhere, world
from server.door.actions import ACTIONS
from server.mcp.tools import tool
from server.policy.rules import Rules

TO_INITIALIZE, TO_LIST = 1.15, 1.2
"""How many times what a bare server takes to start."""
ONE_CALL, TOGETHER = 1.25, 1.4
"""How many times what a bare server takes for the same look-up."""
LIST_BYTES, TOKENS = 19_000, 5_000
"""Sizes of `tools/list`, and of the agent's instructions with all functions."""


def of_startup(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found, ExitStack() as stack:
        others = [stack.enter_context(elsewhere(found, path)) for path in beside]
        aims = (TO_INITIALIZE, TO_LIST)
        for (name, (bare, ours, *rest)), aim in zip(startup.measure(found, others), aims, strict=True):
            yield ratio(f"{name} (bare: the SDK)", bare, ours, "s", aim)
            for path, other in zip(beside, rest, strict=True):
                yield ratio(f"{name}, {path}", bare, other, "s", None)


def of_calls(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found, ExitStack() as stack:
        others = [stack.enter_context(elsewhere(found, path)) for path in beside]
        speeds = anyio.run(calls.measure, found, others)
        for transport, (bare, ours, *rest) in speeds.items():
            name = f"lookup_user over {transport}"
            yield ratio(f"{name}, p50 (bare: the same GET)", bare.p50, ours.p50, "ms", ONE_CALL, 1e3)
            for path, other in zip(beside, rest, strict=True):
                yield ratio(f"{name}, {path}", bare.p50, other.p50, "ms", None, 1e3)
            many = f"{name}, {calls.IN_FLIGHT} in flight, a call"
            yield ratio(many, bare.together, ours.together, "ms", TOGETHER, 1e3)
            for path, other in zip(beside, rest, strict=True):
                yield ratio(f"{many}, {path}", bare.together, other.together, "ms", None, 1e3)
        get = anyio.run(calls.get, found)
        yield Row("one GET", f"{get.p50 * 1e3:.2f} ms")


def of_memory(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found:
        bare, ours = anyio.run(calls.memory, BARE, found)
    yield excess("resident after 100 calls", bare, ours, "MiB", 40)


def of_connections(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found:
        seconds = anyio.run(connections.token, found)
        yield Row("a valid token that is at hand", "", "", seconds * 1e6, "µs", at_most=20)
        many = anyio.run(connections.many, found)
        yield Row(f"a store with {connections.MANY} connections opens", value=many.opened, unit="s", at_most=1)
        name = "a connection among them, after another process's write"
        yield Row(name, value=many.looked * 1e3, unit="ms", at_most=1)
        yield Row("all of them listed", value=many.listed, unit="s", at_most=1)


def of_agent(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found:
        turn = anyio.run(agent.measure, found)
    yield Row("the model's first token until it is shown", value=turn.shown * 1e3, unit="ms", at_most=50)
    yield excess("a turn with a call, less model and tool (bare: the SDK)", turn.bare, turn.ours, "ms", 5, 1e3)


def of_writes(beside: Sequence[Path]) -> Iterator[Row]:
    with world() as found:
        write = anyio.run(writes.measure, found)
    name = "a membership changed through the door (bare: its requests), p50"
    waiting, whole = (f"{one * 1e3:.2f} ms" for one in (write.waiting, write.whole))
    yield Row(name, waiting, whole, write.own * 1e3, "ms more", at_most=3)


def of_journal(beside: Sequence[Path]) -> Iterator[Row]:
    journal = anyio.run(journaling.journaling)
    name = f"an entry added at {journaling.LONG} entries (bare: at {journaling.SHORT})"
    yield ratio(name, journal.append_short, journal.append_long, "ms", 1.5, 1e3)
    yield Row("entries verified in a second", value=journal.verified, at_least=50_000)


def of_history(beside: Sequence[Path]) -> Iterator[Row]:
    past = anyio.run(history.measure)
    for name, seconds in past.lists.items():
        title = f"list_changes of {history.ENTRIES} entries by {name}, p50"
        yield Row(title, value=seconds * 1e3, unit="ms", at_most=10)
    for name, other in (("such lists", past.beside_lists), ("verifying", past.beside_verifying)):
        yield ratio(f"an entry added beside {name} (bare: alone), p50", past.alone.p50, other.p50, "ms", 1.5, 1e3)
        yield ratio(f"an entry added beside {name} (bare: alone), p95", past.alone.p95, other.p95, "ms", 1.5, 1e3)


def of_searching(beside: Sequence[Path]) -> Iterator[Row]:
    with world(searching.PEOPLE) as large:
        for name, (ours, theirs) in anyio.run(searching.first_page, large).items():
            title = f"search_users of {searching.PEOPLE}, {name} (bare: Okta), p50"
            yield Row(title, f"{theirs * 1e3:.1f} ms", value=ours * 1e3, unit="ms", at_most=50)
        read = anyio.run(searching.everybody, large)
    name = f"resident after all pages of {read.people} (bare: after a tenth)"
    yield ratio(name, read.resident_early, read.resident_late, "MiB", 1.25)


def of_logs(beside: Sequence[Path]) -> Iterator[Row]:
    for name, seconds in logs.first_pages():
        yield Row(f"of {logs.EVENTS:,} events, {name}: the first page", value=seconds * 1e3, unit="ms", at_most=50)


def of_telemetry(beside: Sequence[Path]) -> Iterator[Row]:
    for loaded, name in ((True, "what a call tells a telemetry that is not sent"), (False, "… at the command line")):
        yield Row(name, value=telemetry.measure(loaded=loaded) * 1e6, unit="µs", at_most=20)


def of_surface(beside: Sequence[Path]) -> Iterator[Row]:
    direct = [action for action in ACTIONS.values() if action.neutral or action.name in Rules().direct_actions]
    listed = [tool(action).model_dump(mode="json", by_alias=True, exclude_none=True) for action in direct]
    size = len(json.dumps({"tools": listed}, separators=(",", ":"), ensure_ascii=False).encode())
    yield Row("tools/list", value=size, unit="bytes", at_most=LIST_BYTES)
    with world() as found:
        counted = anyio.run(partial(agent.measure, turns=1), found).tokens
    name = f"the agent's instructions and functions, {agent.TOKENIZER}"
    yield Row(name, ours="" if counted else "make interop", value=counted, unit="tokens", at_most=TOKENS)


PARTS: dict[str, Callable[[Sequence[Path]], Iterator[Row]]] = {
    "startup": of_startup,
    "calls": of_calls,
    "memory": of_memory,
    "surface": of_surface,
    "connections": of_connections,
    "agent": of_agent,
    "writes": of_writes,
    "journal": of_journal,
    "history": of_history,
    "searching": of_searching,
    "logs": of_logs,
    "telemetry": of_telemetry,
}
BESIDE = ("startup", "calls")
"""The parts that can measure another checkout beside this one."""
