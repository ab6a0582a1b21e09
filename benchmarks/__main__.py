"""Every measurement beside what is aimed at: `python -m benchmarks [PART…] [--beside CHECKOUT]`.

The exit code is 1 if an aim is missed. With `--beside` the server of another checkout, which has a .venv of its own, is
started and called in turn with this one.
"""

import argparse
import sys
from pathlib import Path

import anyio

from benchmarks import round_trips
from benchmarks.counted import lines
from benchmarks.far_org import connected
from benchmarks.parts import BESIDE, PARTS
from benchmarks.rows import HEAD

ROUND_TRIPS = "round_trips"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}, {ROUND_TRIPS}. [default: all]")
    parser.add_argument("--beside", type=Path, action="append", default=[], help=f"For {' and '.join(BESIDE)}.")
    given = parser.parse_args()
    if unknown := set(given.parts) - {*PARTS, ROUND_TRIPS}:
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    chosen = given.parts or [*PARTS, ROUND_TRIPS]
    missed = 0
    if any(name in PARTS for name in chosen):
        print(HEAD)
    for name, part in PARTS.items():
        if name in chosen:
            for row in part([path.absolute() for path in given.beside]):
                print(row, flush=True)
                missed += row.is_missed
    if ROUND_TRIPS in chosen:
        print("\nRound trips to Okta")
        with connected() as place:
            found = anyio.run(round_trips.measure, place)
        print(*lines(found), sep="\n")
        missed += sum(one.is_missed for one in found)
    print(f"\n{missed} aims missed" if missed else "\nEvery aim is met")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
