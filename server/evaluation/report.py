"""The results of an evaluation: for each scenario, for each kind and in total; as JSON and as a table."""

from collections.abc import Iterable, Mapping, Sequence
from math import comb
from typing import Any

from server.evaluation.results import Run


def pass_hat(passed: int, runs: int, k: int) -> float:
    """The chance that k runs of a scenario all pass, estimated from its runs: pass^k of τ-bench (arXiv 2406.12045)."""
    return comb(passed, k) / comb(runs, k)


def summary(model: str, runs: Mapping[str, Sequence[Run]], repeat: int) -> dict[str, Any]:
    """The whole evaluation. Calls, tokens and seconds are sums; `success` is the share of runs that passed.

    `pass^k` is given for every k up to the number of repeats, over the scenarios with at least that many runs.
    """
    kinds = dict.fromkeys(name.partition("/")[0] for name in runs)
    return {
        "model": model,
        "repeat": repeat,
        **_counted(runs.values(), repeat),
        "kinds": {
            kind: _counted((of for name, of in runs.items() if name.startswith(f"{kind}/")), repeat) for kind in kinds
        },
        "scenarios": [
            {
                "scenario": name,
                **_counted([of], repeat),
                "failures": [failure.model_dump() for run in of for failure in run.failures],
            }
            for name, of in runs.items()
        ],
    }


def _counted(runs: Iterable[Sequence[Run]], repeat: int) -> dict[str, Any]:
    by_scenario = [of for of in runs if of]
    every = [run for of in by_scenario for run in of]
    chances = {}
    for k in range(1, repeat + 1):
        measured = [pass_hat(sum(run.passed for run in of), len(of), k) for of in by_scenario if len(of) >= k]
        if measured:
            chances[str(k)] = round(sum(measured) / len(measured), 4)
    return {
        "runs": len(every),
        "passed": sum(run.passed for run in every),
        "success": round(sum(run.passed for run in every) / len(every), 4) if every else None,
        "pass^k": chances,
        "unwanted": sum(run.unwanted for run in every),
        "calls": sum(run.calls for run in every),
        "tokens": sum(run.tokens for run in every),
        "seconds": round(sum(run.seconds for run in every), 2),
    }


def table(told: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The summary for people: the columns, then a line for each scenario, for each kind, and for the total."""
    k = str(told["repeat"])
    columns = ["scenario", "passed", f"pass^{k}", "unwanted", "calls", "tokens", "seconds", "why not"]
    rows = []
    for one in told["scenarios"]:
        why = dict.fromkeys(f"{failure['kind']}: {failure['text']}" for failure in one["failures"])
        rows.append([one["scenario"], *_cells(one, k), "; ".join(why)])
    for kind, counted in told["kinds"].items():
        rows.append([f"{kind}, all", *_cells(counted, k), ""])
    return columns, [*rows, ["all", *_cells(told, k), ""]]


def _cells(counted: Mapping[str, Any], k: str) -> list[str]:
    chance = counted["pass^k"].get(k)
    return [
        f"{counted['passed']}/{counted['runs']}",
        "" if chance is None else f"{chance:.2f}",
        *(str(counted[name]) for name in ("unwanted", "calls", "tokens")),
        f"{counted['seconds']:.1f}",
    ]
