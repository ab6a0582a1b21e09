"""JSON for programs and files: exact values, and no invisible characters in the text."""

import json
from typing import Any

from tools.text.characters import hidden


def in_json(value: Any, indent: int | None = None, *, compact: bool = False) -> str:
    """A value as JSON that parses back to the same value: invisible characters are written as JSON escapes."""
    separators = (",", ":") if compact else None
    return shown(json.dumps(value, ensure_ascii=False, indent=indent, separators=separators))


def shown(text: str) -> str:
    """JSON from another module with invisible characters escaped. Only strings hold any."""
    places = {at for at in hidden(text) if text[at] != "\n"}
    return "".join(_code(c) if at in places else c for at, c in enumerate(text)) if places else text


def _code(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
