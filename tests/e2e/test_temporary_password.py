"""A temporary password at a terminal: shown once to the person there, after a question, and to nothing else."""

import re
import subprocess

import pytest

from connected_org import Org
from surface import COMMAND, environment
from terminal import Terminal

WHO = "somebody@example.com"
CALL = ("call", "reset_password", WHO, "--show-temporary-password")


@pytest.fixture(autouse=True)
def _somebody(connected: None, org: Org) -> None:
    org.person("somebody")


def test_it_is_shown_once_and_lets_them_in(org: Org) -> None:
    with Terminal(*CALL) as terminal:
        assert "which is shown here once" in terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
        found = re.search(r"Temporary password, shown this once: (\S+)", terminal.screen)
    assert found is not None
    assert terminal.screen.count(found[1]) == 1
    signed = org.http.post("/api/v1/authn", json={"username": WHO, "password": found[1]})
    assert signed.json()["status"] == "PASSWORD_EXPIRED"
    show = [COMMAND, "journal", "show", "1", "--reveal"]
    told = subprocess.run(show, env=environment(), capture_output=True, text=True, check=False)
    assert found[1] not in told.stdout + told.stderr


def test_a_no_changes_nothing(org: Org) -> None:
    with Terminal(*CALL) as terminal:
        terminal.until("[y/N]")
        terminal.type("n\n")
        assert terminal.end() != 0
    assert org.user(WHO)["status"] == "ACTIVE"


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_without_a_terminal_it_is_refused(org: Org, more: tuple[str, ...]) -> None:
    done = subprocess.run([COMMAND, *CALL, *more], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "shown to a person at a terminal only" in done.stderr
    assert org.user(WHO)["status"] == "ACTIVE"


def test_at_a_terminal_it_goes_into_no_json(org: Org) -> None:
    with Terminal(*CALL, "--json") as terminal:
        assert terminal.end() != 0
        assert "without --json" in terminal.screen
    assert org.user(WHO)["status"] == "ACTIVE"
