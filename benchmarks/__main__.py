"""`python -m benchmarks`: every measurement, beside what is aimed at, as a table."""

import json

import anyio
from rich.console import Console
from rich.table import Table

from benchmarks import agent, calls, connections, history, journaling, searching, startup
from benchmarks.world import world
from server.mcp.server import tool
from tools.catalogue import CATALOGUE


def main() -> None:
    table = Table("what", "bare", "ours", "ratio", "aim", title="Okta Actions, measured on this machine")
    with world() as found:
        for name, bare, ours in startup.measure(found):
            table.add_row(name, f"{bare:.3f} s", f"{ours:.3f} s", f"{ours / bare:.2f}", "≤ 1.25")
        speeds = anyio.run(calls.measure, found)
        get = speeds["get"]
        table.add_row("one GET", f"{get.p50 * 1e3:.2f} ms", "", "", "")
        for transport in ("stdio", "http"):
            echo, lookup = speeds[f"echo {transport}"], speeds[f"lookup {transport}"]
            sum_of_parts = get.p50 + echo.p50
            table.add_row(
                f"lookup_user over {transport}, p50 (bare: GET + echo)",
                f"{sum_of_parts * 1e3:.2f} ms",
                f"{lookup.p50 * 1e3:.2f} ms",
                f"{lookup.p50 / sum_of_parts:.2f}",
                "≤ 1.30",
            )
            for label, part in (("1", "alone"), ("32", "together")):
                parts = 1 / (1 / getattr(get, part) + 1 / getattr(echo, part))
                rate = getattr(lookup, part)
                table.add_row(
                    f"lookup_user over {transport}, calls/s with {label} in flight",
                    f"{parts:.0f}",
                    f"{rate:.0f}",
                    f"{parts / rate:.2f}",
                    "≤ 1.30",
                )
        seconds = anyio.run(connections.token, found)
        table.add_row("a valid token that is at hand", "", f"{seconds * 1e6:.1f} µs", "", "≤ 20 µs")
        many = anyio.run(connections.many, found)
        table.add_row(f"a store with {connections.MANY} connections opens", "", f"{many.opened:.2f} s", "", "≤ 1 s")
        table.add_row(
            "a connection among them, after another process's write", "", f"{many.looked * 1e3:.2f} ms", "", "≤ 1 ms"
        )
        table.add_row("all of them listed", "", f"{many.listed:.2f} s", "", "≤ 1 s")
        turn = anyio.run(agent.measure, found)
        table.add_row("the model's first token until it is shown", "", f"{turn.shown * 1e3:.1f} ms", "", "< 50 ms")
        table.add_row(
            "a turn with a call, less model and tool (bare: the SDK alone)",
            f"{turn.bare * 1e3:.1f} ms",
            f"{turn.ours * 1e3:.1f} ms",
            "",
            "bare + 5 ms",
        )
        counted = f"{turn.tokens} tokens" if turn.tokens else "needs make interop"
        table.add_row(f"the agent's instructions and functions, {agent.TOKENIZER}", "", counted, "", "< 5000 tokens")
        write = anyio.run(journaling.write, found)
        table.add_row(
            "a membership changed through the door (bare: the same requests), p50",
            f"{write.with_roles * 1e3:.2f} ms",
            f"{write.ours * 1e3:.2f} ms",
            "",
            "bare + 3 ms",
        )
        table.add_row("the same, without what the guard asks Okta", f"{write.bare * 1e3:.2f} ms", "", "", "")
        bare_memory, memory = anyio.run(calls.memory, found)
        table.add_row("resident after 100 calls", f"{bare_memory:.0f} MiB", f"{memory:.0f} MiB", "", "bare + 40 MB")
    journal = anyio.run(journaling.journaling)
    table.add_row(
        f"an entry added at {journaling.LONG} entries (bare: at {journaling.SHORT}), p50",
        f"{journal.append_short * 1e3:.2f} ms",
        f"{journal.append_long * 1e3:.2f} ms",
        f"{journal.append_long / journal.append_short:.2f}",
        "≈ 1",
    )
    table.add_row("entries verified in a second", "", f"{journal.verified:.0f}", "", "> 50000")
    past = anyio.run(history.measure)
    for name, seconds in past.lists.items():
        table.add_row(
            f"list_changes of {history.ENTRIES} entries by {name}, p50", "", f"{seconds * 1e3:.2f} ms", "", "≤ 10 ms"
        )
    for name, beside in (("such lists", past.beside_lists), ("verifying", past.beside_verifying)):
        table.add_row(
            f"an entry added beside {name} (bare: alone), p50 and p95",
            f"{past.alone.p50 * 1e3:.2f}, {past.alone.p95 * 1e3:.2f} ms",
            f"{beside.p50 * 1e3:.2f}, {beside.p95 * 1e3:.2f} ms",
            f"{beside.p50 / past.alone.p50:.2f}",
            "≈ 1",
        )
    with world(searching.PEOPLE) as large:
        for name, (ours, theirs) in anyio.run(searching.first_page, large).items():
            table.add_row(
                f"search_users of {searching.PEOPLE} people over stdio, {name} (bare: Okta), p50",
                f"{theirs * 1e3:.1f} ms",
                f"{ours * 1e3:.1f} ms",
                "",
                "< 50 ms",
            )
        streamed = anyio.run(searching.everybody, large)
        table.add_row(
            f"resident after all pages of {streamed.people} people (bare: after a tenth)",
            f"{streamed.resident_early:.0f} MiB",
            f"{streamed.resident_late:.0f} MiB",
            f"{streamed.resident_late / streamed.resident_early:.2f}",
            "≈ 1",
        )
    listed = [tool(action).model_dump(mode="json", by_alias=True, exclude_none=True) for action in CATALOGUE.values()]
    size = len(json.dumps({"tools": listed}, separators=(",", ":"), ensure_ascii=False).encode())
    table.add_row("tools/list", "", f"{size} bytes", "", "≤ 25600 bytes")
    Console().print(table)


if __name__ == "__main__":
    main()
