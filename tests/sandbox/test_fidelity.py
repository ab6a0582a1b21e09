"""The sandbox against recordings of the real Okta, where they are at hand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.sandbox.running import RunningSandbox

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "okta-wire"
FAMILIES = (
    "users",
    "users/{id}",
    "users/{id}/lifecycle",
    "users/{id}/groups",
    "groups",
    "groups/{id}",
    "groups/{id}/users",
    "groups/rules",
)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of the real Okta are not beside this folder")
def test_every_family_answers_like_the_real_okta() -> None:
    with RunningSandbox(api_token="t") as running:
        command: list[str | Path] = [
            RECORDINGS / "replay.py",
            "--base",
            running.url,
            "--token",
            "t",
            RECORDINGS / "corpus.dev.jsonl",
        ]
        replayed = subprocess.run(
            [sys.executable, *command, "--family", ",".join(FAMILIES)], capture_output=True, text=True, timeout=300
        )
    found = dict(re.findall(r"^\s*(\S+)\s.*?([\d.]+)\s*%", replayed.stdout, re.MULTILINE))
    assert {family: found.get(family) for family in FAMILIES if float(found.get(family, 0)) < 97} == {}, replayed.stdout
