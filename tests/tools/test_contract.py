"""The parts of an action must fit each other: what does not is refused by the type checker, or when it is defined."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.contract.arguments import ActionInput
from tools.contract.outcomes import Outcome

HOME = Path(__file__).parents[2]
WHOLE = """
from tools.contract.action import reads, writes
from tools.contract.arguments import ActionInput
from tools.contract.kinds import Kind
from tools.contract.outcomes import Observed, Outcome, Output
from tools.contract.preview import Preview
from tools.contract.record import Back, Change, UndoneBy
from tools.contract.targets import Pending, the
from tools.objects.users import USER, User, UserRef
from tools.okta.client import OktaClient


THINGS = Kind(type=User, find=USER.find, id=USER.id, protection=USER.protection, name="thing", lookup="look")


class Input(ActionInput):
    user_id: UserRef
    colour: str


class OtherInput(ActionInput):
    user_id: UserRef


class Wheel(Observed):
    spokes: int


class Turned(Outcome):
    spokes: int | None = None


async def wheel(request: Input, okta: OktaClient, pending: Pending) -> Wheel:
    return Wheel(spokes=3)


def what_turning_does(request: Input, before: Wheel) -> Preview:
    return Preview("Turn.", before={"spokes": before.spokes}, after={"spokes": 4})


def unless_flat(request: Input, before: Wheel) -> None: ...


def turned_already(request: Input, before: Wheel) -> Turned:
    return Turned.unchanged(spokes=before.spokes)


def back(change: Change) -> Back | str:
    return Back({})


@writes(
    scopes={"okta.users.manage"},
    observe=wheel,
    preview=what_turning_does,
    refuse=unless_flat,
    unchanged=turned_already,
    undo=UndoneBy("turn", back),
)
async def turn(request: Input, okta: OktaClient, before: Wheel) -> Turned:
    return Turned.done(spokes=4)


@reads(scopes={"okta.users.read"}, observe=the(USER))
async def look(request: OtherInput, okta: OktaClient, user: User) -> Output:
    return Output()


@reads(scopes={"okta.users.read"})
async def list_all(request: OtherInput, okta: OktaClient) -> Output:
    return Output()
"""
USER_BEFORE = ("before: Wheel)", "before: User)")
WRONG = {
    # What is wrong, where it is, and the text there that is replaced by another.
    "a preview that reads a field its observation lacks": ("def what_turning", "before.spokes}", "before.spoke}"),
    "a preview of another observation": ("def what_turning", *USER_BEFORE),
    "a refusal of another observation": ("def unless_flat", *USER_BEFORE),
    "an answer of another observation": ("def turned_already", *USER_BEFORE),
    "a function of another observation": ("def turn(", *USER_BEFORE),
    "a function of other arguments": ("def turn(", "request: Input", "request: OtherInput"),
    "an answer that is no outcome": ("def turn(", "-> Turned:\n    return Turned.done(spokes=4)", "-> Wheel: ..."),
    "an undo that reads what no change has": ("def back", "Back({})", "Back(change.argument)"),
    "an undo that is no reversal": ("def back", "-> Back | str:\n    return Back({})", "-> Change: ..."),
    "no undo": ("@writes", '    undo=UndoneBy("turn", back),\n', ""),
    "no preview": ("@writes", "    preview=what_turning_does,\n", ""),
    "a kind without protection": ("THINGS", "protection=USER.protection, ", ""),
    "a read of another kind of object": ("def look(", "user: User", "user: Wheel"),
    "a read that takes what nobody observes": ("def list_all(", "OktaClient)", "OktaClient, user: User)"),
}


def spoilt(where: str, right: str, wrong: str) -> str:
    before, found, after = WHOLE.partition(where)
    assert right in after, (where, right)
    return before + found + after.replace(right, wrong, 1)


def test_the_type_checker_refuses_what_does_not_fit(tmp_path: Path) -> None:
    """In one run of the type checker: a file for each case, and one that is right."""
    files = {"whole": WHOLE, **{case: spoilt(*how) for case, how in WRONG.items()}}
    paths = [tmp_path / f"{case.replace(' ', '_')}.py" for case in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(HOME / ".mypy_cache"), *map(str, paths)]
    checked = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    found = {line.partition(":")[0].rpartition("/")[2] for line in checked.stdout.splitlines() if "error:" in line}
    assert found == {f"{case.replace(' ', '_')}.py" for case in WRONG}, checked.stdout


def test_an_answer_says_in_one_word_whether_something_was_done() -> None:
    class Turned(Outcome):
        spokes: int | None = None

    assert Turned.done(spokes=4).model_dump(exclude_none=True) == {"success": True, "changed": True, "spokes": 4}
    assert Turned.unchanged().model_dump(exclude_none=True) == {"success": True, "changed": False}


def test_inputs_are_closed() -> None:
    class Input(ActionInput):
        pass

    with pytest.raises(ValueError, match="extra"):
        Input.model_validate({"x": 1})
