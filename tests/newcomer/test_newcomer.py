"""Somebody adds a toolset and the tests of it, and nothing else: the tests of all actions take it up, and pass."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HOME = HERE.parents[1]
LEFT = (".git", ".venv*", ".*_cache", "__pycache__", "node_modules", "newcomer")
MADE = ("greet_user", "forget_greeting", "lookup_greeting")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a copy of this repository, in which the toolset `greetings` is."""
    home = tmp_path_factory.mktemp("newcomer") / "home"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns(*LEFT))
    shutil.copy(HERE / "greetings.py", home / "tools" / "greetings.py")
    shutil.copy(HERE / "tests_of_greetings.py", home / "tests" / "toolsets" / "test_greetings.py")
    catalogue = home / "tools" / "catalogue.py"
    text = catalogue.read_text("utf-8")
    named = text.replace("TOOLSETS = (", 'TOOLSETS = ("greetings", ')
    assert named != text
    catalogue.write_text(named, "utf-8")
    return _with_its_command(home)


def _with_its_command(home: Path) -> Path:
    """The copy's own Python and `okta-actions`, over the packages that are installed here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / ".venv"], check=True)
    python = home / ".venv" / "bin" / "python"
    packages = next((home / ".venv" / "lib").glob("python*/site-packages"))
    (packages / "home.pth").write_text(f"{home}\n{sysconfig.get_path('purelib')}\n", "utf-8")
    command = python.with_name("okta-actions")
    command.write_text(f"#!{python}\nfrom server.cli import main\n\nmain()\n", "utf-8")
    command.chmod(0o755)
    return python


SERVER = ("questions", "guard_of_every_write", "answers", "facts", "reads")
FILES = (
    *(f"tests/server/test_{name}.py" for name in SERVER),
    *(
        "tests/test_worlds.py",
        "tests/agent/test_strict.py",
        "tests/tools/test_schemas.py",
        "tests/e2e/test_command_line.py",
    ),
)
"""Tests that go over all actions: more of them, and whole runs, are for whoever adds one."""


def test_the_tests_of_all_actions_take_up_new_ones_and_pass(python: Path) -> None:
    """But for the snapshots, which are there to be read and written anew."""
    command = [str(python), "-m", "pytest", "-vv", *FILES, "-k", f"({' or '.join(MADE)}) and not snapshot"]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    env["UPDATE_SNAPSHOTS"] = "1"  # the catalogue too is written anew
    ran = subprocess.run(command, cwd=python.parents[2], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    passed = [line for line in ran.stdout.splitlines() if "PASSED" in line]
    for name in MADE:
        read = name.startswith("lookup")
        for file in (
            ("reads", "strict", "schemas") if read else ("questions", "guard_of_every_write", "answers", "facts")
        ):
            assert any(f"test_{file}.py" in line and name in line for line in passed), (file, name)
