"""From the command line an export becomes a file of its own, and nothing of it stays behind."""

import csv
import json
import stat
import subprocess
from pathlib import Path

import pytest

from connected_org import Org
from ledger import stored
from server.settings import Settings
from surface import COMMAND, environment

pytestmark = pytest.mark.usefixtures("connected")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, *arguments], env=environment(), input="", capture_output=True, text=True, timeout=60
    )


def test_an_export_is_written_to_a_private_file_and_never_over_another(
    org: Org, tmp_path: Path, settings: Settings
) -> None:
    file = tmp_path / "people.csv"
    wrote = run("call", "export_users", "--department", "Sales", "--fields", "login,department", "--to", str(file))
    assert wrote.returncode == 0, wrote.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert {row["department"] for row in rows} == {"Sales"}
    assert f"{len(rows)} rows written to {file}." in wrote.stderr
    before = file.read_bytes()
    again = run("call", "export_users", "--department", "Legal", "--to", str(file))
    assert again.returncode != 0
    assert "exists; nothing was written" in again.stderr
    assert file.read_bytes() == before
    over = run("call", "export_users", "--department", "Legal", "--format", "jsonl", "--to", str(file), "--overwrite")
    assert over.returncode == 0, over.stderr
    assert {json.loads(line)["department"] for line in file.read_text().splitlines()} == {"Legal"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["people.csv"]
    assert run("exports", "list", "--json").stdout.strip() == "[]"


def test_nobody_is_a_file_with_the_names_of_the_columns(org: Org, tmp_path: Path) -> None:
    file = tmp_path / "nobody.csv"
    assert run("call", "export_users", "--words", "nobody-at-all", "--to", str(file)).returncode == 0
    assert file.read_text() == "id,status,login,name,department,title\n"


def test_where_the_file_cannot_be_written_nothing_stays_either(org: Org, tmp_path: Path) -> None:
    failed = run("call", "export_users", "--to", str(tmp_path / "no such folder" / "people.csv"))
    assert failed.returncode != 0
    assert "cannot be written" in failed.stderr
    assert run("exports", "list", "--json").stdout.strip() == "[]"


def test_exports_are_listed_without_what_is_in_them_and_deleted(org: Org, settings: Settings) -> None:
    made = json.loads(run("call", "export_users", "--department", "Sales", "--json").stdout)
    (listed,) = json.loads(run("exports", "list", "--json").stdout)
    assert (listed["id"], listed["rows"], listed["action"]) == (made["id"], made["rows"], "export_users")
    assert made["id"] in run("exports", "list").stdout
    read = json.loads(run("call", "read_export", "--id", made["id"], "--json").stdout)
    assert len(read["lines"]) == made["rows"] + 1
    assert run("exports", "delete", made["id"]).returncode == 0
    assert made["id"].encode() not in stored(settings)
    gone = run("exports", "delete", made["id"])
    assert gone.returncode != 0
    assert "There is no export" in gone.stderr
    assert run("exports", "delete").returncode != 0
    run("call", "export_users", "--department", "Sales")
    assert "1 exports were deleted" in run("exports", "delete", "--all").stderr
