"""An answer of an action as a person reads it: a sentence for what was done, a table for each list of things."""

from typing import Any

from server.cli.output import Shape, cell, column, show_one
from server.cli.report import Exit
from server.cli.running import desk
from server.desk import journal
from server.door.door import Result
from server.media.json_text import in_json
from server.media.tables import Column
from server.media.terminal import note, say, say_grid, say_table
from server.settings import Settings
from tools.okta.errors import ActionError

SAID = frozenset(("success", "changed", "change_id", "connection"))
"""What the sentence tells already."""


def show_answer(settings: Settings, result: Result, shape: Shape) -> None:
    """What came of a call, to its end: a no has an exit code of its own."""
    import typer

    for text in result.notes:
        note(f"Note: {text}")
    content = result.content
    if content.get("success") is False:
        if not shape.for_people:
            show_one(content, shape, lambda: None)
        note(f"Not done. {content.get('message', '')}".strip())
        raise typer.Exit(Exit.DECLINED)
    show_one(content, shape, lambda: _draw(settings, content))


def _draw(settings: Settings, content: dict[str, Any]) -> None:
    if "changed" not in content or content.get("dry_run"):
        show(content)
        return
    say(_sentence(settings, content), style="good" if content["changed"] else None)
    show({name: value for name, value in content.items() if name not in SAID})


def _sentence(settings: Settings, content: dict[str, Any]) -> str:
    """Whom, what, where, and how to undo it."""
    id, where = content.get("change_id"), content.get("connection")
    if not content["changed"]:
        return f"Nothing was changed: it was so already{f' ({where})' if where else ''}."
    if id is None:
        return "Done."
    try:
        entry = desk(lambda program: journal.show(program, id))
    except ActionError:  # it was done; that it cannot be read back is no failure of it
        return f"Done, change {id}. To undo it: okta-actions undo {id}"
    place = where or f"{entry.connection}, {entry.org_url}"
    through = f" --connection {entry.connection}" if where else ""
    way = f"To undo it: okta-actions undo {id}{through}" if entry.undoable else f"It cannot be undone: {entry.why_not}"
    return f"Done, change {id}: {entry.summary.rstrip('.')} ({place}). {way}"


def show(content: dict[str, Any]) -> None:
    """One line for each thing known, then a table for each list of things."""
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
    """Columns as an action has them: what comes first matters more."""
    from dataclasses import replace

    return [replace(one, rank=one.rank * 10 + len(columns) - at) for at, one in enumerate(columns)]


def _is_table(value: Any) -> bool:
    return bool(value) and isinstance(value, list) and all(isinstance(one, dict) for one in value)
