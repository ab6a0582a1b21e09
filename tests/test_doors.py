"""Text leaves the program through the doors of server/media only: every other way out is found where it is written."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOOR = "server/media/terminal.py"

# What writes to a terminal, by the name it is called by; and the modules that draw there.
WRITES = ("print", "echo", "secho", "confirm", "prompt", "Console", "terminal")
STREAMS = ("stdout", "stderr", "__stdout__", "__stderr__")
DRAWS = ("rich", "click", "curses", "colorama")
# What MCP clients show a person or a model.
SHOWN = (
    "TextContent",
    "ElicitRequestFormParams",
    "ElicitRequestURLParams",
    "elicit_form",
    "elicit_url",
    "PromptMessage",
    "Completion",
    "ResourceError",
)
THROUGH = ("plain", "for_model", "lines_for_model", "in_json", "escaped", "visible", "readable")
JSON = ("dumps", "model_dump_json", "to_json", "dump_json")

ALLOWED = {
    ("server/cli/application.py", "print"): "a warning about files that are in the way of importing the door",
    ("server/cli/commands/connect.py", "terminal"): "a QR code, drawn of blocks",
}
STORED = {
    "server/door/attempt.py": "is hashed",
    "server/door/cutting.py": "is measured",
    "server/door/keeping.py": "is sealed in the store",
    "server/store/exports.py": "is sealed in the store",
    "tools/search/exporting.py": "goes through a door of the media as a whole",
    "server/journal/chain.py": "is stored and sealed; an export goes through the door",
    "server/evaluation/results.py": "goes through the door as a whole",
    "server/evaluation/scenario.py": "is hashed",
    "server/evaluation/running.py": "is what a model's calls are compared with",
    "server/agent/turn.py": "are arguments of a call of the agent's own",
    "server/agent/session.py": "are arguments of a call of the agent's own",
    "server/agent/scripted.py": "are arguments of a call of the agent's own",
    "server/agent/chat_completions.py": "are arguments that a model's server sent as an object",
    "server/store/freezing.py": "is stored",
    "server/connections/book.py": "is sealed in the vault",
    "server/connections/moving.py": "is sealed in a file",
    "server/connections/keys.py": "is a key",
    "server/cli/commands/sandbox.py": "is a key",
    "server/journal/reconciling.py": "is a value within an error, which shows all that it holds",
    "tools/finding/answer.py": "is counted",
    "tools/search/scanning.py": "is hashed",
    "tools/search/cursors.py": "is encoded in base64, or hashed",
    "tools/objects/attributes.py": "is a value within an error, which shows all that it holds",
    "tools/okta/expressions.py": "is sent to Okta",
    "tools/contract/validation.py": "is measured",
    "tools/contract/outcomes.py": "is hashed",
    "tools/objects/users.py": "is hashed",
    "tools/objects/factors.py": "is hashed",
}
"""Where JSON is made that no person, program or model reads as it is, and why not."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ("server", "tools"):
        for file in sorted((ROOT / room).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if not name.startswith("server/sandbox/"):  # an org of its own, that imports nothing of the rest
                yield name, ast.parse(file.read_text("utf-8"))


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def ways_out(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Calls and imports that write to a terminal, by name and line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            for name in names:
                if name.partition(".")[0] in DRAWS:
                    yield name, node.lineno
            if names[0] in ("typer", "getpass") and isinstance(node, ast.ImportFrom):
                yield names[0], node.lineno  # whose functions must be called by their module's name, to be found
        elif called(node) in WRITES:
            assert isinstance(node, ast.Call)
            own = isinstance(node.func, ast.Name) and node.func.id in ("confirm", "prompt", "terminal")
            if not own:
                yield called(node), node.lineno
        elif called(node) in ("write", "writelines") and any(
            isinstance(inner, ast.Attribute) and inner.attr in STREAMS for inner in ast.walk(node)
        ):
            assert isinstance(node, ast.Call)
            yield "write", node.lineno


def test_nothing_is_written_to_the_terminal_but_through_its_door() -> None:
    found = {(name, way): line for name, tree in modules() if name != DOOR for way, line in ways_out(tree)}
    wrong = {f"{name}:{line} {way}" for (name, way), line in found.items() if (name, way) not in ALLOWED}
    assert not wrong, "Use server.media.terminal, which shows all that a text holds."
    assert set(ALLOWED) <= set(found), "These are gone: take them from the list."


def test_nothing_is_shown_by_an_mcp_client_but_through_a_door() -> None:
    places = 0
    for name, tree in modules():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            sites = [node for node in ast.walk(function) if called(node) in SHOWN]
            doors = {called(node) for node in ast.walk(function)} & set(THROUGH)
            for site in sites:
                places += 1
                constant = all(isinstance(part, ast.Constant) for part in getattr(site, "args", ()))
                assert doors or (constant and not site.keywords), f"{name}:{site.lineno} shows text as it is."  # type: ignore[attr-defined]
    assert places >= 8


def test_json_that_anybody_reads_is_made_by_its_door() -> None:
    found = {
        name
        for name, tree in modules()
        if name != "server/media/json_text.py"
        for node in ast.walk(tree)
        if called(node) in JSON
    }
    assert found - set(STORED) == set(), "Use server.media.json_text, or say here why nobody reads it."
    assert set(STORED) - found == set(), "These are gone: take them from the list."


def test_the_walk_finds_what_it_looks_for() -> None:
    """Each way out, written as somebody in a hurry would."""
    for line in (
        "print(name)",
        "typer.echo(name)",
        "typer.confirm(name)",
        "sys.stdout.write(name)",
        "sys.stderr.buffer.write(name)",
        "from rich.table import Table",
        "Console().print(name)",
    ):
        assert list(ways_out(ast.parse(line))), line
