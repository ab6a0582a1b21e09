"""`okta-actions journal`: reading, verifying, settling and keeping the record."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import typer

from server.cli.confirming import at_a_terminal, confirm
from server.cli.report import Exit
from server.desk import journal as desk
from server.desk import retention
from server.media.terminal import note, say, say_json, say_table
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load
from tools.okta.errors import InvalidInput
from tools.text.lines import readable

T = TypeVar("T")
MORE = "; not all of the journal."


def _run(do: Callable[[Program], Awaitable[T]]) -> T:
    """What the desk says, asked through a program of this command's own."""

    async def run() -> T:
        async with Program(load()) as program:
            return await do(program)

    return anyio.run(run)


def show_list(limit: int, as_json: bool) -> None:
    listed = _run(lambda program: desk.entries(program, limit))
    if as_json:
        say_json([one.model_dump(mode="json") for one in listed])
        return
    places = {(one.connection, one.org_url) for one in listed if one.connection}
    columns = ["id", "time", "outcome", "by", *(["connection"] if len(places) > 1 else []), "what", "undo"]
    rows = []
    for one in listed:
        place = f"{one.connection}, {one.org_url}" if one.connection else ""
        undo = "yes" if one.undoable else one.why_not or ""
        time = one.time.isoformat().replace("+00:00", "Z")
        told = {"id": one.id, "time": time, "outcome": one.outcome, "by": readable(str(one.by)), "connection": place}
        shown = {**told, "what": one.summary, "undo": undo}
        rows.append([shown[name] for name in columns])
    say_table(columns, rows, whole=("id", "time", "outcome", "by"))


def show(id: str, *, reveal: bool) -> None:
    if reveal and not at_a_terminal():
        raise InvalidInput(
            "Hidden values are shown to a person at a terminal only, and there is none here.", code="no_terminal"
        )
    record = _run(lambda program: desk.show(program, id, reveal=at_the_command_line() if reveal else None))
    say_json(record.model_dump(mode="json"))


def export(file: Path) -> None:
    done = _run(lambda program: retention.export(program, file))
    note(f"{done.entries} entries exported to {file}.")


def verify(head: str | None, file: Path | None, elsewhere: list[Path], as_json: bool) -> None:
    verdict = _run(lambda program: retention.verify(program, head, file, elsewhere))
    if as_json:
        say_json(verdict.model_dump(mode="json"))
    else:
        _tell(verdict)
    if not verdict.whole:
        raise typer.Exit(Exit.FAILED)


def _tell(verdict: retention.Verdict) -> None:
    say(*verdict.problems, *verdict.notes)
    for one in verdict.absent:
        say(f"Entries {one.first} to {one.last}: {one.why}")
    if verdict.problems:
        note(f"The journal is not whole: {len(verdict.problems)} findings in {verdict.entries} entries.")
        return
    read = f"{verdict.entries} entries, from {verdict.first} to {verdict.last}"
    say(f"{read}: {'in order' if verdict.absent else 'whole, in order'}, as written{MORE if verdict.absent else '.'}")
    say(f"Head: {verdict.head}")
    if verdict.absent:
        note("What was sealed into files could not be verified. Say where the files are now: --sealed FILE")


def reconcile(as_json: bool) -> None:
    findings = _run(desk.reconcile)
    if as_json:
        say_json([one.model_dump(mode="json") for one in findings])
    else:
        for one in findings:
            say(f"Change {one.change_id} ({one.summary}): {one.verdict or 'still unknown'}. {one.reason}")
        if not findings:
            say("There is no change whose outcome is unknown.")
    if any(one.verdict is None for one in findings):
        raise typer.Exit(Exit.FAILED)


def seal(file: Path, days: int) -> None:
    segment = _run(lambda program: retention.sealable(program, days, file))
    if segment is None:
        note(f"No entries are older than {days} days, or they belong to changes that are not settled.")
        return
    confirm(
        f"Move entries {segment.first} to {segment.last} to {file}? They are removed from the "
        "journal, and cannot be listed or undone any more."
    )
    sealed = _run(lambda program: retention.seal(program, segment, file, at_the_command_line()))
    note(f"{sealed.entries} entries were sealed into {file}. Keep it: okta-actions journal verify looks for it there.")
    say(f"Head: {sealed.head}")


def accept_restore() -> None:
    found = _run(retention.missing)
    if found is None:
        note("Nothing is missing: the journal has all that was marked.")
        return
    note(found.text)
    confirm("What they recorded was done in Okta, whose System Log has it. Go on without them?")
    entry = _run(lambda program: retention.accept_restore(program, found, at_the_command_line()))
    note(f"Entry {entry} says so. The journal goes on from there.")


def erase(person: str) -> None:
    retention.check_person(person)
    confirm(f"Erase what the journal tells of {person}? It cannot be brought back.")
    erased = _run(lambda program: retention.erase(program, person, at_the_command_line())).entries
    told = f"{len(erased)} entries no longer tell of {person}." if erased else f"Nothing tells of {person}."
    note(f"{told} Files that were exported or sealed are as they were.")
