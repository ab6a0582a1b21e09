"""Every regular expression in the code, found where it is written."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("tools", "server", "prompts")
FUNCTIONS = ("compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")


@dataclass(frozen=True)
class Site:
    """Where an expression is written. `pattern` is None where only the running program knows it."""

    file: str
    line: int
    written: str
    pattern: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def sites() -> Iterator[Site]:
    """The patterns given to `re`, by whatever name it is imported, and as `pattern=` to anything else."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            tree = ast.parse(file.read_text("utf-8"))
            modules, functions = _imported(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (given := _given(node, modules, functions)) is not None:
                    yield Site(name, node.lineno, ast.unparse(given), _evaluated(name, given))


def _imported(tree: ast.AST) -> tuple[set[str], set[str]]:
    modules, functions = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if one.name in ("re", "regex")}
        elif isinstance(node, ast.ImportFrom) and node.module in ("re", "regex"):
            functions |= {one.asname or one.name for one in node.names if one.name in FUNCTIONS}
    return modules, functions


def _given(node: ast.Call, modules: set[str], functions: set[str]) -> ast.expr | None:
    called = node.func
    of_re = (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id in modules
        and called.attr in FUNCTIONS
    ) or (isinstance(called, ast.Name) and called.id in functions)
    named = next((one.value for one in node.keywords if one.arg == "pattern"), None)
    return node.args[0] if of_re and node.args else named


def _evaluated(file: str, given: ast.expr) -> str | None:
    module = importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    try:
        found = eval(compile(ast.Expression(given), file, "eval"), dict(vars(module)))
    except NameError:
        return None
    return found if isinstance(found, str) else None
