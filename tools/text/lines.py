"""Makes all characters visible in text that other people wrote, such as names in the directory."""

from typing import Any

from tools.text.characters import escaped

LONGEST_NAME = 60
LONGEST_TEXT = 8000
"""Maximum number of characters shown of one text. Okta's own attributes are shorter."""


def visible(value: Any) -> Any:
    """A value with invisible characters in its texts replaced by their codes."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, dict):
        return {visible(name): visible(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [visible(inner) for inner in value]
    return value


def cut(text: str, most: int) -> str:
    """A text cut to `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def capitalized(text: str) -> str:
    """A text with a capital first letter, to begin a sentence."""
    return f"{text[:1].upper()}{text[1:]}"


def bounded(value: Any) -> Any:
    """A value with every text in it cut to the maximum length shown."""
    if isinstance(value, str):
        return cut(value, LONGEST_TEXT)
    if isinstance(value, dict):
        return {bounded(name): bounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [bounded(inner) for inner in value]
    return value


def readable(text: str) -> str:
    """Text as one line of visible characters."""
    return " ".join(escaped(text).split())


def short_name(text: str) -> str:
    """A name as one line, cut so that it cannot drown the sentence around it."""
    line = readable(text)
    return cut(line, LONGEST_NAME)
