"""Every import between rooms is one that the table in CONTRIBUTING.md has, and no room is part of a circle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"\| `((?:tools|server)[a-z_/]*)` \| [^|]+ \| ([^|]*) ?\|")
TABLE = dict(ROW.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")))


def allowed(room: str) -> set[str]:
    """The rooms that a line of the table lets a room import."""
    named = set(re.findall(r"`([^`]+)`", TABLE[room]))
    return set(TABLE) - named - {room} if TABLE[room].startswith("every room but") else named


def room_of(module: str) -> str | None:
    """The room of a module, given by its path without the ending: the longest line of the table that it is in."""
    fitting = [room for room in TABLE if module == room or module.startswith(f"{room}/")]
    return max(fitting, key=len, default=None)


def modules() -> dict[str, Path]:
    files = (file for top in ("tools", "server") for file in (ROOT / top).rglob("*.py"))
    return {str(file.relative_to(ROOT).with_suffix("")).removesuffix("/__init__"): file for file in files}


def imported(file: Path, known: dict[str, Path]) -> Iterator[tuple[int, str]]:
    """The modules of ours that a file imports, wherever in it, with the lines."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = node.module.replace(".", "/")
            for alias in node.names:
                one = f"{module}/{alias.name}" if f"{module}/{alias.name}" in known else module
                if one in known:
                    yield node.lineno, one
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if (module := alias.name.replace(".", "/")) in known:
                    yield node.lineno, module


def arrows() -> dict[tuple[str, str], list[str]]:
    """Every import from one room into another, with where it is."""
    found: dict[tuple[str, str], list[str]] = {}
    known = modules()
    for module, file in known.items():
        room = room_of(module)
        for line, other in imported(file, known):
            into = room_of(other)
            if room and into and room != into:
                found.setdefault((room, into), []).append(f"{file.relative_to(ROOT)}:{line}")
    return found


def test_every_module_is_in_a_room() -> None:
    assert [module for module in modules() if module != "server" and room_of(module) is None] == []


def test_no_import_leads_where_the_table_does_not() -> None:
    forbidden = [
        f"{place} imports {into}, which {room} must not"
        for (room, into), places in arrows().items()
        if into not in allowed(room)
        for place in places
    ]
    assert not forbidden, "\n".join(forbidden)


def test_the_table_has_no_arrow_that_nothing_needs() -> None:
    needed = set(arrows())
    exact = [room for room in TABLE if not TABLE[room].startswith("every room but")]
    assert {(room, into) for room in exact for into in allowed(room)} - needed == set()


def test_every_arrow_leads_up_the_table_so_that_there_is_no_circle() -> None:
    order = list(TABLE)
    wrong = [(room, into) for room in TABLE for into in allowed(room) if order.index(into) > order.index(room)]
    assert wrong == []


def test_every_side_effect_that_an_action_can_tell_is_looked_at_by_the_door() -> None:
    """The guard asks a preview for the kinds that it knows: of one that it does not know nobody would hear."""
    told = ast.parse((ROOT / "tools/objects/side_effects.py").read_text("utf-8"))
    kinds = {node.name for node in told.body if isinstance(node, ast.ClassDef)}
    looked_at = "\n".join(file.read_text("utf-8") for file in (ROOT / "server/door").glob("*.py"))
    assert kinds
    assert [kind for kind in kinds if f"preview.all({kind})" not in looked_at] == []


BEHIND_THE_DESK = {"store", "recorder", "vault", "guard", "book", "register"}
"""What of a program only the rooms below the surfaces reach for."""


def test_the_command_line_reaches_only_the_desk_and_the_door() -> None:
    known = modules()
    wrong = [
        f"{module}:{line} imports {one}"
        for module, file in known.items()
        if room_of(module) == "server/cli"
        for line, one in imported(file, known)
        if one.startswith("server/door") and one != "server/door/door"
    ]
    wrong += [
        f"{module}:{node.lineno} reaches for .{node.attr}"
        for module, file in known.items()
        if room_of(module) == "server/cli"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in BEHIND_THE_DESK
    ]
    assert wrong == []


def test_no_two_classes_share_a_name() -> None:
    found: dict[str, list[str]] = {}
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(f"{module}:{node.lineno}")
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
