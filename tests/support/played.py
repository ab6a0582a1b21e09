"""Sessions in the documentation, played again: what a page shows is what a person sees.

A session is a fenced block below `<!-- session: … -->`. `$ okta-actions …` is a command at a terminal, `mcp> NAME {…}`
a call by an assistant over stdio, whose questions are shown with `?` and answered with a yes. With
`UPDATE_SNAPSHOTS=1` the page is written anew.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import Client

from server.policy.caller import operating_system_user
from surface import YES, Person, over_stdio
from terminal import Terminal

_BLOCK = re.compile(r"(<!-- session:[^\n]*-->\n```\n)(.*?)(```)", re.DOTALL)
_STEP = re.compile(r"^(\$ okta-actions |mcp> )", re.MULTILINE)
_VARIES = (
    (re.compile(r"^(?:Asking Okta|Reading the journal|Verifying) ….*$", re.MULTILINE), ""),  # after two seconds
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DAY"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SEAL"),
    (re.compile(r"\b(?:00[ugop]|0oa|0pr|opf|mbl|sms|ost|fwf|fuf|emf|oie|uft)[A-Za-z0-9]{17}\b"), "ID"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "ORG"),
    (re.compile(r" +"), " "),
)


@dataclass(frozen=True)
class Step:
    """What is typed after the prompt, and what the page shows of it."""

    prompt: str
    typed: str
    shown: str

    @property
    def is_call(self) -> bool:
        return self.prompt == "mcp> "


def same(text: str) -> list[str]:
    """The lines of a screen without what differs from one day to the next."""
    for shape, shown in _VARIES:
        text = shape.sub(shown, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def sessions(page: Path) -> list[list[Step]]:
    """The steps of each session of a page."""
    return [_steps(block[2]) for block in _BLOCK.finditer(page.read_text("utf-8"))]


def _steps(text: str) -> list[Step]:
    _, *parts = _STEP.split(text)
    return [
        Step(prompt, *told.split("\n", 1)) if "\n" in told else Step(prompt, told, "")
        for prompt, told in zip(parts[::2], parts[1::2], strict=True)
    ]


def rewrite(page: Path, played: list[list[tuple[Step, str]]]) -> None:
    """Write the sessions of a page as they were played, if that is asked for."""
    if not os.environ.get("UPDATE_SNAPSHOTS"):
        return
    written = iter(
        "".join(f"{step.prompt}{step.typed}\n{_tidy(screen)}\n\n" for step, screen in session).rstrip() + "\n"
        for session in played
    )
    text = _BLOCK.sub(lambda block: block[1] + next(written) + block[3], page.read_text("utf-8"))
    page.write_text(text, "utf-8")


def at_a_terminal(step: Step, columns: int = 140) -> str:
    """What the terminal shows of a command; whoever runs the tests is called alice."""
    with Terminal(*shlex.split(step.typed), columns=columns) as terminal:
        if answer := re.search(r"(?:\[y/N\]|to confirm): (.*)", step.shown):
            terminal.asked()
            terminal.type(f"{answer[1]}\n")
        terminal.end()
        screen = re.sub(rf"\b{re.escape(operating_system_user())}\b(?= over| at)", "alice", terminal.screen)
    return re.sub(r"/dev/\S+\)", "/dev/pts/0)", screen)


class Assistant:
    """An MCP client whose person says yes to what is asked."""

    def __init__(self, client: Client, person: Person) -> None:
        self._client = client
        self._person = person

    async def call(self, step: Step) -> str:
        """What a call shows: the questions, then the answer."""
        name, _, arguments = step.typed.partition(" ")
        self._person.read.clear()
        result = await self._client.call_tool(name, json.loads(arguments or "{}"))
        asked = [f"? {line}" for question in self._person.read for line in question.splitlines()]
        answer = result.structured_content
        told = _drawn(answer) if answer else [part.text for part in result.content if hasattr(part, "text")]
        return "\n".join((*asked, *told))


@asynccontextmanager
async def an_assistant() -> Any:
    person = Person(YES)
    async with over_stdio("legacy", person) as client:
        yield Assistant(client, person)


def _drawn(answer: dict[str, Any], indent: str = "") -> list[str]:
    """An answer in lines: a value each, and the rows of lists below their name."""
    lines: list[str] = []
    for name, value in answer.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{indent}{name}:", *(f"{indent}- {_in_line(row)}" for row in value)]
        else:
            lines.append(f"{indent}{name}: {_in_line(value)}")
    return lines


def _in_line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_line(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(_in_line, value))
    return value if isinstance(value, str) else json.dumps(value)


def _tidy(screen: str) -> str:
    return "\n".join(line.rstrip() for line in screen.splitlines() if line.strip())


def flat(played: list[list[tuple[Step, str]]]) -> Iterator[tuple[Step, str]]:
    for session in played:
        yield from session
