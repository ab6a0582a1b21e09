"""Shows an action's answer to a person: a sentence for a change, a table for each list of things."""

from typing import Any

from server.cli.output import Shape, cell, column, show_one
from server.cli.report import Exit
from server.door.door import Result
from server.media.json_text import in_json
from server.media.tables import Column
from server.media.terminal import note, say, say_grid, say_table

SAID = frozenset(("success", "changed", "change_id", "message"))
"""Fields that the sentence covers already."""
UNDO = " To undo it, run:"
"""The part of a message before the command."""


def show_answer(result: Result, shape: Shape) -> None:
    """Show a call's result and exit; a no has an exit code of its own."""
    import typer

    for text in result.notes:
        note(f"Note: {text}")
    content = result.content
    if content.get("success") is False:
        if not shape.for_people:
            show_one(content, shape, lambda: None)
        note(f"Not done. {content.get('message', '')}".strip())
        raise typer.Exit(Exit.DECLINED)
    show_one(content, shape, lambda: _draw(content))


def _draw(content: dict[str, Any]) -> None:
    if "changed" not in content or content.get("dry_run"):
        show(content)
        return
    # The undo command starts a new line so that it can be copied.
    told, undo, command = str(content.get("message") or "Done.").partition(UNDO)
    say(told, style="good" if content["changed"] else None)
    if command:
        say(f"{undo.strip()}{command}", whole=True)
    show({name: value for name, value in content.items() if name not in SAID})


def show(content: dict[str, Any]) -> None:
    """One line for each value, then a table for each list of things."""
    tables = {name: value for name, value in content.items() if _is_table(value)}
    empty = [name for name, value in content.items() if value == []]
    say_grid(
        (name, value if isinstance(value, str) else in_json(value))
        for name, value in content.items()
        if name not in tables and name not in empty and value is not None
    )
    for name, table in tables.items():
        columns = [column(key) for key in dict.fromkeys(key for one in table for key in one)]
        say_table(_ranked(columns), ([cell(one.get(of.name)) for of in columns] for one in table), title=name)
    for name in empty:
        say(f"{name}: none")


def _ranked(columns: list[Column]) -> list[Column]:
    """Columns in the action's order, the most important first."""
    from dataclasses import replace

    return [replace(one, rank=one.rank * 10 + len(columns) - at) for at, one in enumerate(columns)]


def _is_table(value: Any) -> bool:
    return bool(value) and isinstance(value, list) and all(isinstance(one, dict) for one in value)
