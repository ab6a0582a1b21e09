"""`okta-actions journal`: reading, verifying, settling and keeping the record."""

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import typer

from server.cli.confirming import at_a_terminal, confirm
from server.cli.report import Exit
from server.connections.models import iso
from server.journal import reconciling, restoring, retention, verifying
from server.journal.chain import Chain, Head, Row, rows
from server.journal.exporting import lines, verify_lines
from server.journal.history import Recorded, newest, read, read_entry
from server.journal.recording import event
from server.journal.tickets import sweep
from server.media.terminal import note, say, say_json, say_table
from server.policy.caller import at_the_command_line
from server.program import Program
from server.settings import load
from server.store.schema import StoreError
from tools.okta.errors import InvalidInput, NotFound
from tools.text.lines import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.store.database import Database
    from server.store.store import T

DAY = 24 * 3600.0


def _read(work: "Callable[[Database, Chain], T]") -> "T":
    """What the journal tells, with what nobody came back for written down before."""

    async def run() -> "T":
        async with Program(load()) as program:
            with suppress(StoreError):  # what is wrong with the journal, reading it tells better
                await program.recorder.run(sweep)
            return await program.recorder.read(work)

    return anyio.run(run)


def _run(work: "Callable[[Database, Chain], T]") -> "T":
    async def run() -> "T":
        async with Program(load()) as program:
            return await program.recorder.run(work)

    return anyio.run(run)


def show_list(limit: int, as_json: bool) -> None:
    listed = _read(lambda database, chain: newest(database, chain, limit))
    if as_json:
        say_json([one.model_dump(exclude_none=True) for one in listed])
        return
    places = {(one.connection, one.org) for one in listed if one.connection}
    columns = ["id", "time", "outcome", "by", *(["connection"] if len(places) > 1 else []), "what", "undo"]
    rows = []
    for one in listed:
        place = f"{one.connection}, {one.org}" if one.connection else ""
        undo = "yes" if one.undoable else one.why_not or ""
        told = {"id": one.id, "time": one.time, "outcome": one.outcome, "by": one.by, "connection": place}
        shown = {**told, "what": one.summary, "undo": undo}
        rows.append([shown[name] for name in columns])
    say_table(columns, rows, whole=("id", "time", "outcome", "by"))


def show(id: str, *, reveal: bool) -> None:
    place = id.removeprefix("e")
    if not place.isdecimal() or len(place) > 17:
        raise InvalidInput(
            f"“{readable(id)[:40]}” is not the id of a change.", next_step="See: okta-actions journal list"
        )
    find = read_entry if id.startswith("e") else read
    recorded = _read(lambda database, chain: find(database, chain, int(place)))
    if recorded is None:
        raise NotFound(f"There is no change {id}.", next_step="See: okta-actions journal list")
    if reveal:
        if not at_a_terminal():
            raise InvalidInput(
                "Hidden values are shown to a person at a terminal only, and there is none here.", code="no_terminal"
            )
        reveals = event("revealed", at_the_command_line(), entry=recorded.row.sequence)
        _run(lambda database, chain: chain.append(database, reveals))
    say_json(_told(recorded, reveal))


def _told(recorded: Recorded, reveal: bool) -> dict[str, Any]:
    """All that is recorded, as a person reads it."""
    row = recorded.row
    entries = [
        {"entry": later.sequence, "time": iso(later.at), "kind": later.kind, **json.loads(later.body)}
        | (recorded.chain.whole(later) if reveal else recorded.chain.shown(later))
        for later in recorded.later
    ]
    listed = recorded.listed()
    details = recorded.whole if reveal else recorded.details
    told = {
        "change": recorded.id,
        "entry": row.sequence,
        "time": iso(row.at),
        "caller": recorded.by,
        "undoes": listed.undoes,
        **recorded.body,
        "connection": row.connection,
        "org": row.org,
        "action": row.action,
        **(details or ({"erased": True} if row.digest else {})),
        "outcome": recorded.outcome,
        "undoable": listed.undoable,
        "why_not": listed.why_not,
        "hidden_values": True if row.sealed is not None and not reveal else None,
        "entries": entries,
    }
    return {name: value for name, value in told.items() if value is not None}


def export(file: Path) -> None:
    def write(database: "Database", chain: Chain) -> int:
        return _write(file, rows(database), verifying.sealed_until(database))[0]

    note(f"{_read(write)} entries exported to {file}.")


def _write(file: Path, entries: Iterable[Row], base: Head) -> tuple[int, str]:
    """Write entries to a new file that only this user can read, down to the disk; how many, and the file's SHA-256."""
    count, digest = 0, hashlib.sha256()
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            for line in lines(entries, base):
                written = f"{line}\n".encode()
                opened.write(written)
                digest.update(written)
                count += 1
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        raise InvalidInput(f"{file} exists; nothing was written.", next_step="Give another file.") from None
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from None
    return count, digest.hexdigest()


def verify(head: str | None, file: Path | None, elsewhere: list[Path]) -> None:
    try:
        kept = Head.of(head) if head else None
    except ValueError:
        raise InvalidInput("--head is not a head, such as `journal verify` prints one.") from None

    def look(database: "Database", chain: Chain) -> tuple[verifying.Verdict, list[str]]:
        if file:
            return _of_file(database, chain, file, kept), []
        return verifying.verify(database, chain, kept), _not_there(retention.sealed(database), elsewhere)

    verdict, absent = _read(look)
    say(*verdict.problems, *verdict.notes, *absent)
    if not verdict.whole:
        note(f"The journal is not whole: {len(verdict.problems)} findings in {verdict.entries} entries.")
        raise typer.Exit(Exit.FAILED)
    read = f"{verdict.entries} entries, from {verdict.first} to {verdict.head.sequence}"
    say(f"{read}: {'in order, as written; not all of the journal.' if absent else 'whole, in order, as written.'}")
    say(f"Head: {verdict.head}")
    if absent:
        note("What was sealed into files could not be verified. Say where the files are now: --sealed FILE")
        raise typer.Exit(Exit.FAILED)


def _not_there(segments: list[retention.Sealed], elsewhere: list[Path]) -> list[str]:
    """What can be said of sealed segments whose files are not where they were written, nor as they were."""
    given = {_sha256(file) for file in elsewhere}
    found = []
    for segment in segments:
        if segment.file is None or segment.sha256 is None:
            found.append(
                f"{segment.entries}: sealed into a file that the journal does not name; verify it with --file."
            )
        elif segment.sha256 in given:
            continue
        elif not segment.file.exists():
            found.append(f"{segment.entries}: sealed into {segment.file}, which is not there.")
        elif _sha256(segment.file) != segment.sha256:
            found.append(f"{segment.entries}: sealed into {segment.file}, which is not as it was written.")
    return found


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read ({type(error).__name__}).") from None


def _of_file(database: "Database", chain: Chain, file: Path, kept: Head | None) -> verifying.Verdict:
    try:
        with file.open(encoding="utf-8") as opened:
            return verify_lines(database, chain, opened, kept)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read ({type(error).__name__}).") from None


def reconcile() -> None:
    async def run() -> list[reconciling.Finding]:
        async with Program(load()) as program:
            return await reconciling.reconcile(program.recorder, program.connections)

    findings = anyio.run(run)
    for found in findings:
        text = found.change.details.get("text", "(erased)")
        say(f"Change {found.change.id} ({text}): {found.verdict or 'still unknown'}. {found.reason}")
    if not findings:
        say("There is no change whose outcome is unknown.")
    if any(found.verdict is None for found in findings):
        raise typer.Exit(Exit.FAILED)


def seal(file: Path, days: int) -> None:
    segment = _read(lambda database, chain: retention.segment(database, chain, time.time() - days * DAY))
    if segment is None:
        note(f"No entries are older than {days} days, or they belong to changes that are not settled.")
        return
    if file.exists():
        raise InvalidInput(f"{file} exists; nothing was written.", next_step="Give another file.")
    confirm(
        f"Move entries {segment.base.sequence + 1} to {segment.until.sequence} to {file}? They are removed from the "
        "journal, and cannot be listed or undone any more."
    )

    def put_aside(database: "Database", _: Chain) -> tuple[int, str]:
        return _write(file, rows(database, "sequence <= ?", (segment.until.sequence,)), segment.base)

    _, digest = _read(put_aside)
    place = file.resolve()
    _run(lambda database, chain: retention.seal(database, chain, segment, at_the_command_line(), place, digest))
    note(f"{segment.entries} entries were sealed into {file}. Keep it: okta-actions journal verify looks for it there.")
    say(f"Head: {segment.until}")


def accept_restore() -> None:
    found = _read(restoring.missing)
    if found is None:
        note("Nothing is missing: the journal has all that was marked.")
        return
    note(found.text)
    confirm("What they recorded was done in Okta, whose System Log has it. Go on without them?")

    async def run() -> int:
        async with Program(load()) as program:
            who = at_the_command_line()
            return await program.recorder.run(lambda database, chain: restoring.accept(database, chain, found, who))

    note(f"Entry {anyio.run(run)} says so. The journal goes on from there.")


def erase(person: str) -> None:
    if "@" not in person and not person.startswith("00u"):
        raise InvalidInput("A person is named by their Okta id or full login.")
    confirm(f"Erase what the journal tells of {person}? It cannot be brought back.")

    async def run() -> list[int]:
        async with Program(load()) as program:
            recorder = program.recorder
            traces = await recorder.read(lambda database, chain: retention.traces(database, chain, person))
            who = at_the_command_line()
            found = await recorder.run(lambda database, chain: retention.erase(database, chain, traces, who))
            await program.store.tidy()
            return found

    erased = anyio.run(run)
    told = f"{len(erased)} entries no longer tell of {person}." if erased else f"Nothing tells of {person}."
    note(f"{told} Files that were exported or sealed are as they were.")
