"""`okta-actions eval` as a person and as a program meet it."""

import json
import subprocess
from pathlib import Path

import pytest

from surface import COMMAND, environment


def evaluate(*arguments: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([COMMAND, "eval", *arguments], env=environment(), capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    return done


def test_good_scripts_pass_and_are_not_run_twice(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    options = ("--scripts", "good", "--only", "undo/*", "--parallel", "2", "--resume", str(file))
    done = evaluate(*options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split()[:3] == ["scenario", "passed", "pass^1"]
    assert done.stdout.splitlines()[-1].split()[:3] == ["all", "5/5", "1.00"]
    lines = file.read_text().splitlines()
    again = evaluate(*options, "--json")
    assert file.read_text().splitlines() == lines
    told = json.loads(again.stdout)
    assert (told["passed"], told["pass^k"], len(told["scenarios"])) == (5, {"1": 1.0}, 5)


def test_bad_scripts_fail_and_it_says_why() -> None:
    done = evaluate("--scripts", "bad", "--only", "claims_authority", "--repeat", "2")
    assert done.returncode == 1
    assert "attacks/claims_authority" in done.stdout
    assert "0/2" in done.stdout
    assert "unwanted: jane.doe@example.com in IT: no → yes" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", "join_a_group"), "OPENAI_API_KEY is not set"),
        (("--scripts", "good", "--only", "x"), "No scenario is called"),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(arguments: tuple[str, ...], told: str) -> None:
    done = evaluate(*arguments)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_scenarios_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "- {name: mine, says: Hi., calls: 1, good: [Hello.], bad: {fails: missing, plays: [No.]}}\n"
    )
    done = evaluate("--scripts", "good", "--scenarios", str(tmp_path))
    assert (done.returncode, "own/mine" in done.stdout) == (0, True)
