"""The tables of the README and of docs/ are what the code says. `UPDATE_SNAPSHOTS=1` writes them anew."""

import os
import re
from collections.abc import Callable, Set
from pathlib import Path
from types import ModuleType

import pytest
from pydantic.fields import FieldInfo

from server.door import changes, discovery, exports
from server.door.actions import ACTIONS
from server.policy.rules import Rules
from server.settings import PREFIX, Settings
from tools.catalogue import TOOLSETS, module_of
from tools.off import OFF
from worlds import LISTED

HOME = Path(__file__).parents[1]
README = HOME / "README.md"
PAGES = [README, HOME / "CONTRIBUTING.md", HOME / "examples" / "README.md", *sorted((HOME / "docs").rglob("*.md"))]
LONGEST = 200
"""Lines of the README."""


def toolsets() -> str:
    """Each toolset in a row, with what its actions do."""
    rows = ["| Toolset | What it covers | Tools | Found with `find_actions` |", "|---|---|---|---|"]
    for toolset in (*map(module_of, TOOLSETS), exports, changes, discovery):
        actions = [name for name, action in ACTIONS.items() if action.toolset == name_of(toolset)]
        tools = ", ".join(f"`{name}`" for name in actions if name in LISTED)
        found = ", ".join(f"`{name}`" for name in actions if name not in LISTED)
        first = (toolset.__doc__ or "").partition(": ")[2].partition("\n")[0].rstrip(".")
        off = " (off by default; see [policy](docs/policy.md))" if name_of(toolset) in OFF else ""
        rows.append(f"| `{name_of(toolset)}` | {first[:1].upper()}{first[1:]}{off} | {tools} | {found} |")
    return "\n".join(rows)


def name_of(toolset: ModuleType) -> str:
    return toolset.__name__.rpartition(".")[2]


def actions() -> str:
    rows = ["| Action | Direct | What it does | Effect | Asks | Undone by | Scopes |", "|---|---|---|---|---|---|---|"]
    for action in ACTIONS.values():
        first = action.description.partition("\n")[0]
        scopes = ", ".join(f"`{scope}`" for scope in sorted(action.scopes))
        undone = action.undone_by
        direct = "yes" if action.name in LISTED else ""
        rows.append(f"| `{action.name}` | {direct} | {first} | {action.effect} | {action.asks} | {undone} | {scopes} |")
    return "\n".join(rows)


def settings() -> str:
    return variables(Settings.model_fields.keys() - Rules.model_fields.keys())


def rules() -> str:
    return variables(Rules.model_fields.keys())


def variables(names: Set[str]) -> str:
    rows = ["| Variable | Meaning | Default |", "|---|---|---|"]
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


@pytest.mark.parametrize("table", [toolsets, actions, settings, rules], ids=lambda table: str(table.__name__))
def test_the_table_is_what_the_code_says(table: Callable[[], str]) -> None:
    name = getattr(table, "__name__", "")
    section = re.compile(rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    (page,) = [page for page in PAGES if section.search(page.read_text("utf-8"))]
    wanted = section.sub(lambda found: found[1] + table() + "\n" + found[2], page.read_text("utf-8"))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page.write_text(wanted, "utf-8")
    assert page.read_text("utf-8") == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for path, anchor in re.findall(r"\]\((?!https?:)([\w./-]*)(?:#([\w-]+))?\)", page.read_text("utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_index() -> None:
    index = HOME / "docs" / "README.md"
    linked = {(index.parent / path).resolve() for path in re.findall(r"\]\(([\w./-]+)\)", index.read_text("utf-8"))}
    assert {page for page in PAGES if (HOME / "docs") in page.parents and page != index} <= linked


def test_the_readme_stays_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= LONGEST
