"""The session in docs/tour.md, played again: what it shows is what a person sees."""

import os
import re
from pathlib import Path

import pytest

from server.policy.caller import operating_system_user
from terminal import Terminal

PAGE = Path(__file__).parents[2] / "docs" / "tour.md"
_VARIES = (
    (re.compile(r"^(?:Asking Okta|Reading the journal|Verifying) ….*$", re.MULTILINE), ""),  # after two seconds
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SEAL"),
    (re.compile(r"\b00[ug][A-Za-z0-9]{17}\b"), "ID"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "ORG"),
    (re.compile(r" +"), " "),
)


def same(text: str) -> list[str]:
    """The lines of a screen without what differs from one day to the next."""
    for shape, shown in _VARIES:
        text = shape.sub(shown, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def session() -> list[tuple[str, str]]:
    """Each command of the session, and what it shows."""
    block = re.search(r"<!-- session:[^\n]*-->\n```\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert block
    parts = re.split(r"^\$ okta-actions ", block.group(1), flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def test_the_session_of_the_tour_is_what_a_person_sees(
    connected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Path(os.environ["OKTA_ACTIONS_DATA_DIR"]) / "policy.toml"
    policy.write_text('protected_users = ["ruth.adeyemi@*"]\n')
    policy.chmod(0o600)
    played = []
    for command, shown in session():
        with Terminal(*command.split()) as terminal:
            if question := re.search(r"\[y/N\]: (\w)", shown):
                terminal.until("[y/N]: ")
                terminal.type(f"{question.group(1)}\n")
            terminal.end()
            # Whoever runs the tests is called alice in the PAGE.
            screen = re.sub(rf"\b{re.escape(operating_system_user())}\b(?= over| at)", "alice", terminal.screen)
            played.append((command, re.sub(r"/dev/\S+\)", "/dev/pts/0)", screen)))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        written = "\n".join(f"$ okta-actions {command}\n{_tidy(screen)}\n" for command, screen in played)
        text = PAGE.read_text("utf-8")
        shape = re.compile(r"(<!-- session:[^\n]*-->\n```\n).*?(```)", re.DOTALL)
        PAGE.write_text(shape.sub(lambda found: found[1] + written + found[2], text), "utf-8")
    for (command, screen), (_, shown) in zip(played, session(), strict=True):
        if command == "journal list":
            # How much of a sentence there is room for depends on how long the name of whoever runs the tests is.
            assert [row.split()[:3] for row in same(screen)] == [row.split()[:3] for row in same(shown)]
        else:
            assert same(screen) == same(shown), command


def _tidy(screen: str) -> str:
    return "\n".join(line.rstrip() for line in screen.splitlines() if line.strip())
