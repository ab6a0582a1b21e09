"""Shows text that arrives in pieces, such as a model's, at the terminal."""

from typing import TextIO

from server.media.measure import NARROWEST, cells, fitting, words
from server.media.terminal import put, width_of
from tools.text.characters import escaped


class Flowing:
    """Text that comes in pieces, such as a model's, shown word by word; `bar` stands before each of its lines."""

    def __init__(self, to: TextIO, bar: str = "") -> None:
        self._to = to
        self._bar = bar if to.isatty() else ""
        self._word = ""
        self._column = 0

    @property
    def in_line(self) -> bool:
        return bool(self._word) or self._column > 0

    def take(self, piece: str) -> None:
        *whole, rest = (self._word + piece).split("\n")
        self._word = ""
        for line in whole:
            self._words(line)
            self._end()
        # The last word may continue, and a joiner must be checked together with the letters on both sides.
        begun = max(rest.rfind(" "), rest.rfind("\t")) + 1
        self._words(rest[:begun])
        self._word = rest[begun:]

    def end(self) -> None:
        """End the current line, if there is one."""
        if self.in_line:
            word, self._word = self._word, ""
            self._words(word)
            self._end()

    def broken_off(self) -> None:
        """Forget the current line: the cursor has moved to the next one."""
        self._word, self._column = "", 0

    def _end(self) -> None:
        put(f"{'' if self._column else self._bar}\n", self._to)
        self._column = 0

    def _words(self, text: str) -> None:
        # A tab would move the cursor by an unknown distance.
        shown = "    ".join(map(escaped, text.split("\t")))
        if not self._to.isatty():
            put(shown, self._to)
            self._column += len(shown)
            return
        width = max(width_of(self._to), NARROWEST)
        out = ""
        for word in words(shown):
            for part in fitting(word, width - cells(self._bar) - 1):
                if self._column and self._column + cells(part.rstrip(" ")) >= width:
                    out += "\n"
                    self._column = 0
                if not self._column:
                    out += self._bar
                    self._column = cells(self._bar)
                # A blank at the edge would take the cursor to the margin.
                kept = part.rstrip(" ")
                kept += part[len(kept) :][: max(0, width - 1 - self._column - cells(kept))]
                out += kept
                self._column += cells(kept)
        put(out, self._to)
