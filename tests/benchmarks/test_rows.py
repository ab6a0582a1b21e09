"""An aim is missed where the number says so, and the exit code follows."""

import pytest

from benchmarks.rows import Row, excess, ratio
from benchmarks.writes import covered


@pytest.mark.parametrize(
    ("row", "is_missed", "mark"),
    [
        (ratio("a", 1.0, 1.25, "s", 1.25), False, "✓"),
        (ratio("a", 1.0, 1.26, "s", 1.25), True, "MISSED"),
        (ratio("a", 1.0, 9.0, "s", None), False, "×"),
        (excess("a", 0.010, 0.016, "ms", 5, 1e3), True, "MISSED"),
        (excess("a", 0.010, 0.012, "ms", 5, 1e3), False, "✓"),
        (Row("a", value=49_999, at_least=50_000), True, "MISSED"),
        (Row("a", value=50_000, at_least=50_000), False, "✓"),
        (Row("a", at_most=5_000), False, "?"),
    ],
)
def test_a_row_is_marked_by_its_number(row: Row, is_missed: bool, mark: str) -> None:
    assert row.is_missed is is_missed
    assert str(row).endswith(mark)


def test_time_in_several_intervals_counts_once() -> None:
    assert covered([]) == 0
    assert covered([(5, 6), (0, 2), (1, 3), (1, 2)]) == 4
