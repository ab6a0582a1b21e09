"""`okta-actions chat` as a person at a terminal meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from openai_server import KEY, Next, OpenAIServer, Says, calls
from org import Org
from terminal import Terminal

JANE = "jane.doe@example.com"
LOOK = ("lookup_user", {"user_id": JANE})
DEACTIVATE = ("deactivate_user", {"user_id": JANE})
JOIN = ("add_user_to_group", {"user_id": JANE, "group_id": "Engineering"})
QUESTION, PROMPT = "[y/N]", "\n> "


class Chat:
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.transcript = ""

    def type(self, text: str, until: str = PROMPT) -> str:
        """Type, and read what is shown from then on, up to this."""
        self._terminal.type(text)
        return self.read(until)

    def read(self, until: str) -> str:
        shown = self._terminal.until(until).replace("\r\n", "\n")
        self.transcript += shown
        self._terminal.screen = ""
        return shown

    def end(self, text: str) -> int:
        self._terminal.type(text)
        return self._terminal.end()


@contextmanager
def chatting(monkeypatch: pytest.MonkeyPatch, *script: Next) -> Iterator[Chat]:
    with OpenAIServer(*script) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with Terminal("chat") as terminal:
            chat = Chat(terminal)
            chat.read(PROMPT)
            yield chat


def test_a_conversation(connected: None, org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = [
        calls(LOOK, text="I look her up first."),
        Says("Jane is **active**."),
        calls(DEACTIVATE),
        Says("You declined, so she stays active."),
        calls(DEACTIVATE),
        Says("Jane is deactivated."),
    ]
    with chatting(monkeypatch, *script) as chat:
        looked = chat.type("Is jane.doe@example.com active?\n")
        assert "I look her up first.\n" in looked
        assert 'lookup_user user_id="jane.doe@example.com"\n  lookup_user: done\n' in looked
        assert "Jane is **active**.\n> " in looked
        question = chat.type("Deactivate her.\n", QUESTION)
        assert "Deactivate Jane Doe <jane.doe@example.com>, ACTIVE" in question
        declined = chat.type("\n")
        assert "deactivate_user: declined\nYou declined, so she stays active.\nNothing was changed.\n" in declined
        assert org.user(JANE)["status"] == "ACTIVE"
        chat.type("Then again.\n", QUESTION)
        done = chat.type("y\n")
        assert "deactivate_user: done" in done
        assert "Jane is deactivated.\nChange" in done
        assert org.user(JANE)["status"] == "DEPROVISIONED"
        assert chat.end("\x04") == 0
    history = tmp_path / "data" / "chat_history"
    assert history.read_text().splitlines() == ["Is jane.doe@example.com active?", "Deactivate her.", "Then again."]
    assert history.stat().st_mode & 0o077 == 0


def test_ctrl_c_stops_the_turn_and_not_the_program(connected: None, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    org.trouble({"kind": "delay", "seconds": 30, "method": "PUT", "path": "/api/v1/groups"})
    drip = Says("Well, " * 100, drip=0.2)
    with chatting(monkeypatch, calls(JOIN), drip, calls(DEACTIVATE), Says("I am here.")) as chat:
        chat.type("Put Jane into Engineering.\n", "add_user_to_group user_id")
        stopped = chat.type("\x03")
        assert "add_user_to_group: stopped: Stopped while it ran" in stopped
        assert "The turn was stopped.\n" in stopped
        assert "It is not known whether this was done; look it up: add_user_to_group" in stopped
        chat.type("Speak.\n", "Well, ")
        assert chat.type("\x03").endswith("The turn was stopped.\n> ")
        chat.type("Deactivate Jane.\n", QUESTION)
        assert "deactivate_user: stopped" in chat.type("\x03")
        assert org.user(JANE)["status"] == "ACTIVE"
        assert chat.type("half a line\x03").endswith(PROMPT)
        assert "I am here." in chat.type("Are you there?\n")
        assert chat.end("/quit\n") == 0


def test_what_was_typed_before_the_question_is_no_answer(
    connected: None, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    org.trouble({"kind": "delay", "seconds": 1.5, "method": "GET", "path": "/api/v1/users"})
    with chatting(monkeypatch, calls(DEACTIVATE), Says("Declined.")) as chat:
        chat.type("Deactivate Jane.\n", "deactivate_user user_id")
        chat.type("y\n", QUESTION)
        assert "declined" in chat.type("\n")
        assert org.user(JANE)["status"] == "ACTIVE"


def test_commands(connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with chatting(monkeypatch, Says("Hello.")) as chat:
        assert "/status" in chat.type("/help\n")
        assert "gpt-5.6-terra" in chat.type("/status\n")
        assert "deactivate_user" in chat.type("/tools\n")
        assert "There is no /quit_now." in chat.type("/quit_now\n")
        assert "Forgotten." in chat.type("/reset\n")
        assert "Hello." in chat.type("Hello\n")


def test_a_model_does_not_draw_on_the_terminal(connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = "\x1b[2J\x1b[1;1HAll \u202edone\u202c.\x9b31m\x07\n\tHéllo 👩‍💻"
    with chatting(monkeypatch, Says(forged), calls(("lookup_user", {"user_id": "\x1b[2Jx"})), Says("No.")) as chat:
        assert "[2J[1;1HAll done.31m\n\tHéllo 👩‍💻\n> " in chat.type("Draw.\n")
        assert "\x1b" not in chat.type("Look it up.\n")


def test_without_a_key_it_says_what_to_set(connected: None) -> None:
    with Terminal("chat") as terminal:
        assert terminal.end() == 1
    assert "OPENAI_API_KEY is not set" in terminal.screen
    assert "Next: Set it" in terminal.screen
    assert "Traceback" not in terminal.screen
