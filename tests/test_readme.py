"""The README's tables are what the code says. `UPDATE_SNAPSHOTS=1` writes them anew."""

import os
import re
from pathlib import Path

import pytest

from server.settings import PREFIX, Settings
from tools.catalogue import CATALOGUE

README = Path(__file__).parents[1] / "README.md"


def actions() -> str:
    rows = ["| Action | What it does | Effect | Asks | Scopes |", "|---|---|---|---|---|"]
    for action in CATALOGUE.values():
        first = action.description.partition("\n")[0]
        scopes = ", ".join(f"`{scope}`" for scope in sorted(action.scopes))
        asks = "a person" if action.asks else ""
        rows.append(f"| `{action.name}` | {first} | {action.effect} | {asks} | {scopes} |")
    return "\n".join(rows)


def settings() -> str:
    rows = ["| Variable | Meaning | Otherwise |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "the platform's data folder" if field.default_factory else field.default
        shown = "" if default is None else default if field.default_factory else f"`{default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {field.description} | {shown} |")
    return "\n".join(rows)


@pytest.mark.parametrize("table", [actions, settings])
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
