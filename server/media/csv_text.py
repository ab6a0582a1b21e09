"""CSV (RFC 4180) for spreadsheets: no cell becomes a formula or hides a character."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from tools.text.characters import escaped

BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Characters that make a spreadsheet treat a cell as a formula (OWASP, CSV injection)."""


def in_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    """The lines, column names first. Text that would be a formula gets a leading apostrophe; numbers do not."""
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
