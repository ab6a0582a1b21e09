"""Error codes are interface: each is in the reference, and none disappears unnoticed."""

import re
from pathlib import Path

from error_codes import codes

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "errors.md"


def test_the_reference_has_every_code_and_no_other() -> None:
    told = re.findall(r"^\| `([a-z_]+)` \| \S.*\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert told == sorted(set(told)), "The table is in the order of the alphabet."
    made = codes()
    assert {code: file for code, file in made.items() if code not in told} == {}, "Say in docs/reference what it means."
    assert set(told) - made.keys() == set(), "These were given to clients: a code that goes is announced."
