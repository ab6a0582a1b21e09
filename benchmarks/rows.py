"""A measurement beside what is aimed at, and the line that shows both."""

from dataclasses import dataclass

_FIRST, _OTHERS = 68, 15


@dataclass(frozen=True)
class Row:
    """What was measured, as texts, and what is judged of it: `value`, in `unit`. Without that the aim is left open."""

    what: str
    bare: str = ""
    ours: str = ""
    value: float | None = None
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_missed(self) -> bool:
        if self.value is None:
            return False
        return (self.at_most is not None and self.value > self.at_most) or (
            self.at_least is not None and self.value < self.at_least
        )

    def __str__(self) -> str:
        sign, aim = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        aimed = f"{sign} {_number(aim)} {self.unit}" if aim is not None else ""
        value = f"{_number(self.value)} {self.unit}" if self.value is not None else ""
        mark = "" if aim is None else "?" if self.value is None else "MISSED" if self.is_missed else "✓"
        return _line(self.what, self.bare, self.ours, value, aimed, mark)


def _line(what: str, *others: str) -> str:
    *columns, mark = others
    return f"{what:{_FIRST}}{''.join(f'{text:>{_OTHERS}}' for text in columns)}  {mark}".rstrip()


HEAD = _line("what", "bare", "ours", "judged", "aim", "")


def ratio(what: str, bare: float, ours: float, unit: str, at_most: float | None, scale: float = 1.0) -> Row:
    """How many times what bare takes ours takes; both are shown multiplied by `scale`."""
    return Row(what, _text(bare * scale, unit), _text(ours * scale, unit), ours / bare, "×", at_most)


def excess(what: str, bare: float, ours: float, unit: str, at_most: float, scale: float = 1.0) -> Row:
    """How much more ours takes than bare, in `unit`s."""
    more = (ours - bare) * scale
    return Row(what, _text(bare * scale, unit), _text(ours * scale, unit), more, f"{unit} more", at_most)


def _text(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
