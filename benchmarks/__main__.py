"""`python -m benchmarks`: every measurement, beside what is aimed at, as a table."""

import json

import anyio
from rich.console import Console
from rich.table import Table

from benchmarks import agent, calls, connections, startup
from benchmarks.world import world
from server.mcp_server import tool
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
        seconds = anyio.run(connections.many, found)
        table.add_row(f"a store with {connections.MANY} connections opens", "", f"{seconds:.2f} s", "", "≤ 1 s")
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
        bare_memory, memory = anyio.run(calls.memory, found)
        table.add_row("resident after 100 calls", f"{bare_memory:.0f} MiB", f"{memory:.0f} MiB", "", "bare + 40 MB")
    listed = [tool(action).model_dump(mode="json", by_alias=True, exclude_none=True) for action in CATALOGUE.values()]
    size = len(json.dumps({"tools": listed}, separators=(",", ":"), ensure_ascii=False).encode())
    table.add_row("tools/list", "", f"{size} bytes", "", "≤ 25600 bytes")
    Console().print(table)


if __name__ == "__main__":
    main()
