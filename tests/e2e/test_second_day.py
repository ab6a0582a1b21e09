"""The days after the first: servers that start on a store that is there, with commands beside them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connected_org import Org
from only_sqlite import OPENED
from restarting import TRANSPORTS, Days
from surface import environment, free_port

ONLY_SQLITE = str(Path(__file__).parents[1] / "support" / "only_sqlite.py")
JANE = "jane.doe@example.com"


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_second_and_the_tenth_start_lose_nothing(
    connected: None, org: Org, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_CHANGES_PER_MINUTE", "1000")
    monkeypatch.setenv("OKTA_ACTIONS_ASK_FROM", "1000")
    days = Days()
    for number in range(1, 11):
        await days.day(transport, beside=number in (2, 10), killed=number == 6)
    assert await days.check(org) == 18


COMMANDS: list[tuple[str, ...]] = [
    ("call", "update_user_profile", "--user-id", JANE, "--title", "Chief"),
    ("status",),
    ("doctor",),
    ("connections",),
    ("journal", "list"),
    ("journal", "verify"),
    ("journal", "export", "exported.jsonl"),
    ("journal", "reconcile"),
    ("actions",),
    ("policy",),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
def test_no_command_opens_the_store_beside_sqlite(connected: None, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = started(*arguments, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr


def test_no_start_opens_a_store_beside_sqlite(
    tmp_path: Path, redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start makes the store, and the org's file; the second one finds them."""
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    for _ in range(2):
        ran = started("serve", "--sandbox", input="", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    for name in ("store.db", "sandbox.db"):
        assert (tmp_path / "data" / name).stat().st_mode & 0o777 == 0o600


def test_whoever_opens_it_beside_sqlite_is_noticed(connected: None, tmp_path: Path) -> None:
    ran = started("journal", "verify", "--file", str(tmp_path / "data" / "store.db"), cwd=tmp_path)
    assert ran.returncode == OPENED


def started(*arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, ONLY_SQLITE, *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, **more)
