"""`okta-actions chat` as a person at a terminal meets it."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from connected_org import Org
from openai_server import KEY, Next, OpenAIServer, Says, calls, outputs
from server.door.door import Call, Result
from server.policy.caller import Caller, Principal
from server.program import Program
from server.settings import load
from surface import COMMAND, HttpServer, environment, free_port
from terminal import Terminal

JANE = "jane.doe@example.com"
LOOK = ("lookup_user", {"user_id": JANE})
DEACTIVATE = ("deactivate_user", {"user_id": JANE})
JOIN = ("add_user_to_group", {"user_id": JANE, "group_id": "Engineering"})
JOIN_OPTIONS = ["add_user_to_group", "--user-id", JANE, "--group-id", "Engineering"]
SUSPEND = ("suspend_user", {"user_id": JANE})
QUESTION, PROMPT = "[y/N]: ", "\n> "

DOCUMENT = Path(__file__).parents[2] / "docs" / "chat.md"
VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "ORG"),
)


class Chat:
    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.transcript = ""

    def type(self, text: str, until: str = PROMPT) -> str:
        """Type, and read what is shown from then on, up to this."""
        # Python's readline notices a signal only once it waits for a key, which is an instant after the prompt.
        self._terminal.type(text, after=0.3 if "\x03" in text else 0)
        return self.read(until)

    def read(self, until: str) -> str:
        shown = self._terminal.until(until).replace("\r\n", "\n")
        self.transcript += shown
        self._terminal.screen = ""
        return shown

    def end(self, text: str) -> int:
        self._terminal.type(text, after=0)
        return self._terminal.end()


@contextmanager
def chatting(monkeypatch: pytest.MonkeyPatch, *script: Next, line: str = "") -> Iterator[Chat]:
    """A chat in a terminal; `line`: as this line of a shell starts it."""
    with OpenAIServer(*script) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with Terminal("-c", line, command="sh") if line else Terminal("chat") as terminal:
            chat = Chat(terminal)
            chat.read(PROMPT)
            yield chat


def same(text: str) -> list[str]:
    """The lines of a screen without what differs from one day to the next."""
    for shape, shown in VARIES:
        text = shape.sub(shown, text)
    return [line.rstrip() for line in text.splitlines()]


def test_the_chat_of_the_documentation(connected: None, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    script = [
        calls(LOOK, text="I look her up and then add her."),
        calls(JOIN),
        says_with_the_change("Jane Doe is in Engineering now; that is change {}."),
        calls(DEACTIVATE),
        Says("You declined, so she stays active."),
        calls(SUSPEND),
        calls(DEACTIVATE),
        says_with_the_change("She is deactivated: change {}. Undoing it activates her; her sessions stay ended."),
    ]
    with chatting(monkeypatch, *script) as chat:
        chat.type("Put jane.doe@example.com into Engineering.\n")
        assert "Engineering" in org.groups_of(JANE)

        chat.type("She leaves: deactivate her.\n", QUESTION)
        chat.type("n\n")
        assert org.user(JANE)["status"] == "ACTIVE"

        org.trouble({"kind": "delay", "seconds": 30, "method": "POST", "path": "/api/v1/users"})
        chat.type("Then suspend her.\n", "suspend_user user_id")
        anyio.run(begun, "suspend_user")
        chat.type("\x03")
        assert org.user(JANE)["status"] == "ACTIVE"
        org.trouble()

        chat.type("/undo\n", QUESTION)
        assert "Engineering" in org.groups_of(JANE)
        chat.type("y\n")
        assert "Engineering" not in org.groups_of(JANE)

        chat.type("Deactivate her after all.\n", QUESTION)
        chat.type("y\n")
        assert org.user(JANE)["status"] == "DEPROVISIONED"

        chat.type("/changes\n")
        assert chat.end("\x04") == 0
    shown = f"$ okta-actions chat\n{chat.transcript}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        # Where the org of `make run` would be.
        written = VARIES[1][0].sub(
            "http://127.0.0.1:8322", "".join(f"{line.rstrip()}\n" for line in shown.splitlines())
        )
        text = re.sub(
            r"(?<=```\n)\$ okta-actions chat\n.*?(?=```)", lambda _: written, DOCUMENT.read_text("utf-8"), flags=re.S
        )
        DOCUMENT.write_text(text, "utf-8")
    assert same(shown) == same(DOCUMENT.read_text("utf-8").rpartition("```\n")[0].rpartition("```\n")[2])


def says_with_the_change(text: str) -> Next:
    """The model reports the id that the last call answered."""
    return lambda body: Says(text.format(json.loads(outputs(body)[-1])["change_id"]))


async def begun(action: str) -> None:
    """Wait until the journal has such a change."""
    somebody = Caller(Principal("test", "test"), "test")
    async with Program(load()) as program:
        while True:
            listed = await program.door.call(Call(somebody, "list_changes", {"action": action}))
            if isinstance(listed, Result) and listed.content["changes"]:
                return
            await anyio.sleep(0.05)


def test_undo_means_what_this_chat_did_unless_it_is_told_which(
    connected: None, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def step(body: dict[str, Any]) -> Says:
        asked.extend(body["input"])
        return Says("I see.")

    subprocess.run([COMMAND, "call", *JOIN_OPTIONS], env=environment(), check=True, capture_output=True)
    with chatting(monkeypatch, calls(SUSPEND), Says("Suspended."), step) as chat:
        nothing = chat.type("/undo\n")
        assert "No change of this chat can be undone." in nothing
        assert "(/undo 1)" in chat.type("/changes\n")
        chat.type("Suspend Jane.\n")
        assert "Suspend Jane Doe" in chat.type("/undo\n", QUESTION)
        chat.type("\n")
        assert org.user(JANE)["status"] == "SUSPENDED"
        chat.type("/undo\n", QUESTION)
        assert "undo_change: done" in chat.type("y\n")
        assert org.user(JANE)["status"] == "ACTIVE"
        assert "No change of this chat can be undone." in chat.type("/undo\n")
        assert "Undo change 1" in chat.type("/undo 1\n")
        assert "Engineering" not in org.groups_of(JANE)
        assert "cannot be undone: it was undone already" in chat.type("/undo 1\n")
        assert "No change has the id" in chat.type("/undo 99\n")
        chat.type("Where are we?\n")
    assert asked[-2]["content"] == '(I ran undo_change {"change_id": "1"} myself: done.)'


def test_ctrl_c_stops_the_turn_and_not_the_program(
    connected: None, org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drip = Says("Well, " * 100, drip=0.2)
    with chatting(monkeypatch, drip, calls(DEACTIVATE), Says("I am here.")) as chat:
        chat.type("Speak.\n", "Well, ")
        assert chat.type("\x03").endswith("^C\nThe turn was stopped.\nNothing was changed in this turn.\n> ")
        chat.type("Deactivate Jane.\n", QUESTION)
        assert "deactivate_user: stopped" in chat.type("\x03")
        assert org.user(JANE)["status"] == "ACTIVE"
        assert chat.type("half a line\x03").endswith(PROMPT)
        assert "I am here." in chat.type("Are you there?\n")
        assert chat.end("/quit\n") == 0
    history = tmp_path / "data" / "chat_history"
    assert history.read_text().splitlines() == ["Speak.", "Deactivate Jane.", "Are you there?", "/quit"]
    assert history.stat().st_mode & 0o077 == 0


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
        drawn = chat.type("Draw.\n")
        shown = r"\u001b[2J\u001b[1;1HAll \u202edone\u202c.\u009b31m\u0007"
        assert drawn.endswith(f"│ {shown}\n│     Héllo 👩‍💻\nNothing was changed in this turn.\n> ")
        assert "\x1b" not in chat.type("Look it up.\n")


def test_the_command_that_a_server_prints_is_enough_to_begin(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKTA_ACTIONS_SANDBOX_PORT", str(free_port()))
    with HttpServer(free_port(), "--sandbox") as server:
        (line,) = [line for line in server.announced.splitlines() if line.startswith("Chat:")]
        with chatting(monkeypatch, calls(LOOK), Says("She is."), line=line.removeprefix("Chat:")) as chat:
            assert "lookup_user: done\n│ She is.\n" in chat.type("Is Jane active?\n")


def test_without_a_key_it_says_what_to_set(connected: None) -> None:
    with Terminal("chat") as terminal:
        assert terminal.end() == 1
    assert "OPENAI_API_KEY is not set" in terminal.screen
    assert "Next: Set it" in terminal.screen
    assert "Traceback" not in terminal.screen
