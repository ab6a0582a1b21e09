"""An answer as a person reads it in a terminal."""

from typing import Any

from server.media.json_text import in_json
from server.media.terminal import say_grid, say_table


def show(content: dict[str, Any]) -> None:
    """One line for each thing known, then a table for each list of things."""
    tables = {
        name: value
        for name, value in content.items()
        if value and isinstance(value, list) and all(isinstance(one, dict) for one in value)
    }
    say_grid((name, _shown(value)) for name, value in content.items() if name not in tables)
    for name, table in tables.items():
        columns = list(dict.fromkeys(key for one in table for key in one))
        say_table(columns, ([_shown(one.get(column, "")) for column in columns] for one in table), title=name)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else in_json(value)
