"""The session in docs/tour.md, played again: what it shows is what a person sees."""

import os
from pathlib import Path

from played import at_a_terminal, flat, rewrite, same, sessions

PAGE = Path(__file__).parents[2] / "docs" / "tour.md"


def test_the_session_of_the_tour_is_what_a_person_sees(connected: None) -> None:
    policy = Path(os.environ["OKTA_ACTIONS_DATA_DIR"]) / "policy.toml"
    policy.write_text('protected_users = ["ruth.adeyemi@*"]\n')
    policy.chmod(0o600)
    played = [[(step, at_a_terminal(step)) for step in session] for session in sessions(PAGE)]
    rewrite(PAGE, played)
    shown = [step.shown for session in sessions(PAGE) for step in session]
    for (step, screen), expected in zip(flat(played), shown, strict=True):
        if step.typed == "journal list":
            # How much of a sentence there is room for depends on how long the name of whoever runs the tests is.
            assert [row.split()[:3] for row in same(screen)] == [row.split()[:3] for row in same(expected)]
        else:
            assert same(screen) == same(expected), step.typed
