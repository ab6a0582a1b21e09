"""CSV (RFC 4180) for spreadsheets: no cell of somebody else's is a formula, and none hides a character."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from tools.text.characters import escaped

BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection)."""


def in_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    """The lines, the columns' names first. A text that would be a formula has an apostrophe before it; numbers none."""
    for row in ([*columns], *rows):
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow([_cell(value) for value in row])
        yield out.getvalue()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    return escaped(
        f"'{text}" if text.startswith(BEGIN_FORMULAS) or text.lstrip(" ").startswith(BEGIN_FORMULAS) else text
    )
