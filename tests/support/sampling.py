"""Which cases of the large tables `make test` plays: a sample that is another one with each commit.

A table is a test with more than `LARGE` cases. `make test-all` plays every case.
"""

import hashlib
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

LARGE = 4
ONE_OF = 12


def thin(items: list[pytest.Item]) -> list[pytest.Item]:
    """Take from each large table the cases that this commit does not play; those that were taken."""
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tables[item.nodeid.partition("[")[0]].append(item)
    seed = _commit()
    left_out = {
        item.nodeid
        for cases in tables.values()
        if len(cases) > LARGE
        for item in sorted(cases, key=lambda one: hashlib.sha256(f"{seed} {one.nodeid}".encode()).digest())[
            max(LARGE, len(cases) // ONE_OF) :
        ]
    }
    taken = [item for item in items if item.nodeid in left_out]
    items[:] = [item for item in items if item.nodeid not in left_out]
    return taken


def _commit() -> str:
    """The commit that is tested; the same sample everywhere where git does not tell."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
