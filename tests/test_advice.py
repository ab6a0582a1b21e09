"""Whatever is advised to be typed can be typed: each command and option that a text names is one of the program's."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from server.cli.application import app

HOME = Path(__file__).parent.parent
CODE = sorted(path for room in ("server", "tools") for path in (HOME / room).rglob("*.py"))
PAGES = [
    HOME / "README.md",
    *sorted(path for path in (HOME / "docs").rglob("*") if path.is_file()),
    *sorted((HOME / "prompts").glob("*.md")),
]
PLACEHOLDER = "\N{WHITE SQUARE}"
"""What stands in a text for a value that it is made with."""

COMMAND = re.compile(r"(?<!add )(?<!http )\bokta-actions((?: +(?!-- )(?:--?)?[^\s`\"”'(),;:|<>]+)*)")
OPTION = re.compile(rf"(?<![\w-])--[a-z][a-z-]*[a-z]\b(?!-?{PLACEHOLDER})")
PROSE = frozenset(("from", "has", "in", "is", "itself", "looks", "never", "no", "of", "on", "while", "with", "wrote"))
"""Words that follow the program's name where a sentence tells of it and nothing is to be typed."""
FOREIGN = {"docs/clients.md": {"--from", "--header", "--no-deps", "--transport"}}
"""Options of other programs that our texts name."""


def texts(path: Path) -> Iterator[str]:
    """Every text in a file: of code its strings, in whole, with a placeholder for each value."""
    if path.suffix != ".py":
        yield path.read_text("utf-8")
        return
    tree = ast.parse(path.read_text("utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else PLACEHOLDER
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


@cache
def root() -> Any:
    return typer.main.get_command(app)


def commands(command: Any) -> dict[str, Any]:
    if not hasattr(command, "list_commands"):
        return {}
    return {name: command.get_command(None, name) for name in command.list_commands(None)}


def options(command: Any) -> set[str]:
    own = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return own | {"--help"}


@cache
def every_option() -> frozenset[str]:
    def below(command: Any) -> set[str]:
        return options(command).union(*(below(one) for one in commands(command).values()))

    return frozenset(below(root()))


def faults(text: str, foreign: set[str]) -> list[str]:
    found = []
    for match in COMMAND.finditer(text):
        words = match[1].split()
        while words and words[0].startswith("--"):
            words.pop(0)
        if not words or not re.fullmatch(r"[a-z][a-z-]+\.?", words[0]) or words[0].rstrip(".") in PROSE:
            continue
        command, known = root(), options(root())
        for word in words:
            name = word.rstrip(".…")
            if name in commands(command):
                command = commands(command)[name]
                known |= options(command)
            elif word.startswith("--"):
                option = OPTION.match(word)
                if option and option[0] not in known:
                    found.append(f"{command.name} has no {option[0]}: {match[0][:100]}")
            elif command is root() or (commands(command) and re.fullmatch(r"[a-z][a-z-]+", name)):
                found.append(f"there is no command {name}: {match[0][:100]}")
                break
    for option in set(OPTION.findall(text)) - every_option() - foreign:
        found.append(f"no command has {option}: {text[:100]!r}")
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(HOME)))
def test_what_the_program_says_can_be_typed(path: Path) -> None:
    foreign = FOREIGN.get(str(path.relative_to(HOME)), set())
    assert [fault for text in texts(path) for fault in faults(text, foreign)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(HOME)))
def test_what_the_pages_say_can_be_typed(path: Path) -> None:
    foreign = FOREIGN.get(str(path.relative_to(HOME)), set())
    assert [fault for text in texts(path) for fault in faults(text, foreign)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Run okta-actions connect --dpop",
        "okta-actions jurnal list",
        "okta-actions journal lst",
        "Give it with --privat-key-file.",
        "okta-actions undo 3 --org-url x",
    ],
)
def test_what_cannot_be_typed_is_found(text: str) -> None:
    assert faults(text, set())
