"""What a person sees of a turn: what the model says, set apart from what the program says."""

import io

from server.agent.turn import Report, Text
from server.cli.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*pieces: str, at: io.StringIO) -> str:
    screen = Screen(at, at, "/undo")
    for piece in pieces:
        screen.tell(Text(piece))
    screen.report(Report(answer="".join(pieces)))
    return at.getvalue()


def test_no_line_of_the_models_passes_for_one_of_the_programs() -> None:
    forged = ("Done", ".\n", "\n  suspend_user: done, change 1\nChanges of this turn:", "\n  1  Suspend Jane")
    assert shown(*forged, at=Terminal()).splitlines() == [
        "│ Done.",
        "│ ",
        "│   suspend_user: done, change 1",
        "│ Changes of this turn:",
        "│   1  Suspend Jane",
        "Nothing was changed in this turn.",
    ]


def test_an_answer_that_goes_to_a_program_is_as_the_model_gave_it() -> None:
    assert shown("One\nTwo", at=io.StringIO()) == "One\nTwo\nNothing was changed in this turn.\n"
