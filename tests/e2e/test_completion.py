"""What a shell is offered: commands, options, connections, actions, and people and groups of the org."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from connected_org import Org
from surface import COMMAND, environment

VARIABLE = "_OKTA_ACTIONS_COMPLETE"


def offered(*words: str, **more: str) -> list[str]:
    given = {"COMP_WORDS": "\n".join(("okta-actions", *words)), "COMP_CWORD": str(len(words))}
    variables = environment() | given | {VARIABLE: "complete_bash"} | more
    done = subprocess.run([COMMAND], env=variables, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line]


def test_commands_and_options_are_offered_without_an_org() -> None:
    assert offered("jou") == ["journal"]
    assert "verify" in offered("journal", "")
    assert offered("call", "lookup_u") == ["lookup_user"]
    assert "--read-only" in offered("connect", "--read")
    assert offered("call", "search_users", "--status", "SUS") == ["SUSPENDED"]
    assert offered("use", "") == []
    assert offered("call", "lookup_user", "jane") == []


def test_names_of_the_org_are_offered(connected: None, org: Org) -> None:
    assert offered("use", "def") == ["default"]
    assert offered("status", "--connection", "") == ["default"]
    assert offered("call", "lookup_user", "jane.d") == ["jane.doe@example.com"]
    assert offered("call", "lookup_group", "Engin") == ["Engineering"]
    assert offered("call", "lookup_user", "j") == [], "each key pressed would cost a search"


def test_no_name_is_offered_that_a_shell_would_run(connected: None, org: Org) -> None:
    for place, tail in enumerate(("$(touch pwned)", "`id`", "; id", "' x", '" x', "\\x", "(id)", "*")):
        org.create_group(f"Evil{place} {tail}")
    org.create_group("Evil but plain")
    assert offered("call", "lookup_group", "Evil") == ["Evil but plain"]


def test_nothing_is_said_where_nothing_can_be_looked_up(connected: None) -> None:
    assert offered("call", "lookup_user", "jane.d", OKTA_ACTIONS_PROXY="http://127.0.0.1:9") == []
    assert offered("call", "lookup_user", "jane.d", OKTA_ACTIONS_PORT="none") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(shell: str) -> None:
    made = subprocess.run([COMMAND, "completion", shell], env=environment(), capture_output=True, text=True)
    assert made.returncode == 0
    assert VARIABLE in made.stdout
    if path := shutil.which(shell):
        subprocess.run([path, "-n"], input=made.stdout, text=True, check=True)


def test_bash_completes_a_login_as_one_word(connected: None, org: Org) -> None:
    script = subprocess.run([COMMAND, "completion", "bash"], env=environment(), capture_output=True, text=True).stdout
    typed = f"""{script}
    COMP_WORDS=(okta-actions call lookup_group Engin); COMP_CWORD=3
    _okta_actions_completion okta-actions
    echo "${{COMPREPLY[0]}}" "$COMP_WORDBREAKS" """
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash"], input=typed, env=environment() | {"PATH": path}, capture_output=True, text=True)
    assert done.stdout.split()[0] == "Engineering"
    assert "@" not in done.stdout
