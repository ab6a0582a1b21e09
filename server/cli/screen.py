"""How a turn of the agent looks in a terminal: the model's words, each call with its outcome, and the changes."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from server.agent.backoff import Again
from server.agent.session import CallOutcome, Made
from server.agent.turn import Event, Finished, Report, Started, Text
from server.media import terminal
from server.media.flowing import Flowing
from server.media.json_text import in_json

if TYPE_CHECKING:
    from tools.okta.errors import ActionError

WIDEST = 160
"""Limit in characters on a call's arguments as shown."""
LONGEST_PROMPT = 60
"""Maximum length in characters of a question whose answer is typed beside it."""
BAR = "│ "
"""Prefix of each of the model's lines in a terminal, so that none can pass for one of the program's."""


class Screen:
    """Writes the model's words to `said`, and everything else to `aside`."""

    def __init__(self, said: TextIO | None, aside: TextIO, undo: str) -> None:
        """`undo`: what a person types before a change's id to undo it."""
        self._said = Flowing(said, BAR) if said else None
        self._aside = aside
        self._undo = undo

    def tell(self, event: Event) -> None:
        match event:
            case Text(piece):
                if self._said:
                    self._said.take(piece)
            case Started(made):
                self.line(f"  {made.name} {_arguments(made)}".rstrip())
            case Finished(made):
                self.line(f"  {made.name}: {_outcome(made)}")
            case Again(error, seconds):
                self.line(f"  {error.summary} The model is asked again in {seconds:.1f} seconds.")

    def line(self, text: str) -> None:
        """Print a line of the program's own."""
        self.end_line()
        terminal.say(text, to=self._aside)

    def end_line(self) -> None:
        if self._said:
            self._said.end()

    def interrupted(self) -> None:
        """Continue below the ^C that the terminal has shown."""
        terminal.say("", to=self._aside)
        if self._said:
            self._said.broken_off()

    def confirmed(self, question: str) -> bool:
        """Ask the person. Input typed before the question was shown is not an answer to it."""
        self.end_line()
        _forget_typed()
        lines = question.split("\n")
        # For a question with facts, the facts stand above, and the answer is typed beside a short line.
        facts, last = (lines, "Do it?") if len(lines) > 1 or len(question) > LONGEST_PROMPT else ([], question)
        return terminal.confirmed(last, facts=facts, to=self._aside)

    def answered(self, question: str, prompt: str) -> str:
        """Ask the person for a text, below a question; nothing typed is an empty one."""
        self.end_line()
        _forget_typed()
        return terminal.answered(prompt, facts=question.split("\n"), to=self._aside)

    def report(self, report: Report) -> None:
        """Show how the turn ended and what it changed, from the journal and the answers, whatever the model said.

        It always says something, even if nothing was to be changed: a model may claim a change.
        """
        self.end_line()
        if report.error:
            self.error(report.error)
        writes = [made for made in report.calls if made.write]
        if report.changes:
            self.line("Changes of this turn:")
            self.changes(report.changes)
        elif any(made.changed for made in writes):
            self.line("Changed in this turn:")
            for made in writes:
                if made.changed:
                    self.line(f"  {made.name} {_arguments(made)}")
        elif not any(made.uncertain for made in writes):
            self.line("Nothing was changed in this turn.")
        listed = {str(change["id"]) for change in report.changes or ()}
        self.uncertain([made for made in writes if str(made.change_id) not in listed])

    def uncertain(self, calls: Sequence[Made]) -> None:
        """Name the calls whose result nobody reported."""
        for made in calls:
            if made.uncertain:
                self.line(f"It is not known whether this was done; look it up: {made.name} {_arguments(made)}")

    def changes(self, changes: Sequence[dict[str, Any]]) -> None:
        """Show changes as the journal lists them, each with how to undo it."""
        for change in changes:
            way = f"{self._undo} {change['id']}" if change.get("undoable") else _cannot(change)
            outcome = "" if change.get("outcome") in (None, "done") else f" [{change['outcome']}]"
            self.line(f"  {change['id']}  {change.get('summary') or change.get('action')}{outcome}  ({way})")

    def error(self, error: "ActionError") -> None:
        for line in str(error).splitlines():
            self.line(line)


def _arguments(made: Made) -> str:
    shown = " ".join(f"{name}={in_json(value)}" for name, value in made.arguments.items())
    return shown if len(shown) <= WIDEST else shown[:WIDEST] + "…"


def _outcome(made: Made) -> str:
    if made.outcome is CallOutcome.DONE:
        if made.content.get("changed") is False:
            return "done; it was so already"
        return f"done, change {made.change_id}" if made.change_id else "done"
    if made.outcome is CallOutcome.DECLINED:
        return "declined"
    # A refusal is two lines: what and why, then what to do next.
    return f"{made.outcome}: {' '.join(made.text.splitlines()[:2])}"


def _cannot(change: dict[str, Any]) -> str:
    return f"cannot be undone: {change['why_not']}" if change.get("why_not") else "cannot be undone"


def _forget_typed() -> None:
    """Discard input that was typed ahead."""
    with suppress(ImportError, OSError):
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    with suppress(ImportError):
        import msvcrt

        while msvcrt.kbhit():  # type: ignore[attr-defined]
            msvcrt.getwch()  # type: ignore[attr-defined]
