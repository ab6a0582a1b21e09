"""The width of text in a terminal, and its line breaks."""

import unicodedata
from collections.abc import Iterable, Iterator

INDENT = "  "
NARROWEST = 20


def wrapped(lines: Iterable[str], width: int) -> list[str]:
    """Lines for a terminal of this width, broken at blanks, with continuation lines indented."""
    return [part for line in lines for part in broken(line, max(width, NARROWEST))]


def cells(text: str) -> int:
    """The maximum width of a text in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def broken(line: str, width: int) -> Iterator[str]:
    """One line, broken into as many as it takes."""
    if cells(line) <= width:
        yield line
        return
    lead = line[: len(line) - len(line.lstrip())][: width // 2]
    made, room = "", width
    for word in words(line):
        for part in fitting(word, width - cells(lead + INDENT)):
            if made.strip() and cells(made) + cells(part.rstrip(" ")) > room:
                yield made.rstrip(" ")
                made = lead + INDENT
            made += part
    if made.strip():
        yield made.rstrip(" ")


def words(text: str) -> list[str]:
    """The words of a line, each with the blanks that follow it."""
    found, begun = [], 0
    for at, character in enumerate(text):
        if character != " " and at and text[at - 1] == " ":
            found.append(text[begun:at])
            begun = at
    return [*found, text[begun:]] if text[begun:] else found


def fitting(word: str, width: int) -> Iterator[str]:
    """A word, split if it is longer than a line."""
    if cells(word) <= width or cells(word.rstrip(" ")) <= width:
        yield word
        return
    part, room = "", width
    for character in word:
        taken = cells(character)
        if part and taken > room:
            yield part
            part, room = "", width
        part += character
        room -= taken
    yield part


def shortened(text: str, width: int) -> str:
    """A text shortened to the width by whole words: half a login would look like a whole one."""
    if cells(text) <= width:
        return text
    kept = ""
    for word in words(text):
        if cells(kept + word.rstrip(" ")) > width - 2:
            break
        kept += word
    return f"{kept.rstrip(' ')} …" if kept.strip() and width > 2 else "…"


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text padded with blanks to the width of a column."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks
