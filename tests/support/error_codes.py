"""The codes of errors that this program makes itself, found in its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[2]


def codes() -> dict[str, str]:
    """Each code, and the first file that has it."""
    found: dict[str, str] = {}
    for folder in ("tools", "server"):
        for file in sorted((HOME / folder).rglob("*.py")):
            if "sandbox" not in file.relative_to(HOME).parts[:2]:
                for code in _of(ast.parse(file.read_text("utf-8"))):
                    found.setdefault(code, str(file.relative_to(HOME)))
    return dict(sorted(found.items()))


def _of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(keywords=keywords):
                yield from (one for word in keywords if word.arg == "code" for one in _texts(word.value))
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from _texts(value)


def _texts(value: ast.expr) -> Iterator[str]:
    """The codes in a value: one, or those of a condition or a table."""
    match value:
        case ast.Constant(value=str(text)) if text.replace("_", "").isalpha() and text.islower():
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from (*_texts(body), *_texts(other))
        case ast.Call(func=ast.Attribute(value=ast.Dict(values=values)), args=[_, other]):
            yield from (one for each in (*values, other) for one in _texts(each))
