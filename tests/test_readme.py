"""The README's tables are what the code says. `UPDATE_SNAPSHOTS=1` writes them anew."""

import os
import re
from collections.abc import Set
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from server.policy.rules import Rules
from server.settings import PREFIX, Settings
from tools.catalogue import CATALOGUE

README = Path(__file__).parents[1] / "README.md"


def actions() -> str:
    rows = ["| Action | What it does | Effect | Asks | Undone by | Scopes |", "|---|---|---|---|---|---|"]
    for action in CATALOGUE.values():
        first = action.description.partition("\n")[0]
        scopes = ", ".join(f"`{scope}`" for scope in sorted(action.scopes))
        undone = action.undone_by if action.undo else ""
        rows.append(f"| `{action.name}` | {first} | {action.effect} | {action.asks} | {undone} | {scopes} |")
    return "\n".join(rows)


def settings() -> str:
    return variables(Settings.model_fields.keys() - Rules.model_fields.keys())


def rules() -> str:
    return variables(Rules.model_fields.keys())


def variables(names: Set[str]) -> str:
    rows = ["| Variable | Meaning | Otherwise |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if name in names:
            rows.append(f"| `{PREFIX}{name.upper()}` | {field.description} | {otherwise(field)} |")
    return "\n".join(rows)


def otherwise(field: FieldInfo) -> str:
    if field.default_factory is dict:
        return ""
    if field.default_factory:
        return "the platform's data folder"
    if isinstance(field.default, tuple):
        return f"`{','.join(field.default)}`" if field.default else ""
    return "" if field.default is None else f"`{field.default}`"


@pytest.mark.parametrize("table", [actions, settings, rules])
def test_the_table_is_what_the_code_says(table: object) -> None:
    name = table.__name__  # type: ignore[attr-defined]
    section = re.compile(rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    text = README.read_text("utf-8")
    wanted = section.sub(lambda found: found[1] + table() + "\n" + found[2], text)  # type: ignore[operator]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        README.write_text(wanted, "utf-8")
    assert README.read_text("utf-8") == wanted


def test_every_file_that_is_named_exists() -> None:
    home = README.parent
    named = re.findall(r"\]\(([\w./-]+)\)", README.read_text("utf-8"))
    assert named
    assert all((home / path).exists() for path in named)
